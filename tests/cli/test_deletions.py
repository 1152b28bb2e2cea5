"""`callnow patient delete` and `callnow retention`: nothing goes by accident."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ivr.call.tables import CallRow
from ivr.messages import desk_tasks, outbox, received_texts, spoken, text_consent
from ivr.messages.incoming_tables import ReceivedText
from ivr.messages.tables import DeskTask, OutboxMessage
from ivr.oncall import tickets
from ivr.oncall.tables import Ticket
from scheduling import patients, pumps
from scheduling.database import Base, Database
from scheduling.requests import Request
from scheduling.states import Channel
from scheduling.tables import Patient
from tests.cli.conftest import Callnow
from tests.product import load_demo_clinic

CLINIC = "demo"
NOW = datetime.now(UTC)
EIGHT_YEARS_AGO = NOW - relativedelta(years=8)
THEIRS, SHARED, STRANGERS = "+15125550142", "+15125550143", "+15125550144"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the demo clinic."""
    opened = Database(database_url, budget_seconds=None)
    opened.write(load_demo_clinic)
    yield opened
    opened.dispose()


def register(database: Database, name: str, phone: str = THEIRS, at: datetime = NOW) -> UUID:
    """A patient, registered by phone."""
    return database.write(
        lambda session: (
            patients.register_patient(
                session,
                clinic_id=CLINIC,
                name=name,
                date_of_birth=date(1950, 2, 28),
                phone=phone,
                language="en",
                request=Request("caller", Channel.PHONE, at, f"registers {name}"),
            ).id
        )
    )


def rows(database: Database) -> dict[str, int]:
    """Table → how many rows it has, of those that have any."""
    return database.read(
        lambda session: {
            table.name: count
            for table in Base.metadata.sorted_tables
            if (count := session.scalar(select(func.count()).select_from(table)))
        }
    )


def call_and_write(session: Session, number: str) -> None:
    """All that a number can leave behind: a call, a ticket, tasks, texts, a message."""
    received_texts.add(session, CLINIC, f"SM{number}", number, NOW).answer = "See you tomorrow."
    session.add(
        CallRow(clinic_id=CLINIC, call_sid=f"CA{number}", from_number=number, started_at=NOW)
    )
    tickets.open_ticket(
        session,
        clinic_id=CLINIC,
        call_sid=f"CA{number}",
        callback_number=number,
        language="en",
        link_base="https://line.example",
        now=NOW,
    )
    for state in ("open", "done"):
        task = desk_tasks.open_task(
            session,
            clinic_id=CLINIC,
            kind="callback",
            callback_number=number,
            language="en",
            note="",
            source=f"{state} {number}",
            now=NOW,
        )
        if state == "done":
            desk_tasks.mark_done(session, CLINIC, task.id, by="ana", now=NOW)
    for granted in (True, False):
        text_consent.record(
            session,
            clinic_id=CLINIC,
            number=number,
            granted=granted,
            source=f"{granted} {number}",
            now=NOW,
        )
    for subject in ("visit:1", "ticket:1"):
        outbox.enqueue(
            session,
            clinic_id=CLINIC,
            kind="page_sms",
            lane="ordinary",
            subject=subject,
            to_number=number,
            body="See you tomorrow.",
            due_at=NOW,
            now=NOW,
        )


def test_without_yes_it_says_what_would_go_and_deletes_nothing(
    database: Database, database_url: str, callnow: Callnow
) -> None:
    patient_id = register(database, "Ann Lee")
    before = rows(database)

    result = callnow("patient", "delete", str(patient_id), DATABASE_URL=database_url)

    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "This would be deleted:",
        "  patient_event: 1",
        "  patient_phone: 1",
        "  patient: 1",
        "Nothing was deleted. Add --yes to delete it for good.",
    ]
    assert rows(database) == before


def test_with_yes_the_patient_is_gone_and_the_log_says_so_without_saying_who(
    database: Database, database_url: str, callnow: Callnow
) -> None:
    patient_id = register(database, "Ann Lee")
    other_id = register(database, "Bea Mora", STRANGERS)

    result = callnow("patient", "delete", str(patient_id), "--yes", DATABASE_URL=database_url)

    assert result.stdout.startswith("Deleted:\n")
    line = json.loads(result.stderr)
    assert (line["event"], line["clinic_id"], line["reason"]) == (
        "patient_deleted",
        CLINIC,
        "asked_for",
    )
    assert str(patient_id) not in result.stderr
    left = database.read(lambda session: session.scalars(select(Patient.id)).all())
    assert left == [other_id]


