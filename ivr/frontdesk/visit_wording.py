"""What happened to visits and records, and why something was refused, in the desk's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from ivr.frontdesk import wording
from ivr.frontdesk.wording import Words, say
from scheduling.errors import (
    IllegalStep,
    NotBookable,
    PatientBusy,
    PumpChangedSince,
    Refusal,
    SchedulingError,
    SlotTaken,
    StaleVersion,
    TimeGivenAway,
    TooLate,
)
from scheduling.patient_file import Change

DONE: Final[Words] = {
    "visit_booked": "The visit is booked.",
    "visit_confirm": "The visit is confirmed.",
    "visit_check-in": "The patient is checked in.",
    "visit_undo-check-in": "The check-in is undone.",
    "visit_complete": "The visit is completed.",
    "visit_cancel": "The visit is cancelled, and its time is free.",
    "visit_missed": "The visit is marked: the patient did not come.",
    "visit_undo-complete": "The completion is undone: the visit is as it was before.",
    "visit_undo-cancel": "The cancellation is undone: the visit stands again, at its own time.",
    "visit_undo-missed": "That is undone: the patient is expected.",
    "visit_moved": "The visit is moved.",
    "patient_registered": "The patient is registered.",
    "patient_corrected": "The record is corrected.",
    "phone_added": "The number is on file.",
    "phone_removed": "The number is off the file.",
    "consent_recorded": "What the patient agrees to is recorded.",
    "pump_registered": "The pump is on file, and its recall is open.",
    "pump_corrected": "The pump's dates are corrected.",
    "pump_retired": "The pump is retired, and its recall is closed.",
    "merged": "The two records are one.",
    "note_added": "The note is on the record.",
}
"""What errand.say_next() leaves for the next page."""

STEP: Final[Words] = {
    "confirm": "confirming",
    "reschedule": "moving",
    "check_in": "checking in",
    "undo_check_in": "undoing the check-in",
    "complete": "completing",
    "cancel": "cancelling",
    "miss": "marking it as missed",
    "undo_complete": "undoing the completion",
    "undo_cancel": "undoing the cancellation",
    "undo_miss": "undoing that nobody came",
}

VISIT_EVENT: Final[Words] = {
    "booked": "Booked",
    "confirmed": "Confirmed",
    "rescheduled": "Moved",
    "checked_in": "Checked in",
    "check_in_undone": "Check-in undone",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "missed": "Marked as missed",
    "completion_undone": "Completion undone",
    "cancellation_undone": "Cancellation undone",
    "miss_undone": "Expected after all",
}

RECORD_EVENT: Final[Words] = {
    "registered": "Registered",
    "updated": "Corrected",
    "phone_added": "Number added",
    "phone_removed": "Number removed",
    "consent_recorded": "Consent recorded",
    "note_added": "Note added",
    "merged_in": "Another record merged into this one",
    "pump_registered": "Pump put on file",
    "pump_corrected": "Pump's dates corrected",
    "pump_retired": "Pump retired",
    "pump_refilled": "Pump refilled",
    "pump_refill_undone": "Pump's refill undone",
    "recall_opened": "Recall opened",
    "recall_booked": "Recall booked",
    "recall_done": "Recall done",
    "recall_dropped": "Recall dropped",
    "waitlist_joined": "Put on the waitlist",
    "waitlist_left": "Taken off the waitlist",
}

FIELD: Final[Words] = {
    "name": "name",
    "preferred_name": "preferred name",
    "date_of_birth": "date of birth",
    "language": "language",
    "interpreter_language": "interpreter",
    "deceased_on": "date of death",
    "preferred_channel": "way of reminders",
    "timezone": "time zone",
    "phone": "number",
    "sms_consent": "texts",
    "call_consent": "calls",
    "notes": "notes",
    "filled_on": "day of the last refill",
    "alarm_on": "low-reservoir alarm date",
    "stable_until": "drug stable until",
}

REFUSED: Final[Words] = {
    Refusal.OUTSIDE_HOURS: "This time is outside opening hours, in a closure, or not on a quarter "
    "hour.",
    Refusal.TOO_SOON: "This time is sooner than this kind of visit may be booked.",
    Refusal.TOO_FAR_AHEAD: "This time is further ahead than this kind of visit may be booked.",
    Refusal.WRONG_LENGTH: "The length of this kind of visit has changed since the page was loaded.",
    Refusal.NOT_OFFERED: "This kind of visit is not offered there: the provider or the room does "
    "not do it.",
    Refusal.EXISTING_PATIENTS_ONLY: "This kind of visit is for patients whom the clinic has seen "
    "before: complete a first visit.",
    Refusal.NO_PUMP: "No active pump is on file for this patient: put the pump on file first.",
    Refusal.REFILL_TOO_EARLY: "This is before the refill's booking window, or before its drug can "
    "be prepared.",
    Refusal.REFILL_TOO_LATE: "This is after the refill is due.",
    Refusal.REFILL_OVERDUE: "The refill is overdue, which is urgent.",
}


def done(codes: list[str]) -> str | None:
    """What the page says was done."""
    return " ".join(wording.in_words(DONE, code) for code in codes if code in DONE) or None


def problem(error: SchedulingError, zone: ZoneInfo) -> str:
    """Why nothing was stored, and what to do next. zone: the clinic's."""
    if isinstance(error, TimeGivenAway):
        return _given_away(error, zone)
    if isinstance(error, PumpChangedSince):
        return say(
            "Nothing was changed: the pump's dates were changed after this refill. Correct them on "
            "the patient's record; the visit stays completed."
        )
    if isinstance(error, TooLate):
        return say(
            "Nothing was changed: this was done more than a week ago. Book the patient another "
            "visit, and correct the record by hand."
        )
    if isinstance(error, PatientBusy):
        return say(
            "The patient has another visit at this time. Nothing was changed: choose another."
        )
    if isinstance(error, SlotTaken):
        if not error.alternatives:
            return _nothing_changed(_sentence(str(error)))
        return say(
            "This time has just been taken. Nothing was changed: choose one of the next free."
        )
    if isinstance(error, NotBookable):
        return _nothing_changed(wording.in_words(REFUSED, error.reason))
    if isinstance(error, IllegalStep):
        status = wording.in_words(wording.STATUS, error.status).lower()
        step = wording.in_words(STEP, error.step).lower()
        return say(
            "The visit is {status} by now, which does not allow {step}. Nothing was changed.",
            status=status,
            step=step,
        )
    return _nothing_changed(_sentence(str(error)))


