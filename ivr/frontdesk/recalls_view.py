"""What the recalls' page shows, as values: recalls in, words out. No session, no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.frontdesk import wording
from ivr.frontdesk.wording import Words, say, say_number
from ivr.frontdesk.written import Phone
from ivr.messages.patients.telling import Telling, Told
from scheduling.hours import local_day
from scheduling.recall_calls import AttemptOutcome
from scheduling.recall_list import RecallLine
from scheduling.refill_rules import Standing

OUTCOMES: Final[Words] = {
    AttemptOutcome.REACHED.value: "Reached them",
    AttemptOutcome.LEFT_MESSAGE.value: "Left a message",
    AttemptOutcome.NO_ANSWER.value: "No answer",
    AttemptOutcome.BAD_NUMBER.value: "Number does not work",
    AttemptOutcome.DECLINED.value: "They declined",
}

REASONS: Final[Words] = {
    "moved_away": "Moved away",
    "goes_elsewhere": "Goes to another clinic",
    "declined": "Declined for good",
    "not_needed": "No longer needed",
}
"""Why a recall is given up: the slug that is kept, and its words."""

TOLD: Final[Words] = {
    Telling.NOT_YET.value: "A text or call of ours is on its way",
    Telling.TEXTED.value: "Texted {moment}",
    Telling.CALLED.value: "Called by the line {moment}",
    Telling.NOT_ARRIVED.value: "The text of {moment} did not arrive",
    Telling.NOT_ANSWERED.value: "Called by the line {moment}: nobody picked up",
}
"""What the line itself has told them."""


@dataclass(frozen=True)
class RecallRow:
    """One recall. closes_by_hand: it is about no pump, so the desk may close it.

    told: what the line itself has told them; None for nothing.

    snooze_from, snooze_until: first and last day until which it may be put off, as a date field
        has them; None where it may not be put off any more.
    """

    id: UUID
    version: int
    patient_id: UUID
    name: str | None
    what: str
    due: str
    nearness: str
    overdue: bool
    booked: str | None
    attempts: str
    told: str | None
    phones: tuple[Phone, ...]
    put_off_until: str | None
    snooze_from: str | None
    snooze_until: str | None
    closes_by_hand: bool


@dataclass(frozen=True)
class RecallsPage:
    """Overdue ones stand apart, above all."""

    overdue: tuple[RecallRow, ...]
    due: tuple[RecallRow, ...]
    put_off: tuple[RecallRow, ...]


def build(
    lines: Sequence[RecallLine],
    put_off: Sequence[RecallLine],
    phones: Mapping[UUID, Sequence[str]],
    told: Mapping[UUID, Told],
    zone: ZoneInfo,
    now: datetime,
) -> RecallsPage:
    """The page at `now` (aware). phones: patient -> their numbers, E.164. told: of each recall."""
    today = local_day(now, zone)
    rows = [_row(line, phones, told, zone, today) for line in lines]
    return RecallsPage(
        overdue=tuple(row for row in rows if row.overdue),
        due=tuple(row for row in rows if not row.overdue),
        put_off=tuple(_row(line, phones, told, zone, today) for line in put_off),
    )


def nearness(days_left: int) -> str:
    """How far a due date is from today: "12 days overdue", "due today", "in 3 days"."""
    if days_left == 0:
        return say("due today")
    if days_left > 0:
        return say_number(days_left, "in {n} day", "in {n} days")
    return say_number(-days_left, "{n} day overdue", "{n} days overdue")


def _row(
    line: RecallLine,
    phones: Mapping[UUID, Sequence[str]],
    told: Mapping[UUID, Told],
    zone: ZoneInfo,
    today: date,
) -> RecallRow:
    what = wording.in_words(wording.VISIT_TYPE, line.visit_type_key)
    may_snooze = line.due_on > today and line.standing is not Standing.OVERDUE
    return RecallRow(
        id=line.id,
        version=line.version,
        patient_id=line.patient_id,
        name=line.patient_name,
        what=f"{what} · {line.pump_label}" if line.pump_label else what,
        due=wording.birth_date(line.due_on),
        nearness=nearness(line.days_left),
        overdue=line.standing is Standing.OVERDUE,
        booked=None if line.visit_at is None else wording.moment(line.visit_at, zone),
        attempts=_attempts(line, zone),
        told=_told(told.get(line.id), zone),
        phones=tuple(
            Phone(f"tel:{number}", wording.phone(number))
            for number in phones.get(line.patient_id, ())
        ),
        put_off_until=None if line.snoozed_until is None else wording.day(line.snoozed_until),
        snooze_from=(today + timedelta(days=1)).isoformat() if may_snooze else None,
        snooze_until=line.due_on.isoformat() if may_snooze else None,
        closes_by_hand=line.pump_id is None,
    )


def _attempts(line: RecallLine, zone: ZoneInfo) -> str:
    if not line.attempts or line.last_attempt_at is None:
        return say("Not tried yet")
    last = wording.in_words(OUTCOMES, line.last_outcome or "")
    values = {"moment": wording.moment(line.last_attempt_at, zone), "outcome": last.lower()}
    if line.attempts == 1:
        return say("Tried once · last {moment}: {outcome}", **values)
    return say("Tried {n} times · last {moment}: {outcome}", n=line.attempts, **values)


def _told(told: Told | None, zone: ZoneInfo) -> str | None:
    if told is None:
        return None
    return say(TOLD[told.telling.value], moment=wording.moment(told.at, zone))
