"""Urgent words that are about something else: an alarm clock, a daughter who is a nurse.

A miss can kill, so an aside is struck out of what was said, word by word, and no more: whatever
urgent stands beside it still counts. And hearing.py believes it only where an ordinary wish was
clearly said as well. An aside is written like this:

    alarm clock            these words, one after the other
    son|daughter 's nurse  any of the words with a | between them; "x*" any that begins with x
    traffic ... killing me   up to six words between, none that begins to speak of somebody
    if i got one + does|can it ...   the last part is struck, if the parts before + were said
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ivr.call.prompts import LANGUAGES, Prompts
from ivr.call.understanding.words import Heard, hear

STRUCK = "zzz"
"""Stands where words were struck, so that none meet that were not said together."""

_GAP = "..."
_WIDEST_GAP = 6
_WIDEST_END = 9
"""Words: a gap at the end takes in the rest of a question."""
_SOMEBODY = frozenset(
    {
        *("i", "i'm", "im", "i've", "i'd", "my", "mine", "he", "she", "he's", "she's", "his"),
        *("her", "him", "we", "we're", "our", "mama", "mom", "mother", "daddy", "dad", "father"),
        *("husband", "wife", "but", "and", "because", "now"),
        *("mi", "mis", "yo", "ella", "nos", "tengo", "traigo", "siento", "estoy", "papa"),
        *("esposo", "esposa", "pero", "porque", "ahorita"),
    }
)
"""Where a gap ends: from here on somebody may be speaking of themselves, or of a patient."""


NAMES = "urgent_names"
ASIDES = "urgent_asides"
BEFORE_A_PUMP = "urgent_asides_before_a_pump"
"""Under these keys the clinic's content has them."""

KEYS = (NAMES, ASIDES, BEFORE_A_PUMP, f"{BEFORE_A_PUMP}.frames")


def without_names(words: str, prompts: Prompts) -> str:
    """What was said, without the urgent words that were said as somebody's name."""
    return _struck(words, [NAMES], prompts)


def without_asides(words: str, prompts: Prompts) -> str:
    """What was said, without its asides, of either language."""
    heard = hear(words)
    frames = (text for one in LANGUAGES for text in prompts.words(f"{BEFORE_A_PUMP}.frames", one))
    before_a_pump = any(aside(text).places(heard) for text in frames)
    return _struck(words, [ASIDES, BEFORE_A_PUMP] if before_a_pump else [ASIDES], prompts)


def _struck(words: str, keys: Iterable[str], prompts: Prompts) -> str:
    heard = hear(words)
    struck: set[int] = set()
    for key in keys:
        for language in LANGUAGES:
            for text in prompts.words(key, language):
                struck |= aside(text).places(heard)
    if not struck:
        return words
    return " ".join(STRUCK if at in struck else word for at, word in enumerate(heard.words))


Step = tuple[str, ...]
"""The words any of which may stand here; none for a gap."""


@dataclass(frozen=True)
class Aside:
    """An aside, read. when: what must be said as well, each somewhere."""

    when: tuple[tuple[Step, ...], ...]
    steps: tuple[Step, ...]

    def places(self, heard: Heard) -> set[int]:
        """Which words of what was said are this aside."""
        if not all(next(_found(heard, steps), None) for steps in self.when):
            return set()
        return {at for begin, end in _found(heard, self.steps) for at in range(begin, end)}


@lru_cache(maxsize=1024)
def aside(text: str) -> Aside:
    """Read an aside. Raises ValueError for one with an empty part, or that begins with a gap."""
    parts = [_steps(part) for part in text.split("+")]
    if any(not steps or not steps[0] for steps in parts):
        raise ValueError(f"the aside {text!r} has a part that says nothing, or begins with a gap")
    return Aside(tuple(parts[:-1]), parts[-1])


def _steps(part: str) -> tuple[Step, ...]:
    return tuple(
        () if token == _GAP else tuple(word for one in token.split("|") for word in _plain(one))
        for token in part.split()
    )


def _plain(word: str) -> Iterable[str]:
    star = "*" if word.endswith("*") else ""
    return (f"{one}{star}" for one in Heard(word.removesuffix("*")).words)


def _found(heard: Heard, steps: Sequence[Step]) -> Iterator[tuple[int, int]]:
    """Where the steps stand in what was said: from the first word to behind the last."""
    for begin in _places(heard, steps[0]):
        end = _end(heard, steps[1:], begin + 1)
        if end is not None:
            yield begin, end


def _places(heard: Heard, step: Step) -> set[int]:
    return {at for word in step for at in heard.places_of(word)}


def _end(heard: Heard, steps: Sequence[Step], at: int) -> int | None:
    """Behind the last word, where the steps follow from `at` on; None where they do not."""
    if not steps:
        return at
    if steps[0]:
        return _end(heard, steps[1:], at + 1) if at in _places(heard, steps[0]) else None
    ends = [at]
    widest = _WIDEST_END if len(steps) == 1 else _WIDEST_GAP
    while (
        len(ends) <= widest
        and ends[-1] < len(heard.words)
        and heard.words[ends[-1]] not in _SOMEBODY
    ):
        ends.append(ends[-1] + 1)
    if len(steps) == 1:
        return ends[-1]
    return next((e for one in ends if (e := _end(heard, steps[1:], one)) is not None), None)
