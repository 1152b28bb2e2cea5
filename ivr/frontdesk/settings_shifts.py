"""The weekly shifts of the rota as one setting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any, Final

from sqlalchemy.orm import Session

from ivr.frontdesk.settings_shapes import Kind, Value
from ivr.frontdesk.wording import say
from ivr.oncall import rota
from ivr.oncall.rota_rules import Level, Shift
from scheduling.errors import InvalidInput
from scheduling.hours import WeeklySession
from scheduling.last_loaded import keep_what_was

MOST_WEEKS: Final = 52
"""As in the clinic's file: a rotation comes round within a year."""


def as_value(shifts: Iterable[Shift]) -> list[dict[str, Any]]:
    """Shifts that differ in their day alone become one entry with several days."""
    grouped: dict[tuple[Any, ...], list[int]] = {}
    for one in shifts:
        hours = one.hours
        key = (
            one.level,
            one.person_key,
            f"{hours.opens:%H:%M}",
            f"{hours.closes:%H:%M}",
            None if hours.effective_from is None else hours.effective_from.isoformat(),
            None if hours.effective_until is None else hours.effective_until.isoformat(),
            one.every_weeks,
            one.week,
            one.on_holidays,
        )
        grouped.setdefault(key, []).append(hours.weekday)
    names = ("level", "person", "opens", "closes", "from", "until", "every_weeks", "week")
    entries = [
        {**dict(zip((*names, "on_holidays"), key, strict=True)), "days": sorted(set(days))}
        for key, days in grouped.items()
    ]
    return sorted(entries, key=lambda one: (one["level"] != "primary", one["days"], str(one)))


def from_value(value: Value) -> list[Shift]:
    """The same back. Raises InvalidInput and InvalidDefinition."""
    shifts: list[Shift] = []
    for number, entry in enumerate(value if isinstance(value, list) else [], start=1):
        try:
            shifts += _shifts(entry)
        except (KeyError, TypeError) as error:
            raise InvalidInput(say("row {n} is not complete", n=number)) from error
    return list(dict.fromkeys(shifts))


def _shifts(entry: Mapping[str, Any]) -> Iterable[Shift]:
    level: Level = "primary" if entry["level"] == "primary" else "backup"
    first, last = entry["from"], entry["until"]
    if not 1 <= entry["every_weeks"] <= MOST_WEEKS:
        raise InvalidInput(say("a rotation takes 1 to 52 weeks: correct the number"))
    if first and last and last < first:
        raise InvalidInput(say("the last day is before the first: swap or correct them"))
    for day in entry["days"]:
        yield Shift(
            level,
            entry["person"],
            WeeklySession(
                day,
                time.fromisoformat(entry["opens"]),
                time.fromisoformat(entry["closes"]),
                date.fromisoformat(first) if first else None,
                date.fromisoformat(last) if last else None,
            ),
            entry["every_weeks"],
            entry["week"],
            entry["on_holidays"],
        )


def _read(session: Session, clinic_id: str, _subject: str) -> Value:
    return as_value(rota.shifts_stored(session, clinic_id))


def _write(session: Session, clinic_id: str, _subject: str, value: Value) -> None:
    shifts = from_value(value)
    listed = {one.key for one in rota.people_listed(session, clinic_id)}
    stored = rota.shifts_stored(session, clinic_id)
    # Somebody who has left the list since may keep a shift: it is told as a gap.
    known = listed | {one.person_key for one in stored}
    if any(one.person_key not in known for one in shifts):
        raise InvalidInput(say("nobody was chosen: choose somebody of the list"))
    keep_what_was(session, clinic_id, "on call", "shifts", rota.shifts_in_words(stored))
    rota.load_shifts(session, clinic_id, shifts)


SHIFTS: Final = Kind(_read, _write)
