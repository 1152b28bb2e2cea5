"""What an operator types, and what is answered."""

from __future__ import annotations

import pathlib
import re

import pytest

from ivr.frontdesk import accounts
from ivr.migrations.run import current_revision, head_revision
from scheduling.database import Database
from tests.cli.conftest import Callnow
from tests.clinics.files import clinic_file

PASSWORD = "four unrelated words here"


@pytest.mark.parametrize(
    "command",
    [["web"], ["worker"], ["migrate"], ["clinic", "load"], ["user", "add", "ana", "--name", "A"]],
)
def test_every_command_lists_all_that_is_missing_and_exits_with_2(
    command: list[str], callnow: Callnow
) -> None:
    result = callnow(*command, DATABASE_URL=None, SECRET_KEY=None, PORT="http")

    assert result.exit_code == 2
    for variable in ("DATABASE_URL is not set", "SECRET_KEY is not set", "PORT is malformed"):
        assert variable in result.stderr
    assert result.stdout == ""


def test_migrating_says_what_it_did_and_can_be_repeated(
    empty_database_url: str, callnow: Callnow
) -> None:
    first = callnow("migrate", DATABASE_URL=empty_database_url)
    second = callnow("migrate", DATABASE_URL=empty_database_url)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert f"from empty to revision {head_revision()}" in first.output
    assert "nothing to do" in second.output
    assert current_revision(empty_database_url) == head_revision()


def test_a_clinic_is_loaded_once_and_the_second_time_nothing_changes(
    database_url: str, callnow: Callnow
) -> None:
    first = callnow("clinic", "load", DATABASE_URL=database_url)
    second = callnow("clinic", "load", DATABASE_URL=database_url)

    assert first.exit_code == 0, first.output
    assert "  provider fura added" in first.output
    assert second.output == "demo: nothing to change.\n"


def test_a_clinic_is_loaded_from_a_file_that_is_named(
    sqlite_url: str, callnow: Callnow, tmp_path: pathlib.Path
) -> None:
    path = clinic_file(tmp_path / "one", ('id = "demo"', 'id = "austin"'))

    result = callnow("clinic", "load", str(path), DATABASE_URL=sqlite_url)

    assert result.exit_code == 0
    assert result.output.startswith("austin: ")


def test_clinics_are_loaded_from_clinics_dir_where_none_is_named(
    sqlite_url: str, callnow: Callnow, tmp_path: pathlib.Path
) -> None:
    clinic_file(tmp_path / "one", ('id = "demo"', 'id = "austin"'))

    result = callnow("clinic", "load", DATABASE_URL=sqlite_url, CLINICS_DIR=str(tmp_path))

    assert result.output.startswith("austin: ")


def test_a_clinic_file_with_faults_is_refused_with_all_of_them(
    sqlite_url: str, callnow: Callnow, tmp_path: pathlib.Path
) -> None:
    path = clinic_file(
        tmp_path / "one", ("America/Chicago", "Texas"), ('"+15125550150"', '"512 555 0150"')
    )

    result = callnow("clinic", "load", str(path), DATABASE_URL=sqlite_url)

    assert result.exit_code == 1
    assert "2 things to correct" in result.stderr
    assert "Traceback" not in result.output


def test_a_clinic_whose_sentences_are_incomplete_is_not_stored(
    sqlite_url: str, callnow: Callnow, tmp_path: pathlib.Path
) -> None:
    path = clinic_file(tmp_path / "one")
    sentences = path.parent / "es.toml"
    text = sentences.read_text(encoding="utf-8")
    sentences.write_text(text.replace("[directions]", "[directions_nothing]"), encoding="utf-8")

    refused = callnow("clinic", "load", str(path), DATABASE_URL=sqlite_url)
    loaded_later = callnow("clinic", "load", DATABASE_URL=sqlite_url)

    assert refused.exit_code == 1
    assert "directions" in refused.stderr
    assert "clinic added" in loaded_later.output


def test_a_database_that_is_not_there_gets_an_answer_instead_of_a_trace(callnow: Callnow) -> None:
    address = "postgresql://callnow:hunter2@127.0.0.1:1/callnow"

    for command in (["migrate"], ["clinic", "load"]):
        result = callnow(*command, DATABASE_URL=address)

        assert result.exit_code == 1
        assert "DATABASE_URL" in result.stderr
        assert "hunter2" not in result.output
        assert "Traceback" not in result.output


def test_a_database_without_tables_is_told_to_migrate(
    empty_database_url: str, callnow: Callnow
) -> None:
    result = callnow("clinic", "load", DATABASE_URL=empty_database_url)

    assert result.exit_code == 1
    assert "callnow migrate" in result.stderr


