"""A zone as a calendar has it (VTIMEZONE, RFC 5545, 3.6.5), for the years that the calendar spans.

icalendar makes one too (7.3), but begins summer time an hour late: a change stands by the clock
before it, 02:00 in spring, and it writes the clock after it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_STEP = timedelta(days=1)
_TO_THE_SECOND = timedelta(seconds=1)


def timezone(zone: ZoneInfo, start: datetime, end: datetime) -> Timezone:
    """The zone's offsets from `start` to `end` (aware).

    Each stands on its own, without a rule for other years: laws that change clocks change.
    """
    component = Timezone()
    component.add("tzid", zone.key)
    component.add_component(_observance(zone, start, start))
    for at in _changes(zone, start.astimezone(UTC), end.astimezone(UTC)):
        component.add_component(_observance(zone, at, at - _TO_THE_SECOND))
    return component


def _observance(
    zone: ZoneInfo, at: datetime, before: datetime
) -> TimezoneStandard | TimezoneDaylight:
    """What holds from `at` on. before: an instant at which the clock before it showed the time."""
    local, earlier = at.astimezone(zone), before.astimezone(zone)
    offset_from = earlier.utcoffset() or timedelta()
    observance = TimezoneDaylight() if local.dst() else TimezoneStandard()
    observance.add("dtstart", (at.astimezone(UTC) + offset_from).replace(tzinfo=None))
    observance.add("tzoffsetfrom", offset_from)
    observance.add("tzoffsetto", local.utcoffset() or timedelta())
    observance.add("tzname", local.tzname() or zone.key)
    return observance


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """The instants (UTC) in (start, end] at which the clocks change, found to the second."""
    before = start
    while before < end:
        after = min(before + _STEP, end)
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            yield _first_of_the_new(zone, before, after)
        before = after


def _first_of_the_new(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    offset = before.astimezone(zone).utcoffset()
    while after - before > _TO_THE_SECOND:
        middle = before + timedelta(seconds=(after - before) // _TO_THE_SECOND // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
