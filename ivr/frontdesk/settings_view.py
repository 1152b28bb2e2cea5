"""What the pages of the settings show, as values. No session, no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.frontdesk import wording
from ivr.frontdesk.rota_view import DUTY
from ivr.frontdesk.settings_changes import Past
from ivr.frontdesk.settings_shapes import Value
from ivr.frontdesk.wording import Words, say
from ivr.frontdesk.written import Phone
from scheduling.stranded import StrandedVisit

KIND: Final[Words] = {
    "hours": "Hours",
    "closure": "Closure",
    "visit_type": "Visit type",
    "provider": "Provider",
    "room": "Room",
    "holidays": "Public holidays",
    "numbers": "Telephone numbers",
    "on_call": "People on call",
    "shifts": "Weekly shifts",
}

FIELD: Final[Words] = {
    "duration_minutes": "Length in minutes",
    "buffer_before_minutes": "Minutes kept free before",
    "buffer_after_minutes": "Minutes kept free after",
    "notice_minutes": "Shortest notice in minutes",
    "horizon_days": "Days ahead that can be booked",
    "refill_margin_days": "Refill due: days before the pump's alarm date",
    "refill_preparation_days": "Days to prepare the drug",
    "refill_opens_days": "Days before the due date from which it can be booked",
    "booked_by": "Who may book",
    "name": "Name",
    "active": "Is there",
    "observes_holidays": "Closed on public holidays",
    "needs_room": "Takes a room",
    "providers": "Providers who take it",
    "rooms": "Rooms fit for it",
    "desk": "The desk's number",
    "supervisor": "The supervisor's number",
}

OF_THE_CLINIC: Final = frozenset({"closure", "holidays", "numbers", "on_call", "shifts"})
"""Kinds of which a clinic has one, so that no subject needs to be said."""

BOOKED_BY: Final[Words] = {
    "anyone": "Anyone",
    "existing_patients": "Patients whom the clinic has seen",
}


@dataclass(frozen=True)
class StrandedRow:
    """One visit in closed time."""

    id: UUID
    patient_id: UUID
    name: str | None
    when: str
    what: str
    provider: str
    due: str | None
    late: bool
    phone: Phone | None


@dataclass(frozen=True)
class ChangeRow:
    """One change of a setting. may_undo: it stands."""

    id: UUID
    what: str
    lines: tuple[str, ...]
    made: str
    undone: str | None


def stranded(
    visits: Sequence[StrandedVisit], zone: ZoneInfo, now: datetime
) -> tuple[StrandedRow, ...]:
    """The visits as they come. late: the refill is due already."""
    today = now.astimezone(zone).date()
    return tuple(
        StrandedRow(
            id=one.id,
            patient_id=one.patient_id,
            name=one.patient_name,
            when=wording.moment(one.starts_at, zone),
            what=wording.in_words(wording.VISIT_TYPE, one.visit_type_key),
            provider=one.provider_name,
            due=None if one.refill_due_on is None else wording.birth_date(one.refill_due_on),
            late=one.refill_due_on is not None and one.refill_due_on < today,
            phone=Phone(f"tel:{one.phone}", wording.phone(one.phone)) if one.phone else None,
        )
        for one in visits
    )


def changes(past: Sequence[Past], zone: ZoneInfo) -> tuple[ChangeRow, ...]:
    """The list of changes."""
    return tuple(
        ChangeRow(
            id=one.id,
            what=_what(one),
            lines=differences(one.kind, one.before, one.after, zone),
            made=say("{moment} by {name}", moment=wording.moment(one.at, zone), name=one.by),
            undone=None
            if one.undone_at is None
            else say(
                "Undone {moment} by {name}",
                moment=wording.moment(one.undone_at, zone),
                name=one.undone_by,
            ),
        )
        for one in past
    )


def differences(kind: str, before: Value, after: Value, zone: ZoneInfo) -> tuple[str, ...]:
    """What a change does, a line for each field."""
    if kind == "closure":
        words = closure_in_words(after or before, zone)
        return (f"{say('Closed') if after else say('Open again')}: {words}",)
    if before is None and isinstance(after, dict):
        return (say("Added: {name}", name=after["name"]) if "name" in after else say("Added"),)
    in_words = {"shifts": shifts_in_words, "on_call": people_in_words}.get(kind)
    if in_words is not None:
        old, new = in_words(before), in_words(after)
        gone = (say("No longer: {line}", line=one) for one in old if one not in new)
        come = (say("Now: {hours}", hours=one) for one in new if one not in old)
        return (*gone, *come) or (say("In another order"),)
    if isinstance(before, dict) and isinstance(after, dict):
        return tuple(
            f"{wording.in_words(FIELD, name)}: {_plain(before.get(name))} → {_plain(after[name])}"
            for name in after
            if before.get(name) != after[name]
        )
    return (
        say("Before: {hours}", hours=hours_in_words(before)),
        say("Now: {hours}", hours=hours_in_words(after)),
    )


def shifts_in_words(value: Value) -> list[str]:
    """A line for each entry of the weekly shifts; people by their keys."""
    if not isinstance(value, list):
        return []
    lines = []
    for one in value:
        days = ", ".join(wording.weekday(day) for day in one["days"])
        duty = wording.in_words(DUTY, one["level"])
        line = f"{duty}: {one['person']}, {days} {one['opens']}–{one['closes']}"
        if one["every_weeks"] > 1:
            line += " " + say("(week {n} of {weeks})", n=one["week"] + 1, weeks=one["every_weeks"])
        if one["on_holidays"]:
            line += " " + say("(on public holidays)")
        line += " " + say("from {day}", day=one["from"]) if one["from"] else ""
        line += " " + say("until {day}", day=one["until"]) if one["until"] else ""
        lines.append(line)
    return lines


def people_in_words(value: Value) -> list[str]:
    """Name and number of everybody in the list, in its order."""
    if not isinstance(value, list):
        return []
    return [f"{one['name']} {wording.phone(one['number'])}" for one in value]


def hours_in_words(value: Value) -> str:
    """Such as "Mon 08:00–12:00, Tue 08:00–12:00"."""
    if not isinstance(value, list) or not value:
        return say("none")
    return ", ".join(
        f"{wording.weekday(one['weekday'])} {one['opens']}–{one['closes']}"
        + (" " + say("from {day}", day=one["from"]) if one["from"] else "")
        + (" " + say("until {day}", day=one["until"]) if one["until"] else "")
        for one in value
    )


def closure_in_words(value: Value, zone: ZoneInfo) -> str:
    """Whose, from when to when, and why."""
    if not isinstance(value, dict):
        return ""
    starts, ends = (
        wording.moment(datetime.fromisoformat(value[end]), zone) for end in ("starts", "ends")
    )
    return say(
        "{whose}, {start} to {end} ({reason})",
        whose=_whose(value),
        start=starts,
        end=ends,
        reason=value["reason"],
    )


def _whose(value: Mapping[str, Any]) -> str:
    if value["provider"]:
        return say("provider {name}", name=value["provider"])
    return say("room {name}", name=value["room"]) if value["room"] else say("the whole clinic")


def _what(one: Past) -> str:
    kind = wording.in_words(KIND, one.kind)
    return kind if one.kind in OF_THE_CLINIC else f"{kind}: {one.subject}"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, list):
        return ", ".join(value) or say("all")
    if value is None:
        return say("none")
    if str(value).startswith("+"):
        return wording.phone(str(value))
    return wording.in_words(BOOKED_BY, str(value)) if value in BOOKED_BY else str(value)
