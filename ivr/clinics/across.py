"""Faults between the values of a clinic.toml: a key that nobody has, or that two have.

They are looked for in the file as TOML has it, so that they are told along with the faults within
its tables. A value of the wrong kind is passed over here: its own table tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ivr.clinics.faults import Fault
from ivr.clinics.values import wall_datetime
from scheduling.errors import InvalidInput
from scheduling.hours import instant, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ivr.clinics.lines import Location

_KEYED = ("providers", "rooms", "visit_types", "on_call")
_SPANS = ("closures", "extra_sessions")


def faults_across(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Every such fault of a file."""
    yield from _doubled_keys(data)
    yield from _numbers_of_the_line(data)
    yield from _unknown_takers(data)
    for location, shift in _tables(data, "on_call_shifts"):
        yield from _unknown(data, "on_call", shift.get("person"), (*location, "person"))
    yield from _rooms_without_need(data)
    yield from _further_refills(data)
    yield from _wrong_owners(data)
    yield from _spans_that_the_clock_skips(data)


def _tables(data: Mapping[str, Any], name: str) -> Iterator[tuple[Location, Mapping[str, Any]]]:
    entries = data.get(name)
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield (name, index), entry


def _keys(data: Mapping[str, Any], name: str) -> list[Any]:
    return [table["key"] for _, table in _tables(data, name) if "key" in table]


def _doubled_keys(data: Mapping[str, Any]) -> Iterator[Fault]:
    for name in _KEYED:
        keys = _keys(data, name)
        for location, table in _tables(data, name):
            key = table.get("key")
            if keys.count(key) > 1:
                yield Fault(
                    (*location, "key"),
                    f"{key!r} is the key of {keys.count(key)} {name}: give each a key of its own",
                )


def _numbers_of_the_line(data: Mapping[str, Any]) -> Iterator[Fault]:
    numbers = data.get("numbers")
    if not isinstance(numbers, dict) or "line" not in numbers:
        return
    telephones: dict[Location, Any] = {
        ("numbers", name): numbers.get(name) for name in ("desk", "fallback_on_call")
    }
    for location, person in _tables(data, "on_call"):
        telephones[*location, "number"] = person.get("number")
    for place, number in telephones.items():
        if number == numbers["line"]:
            yield Fault(
                place,
                "is the line's own number, so the line would call itself: give the telephone "
                "that a person answers",
            )


def _unknown_takers(data: Mapping[str, Any]) -> Iterator[Fault]:
    """In visit types: providers and rooms that do not exist, or are named twice."""
    for location, visit_type in _tables(data, "visit_types"):
        for name in ("providers", "rooms"):
            named = visit_type.get(name)
            if not isinstance(named, list):
                continue
            for index, key in enumerate(named):
                place = (*location, name, index)
                yield from _unknown(data, name, key, place)
                if key in named[:index]:
                    yield Fault(place, f"{key!r} is there twice: name each once")


def _unknown(data: Mapping[str, Any], name: str, key: Any, place: Location) -> Iterator[Fault]:
    known = _keys(data, name)
    if isinstance(key, str) and key not in known:
        choice = ", ".join(map(str, known))
        advice = f"use one of {choice}, or leave it out" if known else f"add a table [[{name}]]"
        yield Fault(place, f"{key!r} is not among the [[{name}]]: {advice}")


def _rooms_without_need(data: Mapping[str, Any]) -> Iterator[Fault]:
    for location, visit_type in _tables(data, "visit_types"):
        if visit_type.get("needs_room") is not True:
            if "rooms" in visit_type:
                yield Fault(
                    (*location, "rooms"),
                    "stands beside no needs_room: write needs_room = true, or leave rooms out",
                )
        elif data.get("rooms", []) == []:
            yield Fault(
                (*location, "needs_room"), "needs a room and there is none: add a table [[rooms]]"
            )


def _further_refills(data: Mapping[str, Any]) -> Iterator[Fault]:
    refills = [place for place, table in _tables(data, "visit_types") if "refill" in table]
    for location in refills[1:]:
        yield Fault(
            (*location, "refill"),
            "is the second of this clinic: keep one, since every pump takes its margin and "
            "preparation days from the one visit type with refill",
        )


def _wrong_owners(data: Mapping[str, Any]) -> Iterator[Fault]:
    for name in _SPANS:
        for location, span in _tables(data, name):
            for owner in ("provider", "room"):
                yield from _unknown(data, f"{owner}s", span.get(owner), (*location, owner))
            if "provider" in span and "room" in span:
                yield Fault(
                    (*location, "room"), f"stands beside a provider: make it two [[{name}]]"
                )
    for location, session in _tables(data, "extra_sessions"):
        if "provider" not in session and "room" not in session:
            yield Fault(location, "names neither provider nor room: say which of them is open")


def _spans_that_the_clock_skips(data: Mapping[str, Any]) -> Iterator[Fault]:
    try:
        zone = zone_of(data["clinic"]["timezone"])
    except (KeyError, TypeError, AttributeError, InvalidInput):
        return
    for name in _SPANS:
        for location, span in _tables(data, name):
            try:
                starts, ends = wall_datetime(span["starts"]), wall_datetime(span["ends"])
            except (KeyError, ValueError):
                continue
            if starts < ends and instant(starts, zone) >= instant(ends, zone):
                yield Fault(
                    (*location, "ends"),
                    "is no later than starts, since the clock is put forward meanwhile: give a "
                    "later time",
                )
