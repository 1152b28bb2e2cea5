"""Reads opening hours from the database into the pure rules' values, one window at a time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from scheduling.availability import bookable_time
from scheduling.hours import WeeklySession, local_day, open_time, public_holidays
from scheduling.tables import Clinic, Closure, ExtraSession, WeeklyHours

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval

_A_DAY = timedelta(days=1)


class OpeningHours:
    """A clinic's weekly hours in memory, and its closures and extra sessions read as needed."""

    def __init__(self, session: Session, clinic: Clinic, zone: ZoneInfo) -> None:
        self._session = session
        self._clinic = clinic
        self._zone = zone
        self._weekly: dict[UUID | None, list[WeeklySession]] = {}
        for row in session.scalars(select(WeeklyHours).where(WeeklyHours.clinic_id == clinic.id)):
            self._weekly.setdefault(row.provider_id or row.room_id, []).append(
                WeeklySession(
                    row.weekday, row.opens, row.closes, row.effective_from, row.effective_until
                )
            )

    def of_providers(
        self, providers: Iterable[UUID], within: Interval
    ) -> dict[UUID, list[Interval]]:
        """When each provider sees patients, for every session that touches `within`."""
        closures = self._spans(Closure, within)
        extra = self._spans(ExtraSession, within)
        return {
            provider: bookable_time(
                self._weekly_time(provider, within),
                extra.get(provider, ()),
                [*closures.get(None, ()), *closures.get(provider, ())],
            )
            for provider in providers
        }

    def of_rooms(self, rooms: Iterable[UUID], within: Interval) -> dict[UUID, list[Interval]]:
        """When each room is open. One without weekly hours of its own always is."""
        return {
            room: self._weekly_time(room, within) if room in self._weekly else [within]
            for room in rooms
        }

    def of_desk(self, within: Interval) -> list[Interval]:
        """When the front desk is there."""
        closures = self._spans(Closure, within)
        return bookable_time(self._weekly_time(None, within), (), closures.get(None, ()))

    def _weekly_time(self, owner: UUID | None, within: Interval) -> list[Interval]:
        # A session reaches at most into the day after the one on which it opens.
        first = local_day(within[0], self._zone) - _A_DAY
        last = local_day(within[1], self._zone)
        return open_time(
            self._weekly.get(owner, ()), self._zone, first, last, self._holidays(first, last)
        )

    def _holidays(self, first: date, last: date) -> set[date]:
        region = self._clinic.holidays_region
        if region is None or not self._clinic.observes_holidays:
            return set()
        years = range(first.year, last.year + 1)
        return {day for year in years for day in public_holidays(region, year)}

    def _spans(
        self, table: type[Closure] | type[ExtraSession], within: Interval
    ) -> Mapping[UUID | None, list[Interval]]:
        spans: dict[UUID | None, list[Interval]] = {}
        for provider, start, end in self._session.execute(
            _SPANS_IN[table],
            {"clinic_id": self._clinic.id, "start": within[0], "end": within[1]},
        ):
            spans.setdefault(provider, []).append((start, end))
        return spans


_SPANS_IN = {
    table: select(table.provider_id, table.starts_at, table.ends_at).where(
        table.clinic_id == bindparam("clinic_id"),
        table.ends_at > bindparam("start"),
        table.starts_at < bindparam("end"),
    )
    for table in (Closure, ExtraSession)
}
