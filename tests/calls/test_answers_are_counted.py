"""One number gets so many answers an hour; a text delivered again is done and counted once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ivr.simulator.webhooks import Mishap
from tests.calls.on_file import PHONE, tasks
from tests.calls.test_answering_by_text import IF_URGENT, delivered_again, reminded, texts
from tests.calls.test_reminders import status_of, work
from tests.calls.town import Town
from tests.product import PATIENT

ENOUGH = (
    "Dr. Fura's clinic: you will get no more answers by text for an hour, and no text changes "
    f"anything until then. The front desk reads what you write. {IF_URGENT}"
)


def test_a_machine_that_answers_our_answers_is_told_so_and_answered_no_more(town: Town) -> None:
    said = [texts(town, "I am away and will read this later.", PATIENT) for _ in range(12)]
    assert said[0] is not None
    assert said[9:] == [ENOUGH, None, None]
    assert len(tasks(town)) == 12
    town.product.clock.advance(hours=1, minutes=1)
    assert texts(town, "I am back.", PATIENT) is not None


def test_the_hour_without_answers_is_a_whole_hour_from_when_it_was_promised(town: Town) -> None:
    reminded(town)
    for _ in range(9):
        texts(town, "Is there parking?")
    town.product.clock.advance(minutes=55)
    assert texts(town, "Is there parking?") == ENOUGH
    town.product.clock.advance(minutes=10)
    assert texts(town, "2") is None
    assert texts(town, "1") is None
    assert status_of(town) == ["booked"]
    town.product.clock.advance(minutes=51)
    assert texts(town, "1") is not None


def test_answers_to_what_the_desk_need_not_read_count_as_well(town: Town) -> None:
    reminded(town)
    said = [texts(town, "ok") for _ in range(12)]
    assert [one is None or one == ENOUGH for one in said] == [False] * 9 + [True] * 3
    assert tasks(town) == ["text_message"] * 3


def test_beyond_the_cap_no_text_changes_a_visit_and_the_desk_has_each(town: Town) -> None:
    reminded(town)
    for _ in range(9):
        texts(town, "Is there parking?")
    assert texts(town, "1") == ENOUGH
    assert texts(town, "1") is None
    assert (status_of(town), len(tasks(town))) == (["booked"], 11)


def test_urgent_words_help_and_opting_out_are_answered_beyond_the_cap(town: Town) -> None:
    for _ in range(12):
        texts(town, "I am away and will read this later.", PATIENT)
    for words, part in (
        ("my pump is beeping", "call 911 now"),
        ("HELP", "we text about appointments"),
        ("9", "no more texts"),
    ):
        assert part in (texts(town, words, PATIENT) or "")
    assert texts(town, "and now?", PATIENT) is None


def test_answers_beyond_the_cap_do_not_hide_that_it_is_reached(town: Town) -> None:
    for _ in range(12):
        texts(town, "HELP", PATIENT)
    assert texts(town, "and now?", PATIENT) == ENOUGH


def test_one_number_that_has_enough_silences_no_other(town: Town) -> None:
    for _ in range(12):
        texts(town, "I am away and will read this later.", PATIENT)
    assert texts(town, "Is there parking?", PHONE) is not None


def test_a_text_delivered_again_is_answered_the_same_and_counts_once(town: Town) -> None:
    reminded(town)
    first = texts(town, "1")
    for _ in range(12):
        assert str(first).split("Fura")[1][:20] in delivered_again(town, 0)
    assert texts(town, "Is there parking?") not in (None, ENOUGH)
    assert town.product.count("received_text") == 2


@pytest.mark.parametrize("mishaps", [("connection lost",) * 2, ("answer lost",) * 2, ("time out",)])
def test_a_text_whose_first_request_failed_is_brought_again_and_done_once(
    town: Town, mishaps: Sequence[Mishap]
) -> None:
    reminded(town)
    # A connection that fails the carrier tries once more before it asks the fallback.
    town.company.next_webhook(*mishaps)
    said = texts(town, "1")
    assert said is not None
    assert "thank you. We expect you" in said
    assert town.product.count("received_text") == 1
    (visit,) = town.product.rows("SELECT status FROM visit")
    assert visit["status"] == "confirmed"


def test_what_was_answered_is_forgotten_after_a_week(town: Town) -> None:
    texts(town, "Is there parking?", PATIENT)
    town.product.clock.advance(days=9)
    work(town)
    assert town.product.count("received_text") == 0
