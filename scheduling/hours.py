"""Opening hours: from what the clinic's clock shows to instants. Pure.

Hours are stored as people say them, in wall-clock time of the clinic's IANA zone, and become
instants here and nowhere else. On the two days a year when that clock jumps:

- a wall time that the clock skips means the instant of the jump;
- a wall time that the clock shows twice means the first of the two;
- lengths are elapsed time, so a session may be an hour longer or shorter than it reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from scheduling.errors import InvalidDefinition, UnknownRegion, UnknownZone
from scheduling.intervals import Interval, union

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WeeklySession:
    """One stretch of open hours that comes back every week.

    weekday: 0 is Monday, as in `date.weekday()`; the day on which the session opens.
    opens, closes: wall-clock time in the clinic's zone. Where `closes` is not after `opens`, the
        session runs past midnight and closes on the next day (00:00 to 00:00 is a whole day).
    effective_from, effective_until: first and last day on which it opens; None is without limit.
    """

    weekday: int
    opens: time
    closes: time
    effective_from: date | None = None
    effective_until: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise InvalidDefinition(f"weekday {self.weekday} does not exist: 0 is Monday, 6 Sunday")
        if self.opens.tzinfo or self.closes.tzinfo:
            raise InvalidDefinition("hours are wall-clock times of the clinic: leave the zone out")
        if (self.effective_until or date.max) < (self.effective_from or date.min):
            raise InvalidDefinition(
                f"hours effective until {self.effective_until} but only from "
                f"{self.effective_from}: swap or correct the dates"
            )

    def opens_on(self, day: date) -> bool:
        """Whether a session opens on `day` of the clinic's calendar."""
        return (
            day.weekday() == self.weekday
            and (self.effective_from is None or self.effective_from <= day)
            and (self.effective_until is None or day <= self.effective_until)
        )

    def on(self, day: date, zone: ZoneInfo) -> Interval:
        """The session that opens on `day`, in UTC."""
        closing_day = day if self.closes > self.opens else day + _DAY
        return (
            instant(datetime.combine(day, self.opens), zone),
            instant(datetime.combine(closing_day, self.closes), zone),
        )


def open_time(
    weekly: Iterable[WeeklySession],
    zone: ZoneInfo,
    first_day: date,
    last_day: date,
    closed_days: Collection[date] = (),
) -> list[Interval]:
    """When `weekly` is open, in UTC: every session that opens from `first_day` to `last_day`.

    A session that opens on one of `closed_days` (public holidays) does not take place; one that
    opened the evening before runs to its end.
    """
    closed = frozenset(day for day in closed_days if first_day <= day <= last_day)
    return list(_open_time(tuple(weekly), zone, first_day, last_day, closed))


@lru_cache(maxsize=2048)
def _open_time(
    weekly: tuple[WeeklySession, ...],
    zone: ZoneInfo,
    first_day: date,
    last_day: date,
    closed_days: frozenset[date],
) -> tuple[Interval, ...]:
    # Kept in mind by its values: the same weeks are asked for again and again, and most of a
    # clinic's people keep the same hours.
    days = [first_day + n * _DAY for n in range((last_day - first_day).days + 1)]
    open_days = [day for day in days if day not in closed_days]
    return tuple(
        union(
            session.on(day, zone)
            for session in weekly
            for day in open_days
            if session.opens_on(day)
        )
    )


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a clock in `zone` first shows or has passed `wall` (naive)."""
    first = wall.replace(tzinfo=zone, fold=0)
    second = wall.replace(tzinfo=zone, fold=1)
    offset_before, offset_after = _offset(first), _offset(second)
    if offset_after <= offset_before:
        return first.astimezone(UTC)
    # The clock skips `wall`. Read with either offset it brackets the jump: halve until found.
    before = second.astimezone(UTC).replace(microsecond=0)
    after = first.astimezone(UTC).replace(microsecond=0)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // timedelta(seconds=2) * timedelta(seconds=1)
        if _offset(middle.astimezone(zone)) == offset_before:
            before = middle
        else:
            after = middle
    return after


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The date on the clinic's calendar at `moment`."""
    return moment.astimezone(zone).date()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which `day` begins in `zone`."""
    return instant(datetime.combine(day, time.min), zone)


def zone_of(name: str) -> ZoneInfo:
    """The IANA zone `name`. Raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(
            f"{name[:80]!r} is not an IANA time zone: write one like America/Chicago"
        ) from error


@lru_cache(maxsize=256)
def public_holidays(region: str, year: int) -> frozenset[date]:
    """The public holidays of `region`, a country or a part of one: "US", "US-TX".

    Raises UnknownRegion.
    """
    country, _, part = region.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError as error:
        raise UnknownRegion(
            f"no public holidays are known for {region[:40]!r}: write a region like US-TX"
        ) from error


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    assert offset is not None  # noqa: S101  # every caller passes a moment with a ZoneInfo
    return offset
