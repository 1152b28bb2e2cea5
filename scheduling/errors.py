"""Everything scheduling refuses, by name. Each message says what happened and what to do next."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scheduling.importing.rows import Remark
    from scheduling.slots import Slot


class SchedulingError(Exception):
    """The request was understood and refused. Nothing was stored."""


class SlotTaken(SchedulingError):
    """Somebody else holds or has booked this time: offer `alternatives`, the next free ones."""

    def __init__(self, message: str, alternatives: Sequence[Slot] = ()) -> None:
        super().__init__(message)
        self.alternatives = list(alternatives)


class HoldExpired(SlotTaken):
    """The hold ran out and its time is gone: offer `alternatives`."""


class PatientBusy(SlotTaken):
    """The time is free, but this patient has another visit then: offer `alternatives`."""


class TimeGivenAway(SlotTaken):
    """What a visit had given back is somebody else's by now: book another one.

    offered_until: aware UTC; until when it is held for somebody on the waitlist, who may yet
    decline it; None where it is booked, or held for a caller.
    """

    def __init__(self, message: str, offered_until: datetime | None = None) -> None:
        super().__init__(message)
        self.offered_until = offered_until


class Refusal(StrEnum):
    """Why a time or a person is not admitted to a visit type."""

    OUTSIDE_HOURS = "outside_hours"
    """Outside the provider's or room's hours, in a closure, or not on a quarter hour."""
    TOO_SOON = "too_soon"
    TOO_FAR_AHEAD = "too_far_ahead"
    WRONG_LENGTH = "wrong_length"
    NOT_OFFERED = "not_offered"
    """The visit type, provider or room is unknown here or no longer active."""
    EXISTING_PATIENTS_ONLY = "existing_patients_only"
    NO_PUMP = "no_pump"
    """A refill for somebody whose pump is not on file here."""
    REFILL_TOO_EARLY = "refill_too_early"
    """Before the refill's booking window opens, or before its drug can be prepared."""
    REFILL_TOO_LATE = "refill_too_late"
    """After the refill is due: the pump might run dry."""
    REFILL_OVERDUE = "refill_overdue"
    """The refill is due already: this is urgent, and for staff to arrange."""


_EXPLANATIONS = {
    Refusal.OUTSIDE_HOURS: "this time is outside opening hours or is not a quarter hour",
    Refusal.TOO_SOON: "this time is sooner than the visit type's notice allows",
    Refusal.TOO_FAR_AHEAD: "this time is further ahead than the visit type's horizon",
    Refusal.WRONG_LENGTH: "this slot's end does not fit the visit type's duration",
    Refusal.NOT_OFFERED: "this visit type, provider or room is not offered here",
    Refusal.EXISTING_PATIENTS_ONLY: "this visit type is for patients the clinic has already seen",
    Refusal.NO_PUMP: "no active pump is on file for this patient",
    Refusal.REFILL_TOO_EARLY: "this is before the refill's booking window or its preparation",
    Refusal.REFILL_TOO_LATE: "this is after the refill is due",
    Refusal.REFILL_OVERDUE: "the refill is overdue, which is urgent: connect the patient to staff",
}


class NotBookable(SchedulingError):
    """The slot breaks a rule, so it can be neither held nor booked: ask find_slots for others."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(f"{_EXPLANATIONS[reason]}: choose one of the slots that find_slots offers")
        self.reason = reason


class IllegalStep(SchedulingError):
    """The visit's state does not allow this step."""

    def __init__(self, step: str, status: str) -> None:
        super().__init__(
            f"a visit that is {status} does not allow {step}: look at its history, and choose "
            "what its state allows"
        )
        self.step = step
        self.status = status


class NotYet(SchedulingError):
    """The step is for later."""


class TooLate(SchedulingError):
    """The visit has begun: only the desk may still change it."""


class StaleVersion(SchedulingError):
    """Somebody changed it meanwhile: look at it again, then decide again."""


class KeyReused(SchedulingError):
    """This idempotency key belongs to another request: give each request its own."""


class RefillNeedsReplacement(SchedulingError):
    """A patient gives up a refill only for another one: reschedule it, or let the desk decide."""


class RefillOutcomeMissing(SchedulingError):
    """A refill is completed with the pump's new low-reservoir alarm date: enter it."""


class PumpChangedSince(SchedulingError):
    """A pump's dates were corrected after its refill was completed: correct them by hand."""


class RecallFollowsPump(SchedulingError):
    """A refill's recall follows its pump and visits: book or complete it, or retire the pump."""


class StaffOnly(SchedulingError):
    """Only a person at the desk may decide this: leave it to them."""


class SnoozePastDue(SchedulingError):
    """A recall cannot be put off beyond its due date: choose a day up to it."""


class MergeConflict(SchedulingError):
    """The two records cannot become one as they are: the message says what stands in the way."""


class LastPhone(SchedulingError):
    """A patient with a visit ahead would be left without any number: add another one first."""


class WaitlistOfferGone(SchedulingError):
    """The offer was answered, or its time ran out: wait for the next one."""


class UnknownVisit(SchedulingError):
    """The clinic has no visit with this id."""


class UnknownPump(SchedulingError):
    """The clinic has no active pump with this id."""


class UnknownRecall(SchedulingError):
    """The clinic has no recall with this id that is still to be done."""


class UnknownProvider(SchedulingError):
    """The clinic has no active provider of this key or id."""


class UnknownWaitlistEntry(SchedulingError):
    """Nobody waits under this id."""


class UnknownClinic(SchedulingError):
    """No clinic has this id: load its definition first."""


class UnknownVisitType(SchedulingError):
    """The clinic has no active visit type of this key."""


class UnknownPatient(SchedulingError):
    """The clinic has no patient with this id: register the patient first."""


class InvalidInput(SchedulingError, ValueError):
    """A value that cannot be stored as it is. The message names the value and what would do."""


class NaiveTime(InvalidInput):
    """A datetime without a time zone: it could mean any of some forty instants."""


class EndBeforeStart(InvalidInput):
    """A span of time that ends before, or exactly when, it starts."""


class UnknownZone(InvalidInput):
    """Not an IANA time zone name."""


class UnknownRegion(InvalidInput):
    """Not a region whose public holidays are known."""


class UnsuitableText(InvalidInput):
    """Text that is empty, too long, or holds characters that no text has."""


class UnsuitablePhone(InvalidInput):
    """Not a phone number in E.164, or one that nobody can have."""


class InvalidDefinition(InvalidInput):
    """A clinic's definition contradicts itself."""


class ImportRefused(InvalidInput):
    """Rows that contradict the book or each other. `faults` says where and what to do instead."""

    def __init__(self, faults: Sequence[Remark]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = list(faults)


class PatientInCare(SchedulingError):
    """A patient is not deleted while something is still to be done for them: end that first."""
