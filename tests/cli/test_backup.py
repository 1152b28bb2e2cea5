"""The disk is lost, and the line goes on from a copy that was made while it worked."""

from __future__ import annotations

import os
import re
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy.engine import make_url

from ivr.audit import sealing
from ivr.frontdesk import accounts, audit
from ivr.messages import outbox
from scheduling.database import Database
from tests.calls.test_booking_by_phone import TO_THE_SLOTS
from tests.calls.town import ALARM, WITH_CLINIC, Town, open_town
from tests.cli.conftest import Ask, Callnow
from tests.cli.test_doctor import beat
from tests.product import LINE, PATIENT
from tests.provision.databases import Template
from tests.provision.postgres import installed_programs
from tests.settings.environment import SECRET_KEY


@pytest.fixture(scope="session")
def database_template() -> Template:
    """The clinic is there."""
    return WITH_CLINIC


@pytest.fixture(autouse=True)
def programs_of_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump of the version of the tests' server, before the machine's own."""
    path = f"{installed_programs()}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)


NO_TEXTS = "2"
"""To the question whether reminders may be texted."""


class Callers:
    """People who call one after the other: one books a visit, the next has a pump alarm.

    told: the numbers of those who have heard that it is done: "You are booked", or a phone ringing
    for them.
    """

    def __init__(self, town: Town) -> None:
        self.told: list[str] = []
        self.progress = threading.Condition()
        self._town = town
        self._stop = threading.Event()

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Let them call while inside, in a thread of their own."""
        thread = threading.Thread(target=self._call_one_after_the_other)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def wait_for(self, more: int) -> None:
        """Until so many more have been told."""
        with self.progress:
            wanted = len(self.told) + more
            assert self.progress.wait_for(lambda: len(self.told) >= wanted, timeout=60)

    def _call_one_after_the_other(self) -> None:
        for turn in range(200):
            if self._stop.is_set():
                return
            number = f"+1512555{1000 + turn}"
            call = self._town.company.phone(number).call(LINE)
            if turn % 2:
                call.press(*ALARM)
                assert "ring" in call.heard
            else:
                call.press(*TO_THE_SLOTS, "1", "1", NO_TEXTS)
                assert call.heard.startswith("You are booked: ")
            with self.progress:
                self.told.append(number)
                self.progress.notify_all()
            call.hang_up()


def known_numbers(database: Database) -> set[str]:
    """Whose visit or urgent call is stored."""
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT callback_number FROM visit UNION SELECT callback_number FROM ticket"
        )
        return {str(number) for (number,) in rows}


def seal_something(database: Database) -> None:
    """Somebody at the desk has read a file, and that is sealed."""
    then, now = datetime.now(UTC) - timedelta(minutes=30), datetime.now(UTC)
    staff = database.write(
        lambda session: (
            accounts.add_user(
                session,
                clinic_id="demo",
                login="lee",
                name="Sam Lee",
                password="a-long-password-of-tests",
                role="admin",
                now=then,
            ).id
        )
    )
    database.write(
        lambda session: audit.record(
            session, clinic_id="demo", staff_id=staff, action="patient.read", detail={}, now=then
        )
    )
    key = sealing.sealing_key(SECRET_KEY)
    database.write(lambda session: sealing.seal(session, key=key, now=now))


def promise_a_link(database: Database) -> None:
    """A caller was told that a text is on its way."""
    now = datetime.now(UTC)
    database.write(
        lambda session: outbox.enqueue(
            session,
            clinic_id="demo",
            kind="link_sms",
            lane="ordinary",
            subject="call:CA1",
            to_number=PATIENT,
            body="the link",
            due_at=now,
            now=now,
        )
    )


