"""Opening hours: from the database into the pure rules' values, one window at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from sqlalchemy import bindparam, func, literal, select

from scheduling.availability import Window, bookable_time
from scheduling.hours import WeeklySession, local_day, open_time, public_holidays
from scheduling.tables import Closure, ExtraSession, WeeklyHours

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval

_A_DAY = timedelta(days=1)

_Spans = dict[UUID | None, "list[Interval]"]
"""Provider or room -> stretches of time; None is the whole clinic."""

_Asked = tuple[tuple[UUID, ...], tuple[UUID, ...], "Interval"]

Weekly: TypeAlias = Mapping[UUID, Sequence[WeeklySession]]
"""Provider or room -> its weekly sessions; the desk has an owner of its own here."""

_KEPT = 64
"""Windows whose open time is kept: searches of one day ask for a handful."""


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The closures and extra sessions that end after `read_from`.

    open: what has been worked out with them, by what was asked for.
    """

    read_from: datetime
    closures: _Spans
    extra: _Spans
    open: dict[_Asked, dict[UUID, int]] = field(default_factory=dict)


class OpeningHours:
    """When a clinic's people and rooms are there, by weekly hours and by calendar.

    It may be asked by several threads at once, each with a session of its own.
    """

    def __init__(self, clinic_id: str, zone: ZoneInfo, region: str | None, weekly: Weekly) -> None:
        """region: whose public holidays close the clinic; None: nobody's."""
        self._clinic_id = clinic_id
        self._zone = zone
        self._region = region
        self._weekly = weekly
        self._known: _Calendar | None = None

    def of_providers(
        self, session: Session, providers: Collection[UUID], within: Interval
    ) -> dict[UUID, list[Interval]]:
        """When each provider sees patients, for every session that touches `within`."""
        return self.of(session, providers, (), within)

    def of(
        self,
        session: Session,
        providers: Collection[UUID],
        rooms: Collection[UUID],
        within: Interval,
    ) -> dict[UUID, list[Interval]]:
        """The same, and when each room is open: one without hours of its own, but for closures."""
        calendar = self._calendar(session, within[0])
        return {
            **{one: self._bookable(calendar, one, within) for one in providers},
            **{
                one: self._bookable(calendar, one, within, always=one not in self._weekly)
                for one in rooms
            },
        }

    def granules_of(
        self,
        session: Session,
        providers: Collection[UUID],
        rooms: Collection[UUID],
        within: Interval,
    ) -> Mapping[UUID, int]:
        """The same as granules of Window(within). What was asked before is not worked out again."""
        calendar = self._calendar(session, within[0])
        asked = (tuple(providers), tuple(rooms), within)
        known = calendar.open.get(asked)
        if known is None:
            window = Window(within)
            open_times = self.of(session, providers, rooms, within)
            known = {owner: window.wholly(spans) for owner, spans in open_times.items()}
            if len(calendar.open) >= _KEPT:
                calendar.open.clear()
            calendar.open[asked] = known
        return known

    def of_desk(self, session: Session, within: Interval) -> list[Interval]:
        """When the front desk is there."""
        calendar = self._calendar(session, within[0])
        return bookable_time(self._weekly_time(_DESK, within), (), calendar.closures.get(None, ()))

    def _bookable(
        self, calendar: _Calendar, owner: UUID, within: Interval, *, always: bool = False
    ) -> list[Interval]:
        return bookable_time(
            [within] if always else self._weekly_time(owner, within),
            calendar.extra.get(owner, ()),
            [*calendar.closures.get(None, ()), *calendar.closures.get(owner, ())],
        )

    def _weekly_time(self, owner: UUID, within: Interval) -> list[Interval]:
        # A session reaches at most into the day after the one on which it opens.
        first = local_day(within[0], self._zone) - _A_DAY
        last = local_day(within[1], self._zone)
        weekly = self._weekly.get(owner, ())
        return open_time(weekly, self._zone, first, last, self._holidays(first, last))

    def _holidays(self, first: date, last: date) -> set[date]:
        if self._region is None:
            return set()
        years = range(first.year, last.year + 1)
        return {day for year in years for day in public_holidays(self._region, year)}

    def _calendar(self, session: Session, start: datetime) -> _Calendar:
        known = self._known
        if known is None or known.read_from > start:
            known = _Calendar(
                start,
                self._spans(session, Closure, start),
                self._spans(session, ExtraSession, start),
            )
            self._known = known
        return known

    def _spans(
        self, session: Session, table: type[Closure] | type[ExtraSession], start: datetime
    ) -> _Spans:
        spans: _Spans = {}
        rows = session.execute(_SPANS[table], {"clinic_id": self._clinic_id, "start": start})
        for provider, room, starts_at, ends_at in rows:
            spans.setdefault(provider or room, []).append((starts_at, ends_at))
        return spans


def weekly_hours(session: Session, clinic_id: str) -> Weekly:
    """The weekly sessions of everybody and everything at a clinic."""
    weekly: dict[UUID, list[WeeklySession]] = {}
    rows = session.execute(_WEEKLY, {"clinic_id": clinic_id})
    for owner, weekday, opens, closes, since, until in rows:
        weekly.setdefault(owner, []).append(WeeklySession(weekday, opens, closes, since, until))
    return weekly


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
).where(WeeklyHours.clinic_id == bindparam("clinic_id"))

_SPANS: Mapping[
    type[Closure] | type[ExtraSession], Select[UUID | None, UUID | None, datetime, datetime]
] = {
    table: select(table.provider_id, table.room_id, table.starts_at, table.ends_at).where(
        table.clinic_id == bindparam("clinic_id"), table.ends_at > bindparam("start")
    )
    for table in (Closure, ExtraSession)
}
