"""What the forms of the settings send, as values to be written. Pure; refuses in plain words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from ivr.frontdesk import fields
from ivr.frontdesk.settings_resources import FIGURES, REFILL_FIGURES, free_key
from ivr.frontdesk.settings_shapes import Value
from ivr.frontdesk.wording import say
from scheduling.errors import InvalidInput
from scheduling.hours import instant

Form = MultiDict[str, str]

HOURS_FIELDS: Final = ("weekday", "opens", "closes", "from", "until")
SHIFT_FIELDS: Final = ("person", "level", "opens", "closes", "from", "until", "every_weeks", "week")
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
    value["booked_by"] = form.get("booked_by", "")
    if "needs_room" in form:
        value["needs_room"] = form["needs_room"] == "yes"
        value["active"] = form.get("active") != "no"
        value |= {name: sorted(set(form.getlist(name))) for name in ("providers", "rooms")}
    return value


def numbers(form: Form) -> Value:
    """The clinic's telephones. Raises UnsuitablePhone."""
    return {
        name: fields.phone(form, name) if form.get(name, "").strip() else None
        for name in ("desk", "supervisor")
    }


def people_rows(form: Form) -> list[dict[str, str]]:
    """The rows of the list of people on call, as they were typed."""
    rows = []
    for number in range(_MOST_ROWS):
        if f"name-{number}" not in form:
            break
        rows.append(
            {name: form.get(f"{name}-{number}", "") for name in ("key", "place", "name", "number")}
        )
    return rows


def people(form: Form, taken: Collection[str]) -> Value:
    """Everybody on call in the order of their places; a row without a name is left out.

    taken: keys that are somebody's. Raises InvalidInput, UnsuitablePhone.
    """
    placed: list[tuple[int, int, dict[str, Any]]] = []
    used = set(taken)
    for at, row in enumerate(people_rows(form)):
        name = " ".join(row["name"].split())
        if not name:
            continue
        key = row["key"] if row["key"] in taken else free_key(name, used)
        used.add(key)
        place = int(row["place"]) if row["place"].isdecimal() and len(row["place"]) < 4 else 999
        number = fields.phone({"number": row["number"]}, "number")
        placed.append((place, at, {"key": key, "name": name, "number": number}))
    return [one for _, _, one in sorted(placed, key=lambda each: each[:2])]


def shift_rows(form: Form) -> list[dict[str, Any]]:
    """The rows of the weekly shifts, as they were typed."""
    rows = []
    for n in range(_MOST_ROWS):
        if f"person-{n}" not in form:
            break
        row: dict[str, Any] = {name: form.get(f"{name}-{n}", "") for name in SHIFT_FIELDS}
        row["days"] = [int(one) for one in form.getlist(f"days-{n}") if one in set("0123456")]
        row["on_holidays"] = form.get(f"on_holidays-{n}") == "yes"
        rows.append(row)
    return rows


def shifts(form: Form) -> Value:
    """The weekly shifts; a row without a person is left out. Raises InvalidInput, naming it."""
    return [
        _shift(row, number) for number, row in enumerate(shift_rows(form), start=1) if row["person"]
    ]


def _shift(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    try:
        opens, closes = time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"])
        first, last = (
            date.fromisoformat(row[name]).isoformat() if row[name] else None
            for name in ("from", "until")
        )
        every, week = int(row["every_weeks"] or 1), int(row["week"] or 1)
    except ValueError as error:
        raise InvalidInput(
            say("row {n} is not complete: give the days, and from when to when", n=number)
        ) from error
    if not row["days"]:
        raise InvalidInput(say("row {n} has no day: tick those on which it begins", n=number))
    if every > 1 and first is None:
        raise InvalidInput(
            say("row {n} rotates: give the first day, from which its weeks are counted", n=number)
        )
    return {
        "level": "backup" if row["level"] == "backup" else "primary",
        "person": row["person"],
        "days": sorted(set(row["days"])),
        "opens": f"{opens:%H:%M}",
        "closes": f"{closes:%H:%M}",
        "from": first,
        "until": last,
        "every_weeks": every,
        # People count weeks from one.
        "week": week - 1,
        "on_holidays": row["on_holidays"],
    }


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
