"""`callnow doctor`: a fault is planted, and the sentence that says what to do about it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from ivr.messages import desk_tasks, heartbeat, outbox
from ivr.messages.list_looks import CallListLook, TextListLook
from ivr.messages.tables import WorkerHeartbeat
from ivr.oncall import acceptance, rota_tables, tickets
from ivr.oncall.tables import OnCallPerson, Ticket
from scheduling.database import Database
from scheduling.tables import Clinic
from tests.cli.conftest import Ask
from tests.clinics.files import clinic_file
from tests.product import DESK_PHONE, LINE, NURSE, PATIENT, load_demo_clinic

Plant = Callable[[Session], object]


@pytest.fixture
def healthy(sqlite_url: str) -> Iterator[Database]:
    """The demo clinic, and a worker that has just reported."""
    database = Database(sqlite_url, budget_seconds=None)
    database.write(load_demo_clinic)
    database.write(beat)
    yield database
    database.dispose()


def beat(session: Session) -> None:
    """A worker's sign of life. The command asks the machine's own clock."""
    now = datetime.now(UTC)
    heartbeat.beat(session, worker_id="w", started_at=now, now=now)


def put(**values: object) -> Plant:
    """Change the nurse's row."""
    return lambda session: session.execute(
        update(OnCallPerson).where(OnCallPerson.key == "ana-ruiz").values(**values)
    )


def put_supervisor(number: str) -> Plant:
    """Change whose phone is the last resort."""
    return lambda session: session.execute(
        update(OnCallPerson).where(OnCallPerson.key == "supervisor").values(number=number)
    )


def nobody_on_call(session: Session) -> None:
    """Everybody has left the list."""
    session.execute(update(OnCallPerson).values(active=False))


def no_supervisor(session: Session) -> None:
    """As loaded by a version that had none."""
    session.execute(delete(OnCallPerson).where(OnCallPerson.key == "supervisor"))


def open_ticket(session: Session, opened_at: datetime | None = None) -> Ticket:
    """A patient has pressed 1."""
    return tickets.open_ticket(
        session,
        clinic_id="demo",
        call_sid="CA1",
        callback_number=PATIENT,
        language="en",
        link_base="https://line.example",
        now=opened_at or datetime.now(UTC),
    )


def page_that_failed(session: Session) -> None:
    """The carrier took it from nobody's hands."""
    desk_tasks.open_task(
        session,
        clinic_id="demo",
        kind="page_failed",
        callback_number=NURSE,
        language="en",
        note="not sent",
        source="message:1",
        now=datetime.now(UTC),
    )


def overdue_page(session: Session) -> None:
    """Due five minutes ago, and nobody has taken it."""
    now = datetime.now(UTC)
    outbox.enqueue(
        session,
        clinic_id="demo",
        kind="page_sms",
        lane="urgent",
        subject="ticket:1",
        to_number=NURSE,
        body="a page",
        due_at=now - timedelta(minutes=5),
        now=now,
    )


def texts_not_looked_for(session: Session) -> None:
    """The worker has no files of this clinic's line."""
    at = datetime(2026, 11, 1, 7, tzinfo=UTC)
    session.add(TextListLook(clinic_id="demo", began_at=at, looked_at=at))


def calls_not_looked_for(session: Session) -> None:
    """The carrier shows no list of calls."""
    at = datetime(2026, 11, 1, 7, tzinfo=UTC)
    session.add(CallListLook(clinic_id="demo", began_at=at, looked_at=at))


def late_worker(session: Session) -> None:
    """It reported on the first of November, and then no more."""
    session.execute(update(WorkerHeartbeat).values(beat_at=datetime(2026, 11, 1, 7, tzinfo=UTC)))


