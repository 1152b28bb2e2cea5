"""What a visit's page shows, as values: rows in, words out. No session, no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.frontdesk import board_view, visit_wording, wording, written
from ivr.frontdesk.board_view import VisitRow
from ivr.frontdesk.written import Instant
from scheduling.agenda import AgendaVisit
from scheduling.patient_file import Change
from scheduling.requests import Request
from scheduling.slots import Slot
from scheduling.states import TRANSITIONS, UNDO_WITHIN, UNDOES, Step, VisitStatus


class Which(TypedDict):
    """Which visit a step is about, and as whoever asked last saw it."""

    clinic_id: str
    visit_id: UUID
    request: Request
    version: int


@dataclass(frozen=True)
class ChangeLine:
    """One line of a history."""

    at: Instant
    words: str
    by: str


@dataclass(frozen=True)
class FreeTime:
    """A time to choose. `value`: what the form sends."""

    value: str
    words: str
    provider: str


@dataclass(frozen=True)
class VisitPage:
    """A visit, its history (the first first), and which steps its state and the clock allow.

    back: the time and provider that it was moved from, where the move was its last change.
    """

    row: VisitRow
    day: str
    on: str
    is_refill: bool
    history: tuple[ChangeLine, ...]
    steps: frozenset[str]
    back: FreeTime | None

    def since(self, version: int) -> list[str]:
        """What happened after somebody saw `version`, in words: one change made one version."""
        return [sentence(one) for one in self.history[version:]]


def build(
    visit: AgendaVisit,
    history: Sequence[Change],
    places: Mapping[str, str],
    zone: ZoneInfo,
    now: datetime,
) -> VisitPage:
    """The page at `now` (aware). history: of scheduling.patient_file, the first first.

    places: id -> name of providers and rooms.
    """
    local = visit.starts_at.astimezone(zone)
    return VisitPage(
        row=board_view.visit_row(visit, zone, now),
        day=wording.day(local.date()),
        on=local.date().isoformat(),
        is_refill=visit.pump_id is not None,
        history=tuple(line(one, zone, places) for one in history),
        steps=frozenset(_steps(visit, history, zone, now)),
        back=_back(history, places, zone),
    )


def line(one: Change, zone: ZoneInfo, places: Mapping[str, str]) -> ChangeLine:
    """A change as a history shows it. places: id -> name of providers and rooms."""
    return ChangeLine(
        Instant(written.iso(one.at), wording.moment(one.at, zone)),
        visit_wording.change(one, zone, places),
        visit_wording.by_whom(one),
    )


def sentence(one: ChangeLine) -> str:
    """The same as a sentence."""
    return f"{one.words}, {one.at.words}, {one.by}."


def free_time(slot: Slot, zone: ZoneInfo) -> FreeTime:
    """A free slot as a form offers it."""
    return FreeTime(
        value=chosen(slot.starts_at, slot.provider_id),
        words=wording.moment(slot.starts_at, zone),
        provider=slot.provider_name,
    )


def chosen(
    starts_at: datetime, provider_id: UUID | str | None, room_id: UUID | str | None = None
) -> str:
    """A place as a form sends it: see fields.place(). None: whoever has it, whichever is free."""
    in_room = f"|{room_id}" if room_id else ""
    return f"{starts_at.isoformat()}|{provider_id or ''}{in_room}"


def _steps(
    visit: AgendaVisit, history: Sequence[Change], zone: ZoneInfo, now: datetime
) -> list[str]:
    status = VisitStatus(visit.status)
    allowed = [step.value for step in Step if status in TRANSITIONS[step].from_]
    too_early = now.astimezone(zone).date() < visit.starts_at.astimezone(zone).date()
    refused = {
        # Confirming again changes nothing.
        *([Step.CONFIRM] if status is VisitStatus.CONFIRMED else []),
        *([Step.CHECK_IN] if too_early else []),
        *([Step.MISS] if now < visit.starts_at else []),
        *(undo for undo, step in UNDOES.items() if not _is_last(step, history, now)),
    }
    return [step for step in allowed if step not in refused]


def _is_last(step: Step, history: Sequence[Change], now: datetime) -> bool:
    """Whether a step is the last that was taken, and lately enough to be taken back."""
    last = history[-1] if len(history) > 1 else None
    if last is None or last.kind != TRANSITIONS[step].event:
        return False
    return now - last.at <= UNDO_WITHIN


def _back(history: Sequence[Change], places: Mapping[str, str], zone: ZoneInfo) -> FreeTime | None:
    last = history[-1] if history else None
    if last is None or last.kind != "rescheduled":
        return None
    provider, at = str(last.detail.get("from_provider")), str(last.detail.get("from"))
    if provider not in places:
        return None
    starts_at, room = datetime.fromisoformat(at), last.detail.get("from_room")
    same_time = at == last.detail.get("to")
    return FreeTime(
        chosen(starts_at, provider, str(room) if room and same_time else None),
        visit_wording.whom_and_where(last, "from", places)
        if same_time
        else wording.moment(starts_at, zone),
        places[provider],
    )
