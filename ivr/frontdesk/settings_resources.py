"""Providers, rooms and visit types as settings: added, changed and retired at the desk.

Nobody and nothing is deleted: visits that took place name them. Checked as in the clinic's file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivr.clinics.faults import faults_of
from ivr.clinics.sections import VisitTypeSection
from ivr.frontdesk.settings_shapes import Kind, Value
from ivr.frontdesk.wording import say
from scheduling.checked_input import KEY_LENGTH
from scheduling.database import new_id
from scheduling.definition import ProviderDefinition, RoomDefinition, VisitTypeDefinition
from scheduling.errors import InvalidInput
from scheduling.policy import BookedBy
from scheduling.refill_rules import RefillPolicy
from scheduling.tables import Provider, Room, VisitType, VisitTypeProvider, VisitTypeRoom

FIGURES: Final = (
    "duration_minutes",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "notice_minutes",
    "horizon_days",
)
REFILL_FIGURES: Final = ("refill_margin_days", "refill_preparation_days", "refill_opens_days")
NEW_VISIT_TYPE: Final[dict[str, Any]] = {
    "duration_minutes": 30,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "notice_minutes": 1440,
    "horizon_days": 60,
    "booked_by": "existing_patients",
    "needs_room": True,
    "providers": [],
    "rooms": [],
    "active": True,
}
"""With what the form of a new one begins."""
BY_PHONE: Final = "consultation"
"""What the line books for whoever wants an appointment; refills it knows by their rules."""


def key_for(session: Session, table: Any, clinic_id: str, name: str) -> str:
    """A key for something new of this name, which nothing of its kind has. Raises InvalidInput."""
    taken = session.scalars(select(table.key).where(table.clinic_id == clinic_id))
    return free_key(name, set(taken))


def free_key(name: str, taken: Collection[str]) -> str:
    """A key as the clinic's file writes them, made of a name. Raises InvalidInput."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not key:
        raise InvalidInput(say("the name has no letters: give one with letters"))
    key = (key if key[0].isalpha() else f"x-{key}")[: KEY_LENGTH - 4]
    return next(
        one for one in (key, *(f"{key}-{number}" for number in range(2, 1000))) if one not in taken
    )


def keyed(session: Session, table: Any, clinic_id: str, key: str) -> Any:
    """The clinic's provider, room or visit type of this key. Raises InvalidInput."""
    row = _row(session, table, clinic_id, key)
    if row is None:
        raise InvalidInput(say("the clinic has none of this name: choose one of the list"))
    return row


def _row(session: Session, table: Any, clinic_id: str, key: str) -> Any:
    return session.scalar(select(table).where(table.clinic_id == clinic_id, table.key == key))


def _read_named(table: type[Provider | Room]) -> Callable[[Session, str, str], Value]:
    def read(session: Session, clinic_id: str, subject: str) -> Value:
        row = _row(session, table, clinic_id, subject)
        return None if row is None else {"name": row.name, "active": row.active}

    return read


def _write_named(
    table: type[Provider | Room], check: type[ProviderDefinition | RoomDefinition]
) -> Callable[[Session, str, str, Value], None]:
    def write(session: Session, clinic_id: str, subject: str, value: Value) -> None:
        row = _row(session, table, clinic_id, subject)
        if not isinstance(value, dict):
            # An addition undone: what may have been booked meanwhile still names it.
            keyed(session, table, clinic_id, subject).active = False
            _refuse_none_left(session, table, clinic_id)
            return
        name = check(subject, value["name"]).name
        _refuse_doubled_name(session, table, clinic_id, subject, name)
        if row is None:
            row = table(clinic_id=clinic_id, id=new_id(), key=subject)
            session.add(row)
        row.name, row.active = name, bool(value["active"])
        session.flush()
        _refuse_none_left(session, table, clinic_id)

    return write


def _refuse_doubled_name(session: Session, table: Any, clinic_id: str, key: str, name: str) -> None:
    rows = session.execute(
        select(table.key, table.name).where(table.clinic_id == clinic_id, table.active)
    )
    if any(row.key != key and row.name.casefold() == name.casefold() for row in rows):
        raise InvalidInput(say("another one has this name: give each a name of its own"))


def _refuse_none_left(session: Session, table: Any, clinic_id: str) -> None:
    if table is Room:
        _refuse_types_without_room(session, clinic_id)
        return
    left = session.scalar(
        select(func.count()).select_from(table).where(table.clinic_id == clinic_id, table.active)
    )
    if not left:
        raise InvalidInput(say("nobody would be left to book: add another one first"))


def _refuse_types_without_room(session: Session, clinic_id: str) -> None:
    rooms = session.scalar(
        select(func.count()).select_from(Room).where(Room.clinic_id == clinic_id, Room.active)
    )
    needing = session.scalars(
        select(VisitType.key).where(
            VisitType.clinic_id == clinic_id, VisitType.active, VisitType.needs_room
        )
    ).all()
    if needing and not rooms:
        raise InvalidInput(
            say("no room would be left, and a kind of visit needs one: change that first")
        )


