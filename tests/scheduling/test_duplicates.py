"""Records that may be one patient's: what makes them alike, and that none is missed."""

from __future__ import annotations

import random
import time
from datetime import date, timedelta
from itertools import combinations
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from scheduling.contact import add_phone
from scheduling.database import new_id
from scheduling.duplicates import (
    Duplicate,
    Likeness,
    Reason,
    _pairs_to_compare,
    _records,
    compare,
    duplicates_among,
    find_duplicates,
    name_likeness,
    plain_name,
    swapped,
)
from scheduling.tables import Patient, PatientPhone
from tests.scheduling.sample import CLINIC, NOW, by_desk, patient

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from scheduling.database import Database

BORN = date(1950, 2, 3)
PHONE = "+15125550111"

# Few of each, so that records meet in every way.
names = st.sampled_from(["", "ann lee", "lee ann", "anne leigh", "ann maria lee", "bob", "o brien"])
birth_dates = st.sampled_from([BORN, date(1950, 3, 2), date(1950, 2, 13), date(1950, 2, 2)])
phones = st.frozensets(st.sampled_from([PHONE, "+15125550112", "+15125550113"]), max_size=2)
ids = st.uuids(version=4)
records = st.builds(Likeness, ids, names | st.text("abc é", max_size=8), birth_dates, phones)


def record(number: int, name: str | None, born: date = BORN, *numbers: str) -> Likeness:
    """A record as it is compared; PHONE where no number is given."""
    return Likeness(UUID(int=number), plain_name(name), born, frozenset(numbers or (PHONE,)))


def reasons(one: Likeness, other: Likeness) -> set[str] | None:
    """Why two records are worth a look; None where they are not."""
    found = compare(one, other)
    return None if found is None else {reason.value for reason in found.reasons}


# The rule


@given(records, records)
def test_likeness_does_not_depend_on_who_is_asked(one: Likeness, other: Likeness) -> None:
    assert compare(one, other) == compare(other, one)
    assert name_likeness(one.name, other.name) == name_likeness(other.name, one.name)


@given(records)
def test_a_record_is_not_its_own_duplicate(one: Likeness) -> None:
    assert compare(one, one) is None


@given(records, records, ids)
def test_nothing_is_more_alike_than_a_copy(one: Likeness, other: Likeness, copy_id: UUID) -> None:
    def score(candidate: Likeness) -> int:
        found = compare(one, candidate)
        return -1 if found is None else found.score

    copy = Likeness(copy_id, one.name, one.date_of_birth, one.phones)
    assert 100 >= score(copy) >= score(other)


@given(st.lists(records, max_size=12, unique_by=lambda one: one.id))
def test_looking_only_among_neighbours_misses_no_pair(clinic: list[Likeness]) -> None:
    every_pair = (compare(one, other) for one, other in combinations(clinic, 2))
    expected = {pair for pair in every_pair if pair is not None}
    found = duplicates_among(clinic)
    assert len(found) == len(expected)
    assert set(found) == expected
    assert [pair.score for pair in found] == sorted((pair.score for pair in found), reverse=True)


def test_all_that_counts_equal_is_a_hundred() -> None:
    found = compare(record(1, "Ann Lee"), record(2, "Ann Lee"))
    assert found == Duplicate(
        UUID(int=1),
        UUID(int=2),
        100,
        frozenset({Reason.SAME_BIRTH_DATE, Reason.SAME_PHONE, Reason.SIMILAR_NAME}),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José Núñez", "Jose Nunez"),
        ("Zoë Müller", "Zoe\u0308 Mu\u0308ller"),
        ("Lee, Ann", "Ann Lee"),
        ("ANN LEE", "ann  lee"),
        ("O'Brien Mary", "mary o’brien"),
        ("\u202bשרה כהן\u202c", "כהן שרה"),
        ("Straße Kim", "STRASSE KIM"),
    ],
)
def test_accents_case_and_the_order_of_words_do_not_matter(one: str, other: str) -> None:
    assert name_likeness(plain_name(one), plain_name(other)) == 100


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann Lee", "Anne Lee"),
        ("María García", "María García López"),
        ("Ann Lee", "Ann Marie Lee"),
        ("Catherine Jones", "Katherine Jones"),
    ],
)
def test_a_slip_of_spelling_or_a_name_left_out_is_similar(one: str, other: str) -> None:
    assert 80 <= name_likeness(plain_name(one), plain_name(other)) < 100


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ann Lee", "Bob Stone"), ("Bill Gray", "William Gray"), ("Ann Lee", None), (None, None)],
)
def test_other_names_nicknames_and_missing_ones_are_not_similar(
    one: str | None, other: str | None
) -> None:
    assert name_likeness(plain_name(one), plain_name(other)) < 80


def test_the_same_birth_date_needs_a_similar_name_or_the_same_phone_beside_it() -> None:
    ann = record(1, "Ann Lee")
    elsewhere = "+15125550112"
    assert reasons(ann, record(2, "Anne Lee", BORN, elsewhere)) == {
        "same_birth_date",
        "similar_name",
    }
    assert reasons(ann, record(2, "Bob Stone")) == {"same_birth_date", "same_phone"}
    assert reasons(ann, record(2, None)) == {"same_birth_date", "same_phone"}
    assert reasons(ann, record(2, "Bob Stone", BORN, elsewhere)) is None


