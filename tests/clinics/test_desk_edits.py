"""What the desk edited stays when the clinic's file is loaded again."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from sqlalchemy import delete, select

from ivr import loading
from ivr.cli import main
from ivr.clinics.definition import read_clinic
from ivr.loading import Loaded
from ivr.oncall import rota
from ivr.oncall.tables import OnCallPerson
from scheduling.tables import (
    Closure,
    ExtraSession,
    LoadedDefinition,
    Provider,
    VisitType,
    VisitTypeProvider,
    WeeklyHours,
)
from tests.clinics.files import DEMO, clinic_file
from tests.clock import MONDAY_MORNING
from tests.settings.environment import complete_environment
from tests.settings.logging_state import logging_state_is_restored

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.database import Database

__all__ = ["logging_state_is_restored"]

NOTHING = Loaded((), ())
SPANS = """
    [[closures]]
    starts = 2026-12-24T12:00:00
    ends = 2026-12-25T00:00:00
    reason = "Christmas Eve"

    [[extra_sessions]]
    starts = 2026-12-05T08:00:00
    ends = 2026-12-05T12:00:00
    provider = "vale"
"""


def load(database: Database, path: Path) -> Loaded:
    """What `callnow clinic load` does."""
    clinic = read_clinic(path)
    return database.write(lambda session: loading.load(session, clinic))


def edit(database: Database, table: type[Any], key: str, **columns: Any) -> None:
    """What the desk does to the row of this key."""

    def change(session: Session) -> None:
        row = session.scalars(select(table).where(table.key == key)).one()
        for column, value in columns.items():
            setattr(row, column, value)

    database.write(change)


def stored(database: Database, table: type[Any], key: str) -> Any:
    """The row of this key."""
    return database.read(
        lambda session: session.scalars(select(table).where(table.key == key)).one()
    )


def test_a_value_that_only_the_desk_changed_stays_without_a_word(
    database: Database, tmp_path: Path
) -> None:
    load(database, DEMO / "clinic.toml")
    edit(database, VisitType, "refill", duration_minutes=40, refill_margin_days=10)
    edit(database, Provider, "vale", active=False)

    assert load(database, DEMO / "clinic.toml") == NOTHING
    changed = clinic_file(tmp_path / "one", ("duration_minutes = 45", "duration_minutes = 60"))
    assert load(database, changed) == Loaded(
        ("visit type consultation changed: duration_minutes 45 -> 60",), ()
    )

    refill = stored(database, VisitType, "refill")
    assert (refill.duration_minutes, refill.refill_margin_days) == (40, 10)
    assert not stored(database, Provider, "vale").active


def test_a_value_that_both_changed_stays_the_desks_and_is_told_once(
    database: Database, tmp_path: Path
) -> None:
    load(database, DEMO / "clinic.toml")
    edit(database, VisitType, "refill", duration_minutes=40)
    edit(database, Provider, "vale", name="Nurse Vale")
    path = clinic_file(
        tmp_path / "one",
        ("duration_minutes = 30", "duration_minutes = 25"),
        ('name = "Nurse Practitioner Vale"', 'name = "Nurse Vale"'),
        ("margin_days = 7 ", "margin_days = 8 "),
    )

    assert load(database, path) == Loaded(
        ("visit type refill changed: refill_margin_days 7 -> 8",),
        ("visit type refill, duration_minutes: the desk has 40, the file now has 25",),
    )
    assert load(database, path) == NOTHING
    assert stored(database, VisitType, "refill").duration_minutes == 40


def test_hours_and_takers_that_the_desk_edited_stay(database: Database, tmp_path: Path) -> None:
    load(database, DEMO / "clinic.toml")

    def edited(session: Session) -> None:
        for row in session.scalars(select(WeeklyHours).where(WeeklyHours.opens == time(8))):
            if row.provider_id is not None and row.weekday == 4:
                row.opens = time(9)
        session.execute(delete(VisitTypeProvider))

    database.write(edited)
    assert load(database, DEMO / "clinic.toml") == NOTHING

    path = clinic_file(
        tmp_path / "one",
        ('{ days = ["fri"], opens = "08:00"', '{ days = ["fri"], opens = "10:00"'),
        ('providers = ["fura"]', 'providers = ["vale"]'),
    )
    done = load(database, path)

    assert done.changes == ()
    takers, hours = done.conflicts
    assert takers == (
        "visit type consultation, providers: the desk has none, the file now has vale"
    )
    assert hours.startswith("provider fura, hours: the desk has Mon 08:00-12:00, ")
    assert hours.endswith(", Fri 10:00-12:00")
    assert load(database, path) == NOTHING


def test_what_the_desk_added_stays_and_what_it_took_out_is_not_put_back(
    database: Database, tmp_path: Path
) -> None:
    path = clinic_file(tmp_path / "one", more=SPANS)
    load(database, path)

    def edited(session: Session) -> None:
        session.execute(delete(Closure))
        session.execute(delete(ExtraSession))
        provider = Provider(clinic_id="demo", key="gray", name="Doctor Gray")
        session.add(provider)
        session.flush()
        session.add(
            WeeklyHours(
                clinic_id="demo",
                provider_id=provider.id,
                weekday=0,
                opens=time(8),
                closes=time(12),
            )
        )

    database.write(edited)

    assert load(database, path) == NOTHING
    assert stored(database, Provider, "gray").active
    named_in_the_file = clinic_file(
        tmp_path / "two",
        ('key = "vale"\nname = "Nurse Practitioner Vale"', 'key = "gray"\nname = "Doctor Grey"'),
    )
    assert load(database, named_in_the_file).conflicts[0] == (
        "provider gray, name: the desk has Doctor Gray, the file now has Doctor Grey"
    )
    assert stored(database, Provider, "gray").name == "Doctor Gray"


def test_the_on_call_list_is_the_desks_once_it_has_edited_it(
    database: Database, tmp_path: Path
) -> None:
    def listed() -> list[tuple[str, str]]:
        stored = database.read(
            lambda session: rota.stored_rota(session, "demo", MONDAY_MORNING, MONDAY_MORNING)
        )
        return [(one.name, one.number) for one in stored.people]

    load(database, DEMO / "clinic.toml")
    edit(database, OnCallPerson, "ana-ruiz", number="+15125550114", position=1)
    edit(database, OnCallPerson, "sam-lee", position=0)
    as_edited = [("Sam Lee", "+15125550112"), ("Ana Ruiz", "+15125550114")]

    assert load(database, DEMO / "clinic.toml") == NOTHING
    assert listed() == as_edited
    path = clinic_file(
        tmp_path / "one",
        ('"+15125550111"', '"+15125550115"'),
        more='[[on_call]]\nkey = "joy"\nname = "Joy"\nnumber = "+15125550116"',
    )
    number = "the desk has +15125550114, the file now has +15125550115"
    order = "the desk has sam-lee, ana-ruiz, the file now has ana-ruiz, sam-lee, joy"
    assert load(database, path) == Loaded(
        (), (f"on call person ana-ruiz, number: {number}", f"on call, order: {order}")
    )
    assert load(database, path) == NOTHING
    assert listed() == as_edited


def test_a_database_from_before_anything_was_remembered_takes_the_file_as_it_is(
    database: Database,
) -> None:
    load(database, DEMO / "clinic.toml")
    edit(database, VisitType, "refill", duration_minutes=40)
    database.write(lambda session: session.execute(delete(LoadedDefinition)))

    assert load(database, DEMO / "clinic.toml") == Loaded(
        ("visit type refill changed: duration_minutes 40 -> 30",), ()
    )


def test_the_command_lists_conflicts_says_what_to_do_and_succeeds(
    database: Database, database_url: str, tmp_path: Path, logging_state_is_restored: None
) -> None:
    load(database, DEMO / "clinic.toml")
    edit(database, VisitType, "refill", duration_minutes=40)
    path = clinic_file(tmp_path / "one", ("duration_minutes = 30", "duration_minutes = 25"))

    def load_by_command() -> str:
        environment = complete_environment(DATABASE_URL=database_url)
        result = CliRunner().invoke(main, ["clinic", "load", str(path)], env=environment)
        assert result.exit_code == 0, result.output
        return result.output

    assert load_by_command() == (
        "demo: nothing to change.\n"
        "demo: changed in the file and at the desk, whose values stay. To have the file's, enter "
        "it at the desk; otherwise write the desk's into the file:\n"
        "  visit type refill, duration_minutes: the desk has 40, the file now has 25\n"
    )
    assert load_by_command() == "demo: nothing to change.\n"
