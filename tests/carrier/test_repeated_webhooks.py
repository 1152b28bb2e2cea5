"""A webhook that comes twice, or eight times at once, has one effect and one answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from uuid import UUID

import pytest

from ivr.messages import heartbeat
from tests.product import LINE, NURSE, Product, incoming

Step = tuple[str, Mapping[str, str]]

AT_ONCE = 8

EFFECTS = (
    "agenda_change",
    "call",
    "call_turn",
    "desk_task",
    "hold",
    "occupancy",
    "outbox_message",
    "patient",
    "ticket",
    "ticket_event",
    "visit",
    "visit_event",
)
"""Every table that a webhook can write."""


def turns(*answers: Mapping[str, str]) -> list[Step]:
    """A call: its beginning, then one turn for each thing the caller, or a ring, did."""
    return [
        ("/voice/incoming", incoming()),
        *(
            (f"/voice/turn/{number}", incoming(**answer))
            for number, answer in enumerate(answers, start=1)
        ),
    ]


def keys(*digits: str) -> list[Mapping[str, str]]:
    return [{"Digits": one} for one in digits]


NOBODY_ANSWERED: Mapping[str, str] = {"DialCallStatus": "no-answer"}
VOICEMAIL: Mapping[str, str] = {"DialCallStatus": "completed", "DialBridged": "false"}

CALLS = {
    # Appointments, consultation, no name, born March 4, 1940, yes, own number, first slot, book.
    "booking": turns(*keys("2", "1", "1", "03041940", "1", "1", "1", "1")),
    "choosing again": turns(*keys("2", "1", "1", "03041940", "1", "1", "1", "2", "2", "1")),
    # The nurse's phone rings out, a voicemail takes the backup's; rung again; then a promise.
    "urgent": turns(
        *keys("1", "2"),
        NOBODY_ANSWERED,
        VOICEMAIL,
        *keys("1"),
        NOBODY_ANSWERED,
        NOBODY_ANSWERED,
        {},
    ),
    # A person, the desk, which does not answer; called back on the own number.
    "person": turns(*keys("0", "2"), NOBODY_ANSWERED, *keys("2", "1")),
}


def rows(product: Product) -> dict[str, list[str]]:
    """Everything stored, values and all."""
    return {
        table: sorted(str(row) for row in product.rows(f'SELECT * FROM "{table}"'))  # noqa: S608  # our own table names
        for table in EFFECTS
    }


def at_once(product: Product, step: Step) -> set[bytes]:
    """What eight requests for the same thing are answered, all sent at one moment."""
    answers: list[bytes] = []
    start = threading.Barrier(AT_ONCE)

    def post() -> None:
        start.wait()
        answer = product.post(*step)
        assert answer.status_code in (200, 204)
        answers.append(answer.data)

    threads = [threading.Thread(target=post) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == AT_ONCE
    return set(answers)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_turn_posted_twice_in_sequence_answers_the_same_bytes(
    product: Product, call: list[Step]
) -> None:
    first_answers = []
    for step in call:
        first = product.post(*step).data
        stored = rows(product)
        assert product.post(*step).data == first
        assert rows(product) == stored
        first_answers.append(first)
    # Late retries of every turn, after the call went on, are answered from the store too.
    stored = rows(product)
    assert [product.post(*step).data for step in call] == first_answers
    assert rows(product) == stored


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_turn_posted_eight_times_at_once_answers_the_same_bytes(
    product: Product, call: list[Step]
) -> None:
    for step in call:
        (answer,) = at_once(product, step)
        stored = rows(product)
        assert product.post(*step).data == answer
        assert rows(product) == stored
    assert product.count("call") == 1
    assert product.count("call_turn") == len(call)


def test_eight_bookings_of_one_caller_at_once_are_one_visit(product: Product) -> None:
    for step in CALLS["booking"]:
        at_once(product, step)
    assert [product.count(table) for table in ("visit", "patient", "hold")] == [1, 1, 0]


def test_eight_urgent_keys_at_once_are_one_ticket_and_one_ring(product: Product) -> None:
    for step in CALLS["urgent"][:3]:
        at_once(product, step)
    assert product.count("ticket") == 1
    rings = product.rows("SELECT * FROM ticket_event WHERE kind = 'ringing'")
    assert len(rings) == 1


AFTER_THE_FIRST_RING = CALLS["urgent"][:3]


def whisper(product: Product, **changes: str) -> Step:
    from_nurse = {"CallSid": "CA" + "9" * 32, "From": LINE, "To": NURSE, **changes}
    ticket = UUID(str(product.rows("SELECT id FROM ticket")[0]["id"]))
    path = f"/voice/whisper/{ticket}"
    return f"{path}/ana-ruiz/answer/0", incoming(**from_nurse)


@pytest.mark.parametrize("digits", ["1", "2", "7"], ids=["accepts", "passes", "wrong key"])
def test_a_whisper_s_key_posted_again_changes_nothing(product: Product, digits: str) -> None:
    for step in AFTER_THE_FIRST_RING:
        product.post(*step)
    (answer,) = at_once(product, whisper(product, Digits=digits))
    stored = rows(product)
    assert product.post(*whisper(product, Digits=digits)).data == answer
    assert rows(product) == stored


def test_an_acceptance_reported_again_does_not_take_back_a_ticket_put_back(
    product: Product,
) -> None:
    for step in AFTER_THE_FIRST_RING:
        product.post(*step)
    acceptance = whisper(product, Digits="1")
    product.post(*acceptance)
    # The line broke before the two were connected: the ticket goes back and rings again.
    product.post("/voice/turn/3", incoming(DialCallStatus="failed"))
    stored = rows(product)
    (ticket,) = product.rows("SELECT status, accepted_by FROM ticket")
    assert (ticket["status"], ticket["accepted_by"]) == ("ringing", None)
    assert product.rows("SELECT * FROM outbox_message WHERE state = 'pending'")
    product.post(*acceptance)
    assert rows(product) == stored


def test_the_key_that_fetches_a_waiting_caller_is_answered_alike_each_time(
    product: Product,
) -> None:
    now = product.clock.now
    product.database.write(
        lambda session: heartbeat.beat(session, worker_id="w", started_at=now, now=now)
    )
    for step in turns(*keys("1", "2"), NOBODY_ANSWERED, NOBODY_ANSWERED):
        product.post(*step)
    path, form = whisper(product, Digits="1")
    page: Step = (path.replace("/voice/whisper/", "/voice/page/"), form)
    (answer,) = at_once(product, page)
    assert b"</Queue>" in answer
    stored = rows(product)
    assert product.post(*page).data == answer
    assert rows(product) == stored


def test_the_end_of_a_call_reported_again_pages_nobody_twice(product: Product) -> None:
    for step in AFTER_THE_FIRST_RING:
        product.post(*step)
    ended: Step = ("/voice/status", incoming(CallStatus="completed"))
    at_once(product, ended)
    stored = rows(product)
    assert len(stored["outbox_message"]) == 2
    product.post(*ended)
    assert rows(product) == stored


def test_a_text_delivered_again_is_one_task_of_the_desk(product: Product) -> None:
    text: Step = ("/sms/incoming", incoming(MessageSid="SM" + "1" * 32, Body="Please call me"))
    assert len(at_once(product, text)) == 1
    assert product.count("desk_task") == 1
