"""Reads opening hours from the database into the pure rules' values, one window at a time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, func, literal, select

from scheduling.availability import bookable_time
from scheduling.hours import WeeklySession, local_day, open_time, public_holidays
from scheduling.tables import Clinic, Closure, ExtraSession, WeeklyHours

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval

_A_DAY = timedelta(days=1)

_Spans = dict[UUID | None, "list[Interval]"]
"""Provider or room -> stretches of time; None is the whole clinic."""


class OpeningHours:
    """When a clinic's people and rooms are there, by weekly hours and by calendar.

    Weekly hours are read of those who are asked for, once. So are closures and extra sessions,
    for everybody, from the first moment that is asked for on: there are few, and a search goes
    forward.
    """

    def __init__(self, session: Session, clinic: Clinic, zone: ZoneInfo) -> None:
        self._session = session
        self._clinic = clinic
        self._zone = zone
        self._weekly: dict[UUID, list[WeeklySession]] = {}
        self._read_from: datetime | None = None
        self._closures: _Spans = {}
        self._extra: _Spans = {}

    def of_providers(
        self, providers: Collection[UUID], within: Interval
    ) -> dict[UUID, list[Interval]]:
        """When each provider sees patients, for every session that touches `within`."""
        return self.of(providers, (), within)

    def of(
        self, providers: Collection[UUID], rooms: Collection[UUID], within: Interval
    ) -> dict[UUID, list[Interval]]:
        """The same, and when each room is open: one without hours of its own, but for closures."""
        self._read([*providers, *rooms], within[0])
        return {
            **{one: self._bookable(one, within) for one in providers},
            **{one: self._bookable(one, within, always=not self._weekly[one]) for one in rooms},
        }

    def of_desk(self, within: Interval) -> list[Interval]:
        """When the front desk is there."""
        self._read([_DESK], within[0])
        return bookable_time(self._weekly_time(_DESK, within), (), self._closures.get(None, ()))

    def _bookable(self, owner: UUID, within: Interval, *, always: bool = False) -> list[Interval]:
        return bookable_time(
            [within] if always else self._weekly_time(owner, within),
            self._extra.get(owner, ()),
            [*self._closures.get(None, ()), *self._closures.get(owner, ())],
        )

    def _weekly_time(self, owner: UUID, within: Interval) -> list[Interval]:
        # A session reaches at most into the day after the one on which it opens.
        first = local_day(within[0], self._zone) - _A_DAY
        last = local_day(within[1], self._zone)
        return open_time(self._weekly[owner], self._zone, first, last, self._holidays(first, last))

    def _holidays(self, first: date, last: date) -> set[date]:
        region = self._clinic.holidays_region
        if region is None or not self._clinic.observes_holidays:
            return set()
        years = range(first.year, last.year + 1)
        return {day for year in years for day in public_holidays(region, year)}

    def _read(self, owners: Iterable[UUID], start: datetime) -> None:
        self._read_weekly([owner for owner in owners if owner not in self._weekly])
        self._read_exceptions(start)

    def _read_weekly(self, owners: Sequence[UUID]) -> None:
        if not owners:
            return
        self._weekly.update((owner, []) for owner in owners)
        rows = self._session.execute(_WEEKLY, {"clinic_id": self._clinic.id, "owners": owners})
        for owner, weekday, opens, closes, since, until in rows:
            self._weekly[owner].append(WeeklySession(weekday, opens, closes, since, until))

    def _read_exceptions(self, start: datetime) -> None:
        if self._read_from is not None and self._read_from <= start:
            return
        self._read_from = start
        self._closures = self._spans(Closure, start)
        self._extra = self._spans(ExtraSession, start)

    def _spans(self, table: type[Closure] | type[ExtraSession], start: datetime) -> _Spans:
        spans: _Spans = {}
        rows = self._session.execute(_SPANS[table], {"clinic_id": self._clinic.id, "start": start})
        for provider, room, starts_at, ends_at in rows:
            spans.setdefault(provider or room, []).append((starts_at, ends_at))
        return spans


_DESK = UUID(int=0)
"""Whose weekly hours those of neither a provider nor a room are."""

_OWNER = func.coalesce(WeeklyHours.provider_id, WeeklyHours.room_id, literal(_DESK))

_WEEKLY = select(
    _OWNER,
    WeeklyHours.weekday,
    WeeklyHours.opens,
    WeeklyHours.closes,
    WeeklyHours.effective_from,
    WeeklyHours.effective_until,
).where(
    WeeklyHours.clinic_id == bindparam("clinic_id"),
    _OWNER.in_(bindparam("owners", expanding=True)),
)

_SPANS: Mapping[
    type[Closure] | type[ExtraSession], Select[UUID | None, UUID | None, datetime, datetime]
] = {
    table: select(table.provider_id, table.room_id, table.starts_at, table.ends_at).where(
        table.clinic_id == bindparam("clinic_id"), table.ends_at > bindparam("start")
    )
    for table in (Closure, ExtraSession)
}