def lose_the_disk(url: str) -> None:
    """What stood there is gone; a new server or folder is there and empty."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        for suffix in ("", "-wal", "-shm"):
            Path(f"{parsed.database}{suffix}").unlink(missing_ok=True)
        return
    server = parsed.set(drivername="postgresql", database="postgres")
    name = Identifier(parsed.database or "")
    with psycopg.connect(server.render_as_string(False), autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(name))
        connection.execute(SQL("CREATE DATABASE {}").format(name))


def test_what_callers_were_told_before_the_copy_is_there_when_the_disk_is_lost(
    database_url: str, callnow: Callnow, ask: Ask, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    with open_town(database_url) as town:
        seal_something(town.product.database)
        promise_a_link(town.product.database)
        callers = Callers(town)
        with callers.calling():
            callers.wait_for(6)
            before = set(callers.told)
            made = callnow("backup", str(copy), DATABASE_URL=database_url)
            callers.wait_for(2)
        after = set(callers.told)
        stored = known_numbers(town.product.database)
    assert made.exit_code == 0, made.output
    assert after <= stored
    lose_the_disk(database_url)

    back = callnow("restore", str(copy), DATABASE_URL=database_url)
    assert back.exit_code == 0, back.output
    database = Database(database_url)
    kept = known_numbers(database)
    assert before <= kept
    assert len(before) >= 6
    # What came after the copy is lost: it was a copy, and not the disk itself.
    assert not after <= kept
    told = re.search(r"Brought back\. Visits: (\d+)\. Urgent calls: (\d+)\.", back.output)
    assert told is not None
    assert int(told[1]) + int(told[2]) == len(kept)
    assert "Messages that may have gone out since, left to the desk's list: 1." in back.output

    database.write(beat)
    doctor = ask(DATABASE_URL=database_url)
    assert "ok    demo: audit" in doctor.output
    # The alarms are real, nobody has accepted them; and the tests' PostgreSQL waits for no disk.
    expected = {"demo: urgent tickets", "demo: pages to staff", "storage"}
    assert set(re.findall(r"^WRONG (.+)$", doctor.output, re.MULTILINE)) <= expected
    with open_town(database_url) as town:
        assert town.call(*TO_THE_SLOTS, "1", "1", NO_TEXTS).heard.startswith("You are booked: ")
    database.dispose()


def test_a_copy_is_for_its_owners_eyes_and_replaces_nothing(
    sqlite_url: str, callnow: Callnow, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    assert callnow("backup", str(copy), DATABASE_URL=sqlite_url).exit_code == 0
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    first = copy.read_bytes()
    again = callnow("backup", str(copy), DATABASE_URL=sqlite_url)
    assert again.exit_code == 1
    assert f"{copy} is there already: name another file, or move it away first." in again.output
    assert copy.read_bytes() == first
    nowhere = callnow("backup", str(tmp_path / "no" / "copy.db"), DATABASE_URL=sqlite_url)
    assert "cannot be written to (No such file or directory): make the folder" in nowhere.output
    assert [path.name for path in tmp_path.iterdir()] == ["copy.db"]


def test_a_folder_keeps_the_newest_copies_and_what_else_is_in_it(
    sqlite_url: str, callnow: Callnow, tmp_path: Path
) -> None:
    old = [tmp_path / f"callnow-2026010{day}T000000Z.db" for day in (1, 2, 3)]
    other = tmp_path / "letters.db"
    for path in (*old, other):
        path.touch()
    said = callnow("backup", str(tmp_path), "--keep", "2", DATABASE_URL=sqlite_url)
    assert said.exit_code == 0, said.output
    assert "Older copies deleted: 2." in said.output
    left = sorted(path.name for path in tmp_path.iterdir())
    assert len(left) == 3
    assert left[0] == old[2].name
    assert left[2] == other.name
    refused = callnow("backup", str(other), "--keep", "2", DATABASE_URL=sqlite_url)
    assert "is no folder: --keep is for a folder of copies." in refused.output


@pytest.mark.parametrize("left", ["", "-wal", "-shm"])
def test_nothing_is_brought_back_over_what_is_left_of_a_sqlite_database(
    left: str, sqlite_url: str, callnow: Callnow, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    callnow("backup", str(copy), DATABASE_URL=sqlite_url)
    target = tmp_path / "line.db"
    there = tmp_path / f"line.db{left}"
    there.write_bytes(b"what is left")
    said = callnow("restore", str(copy), DATABASE_URL=f"sqlite:///{target}")
    assert said.exit_code == 1
    assert f"{there} is there: stop callnow web and callnow worker, move {there.name} away" in (
        said.output
    )
    assert there.read_bytes() == b"what is left"


def test_nothing_is_brought_back_over_a_postgresql_database(
    postgresql_url: str, callnow: Callnow, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.dump"
    assert callnow("backup", str(copy), DATABASE_URL=postgresql_url).exit_code == 0
    said = callnow("restore", str(copy), DATABASE_URL=postgresql_url)
    assert said.exit_code == 1
    assert "is not empty: make a new one (createdb) and name it in DATABASE_URL" in said.output


def test_a_damaged_copy_is_refused(sqlite_url: str, callnow: Callnow, tmp_path: Path) -> None:
    copy, target = tmp_path / "copy.db", tmp_path / "line.db"
    callnow("backup", str(copy), DATABASE_URL=sqlite_url)
    whole = copy.read_bytes()
    copy.write_bytes(whole[: len(whole) // 2])
    said = callnow("restore", str(copy), DATABASE_URL=f"sqlite:///{target}")
    assert said.exit_code == 1
    assert f"{copy} is damaged (" in said.output
    assert not target.exists()


def test_a_postgresql_that_cannot_be_reached_or_copied_is_told_without_its_password(
    callnow: Callnow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql://callnow:hunter2@127.0.0.1:1/callnow"
    away = callnow("backup", str(tmp_path / "copy"), DATABASE_URL=url)
    monkeypatch.setenv("PATH", str(tmp_path))
    no_program = callnow("backup", str(tmp_path / "copy"), DATABASE_URL=url)
    assert (away.exit_code, no_program.exit_code) == (1, 1)
    assert "127.0.0.1" in away.output
    assert "pg_dump is not on this machine: install PostgreSQL's client programs" in (
        no_program.output
    )
    assert "hunter2" not in away.output + no_program.output
    assert list(tmp_path.iterdir()) == []