def test_what_came_over_a_number_of_theirs_alone_goes_and_a_household_keeps_its_own(
    database: Database, database_url: str, callnow: Callnow
) -> None:
    patient_id = register(database, "Ann Lee")
    register(database, "Ann Lee", SHARED)
    register(database, "Bea Lee", SHARED)
    for number in (THEIRS, SHARED, STRANGERS):
        database.write(partial(call_and_write, number=number))

    result = callnow("patient", "delete", str(patient_id), "--yes", DATABASE_URL=database_url)

    told = result.stdout.splitlines()
    assert told[-9:] == [
        "  outbox_message: 1",
        "  desk_task: 1",
        "  text_consent: 1",
        "  number of a call: 1",
        "  number of a text: 1",
        "Kept, with a number of theirs:",
        "  open desk task: 1",
        "  opt-out of texts: 1",
        "  ticket: 1",
    ]

    def look(session: Session) -> None:
        numbers = session.scalars(select(CallRow.from_number)).all()
        assert sorted(numbers, key=str) == [SHARED, STRANGERS, None]
        answers = session.execute(select(ReceivedText.number, ReceivedText.answer)).all()
        assert (None, None) in answers
        assert {number for number, answer in answers if answer} == {SHARED, STRANGERS}
        assert session.scalar(select(func.count(Ticket.id))) == 3
        reminders = select(OutboxMessage.to_number).where(OutboxMessage.subject == "visit:1")
        assert sorted(session.scalars(reminders)) == [SHARED, STRANGERS]
        about_tickets = select(OutboxMessage.to_number).where(OutboxMessage.subject == "ticket:1")
        assert sorted(session.scalars(about_tickets)) == [THEIRS, SHARED, STRANGERS]
        tasks = sorted(session.scalars(select(DeskTask.source)), key=str)
        assert f"done {THEIRS}" not in tasks
        assert f"open {THEIRS}" in tasks
        assert len(tasks) == 5

    database.read(look)


def test_with_a_done_message_goes_what_it_says_and_its_recording_at_the_carrier(
    database: Database, database_url: str, callnow: Callnow
) -> None:
    patient_id = register(database, "Ann Lee")
    recordings = [f"RE{digit * 32}" for digit in "12"]

    def leave_two_and_do_one(session: Session) -> None:
        tasks = [
            spoken.file(
                session,
                clinic_id=CLINIC,
                recording_sid=sid,
                seconds=12,
                callback_number=THEIRS,
                language="en",
                spoken_in="en",
                note="",
                now=NOW,
            )
            for sid in recordings
        ]
        spoken.keep_transcript(tasks[1], "please call me")
        desk_tasks.mark_done(session, CLINIC, tasks[1].id, by="ana", now=NOW)

    database.write(leave_two_and_do_one)

    result = callnow("patient", "delete", str(patient_id), "--yes", DATABASE_URL=database_url)

    assert "  recording: 1" in result.stdout.splitlines()
    told = database.read(
        lambda session: session.execute(
            select(OutboxMessage.kind, OutboxMessage.body, OutboxMessage.to_number)
        ).one()
    )
    assert tuple(told) == ("delete_recording", recordings[1], "+15125550100")
    left = database.read(lambda session: session.scalars(select(DeskTask.recording_sid)).all())
    assert left == [recordings[0]]


@pytest.mark.parametrize("yes", [[], ["--yes"]])
def test_a_patient_in_care_stays_and_the_answer_says_what_to_do(
    yes: list[str], database: Database, database_url: str, callnow: Callnow
) -> None:
    patient_id = register(database, "Ann Lee")
    database.write(
        lambda session: pumps.register_pump(
            session,
            clinic_id=CLINIC,
            patient_id=patient_id,
            alarm_on=NOW.date() + timedelta(days=30),
            stable_until=None,
            filled_on=None,
            label=None,
            request=Request("ana", Channel.DESK, NOW, "a pump"),
        )
    )
    before = rows(database)

    result = callnow("patient", "delete", str(patient_id), *yes, DATABASE_URL=database_url)

    assert result.exit_code == 1
    assert "an active pump (retire it)" in result.stderr
    assert rows(database) == before


def test_an_id_that_nobody_has_is_answered(sqlite_url: str, callnow: Callnow) -> None:
    callnow("clinic", "load", DATABASE_URL=sqlite_url)

    result = callnow("patient", "delete", str(uuid4()), "--yes", DATABASE_URL=sqlite_url)

    assert result.exit_code == 1
    assert "Nothing was deleted" in result.stderr


def test_retention_counts_first_and_deletes_when_told_to(
    database: Database, database_url: str, callnow: Callnow
) -> None:
    register(database, "Long Gone", THEIRS, EIGHT_YEARS_AGO)
    register(database, "Also Gone", SHARED, EIGHT_YEARS_AGO)
    still_here = register(database, "Still Here", STRANGERS, NOW)
    before = rows(database)

    counted = callnow("retention", DATABASE_URL=database_url)
    assert counted.output.splitlines() == [
        "Clinic demo: patients whose record need not be kept after 7 years: 2.",
        "Nothing was deleted. Add --yes to delete them for good.",
    ]
    assert rows(database) == before

    longer = callnow("retention", "--years", "9", "--yes", DATABASE_URL=database_url)
    assert "after 9 years: 0." in longer.output

    deleted = callnow("retention", "--yes", DATABASE_URL=database_url)
    assert "  patient: 2" in deleted.stdout
    assert [json.loads(line)["reason"] for line in deleted.stderr.splitlines()] == [
        "past_retention",
        "past_retention",
    ]
    left = database.read(lambda session: session.scalars(select(Patient.id)).all())
    assert left == [still_here]