def test_a_member_of_staff_is_added_and_can_sign_in(database_url: str, callnow: Callnow) -> None:
    callnow("clinic", "load", DATABASE_URL=database_url)

    result = callnow(
        "user",
        "add",
        "Maria",
        "--name",
        "Maria at the desk",
        "--password-stdin",
        given=f"{PASSWORD}\n",
        DATABASE_URL=database_url,
    )

    assert result.output == "maria may now sign in at /frontdesk, for clinic demo.\n"
    database = Database(database_url, budget_seconds=None)
    found = database.read(lambda session: accounts.find_user(session, "maria"))
    database.dispose()
    assert accounts.check_password(found, PASSWORD)


def test_a_password_is_asked_for_twice_and_never_shown(sqlite_url: str, callnow: Callnow) -> None:
    callnow("clinic", "load", DATABASE_URL=sqlite_url)

    result = callnow(
        "user",
        "add",
        "maria",
        "--name",
        "Maria",
        given=f"{PASSWORD}\n{PASSWORD}\n",
        DATABASE_URL=sqlite_url,
    )

    assert result.exit_code == 0
    assert PASSWORD not in result.output


@pytest.mark.parametrize(
    ("login", "password", "answer"),
    [
        ("maria", "short", "give 15 to 256"),
        ("ma ria", PASSWORD, "cannot be used"),
    ],
)
def test_an_account_that_cannot_be_made_says_what_to_give_instead(
    login: str, password: str, answer: str, sqlite_url: str, callnow: Callnow
) -> None:
    callnow("clinic", "load", DATABASE_URL=sqlite_url)

    result = callnow(
        "user",
        "add",
        login,
        "--name",
        "Maria",
        "--password-stdin",
        given=password,
        DATABASE_URL=sqlite_url,
    )

    assert result.exit_code == 1
    assert answer in result.stderr


def test_a_login_that_is_taken_is_refused(sqlite_url: str, callnow: Callnow) -> None:
    callnow("clinic", "load", DATABASE_URL=sqlite_url)
    add = ["user", "add", "maria", "--name", "Maria", "--password-stdin"]
    callnow(*add, given=PASSWORD, DATABASE_URL=sqlite_url)

    result = callnow(*add, given=PASSWORD, DATABASE_URL=sqlite_url)

    assert result.exit_code == 1
    assert "maria is taken" in result.stderr


def test_who_cannot_get_in_any_more_is_let_in_from_the_machine(
    database_url: str, callnow: Callnow
) -> None:
    callnow("clinic", "load", DATABASE_URL=database_url)
    add = ["user", "add", "ada", "--name", "Ada", "--role", "admin", "--password-stdin"]
    callnow(*add, given=PASSWORD, DATABASE_URL=database_url)

    result = callnow("user", "reset", "ADA", DATABASE_URL=database_url)

    said = re.fullmatch(r"ada signs in once with (\S+) and then .*\n", result.output)
    assert said
    database = Database(database_url, budget_seconds=None)
    found = database.read(lambda session: accounts.find_user(session, "ada"))
    database.dispose()
    assert found
    assert accounts.check_password(found, said[1])
    assert not accounts.check_password(found, PASSWORD)
    assert found.must_change_password
    assert found.factor_salt is None


def test_a_login_that_nobody_has_is_not_reset(sqlite_url: str, callnow: Callnow) -> None:
    result = callnow("user", "reset", "nobody", DATABASE_URL=sqlite_url)

    assert result.exit_code == 1
    assert "There is no login nobody" in result.stderr


def test_staff_cannot_be_added_before_there_is_a_clinic(sqlite_url: str, callnow: Callnow) -> None:
    result = callnow("user", "add", "maria", "--name", "Maria", DATABASE_URL=sqlite_url)

    assert result.exit_code == 1
    assert "run callnow clinic load first" in result.stderr


def test_with_several_clinics_the_right_one_must_be_named(
    sqlite_url: str, callnow: Callnow, tmp_path: pathlib.Path
) -> None:
    callnow("clinic", "load", DATABASE_URL=sqlite_url)
    other = clinic_file(
        tmp_path / "one", ('id = "demo"', 'id = "austin"'), ("+15125550100", "+15125550160")
    )
    callnow("clinic", "load", str(other), DATABASE_URL=sqlite_url)
    add = ["user", "add", "maria", "--name", "Maria", "--password-stdin"]

    unnamed = callnow(*add, given=PASSWORD, DATABASE_URL=sqlite_url)
    misnamed = callnow(*add, "--clinic", "dallas", given=PASSWORD, DATABASE_URL=sqlite_url)
    named = callnow(*add, "--clinic", "austin", given=PASSWORD, DATABASE_URL=sqlite_url)

    assert "one of: austin, demo" in unnamed.stderr
    assert "There is no clinic 'dallas'" in misnamed.stderr
    assert "for clinic austin" in named.output


def test_the_call_flow_is_printed_without_any_settings(callnow: Callnow) -> None:
    result = callnow("flow", DATABASE_URL=None, SECRET_KEY=None)

    assert result.exit_code == 0
    assert "mermaid" in result.output
