"""What the forms of the settings send, as values to be written. Pure; refuses in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from ivr.frontdesk.settings_values import FIGURES, REFILL_FIGURES, Value
from ivr.frontdesk.wording import say
from scheduling.errors import InvalidInput
from scheduling.hours import instant

Form = Mapping[str, str]

HOURS_FIELDS: Final = ("weekday", "opens", "closes", "from", "until")
_MOST_ROWS: Final = 60


def hours_rows(form: Form) -> list[dict[str, str]]:
    """The rows of the form of hours, as they were typed."""
    rows = []
    for number in range(_MOST_ROWS):
        if f"weekday-{number}" not in form:
            break
        rows.append({field: form.get(f"{field}-{number}", "") for field in HOURS_FIELDS})
    return rows


def hours(form: Form) -> Value:
    """Weekly hours. A row without a day is left out. Raises InvalidInput, naming the row."""
    return [
        _session(row, number)
        for number, row in enumerate(hours_rows(form), start=1)
        if row["weekday"]
    ]


def closure(form: Form, zone: ZoneInfo) -> Value:
    """A closure, from and to wall-clock times of the clinic. Raises InvalidInput."""
    whose, _, key = form.get("whose", "").partition(" ")
    if whose not in ("clinic", "provider", "room"):
        raise InvalidInput(say("nobody was chosen: say who or what is closed"))
    return {
        "provider": key if whose == "provider" else None,
        "room": key if whose == "room" else None,
        "starts": moment(form.get("starts", ""), zone, say("the beginning")).isoformat(),
        "ends": moment(form.get("ends", ""), zone, say("the end")).isoformat(),
        "reason": form.get("reason", "").strip(),
    }


def visit_type(form: Form, *, refills_pump: bool) -> Value:
    """A visit type's figures. Raises InvalidInput for what is no whole number."""
    figures = (*FIGURES, *(REFILL_FIGURES if refills_pump else ()))
    value: dict[str, Any] = {name: _number(form.get(name, ""), name) for name in figures}
    return {**value, "booked_by": form.get("booked_by", "")}


def keyed(form: Form) -> Value:
    """A provider's or a room's name, and whether they are there."""
    return {"name": form.get("name", "").strip(), "active": form.get("active") == "yes"}


def moment(said: str, zone: ZoneInfo, what: str) -> datetime:
    """An instant, UTC, from a wall-clock time of the clinic as a form sends it.

    Raises InvalidInput.
    """
    try:
        wall = datetime.fromisoformat(said)
    except ValueError as error:
        raise InvalidInput(say("{what} is no date with a time: enter both", what=what)) from error
    if wall.tzinfo is not None:
        raise InvalidInput(
            say("{what} has a time zone: enter the time of the clinic's clock", what=what)
        )
    return instant(wall, zone)


def _session(row: Mapping[str, str], number: int) -> dict[str, Any]:
    try:
        opens, closes = time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"])
        days = {
            name: date.fromisoformat(row[name]).isoformat() if row[name] else None
            for name in ("from", "until")
        }
        weekday = int(row["weekday"])
    except ValueError as error:
        raise InvalidInput(
            say("row {n} is not complete: give the day, and when it opens and closes", n=number)
        ) from error
    return {"weekday": weekday, "opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}", **days}


def _number(said: str, name: str) -> int:
    words = name.removeprefix("refill_").replace("_", " ")
    try:
        number = int(said)
    except ValueError as error:
        raise InvalidInput(say("{what} is no whole number: enter one", what=words)) from error
    if abs(number) > 1_000_000:
        raise InvalidInput(say("{what} is too large: enter a smaller number", what=words))
    return number