def _given_away(error: TimeGivenAway, zone: ZoneInfo) -> str:
    if error.offered_until is None:
        return say(
            "Nothing was changed: the time of this visit is somebody else's by now. Book the "
            "patient another visit."
        )
    return say(
        "Nothing was changed: the time of this visit is offered to somebody on the waitlist until "
        "{time}. Wait for their answer or decline the offer there, or book the patient another "
        "visit.",
        time=wording.time_of_day(error.offered_until, zone),
    )


def overtaken(error: StaleVersion, missed: list[str], zone: ZoneInfo) -> str:
    """What somebody else did first; missed: their changes in words. zone: the clinic's."""
    if not missed:
        return problem(error, zone)
    return say(
        "Somebody was faster. {missed} Nothing of yours was stored, and what you typed is still "
        "here: look again, then decide.",
        missed=" ".join(missed),
    )


def _nothing_changed(why: str) -> str:
    return say("{why} Nothing was changed.", why=why)


def change(one: Change, zone: ZoneInfo, places: Mapping[str, str]) -> str:
    """What happened, without who and when. places: id -> name of providers and rooms."""
    if one.visit_id is None:
        words = wording.in_words(RECORD_EVENT, one.kind)
        fields = one.detail.get("fields")
        if isinstance(fields, list) and fields:
            words += ": " + ", ".join(wording.in_words(FIELD, str(name)).lower() for name in fields)
        return words
    words = wording.in_words(VISIT_EVENT, one.kind)
    if one.kind == "rescheduled":
        in_time = one.detail.get("from") == one.detail.get("to")
        before, after = (
            whom_and_where(one, which, places) if in_time else _place(one, which, zone, places)
            for which in ("from", "to")
        )
        words = say("Moved from {before} to {after}", before=before, after=after)
    if one.kind == "booked" and "starts_at" in one.detail:
        words = say("Booked for {moment}", moment=_moment(one.detail["starts_at"], zone))
    if reason := one.detail.get("reason"):
        words += f": {reason}"
    return words


def by_whom(one: Change) -> str:
    """Who changed it, by which way."""
    if one.channel == "desk":
        return say("{name}, at the desk", name=one.actor)
    if one.channel == "phone":
        return say("the caller for the patient, by phone") if "," in one.actor else say("by phone")
    return wording.in_words(wording.CHANNEL, one.channel).lower()


def whom_and_where(one: Change, which: str, places: Mapping[str, str]) -> str:
    """With whom and in which room a visit was ("from") or is ("to") by a move."""
    ids = (one.detail.get(f"{which}_provider"), one.detail.get(f"{which}_room"))
    return ", ".join(places[str(each)] for each in ids if str(each) in places)


def _place(one: Change, which: str, zone: ZoneInfo, places: Mapping[str, str]) -> str:
    at = _moment(one.detail.get(which), zone)
    name = places.get(str(one.detail.get(f"{which}_provider")))
    return f"{at} ({name})" if name else at


def _moment(stored: object, zone: ZoneInfo) -> str:
    try:
        return wording.moment(datetime.fromisoformat(str(stored)), zone)
    except ValueError:
        return say("another time")


def _sentence(words: str) -> str:
    said = words[:1].upper() + words[1:]
    return said if said.endswith((".", "!", "?")) else f"{said}."