def test_the_same_phone_needs_a_similar_name_beside_it() -> None:
    ann, another_day = record(1, "Ann Lee"), date(1977, 7, 30)
    assert reasons(ann, record(2, "Ann Lee", another_day)) == {"same_phone", "similar_name"}
    assert reasons(ann, record(2, "Bob Stone", another_day)) is None


def test_day_and_month_swapped_need_a_similar_name_beside_them() -> None:
    ann, turned = record(1, "Ann Lee"), date(1950, 3, 2)
    assert reasons(ann, record(2, "Lee Ann", turned, "+15125550112")) == {
        "swapped_birth_date",
        "similar_name",
    }
    assert reasons(ann, record(2, "Bob Stone", turned)) is None


@given(st.dates(date(1900, 1, 1), date(2026, 12, 31)))
def test_a_swapped_date_turns_back_into_itself(born: date) -> None:
    turned = swapped(born)
    assert turned is None or (turned != born and swapped(turned) == born)


# In the database


def test_duplicates_are_found_for_a_clinic_and_for_one_patient(database: Database) -> None:
    ann = database.write(patient)
    spelt = database.write(lambda session: patient(session, name="Anne Lee", phone="+15125550112"))
    bob = database.write(
        lambda session: patient(session, name="Bob Stone", date_of_birth=date(1960, 12, 1))
    )
    turned = database.write(
        lambda session: patient(
            session, name="Stone, Bob", date_of_birth=date(1960, 1, 12), phone="+15125550113"
        )
    )

    def found(session: Session, patient_id: UUID | None = None) -> list[tuple[UUID, UUID]]:
        pairs = find_duplicates(session, CLINIC, patient_id)
        return [(pair.first_id, pair.second_id) for pair in pairs]

    assert database.read(found) == [(ann.id, spelt.id), (bob.id, turned.id)]
    assert database.read(lambda session: found(session, turned.id)) == [(bob.id, turned.id)]
    assert database.read(lambda session: find_duplicates(session, "other")) == []


def test_twins_who_share_a_phone_are_shown_for_a_person_to_judge(database: Database) -> None:
    ann = database.write(patient)
    twin = database.write(lambda session: patient(session, name="Eve Lee", phone="+15125550112"))
    database.write(
        lambda session: add_phone(
            session,
            clinic_id=CLINIC,
            patient_id=twin.id,
            number="+15125550111",
            request=by_desk(),
        )
    )
    (pair,) = database.read(lambda session: find_duplicates(session, CLINIC, ann.id))
    assert {Reason.SAME_BIRTH_DATE, Reason.SAME_PHONE} <= pair.reasons
    assert pair.score < 100


@pytest.mark.storm
def test_the_cost_of_looking_grows_with_the_records_and_not_with_their_square(
    database: Database, size: Callable[[int, int], int], tally: Callable[[str, int], None]
) -> None:
    count = size(2_000, 20_000)
    fill(database, count)
    started = time.perf_counter()
    pairs = database.read(lambda session: find_duplicates(session, CLINIC))
    tally("milliseconds for the clinic", round(1000 * (time.perf_counter() - started)))
    started = time.perf_counter()
    database.read(lambda session: find_duplicates(session, CLINIC, pairs[0].first_id))
    tally("milliseconds for one patient", round(1000 * (time.perf_counter() - started)))
    # All pairs of 20,000 would be 200 million.
    compared = sum(1 for _ in _pairs_to_compare(database.read(lambda s: _records(s, CLINIC))))
    tally("records", count)
    tally("pairs compared", compared)
    assert len(pairs) <= compared < 2 * count


def fill(database: Database, count: int) -> None:
    """So many records, born over eighty years, some twice: a family's phone each."""
    draw = random.Random(20261130)
    first = ["Ann", "José", "Maria", "Bob", "Eve", "Kim", "Luis", "Sarah", "Omar", "Mei"]
    last = ["Lee", "García", "Stone", "Müller", "Nguyen", "Cohen", "Smith", "Jones", "Patel"]
    people = [
        {
            "clinic_id": CLINIC,
            "id": new_id(),
            "name": f"{draw.choice(first)} {draw.choice(first)} {draw.choice(last)}",
            "date_of_birth": date(1930, 1, 1) + timedelta(days=draw.randrange(80 * 365)),
            "language": "en",
            "created_at": NOW,
        }
        for _ in range(count - count // 100)
    ]
    people += [{**draw.choice(people), "id": new_id(), "name": None} for _ in range(count // 100)]
    numbers = [
        {"clinic_id": CLINIC, "patient_id": one["id"], "number": f"+1512{5550000 + n // 2}"}
        for n, one in enumerate(people)
    ]

    def store(session: Session) -> None:
        session.execute(insert(Patient), people)
        session.execute(insert(PatientPhone), numbers)

    database.write(store)
