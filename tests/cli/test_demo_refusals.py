"""What keeps a demonstration from starting, and what it says then."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import pytest

from ivr import loading
from ivr.clinics.definition import ClinicFileError
from ivr.demo.children import Children
from ivr.demo.folder import DemoError, Secrets, phone_company, secrets_in, sole_use_of
from ivr.demo.start import run
from ivr.settings import PACKAGED_CLINICS, SettingsError
from tests.clinics.files import clinic_file
from tests.provision.ports import free_port

PORTS = {"PORT": "18000", "PHONE_PORT": "18010"}

pytestmark = pytest.mark.usefixtures("signal_handlers_are_restored")


@pytest.mark.parametrize("name", ["PORT", "PHONE_PORT"])
def test_a_port_that_is_taken_is_named_with_the_variable_that_moves_it(
    name: str, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        environ = {"PORT": str(free_port()), "PHONE_PORT": str(free_port()), name: str(taken)}

        with pytest.raises(DemoError) as caught:
            run(environ, tmp_path / "var")

    assert f"Port {taken} cannot be used" in str(caught.value)
    assert f"such as {name}=" in str(caught.value)


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "٣"])
def test_a_port_that_does_not_exist_is_refused(port: str, tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="a number from 1 to 65535"):
        run({"PORT": port}, tmp_path / "var")


def test_both_ports_may_not_be_the_same(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="give them different numbers"):
        run({"PORT": "18000", "PHONE_PORT": "18000"}, tmp_path / "var")


def test_a_second_demonstration_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with sole_use_of(tmp_path), pytest.raises(DemoError, match="already running"):
        run(PORTS, tmp_path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")

    with pytest.raises(DemoError, match="name another with --folder"):
        run(PORTS, tmp_path / "file" / "var")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"account_sid": "AC"'])
def test_a_spoilt_file_of_secrets_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text(content, encoding="utf-8")

    with pytest.raises(DemoError, match="delete it"):
        secrets_in(tmp_path)


def test_secrets_are_made_once_and_are_not_in_a_repr(tmp_path: Path) -> None:
    made = secrets_in(tmp_path)

    assert secrets_in(tmp_path) == made
    for secret in (made.auth_token, made.secret_key, made.desk_password):
        assert secret not in repr(made)


def test_a_database_that_cannot_be_used_is_refused_before_anything_starts(tmp_path: Path) -> None:
    environ = {
        "PORT": str(free_port()),
        "PHONE_PORT": str(free_port()),
        "DATABASE_URL": "mysql://h/n",
    }

    with pytest.raises(SettingsError, match="DATABASE_URL"):
        run(environ, tmp_path / "var")


def test_a_clinic_file_with_faults_is_refused_before_anything_starts(tmp_path: Path) -> None:
    clinic_file(tmp_path / "clinics" / "one", ("America/Chicago", "Texas"))
    environ = {
        "PORT": str(free_port()),
        "PHONE_PORT": str(free_port()),
        "CLINICS_DIR": str(tmp_path / "clinics"),
    }

    with pytest.raises(ClinicFileError, match="timezone"):
        run(environ, tmp_path / "var")


def test_the_phone_company_has_the_line_everybody_on_call_and_two_patients() -> None:
    account = Secrets("AC" + "0" * 32, "token", "key", "password")
    clinics = loading.clinics_at(PACKAGED_CLINICS)

    company = phone_company(clinics, "http://127.0.0.1:8000", account)

    (line,) = company["numbers"]
    assert line["phone_number"] == "+15125550100"
    assert line["voice_url"] == "http://127.0.0.1:8000/voice/incoming"
    assert line["voice_fallback_url"] == "http://127.0.0.1:8000/voice/fallback"
    assert line["status_callback"] == "http://127.0.0.1:8000/voice/status"
    assert line["sms_url"] == "http://127.0.0.1:8000/sms/incoming"
    assert [phone["kind"] for phone in company["phones"]] == ["patient"] * 2 + ["staff"] * 4
    assert len({phone["number"] for phone in company["phones"]}) == 6
    assert json.loads(json.dumps(company)) == company


def test_a_child_that_dies_is_reported_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    with Children() as children:
        children.start("quick", [sys.executable, "-c", "print('last words'); exit(3)"], {}, log)
        children._all[0].process.wait(30)

        with pytest.raises(DemoError) as caught:
            children.require_all_alive()

    assert "exit code 3" in str(caught.value)
    assert str(caught.value).endswith(f"The end of {log}:\n  last words")


def test_a_child_that_will_not_stop_is_killed_with_its_own_children(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        deaf_parent_and_child = (
            "import os, signal, socket\n"
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            f"connection = socket.create_connection({listener.getsockname()!r})\n"
            "if os.fork():\n"
            "    connection.send(b'ready')\n"
            "signal.pause()\n"
        )
        with Children(stop_seconds=0.2) as children:
            arguments = [sys.executable, "-c", deaf_parent_and_child]
            children.start("deaf", arguments, {}, tmp_path / "deaf.log")
            listener.settimeout(30)
            connection, _ = listener.accept()
            connection.settimeout(30)
            assert connection.recv(5) == b"ready"

        # Both held the connection: only when both are gone does it end.
        assert connection.recv(1) == b""
        connection.close()
