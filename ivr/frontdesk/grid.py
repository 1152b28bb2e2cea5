"""Visits laid out by time: a column for each provider, each room, or each day of one. Pure.

It becomes a table whose rows are quarter hours, so that it is read by every browser, screen
reader and printer, and needs no style of its own for any visit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.frontdesk import board_view, wording, written
from ivr.frontdesk.visit_view import chosen
from ivr.frontdesk.wording import say, say_number
from scheduling.hours import instant, midnight
from scheduling.states import OCCUPYING_STATUSES, OPEN_STATUSES, TRANSITIONS, Step

if TYPE_CHECKING:
    from scheduling.agenda import AgendaVisit
    from scheduling.intervals import Interval

STEP: Final = timedelta(minutes=15)
"""A row. Visits start on quarter hours; those of an old book may not."""

_A_DAY: Final = timedelta(days=1)
_USUAL: Final = (time(8), time(17))
"""What is shown at least, so that an empty day looks like a day."""


@dataclass(frozen=True)
class Block:
    """One visit in the table. `movable`: by drag, or on its own page."""

    id: UUID
    version: int
    times: str
    name: str
    detail: str
    status: str
    status_words: str
    movable: bool
    announcement: str


@dataclass(frozen=True)
class Cell:
    """Rows of a column (its number): visits, or one free or closed quarter of an hour.

    slot: what a visit dropped here asks for; None where nothing may be dropped.
    """

    column: int
    rows: int
    visits: tuple[Block, ...]
    slot: str | None
    is_open: bool


@dataclass(frozen=True)
class Row:
    """A quarter of an hour by the clinic's clock; cells: None where one from above goes on."""

    label: str
    is_hour: bool
    starts: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Column:
    """One provider, one room, or one day. given_up: visits that were cancelled or missed."""

    title: str
    nearness: str | None
    summary: str
    given_up: tuple[Block, ...]


@dataclass(frozen=True)
class Grid:
    """The whole table."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


class By(StrEnum):
    """What a column is."""

    PROVIDER = "provider"
    ROOM = "room"
    DAY = "day"


@dataclass(frozen=True)
class _Place:
    """What a column shows. whose: its provider or room; None: visits that need no room."""

    number: int
    day: date
    by: By
    whose: UUID | None
    title: str
    nearness: str | None
    visits: Sequence[AgendaVisit]
    open_times: Sequence[Interval]


def build(
    visits: Sequence[AgendaVisit],
    days: Sequence[date],
    owners: Mapping[UUID, str],
    open_times: Mapping[UUID, Sequence[Interval]],
    *,
    zone: ZoneInfo,
    now: datetime,
    by: By,
) -> Grid:
    """The table at `now` (aware). visits: in order of start.

    owners: id -> name of the providers, or by room of the rooms, that are shown.
    """
    shown: dict[UUID | None, str] = dict(owners.items())
    for visit in visits:
        # Somebody who has left, or does nothing any more, may still have visits.
        if by is By.ROOM:
            shown.setdefault(visit.room_id, visit.room_name or say("Without a room"))
        elif by is By.PROVIDER and (len(owners) != 1 or visit.provider_id in owners):
            shown.setdefault(visit.provider_id, visit.provider_name)
    today = now.astimezone(zone).date()
    sorted_out: dict[tuple[date, UUID | None], list[AgendaVisit]] = {}
    for visit in visits:
        whose = visit.room_id if by is By.ROOM else visit.provider_id
        key = visit.starts_at.astimezone(zone).date(), whose
        sorted_out.setdefault(key, []).append(visit)
    columns = product(days, shown.items())
    places = [
        _Place(
            number=number,
            day=day,
            by=by,
            whose=one,
            title=wording.short_day(day) if by is By.DAY else name,
            nearness=board_view.nearness(day, today) if by is By.DAY else None,
            visits=sorted_out.get((day, one), ()),
            open_times=() if one is None else open_times.get(one, ()),
        )
        for number, (day, (one, name)) in enumerate(columns)
    ]
    first, last = _span(places, zone)
    laid_out = [_cells(place, first, last, zone, now) for place in places]
    rows = []
    for number in range(first, last):
        wall = datetime.combine(days[0], time.min) + number * STEP
        at = instant(wall, zone)
        rows.append(
            Row(
                label=wording.wall_clock(wall),
                is_hour=wall.minute == 0,
                starts=written.iso(at),
                cells=tuple(column.get(number) for column in laid_out),
            )
        )
    return Grid(tuple(_column(place, zone) for place in places), tuple(rows))


def title(days: Sequence[date]) -> str:
    """What the page is about."""
    if len(days) == 1:
        return wording.day(days[0])
    return say(
        "{first} to {last}",
        first=wording.short_day(days[0]),
        last=wording.short_day(days[-1]),
    )


def _cells(place: _Place, first: int, last: int, zone: ZoneInfo, now: datetime) -> dict[int, Cell]:
    """Row's number -> the cell that begins there."""
    cells: dict[int, Cell] = {}
    covered = first
    for begin, end, together in _stretches(place, zone):
        for number in range(covered, begin):
            cells[number] = _empty(place, number, zone, now)
        blocks = tuple(_block(one, zone, place.by) for one in together)
        cells[begin] = Cell(place.number, end - begin, blocks, None, is_open=True)
        covered = end
    for number in range(covered, last):
        cells[number] = _empty(place, number, zone, now)
    return cells


