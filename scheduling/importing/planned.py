"""What a row of the old book becomes: a visit, checked by the clinic's definition and clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select

from scheduling import directory
from scheduling.database import new_id
from scheduling.hours import local_day, zone_of
from scheduling.importing.rows import Remark, VisitRow
from scheduling.states import OCCUPYING_STATUSES, VisitStatus
from scheduling.tables import Provider, Room, Visit, VisitType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from scheduling.requests import Request

_FURTHEST = timedelta(days=2 * 366)
"""A visit further ahead is a slip of the pen. [J] Books are kept for a year or so."""

_Keyed = TypeVar("_Keyed", Provider, Room, VisitType)


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit that is to be stored; `visit` is not in the database yet.

    keeps_time: it is still ahead, so nobody else may have its time.
    """

    row: VisitRow
    visit: Visit
    visit_type: VisitType
    keeps_time: bool

    @property
    def line(self) -> int:
        """Where its row starts."""
        return self.row.line


class Planner:
    """Turns rows into visits. faults, remarks: what is said about the rows on the way."""

    def __init__(self, session: Session, clinic_id: str, request: Request) -> None:
        """Raises UnknownClinic."""
        self._clinic_id = clinic_id
        self._request = request
        self._visit_types = _by_key(session, VisitType, clinic_id)
        self._providers = _by_key(session, Provider, clinic_id)
        self._rooms = _by_key(session, Room, clinic_id)
        self.zone: ZoneInfo = zone_of(directory.clinic(session, clinic_id).timezone)
        self.faults: list[Remark] = []
        self.remarks: list[Remark] = []

    def plan(self, row: VisitRow, patient_id: UUID | None) -> Planned | None:
        """The row as a visit; None where it is at fault. patient_id: None where nobody knows."""
        visit_type = self._named(row, "visit_type", row.visit_type, self._visit_types)
        provider = self._named(row, "provider", row.provider, self._providers)
        room = None
        if row.room is not None:
            room = self._named(row, "room", row.room, self._rooms)
        starts_at = self._start(row)
        if visit_type is None or provider is None or starts_at is None or patient_id is None:
            return None
        if row.room is not None and room is None:
            return None
        minutes = row.minutes or visit_type.duration_minutes
        visit = Visit(
            clinic_id=self._clinic_id,
            id=new_id(),
            patient_id=patient_id,
            visit_type_id=visit_type.id,
            provider_id=provider.id,
            room_id=None if room is None else room.id,
            pump_id=None,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=minutes),
            status=row.status.value,
            version=1,
            callback_number=row.phone,
            booked_channel=self._request.channel.value,
            created_at=self._request.now,
            idempotency_key=row.key,
        )
        is_ahead = visit.ends_at > self._request.now
        planned = Planned(row, visit, visit_type, is_ahead and row.status in OCCUPYING_STATUSES)
        self._remark_on(planned, provider)
        return planned

    def _named(
        self, row: VisitRow, column: str, key: str, known: Mapping[str, _Keyed]
    ) -> _Keyed | None:
        found = known.get(key)
        if found is None:
            close = get_close_matches(key.casefold(), known, n=1)
            instead = f"did you mean {close[0]}?" if close else f"use one of {', '.join(known)}"
            if not known:
                instead = "leave it empty, or add it to the clinic's definition"
            self.faults.append(Remark(row.line, column, f"is no key of the clinic's: {instead}"))
        return found

    def _start(self, row: VisitRow) -> datetime | None:
        first = row.starts.replace(tzinfo=self.zone, fold=0)
        second = row.starts.replace(tzinfo=self.zone, fold=1)
        starts_at, now = first.astimezone(UTC), self._request.now
        fault = None
        if _offset(second) > _offset(first):
            fault = (
                "the clinic's clock skips this time on that day, when summer time begins: give "
                "the time after the change"
            )
        elif starts_at > now + _FURTHEST:
            fault = f"is more than {_FURTHEST.days} days ahead: correct the year"
        elif local_day(starts_at, self.zone) < row.date_of_birth:
            fault = "is before the patient was born: correct the year"
        if fault is not None:
            self.faults.append(Remark(row.line, "starts", fault))
            return None
        if _offset(second) < _offset(first):
            self.remarks.append(
                Remark(
                    row.line,
                    "starts",
                    "the clinic's clock shows this time twice on that day, when summer time ends: "
                    "taken as the first",
                )
            )
        if starts_at > now and row.status in (VisitStatus.COMPLETED, VisitStatus.NO_SHOW):
            self.faults.append(
                Remark(
                    row.line,
                    "status",
                    "the visit has not begun, so nobody has kept or missed it: write booked or "
                    "cancelled",
                )
            )
        return starts_at

    def _remark_on(self, planned: Planned, provider: Provider) -> None:
        def remark(column: str, text: str) -> None:
            self.remarks.append(Remark(planned.line, column, text))

        if planned.row.status is VisitStatus.BOOKED and not planned.keeps_time:
            remark("status", "is past and still booked: say at the desk whether it took place")
        if not planned.keeps_time:
            return
        if not planned.visit_type.active:
            remark("visit_type", "is no longer offered: the visit stands")
        if not provider.active:
            remark("provider", "is no longer active: the visit stands")
        if planned.visit_type.needs_room and planned.row.room is None:
            remark("room", "is empty, though this visit type needs one: no room is kept for it")


def _by_key(session: Session, table: type[_Keyed], clinic_id: str) -> dict[str, _Keyed]:
    rows = session.scalars(select(table).where(table.clinic_id == clinic_id).order_by(table.key))
    return {row.key: row for row in rows}


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    assert offset is not None  # noqa: S101  # every caller passes a moment with a ZoneInfo
    return offset
