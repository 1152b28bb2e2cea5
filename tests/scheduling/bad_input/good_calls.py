"""One good call of each thing that can be asked of scheduling."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

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
    pruning,
    pumps,
    recall_calls,
    recall_list,
    retention,
    visits,
)
from scheduling.preferences import Wishes
from scheduling.waitlist import answering, joining, offering, waiting
from tests.scheduling.bad_input.busy_clinic import ARRIVAL, FREED, UNTIL
from tests.scheduling.sample import CLINIC, NOW, TTL, at, by_desk, request

if TYPE_CHECKING:
    from tests.scheduling.bad_input.busy_clinic import BusyClinic

Call: TypeAlias = Callable[..., object]
"""An entry point of scheduling. It takes the session first."""
Arguments: TypeAlias = dict[str, Any]


def good_calls(here: BusyClinic) -> dict[Call, Arguments]:
    """Every entry point, with arguments that it accepts."""
    clinic = {"clinic_id": CLINIC}
    ours = {**clinic, "patient_id": here.ann}
    visit = {**clinic, "visit_id": here.visit}
    recall = {**clinic, "recall_id": here.recall, "request": by_desk()}
    pump = {**clinic, "pump_id": here.pump, "request": by_desk(), "version": 1}
    return {
        **_calls_about_time(here, clinic, visit),
        **_calls_about_patients(here, clinic, ours),
        pumps.register_pump: {
            **ours,
            "alarm_on": date(2027, 2, 1),
            "stable_until": date(2027, 1, 30),
            "filled_on": date(2026, 11, 1),
            "label": "left",
            "request": by_desk(),
        },
        pumps.correct_pump: {**pump, "alarm_on": date(2027, 1, 21), "stable_until": None},
        pumps.retire_pump: pump,
        pumps.active_pumps: ours,
        pumps.pump_to_refill: ours,
        other_recalls.open_recall: {
            **ours,
            "visit_type_key": "consultation",
            "due_on": date(2027, 6, 1),
            "request": by_desk(),
        },
        other_recalls.book_recall: {**recall, "visit_id": here.visit},
        other_recalls.finish: recall,
        other_recalls.drop: {**recall, "reason": "moved_away"},
        recall_calls.snooze: {**recall, "until": date(2026, 12, 24)},
        recall_calls.record_attempt: {**recall, "outcome": "no_answer"},
        recall_list.recall_list: {**clinic, "now": NOW},
        joining.join: {
            **ours,
            "visit_type_key": "consultation",
            "wishes": Wishes(until_on=UNTIL),
            "request": request(),
            "visit_id": here.visit,
        },
        joining.leave: {**clinic, "entry_id": here.entry, "request": request()},
        answering.accept: {
            **clinic,
            "offer_id": here.offer,
            "callback_number": "+15125550112",
            "request": request(),
        },
        answering.decline: {**clinic, "offer_id": here.offer, "request": request()},
        answering.settle_lapsed: {**clinic, "now": NOW},
        offering.offer_freed_time: {**clinic, "freed": FREED, "now": NOW},
        waiting.queue: {**clinic, "now": NOW},
        waiting.entries_of: ours,
    }


def _calls_about_time(
    here: BusyClinic, clinic: Arguments, visit: Arguments
) -> dict[Call, Arguments]:
    return {
        offers.find_slots: {**clinic, "visit_type_key": "consultation", "now": NOW},
        holds.hold: {"slot": here.free, "holder": "CA1", "now": NOW, "ttl": TTL},
        holds.renew_hold: {**clinic, "holder": "CA9", "now": NOW, "ttl": TTL},
        holds.release_holds: {**clinic, "holder": "CA9"},
        holds.release_expired_holds: {**clinic, "before": NOW},
        booking.book_hold: {
            **clinic,
            "hold_id": here.hold,
            "patient_id": here.ann,
            "callback_number": "+15125550111",
            "request": request(),
        },
        visits.confirm: {**visit, "request": request()},
        visits.check_in: {**visit, "request": by_desk(now=at(8))},
        visits.undo_check_in: {**clinic, "visit_id": here.refill, "request": by_desk()},
        visits.complete: {
            **clinic,
            "visit_id": here.refill,
            "refill": pumps.RefillOutcome(date(2027, 4, 1), None),
            "request": by_desk(now=ARRIVAL),
        },
        visits.cancel: {**visit, "request": request(), "reason": "feels better"},
        visits.miss: {**visit, "request": by_desk(now=at(9))},
        visits.reschedule: {**visit, "slot": here.free, "request": request()},
        agenda.visits_between: {**clinic, "start": at(8), "end": at(9)},
        agenda.open_visits_of: {**clinic, "patient_id": here.ann, "now": NOW},
        agenda.is_clinic_open: {**clinic, "at": NOW},
        pruning.prune_past_time: {**clinic, "now": NOW},
        directory.today: {**clinic, "now": NOW},
        directory.clinic: clinic,
    }


def _calls_about_patients(
    here: BusyClinic, clinic: Arguments, ours: Arguments
) -> dict[Call, Arguments]:
    phone = {**ours, "number": "+15125550119", "request": by_desk()}
    return {
        patients.register_patient: {
            **clinic,
            "name": "New Comer",
            "date_of_birth": date(1970, 1, 1),
            "phone": "+15125550119",
            "language": "es",
            "request": request(),
        },
        patients.update_patient: {**ours, "name": "Ann Leigh", "request": by_desk()},
        patients.find_by_phone: {**clinic, "number": "+15125550119"},
        patients.find_by_birth_date: {**clinic, "date_of_birth": date(1950, 2, 28)},
        contact.phones_of: ours,
        contact.add_phone: phone,
        contact.remove_phone: phone,
        contact.record_consent: {
            **ours,
            "kind": "sms",
            "granted": True,
            "source": "desk",
            "request": by_desk(),
        },
        contact.consent_of: {**ours, "kind": "sms"},
        duplicates.find_duplicates: ours,
        merging.merge: {
            **clinic,
            "keep_id": here.ann,
            "merge_id": here.nameless,
            "request": by_desk(),
        },
        deletion.delete_patient: {**clinic, "patient_id": here.nameless, "now": NOW},
        retention.past_retention: {**clinic, "now": NOW},
    }
