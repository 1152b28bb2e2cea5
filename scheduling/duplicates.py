"""Records that may be one patient's: found, scored, and left for a person to judge.

Pairs are looked for only among records that share a birth date, one with day and month swapped,
or a phone, so that the cost grows with the records and not with their square.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from sqlalchemy import select

from scheduling.patient_records import current
from scheduling.tables import Patient, PatientPhone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

SIMILAR = 80
"""Names at least this alike, of 100, are taken for one name written twice. [J]"""
SAME_BIRTH_DATE_POINTS = 40
SWAPPED_BIRTH_DATE_POINTS = 30
SAME_PHONE_POINTS = 20
"""Less than a birth date: a household shares a phone."""
NAME_POINTS = 40
"""For equal names; with the others it makes 100. [J]"""
_PART_OF_A_NAME = 0.9
"""What a name counts that is all in the other: a second surname or a middle name left out. [J]"""


class Reason(StrEnum):
    """What two records have in common."""

    SAME_BIRTH_DATE = "same_birth_date"
    SWAPPED_BIRTH_DATE = "swapped_birth_date"
    """Day and month of one are month and day of the other."""
    SAME_PHONE = "same_phone"
    SIMILAR_NAME = "similar_name"


_WORTH_A_LOOK = (
    {Reason.SAME_BIRTH_DATE, Reason.SIMILAR_NAME},
    {Reason.SAME_BIRTH_DATE, Reason.SAME_PHONE},
    {Reason.SWAPPED_BIRTH_DATE, Reason.SIMILAR_NAME},
    {Reason.SAME_PHONE, Reason.SIMILAR_NAME},
)
"""One thing in common is chance; a pair needs two."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """The part of a record by which it is compared. name: as plain_name() leaves it."""

    id: UUID
    name: str
    date_of_birth: date
    phones: frozenset[str]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two records that may be one patient's. score: 0 to 100, 100 where all that counts is equal.

    The first was registered first.
    """

    first_id: UUID
    second_id: UUID
    score: int
    reasons: frozenset[Reason]


def find_duplicates(
    session: Session, clinic_id: str, patient_id: UUID | None = None
) -> list[Duplicate]:
    """Pairs that may be one patient's, the likeliest first: all, or those of one patient.

    Merged records are left out. Raises UnknownPatient.
    """
    if patient_id is None:
        return duplicates_among(_records(session, clinic_id))
    patient = current(session, clinic_id, patient_id)
    theirs = select(PatientPhone.number).where(
        PatientPhone.clinic_id == clinic_id, PatientPhone.patient_id == patient.id
    )
    near = _near(session, clinic_id, patient.date_of_birth, theirs)
    records = _records(session, clinic_id, near)
    return [
        pair for pair in duplicates_among(records) if patient.id in (pair.first_id, pair.second_id)
    ]


def like(session: Session, clinic_id: str, newcomer: Likeness) -> list[Duplicate]:
    """Records on file that may be the patient's who is about to be registered, likeliest first."""
    near = _near(session, clinic_id, newcomer.date_of_birth, newcomer.phones)
    found = (compare(newcomer, one) for one in _records(session, clinic_id, near))
    return sorted((pair for pair in found if pair is not None), key=lambda pair: -pair.score)


def duplicates_among(records: Iterable[Likeness]) -> list[Duplicate]:
    """The pairs of `records` that may be one patient's, the likeliest first. Pure."""
    found = (compare(one, other) for one, other in _pairs_to_compare(records))
    return sorted(
        (pair for pair in found if pair is not None),
        key=lambda pair: (-pair.score, pair.first_id, pair.second_id),
    )


