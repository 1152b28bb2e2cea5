"""Stores a clinic's file: what scheduling keeps of it, and whom an urgent call rings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from ivr.clinics.changes import recorded_changes
from ivr.clinics.definition import (
    FILE_NAME,
    ClinicFile,
    ClinicFileError,
    read_clinic,
    read_clinics,
)
from ivr.oncall import rota
from ivr.oncall.escalation import Person
from ivr.oncall.rota_rules import Shift
from ivr.oncall.supervisor import load_supervisor, supervisor_of
from ivr.oncall.tables import OnCallPerson
from scheduling import directory
from scheduling.last_loaded import recall_last, remember

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.last_loaded import LastLoaded


@dataclass(frozen=True)
class Loaded:
    """What loading a clinic did, in lines to show.

    changes: what it stored. conflicts: what the desk and the file both changed since the file was
        last loaded; the desk's values stay.
    """

    changes: tuple[str, ...]
    conflicts: tuple[str, ...]


def clinics_at(path: Path) -> tuple[ClinicFile, ...]:
    """The clinics of a clinic.toml, of its folder, or of the folder around several such folders.

    Raises ClinicFileError, also where there is none.
    """
    if path.is_dir() and not (path / FILE_NAME).exists():
        clinics = tuple(read_clinics(path).values())
        if not clinics:
            fault = f"has no folder with a {FILE_NAME} in it: give another folder, or a file"
            raise ClinicFileError({path: [fault]})
        return clinics
    return (read_clinic(path / FILE_NAME if path.is_dir() else path),)


def load(session: Session, clinic: ClinicFile) -> Loaded:
    """Store `clinic`, but for what the desk edited; storing it again changes nothing.

    Raises ClinicFileError where another clinic in the database has the same line.
    """
    owner = directory.find_clinic_by_number(session, clinic.numbers.line)
    if owner is not None and owner.id != clinic.id:
        fault = clinic.fault(
            "numbers",
            "line",
            text=f"clinic {owner.id} in the database has this number already: give this clinic "
            "another, or that clinic's id",
        )
        raise ClinicFileError({clinic.path: [fault]})
    last = recall_last(session, clinic.id)
    with recorded_changes(session) as changes:
        directory.load_clinic(session, clinic.to_definition(), last)
        rota.load_people(session, clinic.id, _people(session, clinic, last))
        _load_supervisor(session, clinic, last)
        _load_shifts(session, clinic, last)
        remember(session, clinic.id, last)
    return Loaded(tuple(changes), tuple(last.conflicts))


def _load_supervisor(session: Session, clinic: ClinicFile, last: LastLoaded) -> None:
    known, number = supervisor_of(session, clinic.id), clinic.numbers.fallback_on_call
    stored = known.number if known else number
    if last.file_wins("on call", "fallback_on_call", stored=stored, file=number):
        load_supervisor(session, clinic.id, number)


def _load_shifts(session: Session, clinic: ClinicFile, last: LastLoaded) -> None:
    wanted, stored = _shifts(clinic), rota.shifts_stored(session, clinic.id)
    in_words = {"stored": rota.shifts_in_words(stored), "file": rota.shifts_in_words(wanted)}
    if last.file_wins("on call", "shifts", **in_words):
        rota.load_shifts(session, clinic.id, wanted)


def _shifts(clinic: ClinicFile) -> list[Shift]:
    return [
        Shift(one.level.value, one.person, hours, one.every_weeks, one.week, one.on_holidays)
        for one in clinic.on_call_shifts
        for hours in one.sessions()
    ]


def _people(session: Session, clinic: ClinicFile, last: LastLoaded) -> list[Person]:
    """Whom an urgent call rings, in order: the file's people, but for what the desk edited."""
    rows = session.scalars(
        select(OnCallPerson)
        .where(OnCallPerson.clinic_id == clinic.id)
        .order_by(OnCallPerson.position, OnCallPerson.key)
    ).all()
    people = {row.key: Person(row.key, row.name, row.number) for row in rows}
    for one in clinic.on_call:
        subject = f"on call person {one.key}"
        stored = people.get(one.key, Person(one.key, one.name, one.number))
        names_it = last.file_wins(subject, "name", stored=stored.name, file=one.name)
        numbers_it = last.file_wins(subject, "number", stored=stored.number, file=one.number)
        people[one.key] = Person(
            one.key,
            one.name if names_it else stored.name,
            one.number if numbers_it else stored.number,
        )
    stored_order = [row.key for row in rows if row.active]
    order = [one.key for one in clinic.on_call]
    if not last.file_wins("on call", "order", stored=stored_order, file=order):
        order = stored_order
    return [people[key] for key in order]