PLANTED = [
    (
        lambda s: s.execute(delete(WorkerHeartbeat)),
        "WRONG worker",
        "None ever ran, so no text, call or page goes out: start callnow worker.",
    ),
    (
        late_worker,
        "WRONG worker",
        (
            "No worker has reported since 2026-11-01 07:00 UTC, so no text, call or page goes "
            "out: start callnow worker."
        ),
    ),
    (
        lambda s: s.execute(update(Clinic).values(phone_number="+15125550199")),
        "WRONG demo: loaded",
        (
            "The line is +15125550199 in the database and +15125550100 in the file: correct "
            "the file, or run callnow clinic load."
        ),
    ),
    (
        no_supervisor,
        "WRONG demo: number of last resort",
        "The database knows no supervisor, so nobody is paged last: run callnow clinic load.",
    ),
    (
        put_supervisor("+15125"),
        "WRONG demo: number of last resort",
        (
            "The supervisor's number (+15125) cannot be dialled: correct it in clinic.toml and "
            "load it."
        ),
    ),
    (
        put_supervisor(LINE),
        "WRONG demo: number of last resort",
        (
            "The supervisor's number is the line itself: give a telephone that a person "
            "answers at night."
        ),
    ),
    (
        put_supervisor(DESK_PHONE),
        "WRONG demo: number of last resort",
        (
            "The supervisor's number is the desk's number, where nobody is at night: give a "
            "telephone that a person answers at any hour."
        ),
    ),
    (
        nobody_on_call,
        "WRONG demo: people on call",
        "Nobody is on call: add [[on_call]] to clinic.toml and run callnow clinic load.",
    ),
    (
        put(number="+15125550112"),
        "WRONG demo: people on call",
        (
            "ana-ruiz and sam-lee share a number, which is rung once for all of them: give "
            "each their own."
        ),
    ),
    (
        put(number="+15125"),
        "WRONG demo: rota of the next 14 days",
        "The number of ana-ruiz cannot be dialled: correct it.",
    ),
    (
        page_that_failed,
        "WRONG demo: pages to staff",
        (
            "Pages that could not be delivered: 1. The desk's list says why and to whom: "
            "correct the number, or the carrier's account, and tick them off."
        ),
    ),
    (
        texts_not_looked_for,
        "WRONG demo: missed calls and texts",
        (
            "The carrier's list of texts was last read to its end at 2026-11-01 01:00 CST, so "
            "texts that came while nothing could be stored are not found. See what callnow worker "
            "logs, and that it runs with this clinic's files (CLINICS_DIR)."
        ),
    ),
    (
        calls_not_looked_for,
        "WRONG demo: missed calls and texts",
        (
            "The carrier's list of calls was last read to its end at 2026-11-01 01:00 CST, so "
            "calls that came while nothing could be stored are not found. See what callnow worker "
            "logs, and that it runs with this clinic's files (CLINICS_DIR)."
        ),
    ),
    (
        overdue_page,
        "WRONG demo: pages to staff",
        (
            "Pages that are overdue: 1. See that callnow worker runs, and what it logs about "
            "the carrier."
        ),
    ),
]


def test_where_all_is_well_it_says_so_and_exits_with_0(
    healthy: Database, sqlite_url: str, ask: Ask
) -> None:
    said = ask(DATABASE_URL=sqlite_url)
    assert said.exit_code == 0, said.output
    assert said.output.endswith("ok    demo: audit\nNothing to put right.\n")
    assert "WRONG" not in said.output


def test_a_postgresql_that_does_not_wait_for_its_disk_is_named_and_nothing_else(
    postgresql_url: str, ask: Ask
) -> None:
    database = Database(postgresql_url, budget_seconds=None)
    database.write(load_demo_clinic)
    database.write(beat)
    name = database.url.database
    database.write(lambda s: s.execute(text(f"ALTER DATABASE {name} SET synchronous_commit=off")))
    database.dispose()
    said = ask(DATABASE_URL=postgresql_url)
    assert said.output.count("WRONG") == 1
    assert "WRONG storage\n      PostgreSQL runs with " in said.output
    assert (
        "PostgreSQL runs with synchronous_commit off, so what was answered to callers is lost when "
        "its machine fails: set synchronous_commit = on.\n" in said.output
    )


@pytest.mark.parametrize(("plant", "where", "advice"), PLANTED)
def test_a_fault_in_the_database_is_named_with_what_to_do(
    plant: Plant, where: str, advice: str, healthy: Database, sqlite_url: str, ask: Ask
) -> None:
    healthy.write(plant)
    said = ask(DATABASE_URL=sqlite_url)
    assert said.exit_code == 1
    assert f"{where}\n      {advice}\n" in said.output
    assert said.output.count("WRONG") == 1 or plant is nobody_on_call
    assert "Things to put right:" in said.output


