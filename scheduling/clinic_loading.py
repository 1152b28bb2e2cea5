"""Stores a clinic's definition. Loading it again changes what differs and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select

from scheduling.last_loaded import LastLoaded
from scheduling.opening_loading import OpeningLoader
from scheduling.tables import (
    AgendaChange,
    Clinic,
    Provider,
    Room,
    VisitType,
    VisitTypeProvider,
    VisitTypeRoom,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.definition import (
        ClinicDefinition,
        VisitTypeDefinition,
    )

_OWN_COLUMNS = (
    "name",
    "timezone",
    "holidays_region",
    "observes_holidays",
    "phone_number",
    "desk_number",
)


def load_clinic(
    session: Session, definition: ClinicDefinition, last: LastLoaded | None = None
) -> Clinic:
    """Store `definition`, matching by clinic id and by key.

    A provider, room or visit type that it no longer names becomes inactive: booked visits stand,
    no new ones are offered. Weekly hours, and who takes which visit type and where, become exactly
    the definition's. Closures and extra sessions are added where an equal one is missing; others
    stay.

    last: what the clinic's file said before. With it, whatever the desk edited or added since
        stays, and a closure or extra session that the file has dropped goes.
    """
    loader = _ClinicLoader(session, definition.id, last or LastLoaded())
    clinic = loader.own_row(definition)
    providers = loader.keyed(
        Provider, {one.key: {"name": one.name} for one in definition.providers}
    )
    rooms = loader.keyed(Room, {one.key: {"name": one.name} for one in definition.rooms})
    visit_types = loader.keyed(
        VisitType, {one.key: _visit_type_columns(one) for one in definition.visit_types}
    )
    for one in definition.visit_types:
        loader.providers_of(one, visit_types[one.key], providers)
        loader.rooms_of(one, visit_types[one.key], rooms)
    opening = OpeningLoader(session, definition.id, loader.last, providers, rooms)
    opening.hours(definition)
    opening.closures(definition.closures)
    opening.extra_sessions(definition.extra_sessions)
    session.flush()
    return clinic


def _visit_type_columns(definition: VisitTypeDefinition) -> dict[str, Any]:
    return {
        "duration_minutes": definition.duration_minutes,
        "buffer_before_minutes": definition.buffer_before_minutes,
        "buffer_after_minutes": definition.buffer_after_minutes,
        "notice_minutes": definition.notice_minutes,
        "horizon_days": definition.horizon_days,
        "needs_room": definition.needs_room,
        "booked_by": definition.booked_by.value,
        "refills_pump": definition.refill is not None,
        "refill_margin_days": definition.refill.margin_days if definition.refill else 0,
        "refill_preparation_days": definition.refill.preparation_days if definition.refill else 0,
        "refill_opens_days": definition.refill.opens_days if definition.refill else 0,
    }


_Keyed = TypeVar("_Keyed", Provider, Room, VisitType)


@dataclass(frozen=True)
class _ClinicLoader:
    session: Session
    clinic_id: str
    last: LastLoaded

    def own_row(self, definition: ClinicDefinition) -> Clinic:
        clinic = self.session.get(Clinic, self.clinic_id)
        columns = {name: getattr(definition, name) for name in _OWN_COLUMNS}
        if clinic is None:
            clinic = Clinic(id=self.clinic_id)
            self.session.add(clinic)
            self._fill(clinic, "clinic", columns)
        else:
            self._settle(clinic, "clinic", columns)
        self.session.flush()
        if self.session.get(AgendaChange, self.clinic_id) is None:
            self.session.add(AgendaChange(clinic_id=self.clinic_id, version=0))
        return clinic

    def keyed(
        self, table: type[_Keyed], wanted: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, UUID]:
        """Store `wanted`, key -> columns; return key -> id of all that are stored."""
        rows = {
            row.key: row
            for row in self.session.scalars(
                select(table).where(table.clinic_id == self.clinic_id).order_by(table.key)
            )
        }
        kind = table.__tablename__.replace("_", " ")
        for key, row in rows.items():
            if key not in wanted and not self.last.is_the_desks(f"{kind} {key}"):
                self._settle(row, f"{kind} {key}", {"active": False})
        for key, columns in wanted.items():
            if key in rows:
                self._settle(rows[key], f"{kind} {key}", {**columns, "active": True})
            else:
                rows[key] = table(clinic_id=self.clinic_id, key=key)
                self.session.add(rows[key])
                self._fill(rows[key], f"{kind} {key}", {**columns, "active": True})
        self.session.flush()
        return {key: row.id for key, row in rows.items()}

    def providers_of(
        self, visit_type: VisitTypeDefinition, visit_type_id: UUID, ids: Mapping[str, UUID]
    ) -> None:
        rows = self.session.scalars(
            select(VisitTypeProvider).where(
                VisitTypeProvider.clinic_id == self.clinic_id,
                VisitTypeProvider.visit_type_id == visit_type_id,
            )
        )
        stored = {row.provider_id: row for row in rows}
        subject = f"visit type {visit_type.key}"
        wanted = self._choice(subject, "providers", stored, visit_type.providers, ids)
        for one in stored.keys() - wanted:
            self.session.delete(stored[one])
        self.session.add_all(
            VisitTypeProvider(
                clinic_id=self.clinic_id, visit_type_id=visit_type_id, provider_id=one
            )
            for one in wanted - stored.keys()
        )

    def rooms_of(
        self, visit_type: VisitTypeDefinition, visit_type_id: UUID, ids: Mapping[str, UUID]
    ) -> None:
        rows = self.session.scalars(
            select(VisitTypeRoom).where(
                VisitTypeRoom.clinic_id == self.clinic_id,
                VisitTypeRoom.visit_type_id == visit_type_id,
            )
        )
        stored = {row.room_id: row for row in rows}
        subject = f"visit type {visit_type.key}"
        wanted = self._choice(subject, "rooms", stored, visit_type.rooms, ids)
        for one in stored.keys() - wanted:
            self.session.delete(stored[one])
        self.session.add_all(
            VisitTypeRoom(clinic_id=self.clinic_id, visit_type_id=visit_type_id, room_id=one)
            for one in wanted - stored.keys()
        )

    def _choice(
        self,
        subject: str,
        field: str,
        stored: Collection[UUID],
        file: Collection[str],
        ids: Mapping[str, UUID],
    ) -> set[UUID]:
        """Ids of those who take a visit type, by the file or, where it edited them, the desk."""
        stored_keys = sorted(key for key, one in ids.items() if one in stored)
        if self.last.file_wins(subject, field, stored=stored_keys, file=sorted(set(file))):
            return {ids[key] for key in file}
        return set(stored)

    def _fill(self, row: Any, subject: str, columns: Mapping[str, Any]) -> None:
        for column, value in columns.items():
            self.last.note(subject, column, file=value)
            setattr(row, column, value)

    def _settle(self, row: Any, subject: str, columns: Mapping[str, Any]) -> None:
        for column, value in columns.items():
            if self.last.file_wins(subject, column, stored=getattr(row, column), file=value):
                setattr(row, column, value)