def compare(one: Likeness, other: Likeness) -> Duplicate | None:
    """How much alike two records are; None where they need no look, or are the same. Pure."""
    if one.id == other.id:
        return None
    reasons, score = set(), 0.0
    if one.date_of_birth == other.date_of_birth:
        reasons.add(Reason.SAME_BIRTH_DATE)
        score += SAME_BIRTH_DATE_POINTS
    elif one.date_of_birth == swapped(other.date_of_birth):
        reasons.add(Reason.SWAPPED_BIRTH_DATE)
        score += SWAPPED_BIRTH_DATE_POINTS
    if one.phones & other.phones:
        reasons.add(Reason.SAME_PHONE)
        score += SAME_PHONE_POINTS
    likeness = name_likeness(one.name, other.name)
    if likeness >= SIMILAR:
        reasons.add(Reason.SIMILAR_NAME)
    score += NAME_POINTS * likeness / 100
    if not any(needed <= reasons for needed in _WORTH_A_LOOK):
        return None
    first, second = sorted((one.id, other.id))
    return Duplicate(first, second, round(score), frozenset(reasons))


def name_likeness(one: str, other: str) -> float:
    """0 to 100 for two plain names, whatever the order of their words; 0 where one is missing."""
    if not one or not other:
        return 0.0
    return max(
        fuzz.token_sort_ratio(one, other), _PART_OF_A_NAME * fuzz.token_set_ratio(one, other)
    )


def plain_name(name: str | None) -> str:
    """Lower-case words of letters and digits, without accents; empty for a name not given."""
    decomposed = unicodedata.normalize("NFKD", (name or "").casefold())
    kept = (
        character if character.isalnum() else " "
        for character in decomposed
        # Accents, and the marks that turn the direction of writing, part no word.
        if unicodedata.category(character) not in ("Mn", "Cf")
    )
    return " ".join("".join(kept).split())


def swapped(born: date) -> date | None:
    """The date with day and month swapped; None where there is none, or it is the same."""
    if born.day > 12 or born.day == born.month:
        return None
    return born.replace(month=born.day, day=born.month)


def _pairs_to_compare(records: Iterable[Likeness]) -> Iterator[tuple[Likeness, Likeness]]:
    """Those that share a birth date, swapped or not, or a phone; each pair once."""
    blocks: dict[date | str, list[Likeness]] = defaultdict(list)
    for record in records:
        born = record.date_of_birth
        blocks[min(born, swapped(born) or born)].append(record)
        for number in record.phones:
            blocks[number].append(record)
    seen = set()
    for block in blocks.values():
        for pair in combinations(block, 2):
            ids = frozenset(record.id for record in pair)
            if ids not in seen:
                seen.add(ids)
                yield pair


def _near(
    session: Session, clinic_id: str, born: date, phones: Collection[str] | Select[str]
) -> set[UUID]:
    """Whoever was born then, day and month swapped or not, or has one of the numbers."""
    # Asked one by one: an index leads to each, and to neither where OR stands between them.
    ways = (
        select(Patient.id).where(
            Patient.clinic_id == clinic_id,
            Patient.date_of_birth.in_([born, swapped(born) or born]),
        ),
        select(PatientPhone.patient_id).where(
            PatientPhone.clinic_id == clinic_id, PatientPhone.number.in_(phones)
        ),
    )
    return {patient_id for way in ways for patient_id in session.scalars(way)}


def _records(
    session: Session, clinic_id: str, among: Collection[UUID] | None = None
) -> list[Likeness]:
    numbers = select(PatientPhone.patient_id, PatientPhone.number).where(
        PatientPhone.clinic_id == clinic_id
    )
    rows = select(Patient.id, Patient.name, Patient.date_of_birth).where(
        Patient.clinic_id == clinic_id, Patient.merged_into_id.is_(None)
    )
    if among is not None:
        numbers = numbers.where(PatientPhone.patient_id.in_(among))
        rows = rows.where(Patient.id.in_(among))
    phones: dict[UUID, set[str]] = defaultdict(set)
    for patient_id, number in session.execute(numbers):
        phones[patient_id].add(number)
    return [
        Likeness(patient_id, plain_name(name), born, frozenset(phones[patient_id]))
        for patient_id, name, born in session.execute(rows)
    ]
