"""Stores when a clinic's definition has it open, and when not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import select

from scheduling.hours import WeeklySession
from scheduling.tables import Closure, ExtraSession, WeeklyHours

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from scheduling.definition import (
        ClinicDefinition,
        ClosureDefinition,
        ExtraSessionDefinition,
    )
    from scheduling.last_loaded import LastLoaded

Owner: TypeAlias = tuple[UUID | None, UUID | None]
"""Provider and room; with neither, the desk for hours and the whole clinic for closures."""
_Span = TypeVar("_Span", Closure, ExtraSession)
_Defined: TypeAlias = "tuple[ClosureDefinition | ExtraSessionDefinition, Mapping[str, str]]"
"""A span and the columns that its table has beside owner and times."""

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class OpeningLoader:
    """Stores hours, closures and extra sessions. providers, rooms: key -> id of all stored."""

    session: Session
    clinic_id: str
    last: LastLoaded
    providers: Mapping[str, UUID]
    rooms: Mapping[str, UUID]

    def hours(self, definition: ClinicDefinition) -> None:
        """Give every owner the definition's weekly hours, unless the desk edited them."""
        wanted: dict[Owner, set[WeeklySession]] = {(None, None): set(definition.desk_hours)}
        for provider in definition.providers:
            wanted[self._owner(provider.key, None)] = set(provider.hours)
        for room in definition.rooms:
            wanted[self._owner(None, room.key)] = set(room.hours)
        stored: dict[Owner, dict[WeeklySession, WeeklyHours]] = defaultdict(dict)
        for row in self.session.scalars(
            select(WeeklyHours).where(WeeklyHours.clinic_id == self.clinic_id)
        ):
            stored[row.provider_id, row.room_id][_session_of(row)] = row
        for owner in dict.fromkeys([*wanted, *stored]):
            subject = self._subject(owner, else_="desk")
            if owner in wanted or not self.last.is_the_desks(subject):
                self._hours_of(owner, subject, wanted.get(owner, set()), stored[owner])

    def _hours_of(
        self,
        owner: Owner,
        subject: str,
        wanted: Collection[WeeklySession],
        stored: Mapping[WeeklySession, WeeklyHours],
    ) -> None:
        if not self.last.file_wins(
            subject, "hours", stored=_in_words(stored), file=_in_words(wanted)
        ):
            return
        for one, row in stored.items():
            if one not in wanted:
                self.session.delete(row)
        self.session.add_all(
            WeeklyHours(
                clinic_id=self.clinic_id,
                provider_id=owner[0],
                room_id=owner[1],
                weekday=one.weekday,
                opens=one.opens,
                closes=one.closes,
                effective_from=one.effective_from,
                effective_until=one.effective_until,
            )
            for one in wanted
            if one not in stored
        )

    def closures(self, definitions: Sequence[ClosureDefinition]) -> None:
        """Add the closures that are missing, unless it was the desk that took them out."""
        self._spans(Closure, [(one, {"reason": one.reason}) for one in definitions])

    def extra_sessions(self, definitions: Sequence[ExtraSessionDefinition]) -> None:
        """Add the extra sessions that are missing, unless it was the desk that took them out."""
        self._spans(ExtraSession, [(one, {}) for one in definitions])

    def _spans(self, table: type[_Span], definitions: Iterable[_Defined]) -> None:
        kind = table.__tablename__.replace("_", " ")
        rows = self.session.scalars(select(table).where(table.clinic_id == self.clinic_id))
        stored = {
            self._place(kind, (row.provider_id, row.room_id), row.starts_at, row.ends_at): row
            for row in rows
        }
        named = set()
        for one, columns in definitions:
            owner = self._owner(one.provider_key, one.room_key)
            subject = self._place(kind, owner, one.starts_at, one.ends_at)
            if subject in stored:
                self._settle(stored[subject], subject, columns)
            elif subject not in named and not self.last.spoke_of(subject):
                self.session.add(
                    table(
                        clinic_id=self.clinic_id,
                        provider_id=owner[0],
                        room_id=owner[1],
                        starts_at=one.starts_at,
                        ends_at=one.ends_at,
                        **columns,
                    )
                )
            named.add(subject)
            self.last.note(subject, "listed", file=True)
            for column, value in columns.items():
                self.last.note(subject, column, file=value)
        for subject, row in stored.items():
            if subject not in named and self.last.spoke_of(subject):
                self.session.delete(row)

    def _settle(self, row: _Span, subject: str, columns: Mapping[str, str]) -> None:
        for column, value in columns.items():
            if self.last.file_wins(subject, column, stored=getattr(row, column), file=value):
                setattr(row, column, value)

    def _owner(self, provider_key: str | None, room_key: str | None) -> Owner:
        return (
            None if provider_key is None else self.providers[provider_key],
            None if room_key is None else self.rooms[room_key],
        )

    def _subject(self, owner: Owner, *, else_: str) -> str:
        for kind, ids, owner_id in zip(
            ("provider", "room"), (self.providers, self.rooms), owner, strict=True
        ):
            for key, one in ids.items():
                if one == owner_id:
                    return f"{kind} {key}"
        return else_

    def _place(self, kind: str, owner: Owner, starts_at: datetime, ends_at: datetime) -> str:
        whose = self._subject(owner, else_="the clinic")
        starts, ends = (f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" for at in (starts_at, ends_at))
        return f"{kind} of {whose} from {starts} to {ends} UTC"


def _session_of(row: WeeklyHours) -> WeeklySession:
    return WeeklySession(
        row.weekday, row.opens, row.closes, row.effective_from, row.effective_until
    )


def _in_words(sessions: Iterable[WeeklySession]) -> list[str]:
    """As JSON can hold them, from Monday on: "Mon 08:00-12:00"."""
    return [
        f"{_WEEKDAYS[weekday]} {rest}"
        for weekday, rest in sorted((one.weekday, _times_of(one)) for one in sessions)
    ]


def _times_of(session: WeeklySession) -> str:
    opens, closes = (
        wall.isoformat().removesuffix(":00") for wall in (session.opens, session.closes)
    )
    return (
        f"{opens}-{closes}"
        + (f" from {session.effective_from}" if session.effective_from else "")
        + (f" until {session.effective_until}" if session.effective_until else "")
    )
