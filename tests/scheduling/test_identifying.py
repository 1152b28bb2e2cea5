"""Who a caller may be, by what they give of themselves."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from scheduling import contact, identifying, patients
from scheduling.identifying import OnFile
from tests.scheduling.sample import CLINIC, by_desk, patient, request

if TYPE_CHECKING:
    from scheduling.database import Database

BORN = date(1950, 2, 28)


def file(name: str | None) -> OnFile:
    """A file under this name."""
    return OnFile(UUID(int=1), name, frozenset({"+15125550111"}))


@pytest.mark.parametrize(
    ("on_file", "said"),
    [
        ("María González López", "maria gonzalez"),
        ("Maria Gonzalez", "Gonzales Maria"),
        ("José Ñáñez", "jose nañez"),
        ("Ann Lee", "ann lee"),
        ("Katherine O'Brien", "Catherine O'Brien"),
    ],
)
def test_a_name_is_known_as_it_is_heard_over_a_telephone(on_file: str, said: str) -> None:
    assert file(on_file).has_name(said)


@pytest.mark.parametrize(
    ("on_file", "said"),
    [
        ("Maria Gonzalez", "Maria"),
        ("Maria Gonzalez", "Gonzalez"),
        ("Maria Gonzalez", "Maria Hernandez"),
        ("Ann Lee", "Ben Lee"),
        ("Ann", "Ann"),
        (None, "Ann Lee"),
        ("Ann Lee", ""),
    ],
)
def test_half_a_name_or_another_one_is_nobodys(on_file: str | None, said: str) -> None:
    assert not file(on_file).has_name(said)


def test_everybody_born_on_a_day_is_found_with_all_their_phones(database: Database) -> None:
    ann = database.write(patient)
    database.write(
        lambda session: contact.add_phone(
            session,
            clinic_id=CLINIC,
            patient_id=ann.id,
            number="+15125550112",
            request=by_desk("a second phone"),
        )
    )
    ben = database.write(
        lambda session: patient(
            session, name="Ben Lee", phone="+15125550113", request=request("another registration")
        )
    )
    database.write(
        lambda session: patient(
            session,
            name="Cy Lee",
            date_of_birth=date(1950, 3, 1),
            request=request("a third registration"),
        )
    )
    found = database.read(lambda session: identifying.born_on(session, CLINIC, BORN))
    assert found == [
        OnFile(ann.id, "Ann Lee", frozenset({"+15125550111", "+15125550112"})),
        OnFile(ben.id, "Ben Lee", frozenset({"+15125550113"})),
    ]


def test_who_has_no_phone_is_still_found_and_who_has_died_is_not(database: Database) -> None:
    ann = database.write(patient)
    database.write(
        lambda session: contact.remove_phone(
            session,
            clinic_id=CLINIC,
            patient_id=ann.id,
            number="+15125550111",
            request=by_desk("gone"),
        )
    )
    found = database.read(lambda session: identifying.born_on(session, CLINIC, BORN))
    assert [(one.patient_id, one.phones) for one in found] == [(ann.id, frozenset())]
    database.write(
        lambda session: patients.update_patient(
            session,
            clinic_id=CLINIC,
            patient_id=ann.id,
            deceased_on=date(2026, 11, 1),
            request=by_desk("died"),
        )
    )
    assert database.read(lambda session: identifying.born_on(session, CLINIC, BORN)) == []
