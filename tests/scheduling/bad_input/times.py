"""Times without a zone, spans that end before they start, and days that cannot be meant."""

from __future__ import annotations

from datetime import date, timedelta

from scheduling import (
    agenda,
    deletion,
    directory,
    holds,
    offers,
    other_recalls,
    patients,
    pruning,
    pumps,
    recall_calls,
    recall_list,
    retention,
    visits,
)
from scheduling.errors import (
    EndBeforeStart,
    InvalidInput,
    NaiveTime,
    RefillOutcomeMissing,
    SnoozePastDue,
)
from scheduling.preferences import Wishes
from scheduling.pumps import RefillOutcome
from scheduling.waitlist import answering, joining, offering, waiting
from tests.scheduling.bad_input.case import (
    A_TIME,
    NAIVE,
    TOMORROW,
    TOO_FAR,
    TOO_OLD,
    Case,
    case,
)
from tests.scheduling.sample import TTL, at

NAIVE_TIMES = [
    case(call, f"{name} without a zone", NaiveTime, **{name: NAIVE})
    for call, name in (
        (offers.find_slots, "now"),
        (offers.find_slots, "after"),
        (holds.hold, "now"),
        (holds.renew_hold, "now"),
        (holds.release_expired_holds, "before"),
        (agenda.visits_between, "start"),
        (agenda.visits_between, "end"),
        (agenda.open_visits_of, "now"),
        (agenda.is_clinic_open, "at"),
        (recall_list.recall_list, "now"),
        (answering.settle_lapsed, "now"),
        (offering.offer_freed_time, "now"),
        (waiting.queue, "now"),
        (pruning.prune_past_time, "now"),
        (deletion.delete_patient, "now"),
        (retention.past_retention, "now"),
        (directory.today, "now"),
    )
] + [case(offering.offer_freed_time, "a naive span", NaiveTime, freed=(NAIVE, at(9)))]

BACKWARD_SPANS = [
    case(agenda.visits_between, "end before start", EndBeforeStart, start=at(9), end=at(8)),
    case(agenda.visits_between, "an empty span", EndBeforeStart, start=at(9), end=at(9)),
    case(offering.offer_freed_time, "end before start", EndBeforeStart, freed=(at(9), at(8))),
    case(holds.hold, "a hold without length", InvalidInput, ttl=timedelta(0)),
    case(holds.hold, "a hold of the past", InvalidInput, ttl=-TTL),
    case(holds.renew_hold, "a hold of the past", InvalidInput, ttl=-TTL),
]

DAYS = [
    case(call, f"{name} {day}", InvalidInput, **{name: day})
    for call, name, days in (
        (patients.register_patient, "date_of_birth", (TOMORROW, TOO_OLD, A_TIME)),
        (patients.update_patient, "date_of_birth", (TOMORROW, TOO_OLD, A_TIME)),
        (patients.update_patient, "deceased_on", (TOMORROW, TOO_OLD, A_TIME)),
        (patients.find_by_birth_date, "date_of_birth", (A_TIME,)),
        (pumps.register_pump, "alarm_on", (TOO_OLD, TOO_FAR, A_TIME)),
        (pumps.register_pump, "filled_on", (TOO_OLD, TOMORROW, A_TIME)),
        (pumps.register_pump, "stable_until", (TOO_OLD, A_TIME)),
        (pumps.correct_pump, "alarm_on", (TOO_OLD, TOO_FAR, A_TIME)),
        (pumps.correct_pump, "stable_until", (TOO_OLD, A_TIME)),
        (other_recalls.open_recall, "due_on", (TOO_OLD, date(2030, 12, 1), A_TIME)),
        (recall_calls.snooze, "until", (TOO_OLD, A_TIME)),
    )
    for day in days
] + [
    case(recall_calls.snooze, "until after it is due", SnoozePastDue, until=date(2027, 3, 2)),
    case(joining.join, "until yesterday", InvalidInput, wishes=Wishes(until_on=date(2026, 11, 29))),
    case(joining.join, "without an end", InvalidInput, wishes=Wishes()),
    case(visits.complete, "no outcome", RefillOutcomeMissing, refill=None),
    *(
        case(visits.complete, f"alarm on {day}", InvalidInput, refill=RefillOutcome(day, None))
        for day in (date(2026, 12, 23), date(2028, 12, 1))
    ),
]

CASES: list[Case] = [*NAIVE_TIMES, *BACKWARD_SPANS, *DAYS]
