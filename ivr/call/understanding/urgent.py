"""Whether somebody needs urgent help. A miss can kill; a false alarm rings a nurse.

So nothing that is said takes urgency away again: not "no", not what else the sentence is about. The
words are the clinic's, in its content files, and count however faintly they were heard.
"""

from __future__ import annotations

from collections.abc import Mapping

from ivr.call.prompts import LANGUAGES, Prompts
from ivr.call.understanding.words import Heard, hear, phrase, sign


def is_urgent(words: str, prompts: Prompts, key: str = "urgent_words") -> bool:
    """Whether an urgent word, or a sign, of either language stands anywhere in what was said.

    key: which list of them.
    """
    return _says(hear(words), prompts, key)


def urgent_category(words: str, prompts: Prompts, categories: Mapping[str, str]) -> str | None:
    """What an urgent call is about by these words; None where they name nothing.

    categories: category -> the prompt key of its words; the first that fits is the one.
    """
    heard = hear(words)
    return next((name for name, key in categories.items() if _says(heard, prompts, key)), None)


def _says(heard: Heard, prompts: Prompts, key: str) -> bool:
    return any(
        any(heard.has(phrase(text)) for text in prompts.words(key, language))
        or any(sign(text).weight(heard) for text in prompts.words(f"{key}.signs", language))
        for language in LANGUAGES
    )
