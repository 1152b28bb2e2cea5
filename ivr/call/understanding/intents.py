"""What a caller wants, said anywhere; and the commands that work at every prompt. Both languages.

The signs of each intent stand in prompts/{en,es}/intents.toml. The intent of which most was said
wins; of two equals the one that Flow.intents or COMMANDS names first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ivr.call.prompts import LANGUAGES, Prompts
from ivr.call.understanding.words import hear, sign

PERSON = "person"
REPORT_DEATH = "report_death"
REPEAT, SLOWER, BACK_UP, MORE_TIME = "repeat", "slower", "back", "more_time"
LANGUAGE = "language_"
COMMANDS = (REPEAT, SLOWER, BACK_UP, MORE_TIME, *(f"{LANGUAGE}{name}" for name in LANGUAGES))
"""What works at every prompt; language_es changes to Spanish."""


@dataclass(frozen=True)
class Understood:
    """An intent, the language in which it was said, and how many letters spoke for it."""

    name: str
    language: str
    weight: int


def understood(
    words: str, prompts: Prompts, names: Iterable[str], language: str
) -> Understood | None:
    """The intent of these names that was meant; None for none.

    language: the line's; the intent is taken as said in the other one only where that fits better.
    """
    heard = hear(words)
    best: Understood | None = None
    for name in names:
        for said_in in (language, *(other for other in LANGUAGES if other != language)):
            signs = prompts.words(f"intent.{name}.signs", said_in)
            weight = max((sign(text).weight(heard) for text in signs), default=0)
            if weight > (best.weight if best else 0):
                best = Understood(name, said_in, weight)
    return best