def _read_visit_type(session: Session, clinic_id: str, subject: str) -> Value:
    row = _row(session, VisitType, clinic_id, subject)
    if row is None:
        return None
    figures = (*FIGURES, *(REFILL_FIGURES if row.refills_pump else ()))
    return {
        **{name: getattr(row, name) for name in figures},
        "booked_by": row.booked_by,
        "needs_room": row.needs_room,
        "providers": _takers(session, row, VisitTypeProvider.provider_id, Provider),
        "rooms": _takers(session, row, VisitTypeRoom.room_id, Room),
        "active": row.active,
    }


def _write_visit_type(session: Session, clinic_id: str, subject: str, value: Value) -> None:
    row = _row(session, VisitType, clinic_id, subject)
    if not isinstance(value, dict):
        keyed(session, VisitType, clinic_id, subject).active = False
        return
    if row is None:
        row = VisitType(clinic_id=clinic_id, id=new_id(), key=subject, refills_pump=False)
        session.add(row)
    # What was stored before there were takers in it can still be undone.
    before = _read_visit_type(session, clinic_id, subject) if row.duration_minutes else {}
    wanted = {**NEW_VISIT_TYPE, **(before if isinstance(before, dict) else {}), **value}
    _refuse_retired(row, active=wanted["active"])
    checked = _checked(subject, wanted, refills_pump=row.refills_pump)
    for name in FIGURES:
        setattr(row, name, getattr(checked, name))
    row.booked_by, row.needs_room = checked.booked_by.value, checked.needs_room
    row.active = bool(wanted["active"])
    if checked.refill is not None:
        for name in REFILL_FIGURES:
            setattr(row, name, wanted[name])
    session.flush()
    _take(session, row, VisitTypeProvider, Provider, checked.providers)
    _take(session, row, VisitTypeRoom, Room, checked.rooms)
    session.flush()
    _refuse_types_without_room(session, clinic_id)


def _refuse_retired(row: VisitType, *, active: bool) -> None:
    if not active and (row.key == BY_PHONE or row.refills_pump):
        raise InvalidInput(
            say("the line books this kind for callers: it has to stay, but can be changed")
        )


def _checked(key: str, value: dict[str, Any], *, refills_pump: bool) -> VisitTypeDefinition:
    """The definition, after the checks of a clinic's file and those of scheduling."""
    minutes = {name: value[name] for name in FIGURES if name != "notice_minutes"}
    try:
        VisitTypeSection.model_validate(
            {
                "key": key,
                **minutes,
                # The file knows whole hours; the desk may be more exact.
                "notice_hours": -(-value["notice_minutes"] // 60),
                "needs_room": value["needs_room"],
                "booked_by": value["booked_by"],
            }
        )
    except ValidationError as error:
        fault = faults_of(VisitTypeSection, error)[0]
        words = str(fault.location[-1]).replace("_", " ") if fault.location else key
        raise InvalidInput(f"{words}: {fault.text}") from error
    refill = None
    if refills_pump:
        margin, preparation, opens = (value[name] for name in REFILL_FIGURES)
        refill = RefillPolicy(margin, preparation, opens)
    return VisitTypeDefinition(
        key,
        **{name: value[name] for name in FIGURES},
        needs_room=bool(value["needs_room"]),
        booked_by=BookedBy(value["booked_by"]),
        providers=tuple(value["providers"]),
        rooms=tuple(value["rooms"]) if value["needs_room"] else (),
        refill=refill,
    )


def _takers(session: Session, row: VisitType, column: Any, table: Any) -> list[str]:
    """Keys of those that a visit type names, sorted; none is all of them."""
    keys = session.scalars(
        select(table.key)
        .join(column.class_, (column.class_.clinic_id == table.clinic_id) & (column == table.id))
        .where(column.class_.clinic_id == row.clinic_id, column.class_.visit_type_id == row.id)
    )
    return sorted(keys)


def _take(session: Session, row: VisitType, link: Any, table: Any, keys: Collection[str]) -> None:
    column = "provider_id" if table is Provider else "room_id"
    wanted: set[UUID] = {keyed(session, table, row.clinic_id, key).id for key in keys}
    stored = {
        getattr(one, column): one
        for one in session.scalars(
            select(link).where(link.clinic_id == row.clinic_id, link.visit_type_id == row.id)
        )
    }
    for one in stored.keys() - wanted:
        session.delete(stored[one])
    session.add_all(
        link(clinic_id=row.clinic_id, visit_type_id=row.id, **{column: one})
        for one in wanted - stored.keys()
    )


PROVIDER: Final = Kind(_read_named(Provider), _write_named(Provider, ProviderDefinition))
ROOM: Final = Kind(_read_named(Room), _write_named(Room, RoomDefinition))
VISIT_TYPE: Final = Kind(_read_visit_type, _write_visit_type)
