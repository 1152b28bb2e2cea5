"""`callnow phone`: a whole call, typed."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Callnow


def walk(folder: Path, typed: str, *options: str, **environment: str) -> str:
    """What the terminal shows of a call in which this is typed, a line at a time."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "CLINICS_DIR")
    }
    done = subprocess.run(
        [sys.executable, "-m", "ivr.cli", "phone", "--folder", str(folder), *options],
        input=typed,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env={**clean, **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def stored(database: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def test_a_visit_is_booked_by_keys_words_and_silence_and_stands_in_its_database(
    tmp_path: Path,
) -> None:
    screen = walk(
        tmp_path,
        "I'd like an appointment\n1\nsay my name is maria gonzalez\n1\n03041940\n\n1\n1\n1\n1\n",
    )
    assert f"on the database of its own ({tmp_path}/callnow.db)" in screen
    assert "  If this is an emergency, hang up and dial 9 1 1." in screen
    assert "[main] I'd like an appointment" in screen
    assert "[ask_name] say my name is maria gonzalez" in screen
    assert "I heard Maria Gonzalez." in screen
    assert "[confirm_birth] \n  I did not hear you." in screen
    assert "[read_back] 1\n  Your visit is booked. " in screen
    # The input ends there, and with it the call.
    assert screen.endswith("Hung up.\n")
    assert stored(tmp_path / "callnow.db", "SELECT status FROM visit") == [("booked",)]


def test_an_urgent_call_in_spanish_is_taken_by_the_second_on_call_on_a_database_that_is_named(
    tmp_path: Path,
) -> None:
    other = tmp_path / "elsewhere.db"
    screen = walk(
        tmp_path / "folder",
        "1\n2\n\nanswer\n1\nhang up\n",
        "--language",
        "es",
        DATABASE_URL=f"sqlite:///{other}",
    )
    assert f"on the database that DATABASE_URL names ({other})" in screen
    assert "  Para un síntoma urgente" in screen
    assert "[Ana Ruiz, on call: ringing; answer, or an empty line: nobody does] \n" in screen
    assert "Sam Lee, on call hears: Urgent pump call." in screen
    assert "[Sam Lee, on call] 1" in screen
    assert "[connected with Sam Lee, on call] hang up" in screen
    kinds = [kind for (kind,) in stored(other, "SELECT kind FROM ticket_event ORDER BY sequence")]
    assert [kind for kind in kinds if kind in ("no_answer", "accepted")] == [
        "no_answer",
        "accepted",
    ]


def test_a_clinic_that_does_not_exist_is_named(callnow: Callnow, tmp_path: Path) -> None:
    asked = callnow("phone", "--clinic", "nowhere", "--folder", str(tmp_path))
    assert asked.exit_code == 1
    assert "There is no clinic nowhere: --clinic is one of demo." in asked.output
