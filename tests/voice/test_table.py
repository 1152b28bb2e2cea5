"""The tables of `make voice` count what they say they count."""

from __future__ import annotations

import pytest

from tests.corpus.scoring import TUNED, UNTOUCHED
from tests.voice import table
from tests.voice.playing import Played, Row
from tests.voice.voices import VOICES, Heard

VOICE = next(voice for voice in VOICES if voice.language == "en")


def _row(said: str, means: str, corpus: str = TUNED, *, sampled: bool = True) -> Row:
    return Row(corpus, "intents", ("en", said, means), sampled)


@pytest.mark.parametrize(
    ("said", "heard", "rate"),
    [
        ("My pump is beeping.", "my pump is beeping", 0),
        ("my pump is beeping", "my pump is bleeding", 1 / 4),
        ("my pump is beeping", "pump is beeping now", 2 / 4),
        ("my pump is beeping", "", 1),
        ("help", "oh help me", 2),
    ],
)
def test_words_left_out_put_in_and_changed_are_errors(said: str, heard: str, rate: float) -> None:
    assert table.word_error_rate({_row(said, "urgent"): Heard(heard, 1)}) == rate


def test_a_voice_is_judged_by_what_was_heard_and_how_surely() -> None:
    played = [
        Played(_row("my pump is beeping", "urgent"), VOICE, 20, Heard("my pan is keeping", 0.6)),
        Played(_row("i have a fever", "urgent"), VOICE, 20, Heard("i have a fever", 0.1)),
        Played(_row("your opening hours", "hours"), VOICE, 20, Heard("your opening hours", 0.9)),
        Played(_row("what are your hours", "hours"), VOICE, 20, Heard("what are your hours", 0.2)),
    ]
    *_, read, heard = table.table(TUNED, ["intents"], played)
    assert read.endswith("| 100 % (4/4) | 100 % (2/2) | 0 % (0/2) |")
    # Urgent words count however faintly heard; the others must be heard well enough.
    assert heard.endswith("| 13 % | 0.45 | 50 % (2/4) | 50 % (1/2) | 0 % (0/2) |")


def test_an_urgent_row_beside_the_sample_counts_for_recall_alone() -> None:
    row = _row("i have a fever", "urgent", sampled=False)
    *_, heard = table.table(TUNED, ["intents"], [Played(row, VOICE, 20, Heard(row.said, 0.9))])
    assert heard.endswith("| – | 100 % (1/1) | – |")


def test_no_row_of_the_untouched_corpus_is_ever_listed() -> None:
    lost = Heard("my pan is keeping", 0.9)
    played = [
        Played(_row("my pump is beeping", "urgent", corpus), VOICE, 20, lost)
        for corpus in (TUNED, UNTOUCHED)
    ]
    assert len(list(table.wrong(played))) == 1
