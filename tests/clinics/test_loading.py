"""Storing a clinic's file, and saying what that changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from ivr import loading
from ivr.clinics.definition import ClinicFileError, read_clinic
from ivr.oncall import rota
from scheduling import directory
from scheduling.database import Base, Database
from tests.clinics.files import DEMO, clinic_file, line_of
from tests.clock import MONDAY_MORNING


def load(database: Database, path: Path) -> list[str]:
    """What loading it changed; the desk is in nobody's way here."""
    clinic = read_clinic(path)
    loaded = database.write(lambda session: loading.load(session, clinic))
    assert loaded.conflicts == ()
    return list(loaded.changes)


def rows(database: Database) -> dict[str, list[str]]:
    """Everything that is stored, table by table."""
    return database.read(
        lambda session: {
            table.name: sorted(str(row) for row in session.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }
    )


def test_a_clinic_is_stored_with_its_hours_and_the_people_on_call(database: Database) -> None:
    changes = load(database, DEMO / "clinic.toml")

    people = database.read(lambda session: rota.people_on_call(session, "demo", MONDAY_MORNING))
    found = database.read(lambda session: directory.find_clinic_by_number(session, "+15125550100"))
    assert [person.name for person in people] == ["Ana Ruiz", "Sam Lee"]
    assert found is not None
    assert found.id == "demo"
    assert "provider fura added" in changes
    assert "hours of the desk: Mon 08:00-17:00 added" in changes
    assert "hours of provider fura: Fri 08:00-12:00 added" in changes
    assert "visit type consultation: provider fura added" in changes
    assert "visit type refill: room procedure added" in changes
    assert "on call person ana-ruiz added" in changes


def test_loading_the_same_file_again_changes_nothing(database: Database) -> None:
    load(database, DEMO / "clinic.toml")
    before = rows(database)
    assert len(before["weekly_hours"]) == 5 + 9 + 8

    assert load(database, DEMO / "clinic.toml") == []
    assert rows(database) == before


def test_a_changed_file_changes_just_that(database: Database, tmp_path: Path) -> None:
    load(database, DEMO / "clinic.toml")
    path = clinic_file(
        tmp_path / "one",
        ("duration_minutes = 45", "duration_minutes = 60"),
        (
            '{ days = ["fri"], opens = "08:00", closes = "12:00" }',
            '{ days = ["fri"], opens = "09:00", closes = "12:00" }',
        ),
        ('name = "Sam Lee"', 'name = "Sam Leigh"'),
    )

    assert load(database, path) == [
        "visit type consultation changed: duration_minutes 45 -> 60",
        "hours of provider fura: Fri 08:00-12:00 removed",
        "hours of provider fura: Fri 09:00-12:00 added",
        "on call person sam-lee changed: name Sam Lee -> Sam Leigh",
    ]
    assert load(database, path) == []


def test_who_takes_a_visit_type_and_where_is_exactly_what_the_file_says(
    database: Database, tmp_path: Path
) -> None:
    load(database, DEMO / "clinic.toml")
    path = clinic_file(
        tmp_path / "one",
        ('providers = ["fura"]\nrooms = ["consultation"]', 'rooms = ["procedure"]'),
        ('rooms = ["procedure"]               #', 'providers = ["vale"] #'),
        ("margin_days = 7 ", "margin_days = 9 "),
    )

    assert load(database, path) == [
        "visit type refill changed: refill_margin_days 7 -> 9",
        "visit type consultation: provider fura removed",
        "visit type consultation: room consultation removed",
        "visit type consultation: room procedure added",
        "visit type refill: provider vale added",
        "visit type refill: room procedure removed",
    ]
    assert load(database, path) == []


def test_closures_and_extra_sessions_are_added_once_and_go_with_the_file_that_brought_them(
    database: Database, tmp_path: Path
) -> None:
    load(database, DEMO / "clinic.toml")
    path = clinic_file(
        tmp_path / "one",
        more="""
            [[closures]]
            starts = 2026-12-24T12:00:00
            ends = 2026-12-25T00:00:00
            reason = "Christmas Eve"

            [[closures]]
            starts = 2026-12-28T08:00:00
            ends = 2026-12-28T12:00:00
            reason = "New floor"
            room = "procedure"

            [[extra_sessions]]
            starts = 2026-12-05T08:00:00
            ends = 2026-12-05T12:00:00
            provider = "vale"

            [[extra_sessions]]
            starts = 2026-12-05T08:00:00
            ends = 2026-12-05T12:00:00
            provider = "vale"
        """,
    )

    assert load(database, path) == [
        "closure of room procedure: 2026-12-28 08:00 to 2026-12-28 12:00 added",
        "closure of the clinic: 2026-12-24 12:00 to 2026-12-25 00:00 added",
        "extra session of provider vale: 2026-12-05 08:00 to 2026-12-05 12:00 added",
    ]
    assert load(database, path) == []

    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("New floor", "Painting"), encoding="utf-8")
    of_the_room = "closure of room procedure: 2026-12-28 08:00 to 2026-12-28 12:00"
    assert load(database, path) == [f"{of_the_room} changed: reason New floor -> Painting"]

    assert load(database, DEMO / "clinic.toml") == [
        f"{of_the_room} removed",
        "closure of the clinic: 2026-12-24 12:00 to 2026-12-25 00:00 removed",
        "extra session of provider vale: 2026-12-05 08:00 to 2026-12-05 12:00 removed",
    ]


def test_a_line_that_another_stored_clinic_has_is_refused_and_nothing_is_stored(
    database: Database, tmp_path: Path
) -> None:
    load(database, DEMO / "clinic.toml")
    before = rows(database)
    other = clinic_file(tmp_path / "other", ('id = "demo"', 'id = "other"'))

    with pytest.raises(
        ClinicFileError,
        match=rf"{line_of(other, 'line =')}, numbers, line: clinic demo in the database has this",
    ):
        load(database, other)

    assert rows(database) == before


def test_clinics_are_found_by_file_by_folder_and_by_the_folder_around_them(
    tmp_path: Path,
) -> None:
    path = clinic_file(tmp_path / "one")

    for place in (path, path.parent, tmp_path):
        assert [clinic.id for clinic in loading.clinics_at(place)] == ["demo"]


def test_a_folder_without_clinics_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClinicFileError, match=r"no folder with a clinic\.toml in it"):
        loading.clinics_at(tmp_path)