def test_a_gap_in_the_rota_is_named_with_its_hours(
    healthy: Database, sqlite_url: str, ask: Ask
) -> None:
    healthy.write(lambda session: session.execute(delete(rota_tables.OnCallShift)))
    said = ask(DATABASE_URL=sqlite_url)
    hour = r"\d{4}-\d\d-\d\d \d\d:\d\d C[SD]T"
    assert re.search(
        rf"WRONG demo: rota of the next 14 days\n      Nobody is primary from {hour} to {hour}, "
        "so the fallback is rung: add a shift or an override",
        said.output,
    )


def test_an_open_ticket_is_named_until_somebody_accepts_it(
    healthy: Database, sqlite_url: str, ask: Ask
) -> None:
    opened_at = datetime.now(UTC)
    ticket = healthy.write(lambda session: open_ticket(session, opened_at))
    said = ask(DATABASE_URL=sqlite_url)
    assert "Urgent tickets that nobody has accepted: 1, ticket 1 since " in said.output
    assert "Call their callers now; the desk's board has their numbers." in said.output
    assert PATIENT not in said.output
    healthy.write(
        lambda session: acceptance.accept(
            session,
            clinic_id="demo",
            ticket_id=ticket.id,
            person_key="ana-ruiz",
            now=datetime.now(UTC),
        )
    )
    assert ask(DATABASE_URL=sqlite_url).exit_code == 0


def test_a_clinic_that_was_not_loaded_is_named(sqlite_url: str, ask: Ask) -> None:
    said = ask(DATABASE_URL=sqlite_url)
    assert said.exit_code == 1
    assert (
        "WRONG demo: loaded\n      The database has no clinic demo: run callnow clinic load.\n"
        in said.output
    )


def test_a_database_without_tables_is_told_to_migrate(empty_database_url: str, ask: Ask) -> None:
    said = ask(DATABASE_URL=empty_database_url)
    assert said.exit_code == 1
    assert "The database's tables are at revision none, and this version needs " in said.output
    assert "run callnow migrate." in said.output


def test_a_database_that_is_away_hides_no_other_fault(ask: Ask) -> None:
    said = ask(
        DATABASE_URL="postgresql://callnow:hunter2@127.0.0.1:1/callnow",
        PUBLIC_BASE_URL="http://127.0.0.1:8000",
    )
    assert said.exit_code == 1
    assert "The database does not answer: start it, or correct DATABASE_URL." in said.output
    assert "WRONG public address" in said.output
    assert "hunter2" not in said.output


def test_a_sentence_that_one_language_lacks_is_named(
    healthy: Database, sqlite_url: str, ask: Ask, tmp_path: Path
) -> None:
    sentences = clinic_file(tmp_path / "one").parent / "es.toml"
    words = sentences.read_text(encoding="utf-8")
    sentences.write_text(words.replace("[hours]", "[about_nothing]"), encoding="utf-8")
    said = ask(DATABASE_URL=sqlite_url, CLINICS_DIR=str(tmp_path))
    assert said.exit_code == 1
    assert "WRONG demo: sentences\n      hours has no wording in es: add it to es.toml.\n" in (
        said.output
    )


def test_faults_of_a_clinic_file_are_named_and_an_empty_folder_too(
    healthy: Database, sqlite_url: str, ask: Ask, tmp_path: Path
) -> None:
    empty = ask(DATABASE_URL=sqlite_url, CLINICS_DIR=str(tmp_path))
    clinic_file(tmp_path / "one", ("America/Chicago", "Texas"))
    faulty = ask(DATABASE_URL=sqlite_url, CLINICS_DIR=str(tmp_path))
    assert f"No clinic.toml below {tmp_path}: set CLINICS_DIR to yours." in empty.output
    assert "1 thing to correct" in faulty.output
    assert (empty.exit_code, faulty.exit_code) == (1, 1)
