"""Nothing in a log line identifies a patient."""

from __future__ import annotations

import ast
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

import ivr
import scheduling
from ivr.logs import ALLOWED_KEYS

NUMBER = "+15125550123"
NAME = "Maria Gonzalez"
BORN = "1961-04-09"


def lines_of(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def the_line_of(log: io.StringIO) -> dict[str, Any]:
    (line,) = lines_of(log)
    return line


def test_a_turn_is_logged_as_one_line_of_json(log: io.StringIO) -> None:
    structlog.get_logger().info(
        "turn", call_sid="CA" + "7" * 32, clinic_id="demo", turn=3, node="main", ms=12.5
    )

    line = the_line_of(log)
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "level": "info",
        "event": "turn",
        "call_sid": "CA" + "7" * 32,
        "clinic_id": "demo",
        "turn": 3,
        "node": "main",
        "ms": 12.5,
    }


@pytest.mark.parametrize("key", ["phone", "name", "date_of_birth", "digits", "speech", "to"])
def test_a_key_that_is_not_on_the_list_is_dropped_and_only_its_name_remains(
    key: str, log: io.StringIO
) -> None:
    structlog.get_logger().info("turn", **{key: "7"})

    line = the_line_of(log)
    assert key not in line
    assert line["withheld"] == [key]


@pytest.mark.parametrize(
    "value",
    [
        NUMBER,
        "5125550123",
        "512-555-0123",
        "512.555.0123",
        "512/555/0123",
        "512_555_0123",
        5125550123,
        NAME,
        BORN,
        "1961/4/9",
        "04/09/1961",
        "4/9/61",
        "4-9-61",
        "9.4.1961",
        4091961,
        "maria@example.org",
        [NAME],
        {"name": NAME},
        b"Maria",
    ],
)
def test_a_value_that_could_be_a_persons_is_withheld_whatever_its_key(
    value: object, log: io.StringIO
) -> None:
    structlog.get_logger().info("turn", reason=value)

    line = the_line_of(log)
    assert line["reason"] == "[withheld]"
    assert line["withheld"] == ["reason"]


@pytest.mark.parametrize(
    "value",
    [
        "SM" + "0123456789abcdef" * 2,
        "01a20af6-1234-4567-8901-234567890123",
        "OperationalError",
        "2.1.0",
        "/voice/turn/<int:number>",
    ],
)
def test_ids_and_names_of_errors_are_logged(value: str, log: io.StringIO) -> None:
    structlog.get_logger().info("sent", message_id=value)

    assert the_line_of(log)["message_id"] == value


def test_an_id_may_be_given_as_it_is(log: io.StringIO) -> None:
    structlog.get_logger().info("accepted", ticket_id=UUID(int=7))

    assert the_line_of(log)["ticket_id"] == str(UUID(int=7))


@pytest.mark.parametrize("event", [f"called {NAME}", NUMBER, "Turn", ""])
def test_an_event_that_is_no_fixed_word_is_withheld(event: str, log: io.StringIO) -> None:
    structlog.get_logger().warning(event)

    assert the_line_of(log)["event"] == "[withheld]"


def test_arguments_of_a_message_are_not_logged(log: io.StringIO) -> None:
    structlog.get_logger().info("called %s at %s", NAME, NUMBER)

    assert NAME not in log.getvalue()
    assert NUMBER not in log.getvalue()


def test_a_form_unpacked_by_mistake_leaves_neither_values_nor_strange_keys(
    log: io.StringIO,
) -> None:
    structlog.get_logger().info("turn", **{"From": NUMBER, NUMBER: "x", "SpeechResult": NAME})

    assert NAME not in log.getvalue()
    assert NUMBER not in log.getvalue()


def test_bound_context_passes_the_same_filter(log: io.StringIO) -> None:
    structlog.contextvars.bind_contextvars(call_sid="CA" + "a" * 32, caller=NUMBER)
    structlog.get_logger().info("turn")

    assert the_line_of(log)["call_sid"] == "CA" + "a" * 32
    assert NUMBER not in log.getvalue()


