"""What does not exist, does not fit together, or was somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from scheduling import (
    agenda,
    booking,
    contact,
    deletion,
    directory,
    duplicates,
    holds,
    merging,
    offers,
    other_recalls,
    patients,
    pumps,
    recall_calls,
    recall_list,
    retention,
    visits,
)
from scheduling.errors import (
    KeyReused,
    MergeConflict,
    NotBookable,
    RecallFollowsPump,
    UnknownClinic,
    UnknownPatient,
    UnknownProvider,
    UnknownPump,
    UnknownRecall,
    UnknownVisit,
    UnknownVisitType,
    UnknownWaitlistEntry,
    WaitlistOfferGone,
)
from scheduling.preferences import Wishes
from scheduling.waitlist import answering, joining, offering, waiting
from tests.scheduling.bad_input.busy_clinic import ARRIVAL, BusyClinic
from tests.scheduling.bad_input.case import (
    LONG,
    NOBODY,
    Case,
    case,
    case_here,
)
from tests.scheduling.bad_input.good_calls import Arguments
from tests.scheduling.sample import NOW, at, by_desk

UNKNOWN = (
    [
        case(call, "no such clinic", UnknownClinic, clinic_id="nowhere")
        for call in (
            offers.find_slots,
            patients.register_patient,
            agenda.is_clinic_open,
            recall_list.recall_list,
            answering.settle_lapsed,
            offering.offer_freed_time,
            waiting.queue,
            retention.past_retention,
            directory.today,
            directory.clinic,
        )
    ]
    + [case(directory.clinic, "a clinic's id of 10,000 characters", UnknownClinic, clinic_id=LONG)]
    + [
        case(call, f"no such {name}", error, **{name: NOBODY})
        for name, error, calls in (
            (
                "patient_id",
                UnknownPatient,
                (
                    booking.book_hold,
                    patients.update_patient,
                    contact.phones_of,
                    contact.add_phone,
                    contact.remove_phone,
                    contact.record_consent,
                    contact.consent_of,
                    duplicates.find_duplicates,
                    deletion.delete_patient,
                    pumps.register_pump,
                    other_recalls.open_recall,
                    joining.join,
                    waiting.entries_of,
                ),
            ),
            ("keep_id", UnknownPatient, (merging.merge,)),
            ("merge_id", UnknownPatient, (merging.merge,)),
            (
                "visit_id",
                UnknownVisit,
                (
                    visits.confirm,
                    visits.check_in,
                    visits.undo_check_in,
                    visits.complete,
                    visits.cancel,
                    visits.miss,
                    visits.reschedule,
                    other_recalls.book_recall,
                    joining.join,
                ),
            ),
            ("pump_id", UnknownPump, (pumps.correct_pump, pumps.retire_pump)),
            (
                "recall_id",
                UnknownRecall,
                (
                    other_recalls.book_recall,
                    other_recalls.finish,
                    other_recalls.drop,
                    recall_calls.snooze,
                    recall_calls.record_attempt,
                ),
            ),
            ("entry_id", UnknownWaitlistEntry, (joining.leave,)),
            ("offer_id", WaitlistOfferGone, (answering.accept, answering.decline)),
        )
        for call in calls
    ]
    + [
        case(call, f"visit type {key[:9]}", UnknownVisitType, visit_type_key=key)
        for key in (LONG, "")
        for call in (offers.find_slots, other_recalls.open_recall, joining.join)
    ]
    + [
        case(
            joining.join,
            "no such provider",
            UnknownProvider,
            wishes=Wishes(until_on=date(2026, 12, 31), provider_id=NOBODY),
        )
    ]
)

_BAD_SLOTS: dict[str, Arguments] = {
    "of the past": {"starts_at": at(8, month=11, day=2), "ends_at": at(9, month=11, day=2)},
    "off the quarter hour": {"starts_at": at(9, 1, day=7), "ends_at": at(10, 1, day=7)},
    "on a closed day": {"starts_at": at(9, day=6), "ends_at": at(10, day=6)},
    "of another length": {"starts_at": at(9, day=7), "ends_at": at(11, day=7)},
    "of no visit type": {"visit_type_key": LONG},
    "of no provider": {"provider_id": NOBODY},
    "of no room": {"room_id": NOBODY},
}


def _with_slot(changes: Arguments) -> Callable[[BusyClinic], Arguments]:
    return lambda here: {"slot": replace(here.free, **changes)}


IN_THIS_CLINIC = [
    *(
        case_here(call, f"a slot {what}", NotBookable, _with_slot(changes))
        for call in (holds.hold, visits.reschedule)
        for what, changes in _BAD_SLOTS.items()
    ),
    case_here(
        holds.hold, "a slot of no clinic", UnknownClinic, _with_slot({"clinic_id": "nowhere"})
    ),
    case_here(merging.merge, "into itself", MergeConflict, lambda here: {"keep_id": here.nameless}),
    case_here(
        merging.merge, "into a merged one", MergeConflict, lambda here: {"keep_id": here.rob}
    ),
    case_here(
        other_recalls.finish,
        "a refill's recall by hand",
        RecallFollowsPump,
        lambda here: {"recall_id": here.pump_recall},
    ),
    case_here(
        deletion.delete_patient,
        "a merged record",
        UnknownPatient,
        lambda here: {"patient_id": here.rob},
    ),
]

KEYS_OF_OTHERS = [
    case(call, f"the key of what was {key}", KeyReused, request=by_desk(key, now=now))
    for now, key, calls in (
        (
            NOW,
            "here",
            (booking.book_hold, visits.confirm, visits.cancel, visits.reschedule),
        ),
        (at(9), "here", (visits.miss,)),
        (at(9), "booked", (visits.check_in, visits.undo_check_in)),
        (ARRIVAL, "booked", (visits.complete,)),
        (
            NOW,
            "pump",
            (
                patients.update_patient,
                contact.add_phone,
                contact.remove_phone,
                contact.record_consent,
                merging.merge,
                pumps.correct_pump,
                pumps.retire_pump,
                other_recalls.open_recall,
                other_recalls.book_recall,
                other_recalls.finish,
                other_recalls.drop,
                recall_calls.snooze,
                joining.join,
                joining.leave,
                answering.accept,
                answering.decline,
            ),
        ),
        (NOW, "merged", (pumps.register_pump, merging.merge)),
    )
    for call in calls
]

CASES: list[Case] = [*UNKNOWN, *IN_THIS_CLINIC, *KEYS_OF_OTHERS]
