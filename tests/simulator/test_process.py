"""The phone company as a process of its own: configuration, control over HTTP, clean stop."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from werkzeug.serving import make_server

from ivr.simulator.config import ConfigError, read_config
from tests.simulator.conftest import CLINIC, NURSE, PATIENT, TinyProduct, config


@pytest.fixture
def settings(tmp_path: Path, product: TinyProduct) -> Iterator[Path]:
    """A configuration whose numbers lead to a tiny product that is served on a free port."""
    server = make_server("127.0.0.1", 0, product.app(), threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    text = json.dumps(config()).replace("product.test", f"127.0.0.1:{server.server_port}")
    path = tmp_path / "phone.json"
    path.write_text(text, encoding="utf-8")
    yield path
    server.shutdown()
    thread.join()
    server.server_close()


class Running:
    """A phone company's process and its control interface."""

    def __init__(self, settings: Path) -> None:
        command = [sys.executable, "-m", "ivr.simulator", "--config", str(settings), "--port", "0"]
        self.process = subprocess.Popen(
            [*command, "--words-per-minute", "6000"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.base_url = self.process.stdout.readline().rpartition(" ")[2].strip()
        self.http = httpx.Client(base_url=self.base_url, timeout=25, trust_env=False)

    def act(self, number: str, action: str, **order: str) -> httpx.Response:
        return self.http.post(f"/control/phones/{quote(number)}/{action}", json=order)

    def state(self, version: int = -1) -> dict[str, Any]:
        answer = self.http.get("/control/state", params={"version": version})
        state: dict[str, Any] = answer.json()
        return state

    def phone(self, number: str, **wanted: str) -> dict[str, Any]:
        """The phone's state as soon as each wanted value is found in it."""
        version, seen = -1, {}
        for _ in range(50):
            state = self.state(version)
            version = state["version"]
            [seen] = [phone for phone in state["phones"] if phone["number"] == number]
            if all(value in json.dumps(seen[name]) for name, value in wanted.items()):
                return dict(seen)
        raise AssertionError(f"{wanted} never came: {seen}")

    def stop(self, by: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        self.http.close()
        self.process.send_signal(by)
        _, errors = self.process.communicate(timeout=10)
        return self.process.returncode, errors


@pytest.fixture
def running(settings: Path) -> Iterator[Running]:
    company = Running(settings)
    yield company
    assert company.stop() == (0, "")


def test_a_call_is_made_and_connected_over_the_control_interface(
    running: Running, product: TinyProduct
) -> None:
    product.says("/voice", '<Gather numDigits="1" action="/menu"><Say>Press 1.</Say></Gather>')
    product.says("/menu", f'<Dial><Number url="/whisper">{NURSE}</Number></Dial>')
    product.says("/whisper", "<Say>A call for you.</Say>")
    assert running.act(PATIENT, "call", to=CLINIC).status_code == 200
    running.phone(PATIENT, expects="1 key")
    running.act(PATIENT, "press", keys="1")
    running.phone(NURSE, state="ringing")
    running.act(NURSE, "answer")
    running.phone(NURSE, transcript="A call for you.", connected_with="Patient")
    running.act(PATIENT, "say", words="Good morning.")
    running.phone(NURSE, transcript="Good morning.")
    running.act(NURSE, "hang-up")
    running.phone(PATIENT, state="idle")
    seen = [thing["title"] for thing in running.state()["seen"]]
    assert seen[:3] == ["incoming call", "gather action", "whisper"]


def test_a_slow_webhook_of_one_call_does_not_hold_up_another(
    running: Running, product: TinyProduct
) -> None:
    other_was_served = Event()

    def slow(_: dict[str, str]) -> str:
        assert other_was_served.wait(10)
        return "<Say>At last.</Say>"

    product.says("/voice", slow)
    running.act(PATIENT, "call", to=CLINIC)
    product.says("/sms", "<Message>Here already.</Message>")
    running.act(NURSE, "text", to=CLINIC, body="Hello?")
    running.phone(NURSE, texts="Here already.")
    other_was_served.set()
    running.phone(PATIENT, transcript="At last.")


def test_an_interrupt_stops_the_company_too(settings: Path) -> None:
    assert Running(settings).stop(signal.SIGINT) == (0, "")


def test_a_wrong_configuration_names_every_fault_and_what_to_do(tmp_path: Path) -> None:
    wrong = config()
    wrong["account_sid"] = "AC12"
    wrong["phones"] = [{"number": "12", "kind": "robot"}, {"number": CLINIC}]
    wrong["colour"] = "green"
    path = tmp_path / "phone.json"
    path.write_text(json.dumps(wrong), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "ivr.simulator", "--config", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    for fault in ("account_sid", "phones.0.number", "phones.0.kind", "colour", "(E.164)"):
        assert fault in run.stderr


def test_a_missing_file_and_a_number_given_twice_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path / "nowhere.json")
    twice = config()
    twice["phones"] = [{"number": CLINIC}]
    path = tmp_path / "phone.json"
    path.write_text(json.dumps(twice), encoding="utf-8")
    with pytest.raises(ConfigError, match="more than once"):
        read_config(path)