def test_an_exception_is_logged_by_type_and_place_but_never_by_its_text(log: io.StringIO) -> None:
    def look_up() -> None:
        raise KeyError(NAME)

    try:
        try:
            look_up()
        except KeyError as error:
            raise ValueError(f"no patient {NAME} with {NUMBER}") from error
    except ValueError:
        structlog.get_logger().exception("webhook_failed")

    line = the_line_of(log)
    assert line["error"] == "ValueError<KeyError"
    assert line["trace"][0].startswith("tests/settings/test_logs.py:")
    assert NAME not in log.getvalue()
    assert NUMBER not in log.getvalue()


def test_a_row_that_the_database_quotes_does_not_reach_the_log(log: io.StringIO) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE patient (name TEXT PRIMARY KEY)"))
        statement = text("INSERT INTO patient VALUES (:name)")
        connection.execute(statement, {"name": NAME})
        try:
            connection.execute(statement, {"name": NAME})
        except IntegrityError:
            structlog.get_logger().exception("webhook_failed")
    engine.dispose()

    assert the_line_of(log)["error"].startswith("IntegrityError")
    assert NAME not in log.getvalue()


def test_a_librarys_warning_keeps_its_wording_and_loses_what_was_filled_in(
    log: io.StringIO,
) -> None:
    logging.getLogger("some.library").warning("POST %s for %d s: %s", NUMBER, 4, NAME)

    line = the_line_of(log)
    assert line["event"] == "POST … for 4 s: …"
    assert line["logger"] == "some.library"


def test_a_librarys_ready_made_text_is_not_logged_but_its_place_is(log: io.StringIO) -> None:
    logging.getLogger("some.library").error(f"no answer from {NUMBER}")  # noqa: G004  # libraries do so

    line = the_line_of(log)
    assert NUMBER not in log.getvalue()
    assert line["location"].startswith("tests/settings/test_logs.py:")


def test_the_carriers_client_does_not_log_whom_it_calls(log: io.StringIO) -> None:
    client = logging.getLogger("twilio.http_client")
    client.info("POST Request: %s", "/Messages.json")
    client.debug("Data: %s", {"To": NUMBER})

    assert log.getvalue() == ""


def test_what_python_would_print_of_an_unhandled_exception_is_logged_instead(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    sys.excepthook(ValueError, ValueError(NAME), None)

    def fail() -> None:
        raise ValueError(NAME)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()

    assert [line["event"] for line in lines_of(log)] == ["unhandled_exception"] * 2
    assert NAME not in log.getvalue()
    assert capsys.readouterr() == ("", "")


def test_a_message_that_cannot_be_formatted_is_not_printed_with_its_arguments(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    record = logging.LogRecord("some.library", 30, "/a/b.py", 1, "%d calls", (NAME,), None)
    logging.getLogger().handle(record)

    assert NAME not in log.getvalue() + "".join(capsys.readouterr())


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    """Every `log.info(…)` and its like in the product's source."""
    for package in (ivr, scheduling):
        folder = Path(package.__path__[0])
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and is_log_call(node.func):
                    yield f"{path.relative_to(folder.parent)}:{node.lineno}", node


def is_log_call(function: ast.expr) -> bool:
    levels = {"debug", "info", "warning", "error", "exception", "critical"}
    return (
        isinstance(function, ast.Attribute)
        and function.attr in levels
        and isinstance(function.value, ast.Name)
        and function.value.id == "log"
    )


def test_every_key_that_the_product_logs_is_on_the_list() -> None:
    calls = list(log_calls())
    unknown = [
        (place, keyword.arg)
        for place, call in calls
        for keyword in call.keywords
        if keyword.arg not in ALLOWED_KEYS | {"exc_info"}
    ]

    assert len(calls) > 10
    assert unknown == []


def test_no_key_that_could_name_a_patient_is_on_the_list() -> None:
    personal = {"name", "phone", "number", "to", "from", "caller", "date_of_birth", "patient_id"}

    assert not ALLOWED_KEYS & personal
