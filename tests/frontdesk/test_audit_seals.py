"""The audit cannot be altered through the product, and altering it past the product is found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from ivr.audit import sealing
from ivr.audit.sealer import Sealer
from ivr.audit.tables import AuditSeal, StaffAudit
from ivr.doctor.audit import audit_is_whole
from ivr.frontdesk import audit
from tests.frontdesk import people
from tests.frontdesk.office import OTHERS, OURS, Office

KEY = sealing.sealing_key(people.SECRET_KEY)
PATIENT = uuid4()


def write_rows(office: Office, number: int, *, clinic_id: str = OURS) -> None:
    """So many looks at one patient, a second apart."""
    staff = people.user(office, "rosa" if clinic_id == OURS else "otto")
    for _ in range(number):
        office.clock.advance(seconds=1)
        office.database.write(
            lambda s: audit.record(
                s,
                clinic_id=clinic_id,
                staff_id=staff.id,
                action="patient.viewed",
                detail={"patient": str(PATIENT)},
                now=office.clock(),
            )
        )


def seal(office: Office) -> list[tuple[str, int, int]]:
    """What the worker does; clinic, number and rows of each seal."""
    done = office.database.write(lambda s: sealing.seal(s, key=KEY, now=office.clock()))
    return [(one.clinic_id, one.number, one.rows) for one in done]


def three_batches(office: Office) -> None:
    """Seals 1, 2 and 3, of four rows each."""
    for number in (1, 2, 3):
        write_rows(office, 4)
        office.clock.advance(minutes=6)
        assert seal(office) == [(OURS, number, 4)]


def found_by_doctor(office: Office, clinic_id: str = OURS) -> list[str]:
    """What `callnow doctor` says of the audit."""
    return office.database.read(
        lambda s: list(audit_is_whole(s, clinic_id, key=KEY, now=office.clock()))
    )


@contextmanager
def past_the_triggers(office: Office) -> Iterator[Connection]:
    """A connection of somebody who owns the database."""
    with office.database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE staff_audit DISABLE TRIGGER USER")
            connection.exec_driver_sql("ALTER TABLE audit_seal DISABLE TRIGGER USER")
        else:
            for table in ("staff_audit", "audit_seal"):
                for verb in ("update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER {table}_refuses_{verb}")
        yield connection


def row_of_batch_two(office: Office) -> StaffAudit:
    """One in the middle of the chain."""
    rows = select(StaffAudit).order_by(StaffAudit.at, StaffAudit.id)
    return office.database.read(lambda s: s.scalars(rows).all()[5])


def alter(office: Office, connection: Connection, row: StaffAudit, **values: object) -> None:
    """Change one row."""
    connection.execute(update(StaffAudit).where(StaffAudit.id == row.id).values(**values))


Tampering = Callable[[Office, Connection, StaffAudit], object]

TAMPERINGS: dict[str, tuple[Tampering, str]] = {
    "another action": (
        lambda o, c, row: alter(o, c, row, action="board.viewed"),
        "a row was altered",
    ),
    "another patient": (
        lambda o, c, row: alter(o, c, row, patient_id=uuid4()),
        "a row was altered",
    ),
    "another detail": (
        lambda o, c, row: alter(o, c, row, detail={"patient": "nobody"}),
        "a row was altered",
    ),
    "another second": (
        lambda o, c, row: alter(o, c, row, at=row.at + timedelta(microseconds=1)),
        "a row was altered",
    ),
    "taken away": (
        lambda o, c, row: c.execute(delete(StaffAudit).where(StaffAudit.id == row.id)),
        "4 rows were sealed, 3 are there",
    ),
    "put in between": (
        lambda o, c, row: c.execute(
            insert(StaffAudit).values(
                clinic_id=OURS,
                id=uuid4(),
                at=row.at,
                staff_id=row.staff_id,
                action="board.viewed",
                detail={},
            )
        ),
        "4 rows were sealed, 5 are there",
    ),
}


def test_a_chain_that_nobody_touched_holds(office: Office) -> None:
    three_batches(office)
    assert found_by_doctor(office) == []


@pytest.mark.parametrize("name", TAMPERINGS)
def test_the_first_batch_that_was_tampered_with_is_named(office: Office, name: str) -> None:
    tamper, said = TAMPERINGS[name]
    three_batches(office)
    row = row_of_batch_two(office)
    with past_the_triggers(office) as connection:
        tamper(office, connection, row)
    (told,) = found_by_doctor(office)
    assert told.startswith("Batch 2 of the audit (")
    assert said in told


def test_sealing_a_forgery_anew_without_the_key_does_not_help(office: Office) -> None:
    three_batches(office)
    row = row_of_batch_two(office)
    with past_the_triggers(office) as connection:
        alter(office, connection, row, action="board.viewed")
        # Whoever has the database alone can compute everything but the key.
        connection.execute(delete(AuditSeal).where(AuditSeal.number >= 2))
    forger = sealing.sealing_key("a key that somebody guessed, of 32 characters")
    office.database.write(lambda s: sealing.seal(s, key=forger, now=office.clock()))
    (told,) = found_by_doctor(office)
    assert told.startswith("Batch 2 of the audit (")


def test_a_seal_that_was_taken_out_of_the_middle_is_missed(office: Office) -> None:
    three_batches(office)
    with past_the_triggers(office) as connection:
        connection.execute(delete(AuditSeal).where(AuditSeal.number == 2))
    (told,) = found_by_doctor(office)
    assert told.startswith("Seal 2 of the audit is gone")


def test_rows_that_nobody_seals_are_told_of(office: Office) -> None:
    write_rows(office, 1)
    office.clock.advance(minutes=59)
    assert found_by_doctor(office) == []
    office.clock.advance(minutes=2)
    (told,) = found_by_doctor(office)
    assert "are under no seal: see that callnow worker runs" in told


def test_rows_whose_transaction_may_not_have_ended_are_left_for_later(office: Office) -> None:
    write_rows(office, 2)
    assert seal(office) == []
    office.clock.advance(minutes=6)
    assert seal(office) == [(OURS, 1, 2)]
    assert seal(office) == []


def test_each_clinic_has_a_chain_of_its_own(office: Office) -> None:
    write_rows(office, 2)
    write_rows(office, 3, clinic_id=OTHERS)
    office.clock.advance(minutes=6)
    assert seal(office) == [(OURS, 1, 2), (OTHERS, 1, 3)]
    assert found_by_doctor(office, OTHERS) == []


@pytest.mark.parametrize("rows", [2, 3, 7])
def test_a_backlog_is_sealed_in_batches_that_leave_no_row_out(
    sqlite_office: Office, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    write_rows(sqlite_office, rows)
    sqlite_office.clock.advance(minutes=6)
    sealed = 0
    while done := seal(sqlite_office):
        sealed += done[0][2]
    assert sealed == rows
    assert found_by_doctor(sqlite_office) == []


def test_rows_of_one_instant_stand_under_one_seal(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 2)
    staff = people.user(sqlite_office, "rosa")
    for _ in range(5):
        sqlite_office.database.write(
            lambda s: audit.record(
                s,
                clinic_id=OURS,
                staff_id=staff.id,
                action="board.viewed",
                detail={},
                now=sqlite_office.clock(),
            )
        )
    sqlite_office.clock.advance(minutes=6)
    assert seal(sqlite_office) == [(OURS, 1, 5)]
    assert seal(sqlite_office) == []
    assert found_by_doctor(sqlite_office) == []


def test_the_worker_seals_once_a_minute(office: Office) -> None:
    sealer = Sealer(office.database, office.clock, KEY)
    write_rows(office, 1)
    office.clock.advance(minutes=6)
    sealer.look_if_due()
    sealer.look_if_due()
    write_rows(office, 1)
    office.clock.advance(minutes=6)
    sealer.look_if_due()
    stored = office.rows("SELECT number, rows FROM audit_seal ORDER BY number")
    assert [(one["number"], one["rows"]) for one in stored] == [(1, 1), (2, 1)]


@pytest.mark.parametrize("change", ["UPDATE audit_seal SET rows = 0", "DELETE FROM audit_seal"])
def test_seals_cannot_be_altered_either(office: Office, change: str) -> None:
    three_batches(office)
    with (
        pytest.raises(DBAPIError, match="append-only"),
        office.database.engine.begin() as connection,
    ):
        connection.exec_driver_sql(change)


def test_on_postgresql_the_audit_cannot_be_emptied_at_a_stroke(office: Office) -> None:
    if office.database.engine.dialect.name == "sqlite":
        # SQLite knows no TRUNCATE, and the trigger on DELETE holds.
        return
    three_batches(office)
    with (
        pytest.raises(DBAPIError, match="append-only"),
        office.database.engine.begin() as connection,
    ):
        connection.exec_driver_sql("TRUNCATE staff_audit")


def test_the_page_finds_rows_by_person_patient_and_day(office: Office) -> None:
    admin = people.administrator(office)
    write_rows(office, 2)
    rosa = people.user(office, "rosa").id.hex
    day = office.clock().astimezone(UTC).date()
    assert count(admin.get(f"/frontdesk/audit?user={rosa}").text) == 2
    assert count(admin.get(f"/frontdesk/audit?patient={PATIENT}").text) == 2
    assert count(admin.get(f"/frontdesk/audit?patient={uuid4()}").text) == 0
    assert count(admin.get(f"/frontdesk/audit?user={rosa}&day={day}").text) == 2
    assert count(admin.get(f"/frontdesk/audit?day={day + timedelta(days=1)}").text) == 0


def test_a_filter_that_cannot_be_is_said_and_stays_in_its_field(sqlite_office: Office) -> None:
    admin = people.administrator(sqlite_office)
    for query in ("patient=Ana", "day=yesterday", "before=x"):
        answer = admin.get(f"/frontdesk/audit?{query}")
        assert answer.status_code == 400
        assert "That cannot be looked for" in answer.text
    assert 'value="Ana"' in admin.get("/frontdesk/audit?patient=Ana").text


def test_older_rows_follow_page_by_page_and_none_is_left_out(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.frontdesk.audit_log.PAGE", 3)
    admin = people.administrator(sqlite_office)
    write_rows(sqlite_office, 7)
    rosa = people.user(sqlite_office, "rosa").id.hex
    seen, path = 0, f"/frontdesk/audit?user={rosa}"
    while path:
        page = admin.get(path).text
        seen += count(page)
        older = re.search(r'<p><a href="([^"]+)">Older ones', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == 7


def test_looking_at_the_audit_is_in_the_audit_and_another_clinic_is_not(office: Office) -> None:
    admin = people.administrator(office)
    write_rows(office, 2, clinic_id=OTHERS)
    assert "Otto" not in admin.get("/frontdesk/audit").text
    assert "Looked at the audit" in admin.get("/frontdesk/audit").text


def count(page: str) -> int:
    """How many rows a page of the audit shows."""
    return page.count("<tr><td>")
