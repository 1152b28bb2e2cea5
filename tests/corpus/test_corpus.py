"""The line understands what callers say: at least as much as the last time it was measured.

`python -m tests.bench understanding` prints the figures. Floors only ever rise.
"""

from __future__ import annotations

import pytest

from tests.corpus.scoring import FAMILIES, TUNED, UNTOUCHED, misses, score

BEYOND_RECOGNITION = 5
"""Rows that a recogniser garbled until a person could hardly make them out; none is urgent."""


def test_all_but_what_a_recogniser_garbled_of_the_tuned_corpus_is_understood() -> None:
    assert len(list(misses())) <= BEYOND_RECOGNITION


def test_no_way_of_speaking_that_was_learnt_is_lost_again() -> None:
    assert list(misses(FAMILIES)) == []


def test_every_urgent_utterance_we_know_of_is_taken_for_urgent() -> None:
    assert score(TUNED).urgent.share == 1.0


def test_nothing_ordinary_that_we_know_of_rings_a_nurse() -> None:
    # One: noises "debajo de la ropa", garbled until they are the pump's own.
    assert score(TUNED).false_alarms.right <= 1


@pytest.mark.parametrize(("kind", "floor"), [("intents", 0.95), ("dates", 0.95)])
def test_the_tuned_corpus_stays_above_the_goal(kind: str, floor: float) -> None:
    assert score(TUNED).kinds[kind].share >= floor


FLOORS = {
    "intents": 0.95,
    "dates": 0.96,
    "births": 0.95,
    "yes_no": 1.0,
    "names": 0.85,
    "phones": 1.0,
}
"""What is understood of utterances nobody tuned the code by."""


@pytest.mark.parametrize("kind", FLOORS)
def test_what_nobody_tuned_the_code_by_is_understood_as_well_as_before(kind: str) -> None:
    assert score(UNTOUCHED).kinds[kind].share >= FLOORS[kind]


def test_urgent_utterances_nobody_tuned_the_code_by_are_all_recognised() -> None:
    assert score(UNTOUCHED).urgent.share == 1.0


def test_false_alarms_stay_rare_where_nobody_tuned_the_code() -> None:
    assert score(UNTOUCHED).false_alarms.share <= 0.01


def test_the_rows_of_the_untouched_corpus_cannot_be_listed() -> None:
    with pytest.raises(ValueError, match="never shown"):
        list(misses(UNTOUCHED))
