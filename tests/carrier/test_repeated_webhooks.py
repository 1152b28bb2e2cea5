"""A webhook that comes twice, or eight times at once, has one effect and one answer."""

from __future__ import annotations

import threading

import pytest

from tests.product import Product, incoming

BOOKING = ["2", "1", "1", "03041940", "1", "1", "1", "1"]
"""Appointments, consultation, no name, born March 4, 1940, yes, own number, first slot, book."""


def effects(product: Product) -> dict[str, int]:
    return {
        table: product.count(table)
        for table in ("call", "call_turn", "visit", "hold", "patient", "ticket", "outbox_message")
    }


def at_once(product: Product, path: str, form: dict[str, str], times: int) -> list[bytes]:
    answers: list[bytes] = []
    start = threading.Barrier(times)

    def post() -> None:
        start.wait()
        answer = product.post(path, form)
        assert answer.status_code == 200
        answers.append(answer.data)

    threads = [threading.Thread(target=post) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("keys", [BOOKING, ["1"], ["0"]], ids=["booking", "urgent", "person"])
def test_every_turn_posted_twice_in_sequence_answers_the_same_bytes(
    product: Product, keys: list[str]
) -> None:
    steps = [("/voice/incoming", incoming())]
    steps += [
        (f"/voice/turn/{n}", incoming(Digits=digits)) for n, digits in enumerate(keys, start=1)
    ]
    first_answers = []
    before = effects(product)
    for path, form in steps:
        first = product.post(path, form)
        before = effects(product)
        assert product.post(path, form).data == first.data
        assert effects(product) == before
        first_answers.append(first.data)
    # Late retries of every turn, after the call went on, are answered from the store too.
    assert [product.post(path, form).data for path, form in steps] == first_answers
    assert effects(product) == before


@pytest.mark.parametrize("keys", [BOOKING, ["1"]], ids=["booking", "urgent"])
def test_every_turn_posted_eight_times_at_once_answers_the_same_bytes(
    product: Product, keys: list[str]
) -> None:
    steps = [("/voice/incoming", incoming())]
    steps += [
        (f"/voice/turn/{n}", incoming(Digits=digits)) for n, digits in enumerate(keys, start=1)
    ]
    for path, form in steps:
        assert len(set(at_once(product, path, form, 8))) == 1
    found = effects(product)
    assert found["call"] == 1
    assert found["call_turn"] == len(steps)
    if keys is BOOKING:
        assert (found["visit"], found["patient"], found["hold"]) == (1, 1, 0)
    else:
        assert found["ticket"] == 1
