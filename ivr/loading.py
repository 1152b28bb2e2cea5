"""Stores a clinic's file: what scheduling keeps of it, and whom an urgent call rings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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
from scheduling import directory

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


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


def load(session: Session, clinic: ClinicFile) -> list[str]:
    """Store `clinic` and return a line for each change; storing it again changes nothing.

    Raises ClinicFileError where another clinic in the database has the same line.
    """
    owner = directory.find_clinic_by_number(session, clinic.numbers.line)
    if owner is not None and owner.id != clinic.id:
        fault = (
            f"numbers, line: clinic {owner.id} in the database has this number already: give this "
            "clinic another, or that clinic's id"
        )
        raise ClinicFileError({clinic.path: [fault]})
    with recorded_changes(session) as changes:
        directory.load_clinic(session, clinic.to_definition())
        people = [Person(one.key, one.name, one.number) for one in clinic.on_call]
        rota.load_people(session, clinic.id, people)
    return changes
