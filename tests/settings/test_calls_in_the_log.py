"""Whole calls, logged as in production: the log follows the call and never the caller."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from sqlalchemy import text

from ivr.call.flow import FLOW
from ivr.logs import configure_logging
from ivr.simulator.testing import PlacedCall
from tests.calls.conftest import database_template, town
from tests.calls.town import ALARM, NO_TEXTS, Town
from tests.product import NURSE
from tests.settings.logging_state import logging_state_is_restored

__all__ = ["database_template", "logging_state_is_restored", "town"]

NAME = "Maria Gonzalez"
CALLER = ("5125550142", "555-0142", "maria", "gonzalez")
BORN = ("03041940", "1940-03-04", "3/4/1940", "march 4", "1940")


@pytest.fixture
def every_line(logging_state_is_restored: None) -> io.StringIO:
    """All that is logged, of the libraries too, down to DEBUG: more than production keeps."""
    stream = io.StringIO()
    configure_logging(stream, level=logging.DEBUG)
    logging.getLogger().setLevel(logging.DEBUG)
    return stream


def lines_of(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def tells_nothing_of_the_caller(log: io.StringIO) -> bool:
    written = log.getvalue().lower()
    return not [word for word in (*CALLER, *BORN) if word in written]


def nodes_of(log: io.StringIO, call_sid: str) -> list[str]:
    turns = [line for line in lines_of(log) if line["event"] == "turn"]
    assert {line["call_sid"] for line in turns} == {call_sid}
    return [line["node"] for line in turns]


def book_by_voice(town: Town) -> PlacedCall:
    call = town.call()
    call.say("I'd like to make an appointment")
    call.say("a consultation please")
    call.say(f"my name is {NAME}")
    call.say("yes that's right")
    call.say("March 4th 1940")
    call.press("1", "1", "1", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")
    call.hang_up()
    return call


def test_a_booking_call_leaves_its_nodes_and_nothing_of_the_caller(
    town: Town, every_line: io.StringIO
) -> None:
    call = book_by_voice(town)
    nodes = nodes_of(every_line, call.sid)
    assert len(set(nodes)) > 5
    assert set(nodes) <= FLOW.by_name.keys()
    assert tells_nothing_of_the_caller(every_line)
    # That the words looked for are the caller's own is seen where they do belong.
    (patient,) = town.product.rows("SELECT name, date_of_birth FROM patient")
    assert (patient["name"], str(patient["date_of_birth"])) == (NAME, "1940-03-04")


def test_a_booking_by_keys_leaves_nothing_of_the_date_of_birth(
    town: Town, every_line: io.StringIO
) -> None:
    call = town.call("2", "1", "1", "03041940", "1", "1", "1", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")
    assert len(set(nodes_of(every_line, call.sid))) > 5
    assert tells_nothing_of_the_caller(every_line)


def test_an_urgent_call_leaves_its_ticket_and_nobodys_number(
    town: Town, every_line: io.StringIO
) -> None:
    call = town.call(*ALARM)
    town.nurse.answer()
    town.nurse.press("1")
    assert call.bridged_with == NURSE
    call.hang_up()
    assert "urgent" in " ".join(nodes_of(every_line, call.sid))
    assert "accepted" in {line["event"] for line in lines_of(every_line)}
    assert tells_nothing_of_the_caller(every_line)
    assert NURSE[2:] not in every_line.getvalue()


def test_an_urgent_call_that_pages_leaves_no_staff_number_and_no_wording_of_the_page(
    town: Town, every_line: io.StringIO
) -> None:
    town.call(*ALARM).hang_up()
    assert town.let_the_worker_work() == 4
    (page,) = town.nurse.texts
    assert page.body not in every_line.getvalue()
    assert NURSE[2:] not in every_line.getvalue()
    assert tells_nothing_of_the_caller(every_line)


def test_a_call_that_fails_in_the_database_leaves_the_error_and_nothing_of_the_caller(
    town: Town, every_line: io.StringIO
) -> None:
    call = town.call()
    call.say("I'd like to make an appointment")
    call.say("a consultation please")
    call.say(f"my name is {NAME}")
    with town.product.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE call_turn RENAME TO lost"))
    call.press("1")
    failures = [line for line in lines_of(every_line) if line["level"] in ("error", "critical")]
    assert failures
    assert any(line.get("trace") for line in failures)
    assert tells_nothing_of_the_caller(every_line)