def _stretches(place: _Place, zone: ZoneInfo) -> list[tuple[int, int, list[AgendaVisit]]]:
    """Rows that visits take, from and until; visits that share a row stand in one stretch."""
    stretches: list[tuple[int, int, list[AgendaVisit]]] = []
    for visit in place.visits:
        if visit.status not in OCCUPYING_STATUSES:
            continue
        begin = _row(visit.starts_at, zone)
        end = max(begin + 1, _row_after(visit.ends_at, place.day, zone))
        if stretches and begin < stretches[-1][1]:
            before = stretches.pop()
            stretches.append((before[0], max(before[1], end), [*before[2], visit]))
        else:
            stretches.append((begin, end, [visit]))
    return stretches


def _empty(place: _Place, number: int, zone: ZoneInfo, now: datetime) -> Cell:
    at = instant(datetime.combine(place.day, time.min) + number * STEP, zone)
    is_open = any(start <= at < end for start, end in place.open_times)
    return Cell(
        column=place.number,
        rows=1,
        visits=(),
        slot=_slot(place, at) if is_open and at > now else None,
        is_open=is_open,
    )


def _slot(place: _Place, at: datetime) -> str:
    in_room = place.by is By.ROOM
    return chosen(at, None, place.whose) if in_room else chosen(at, place.whose)


def _block(visit: AgendaVisit, zone: ZoneInfo, by: By) -> Block:
    starts = wording.clock(visit.starts_at, zone)
    ends = wording.clock(visit.ends_at, zone)
    words = wording.in_words(wording.STATUS, visit.status)
    kind = wording.in_words(wording.VISIT_TYPE, visit.visit_type_key)
    name = visit.patient_name or say("Name to be asked")
    where = visit.provider_name if by is By.ROOM else visit.room_name
    return Block(
        id=visit.id,
        version=visit.version,
        times=f"{starts} – {ends}",
        name=name,
        detail=" · ".join(filter(None, (kind, where))),
        status=visit.status,
        status_words=words,
        movable=visit.status in TRANSITIONS[Step.RESCHEDULE].from_,
        announcement=say(
            "{name}, {starts}, {kind} with {provider}: {status}.",
            name=name,
            starts=starts,
            kind=kind.lower(),
            provider=visit.provider_name,
            status=words.lower(),
        ),
    )


def _column(place: _Place, zone: ZoneInfo) -> Column:
    expected = sum(one.status in OPEN_STATUSES for one in place.visits)
    return Column(
        title=place.title,
        nearness=place.nearness,
        summary=say_number(expected, "{n} to come", "{n} to come") if expected else "",
        given_up=tuple(
            _block(one, zone, place.by)
            for one in place.visits
            if one.status not in OCCUPYING_STATUSES
        ),
    )


def _span(places: Sequence[_Place], zone: ZoneInfo) -> tuple[int, int]:
    """The first row, and the one after the last, that hold everything: whole hours."""
    first, last = _row_of(_USUAL[0]), _row_of(_USUAL[1])
    for place in places:
        begin, end = midnight(place.day, zone), midnight(place.day + _A_DAY, zone)
        taken = [(one.starts_at, one.ends_at) for one in place.visits]
        for start, until in (*taken, *place.open_times):
            if start < end and until > begin:
                first = min(first, _row(max(start, begin), zone))
                last = max(last, _row_after(min(until, end), place.day, zone))
    an_hour = timedelta(hours=1) // STEP
    return first // an_hour * an_hour, -(-last // an_hour) * an_hour


def _row(at: datetime, zone: ZoneInfo) -> int:
    return _row_of(at.astimezone(zone).time())


def _row_of(wall: time) -> int:
    return timedelta(hours=wall.hour, minutes=wall.minute) // STEP


def _row_after(at: datetime, day: date, zone: ZoneInfo) -> int:
    """The first row that begins at or after `at`."""
    local = at.astimezone(zone)
    if local.date() > day:
        return _A_DAY // STEP
    passed = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
    return -(-passed // STEP)
