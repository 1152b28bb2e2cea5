"""Whether somebody needs urgent help. A miss can kill; a false alarm rings a nurse.

So nothing that is said takes urgency away again: not "no", not what else the sentence is about. The
words are the clinic's, in its content files, and count however faintly they were heard.
"""

from __future__ import annotations

from collections.abc import Mapping

from ivr.call.prompts import LANGUAGES, Prompts
from ivr.call.understanding.words import plain, sign, stands_in


def is_urgent(words: str, prompts: Prompts, key: str = "urgent_words") -> bool:
    """Whether an urgent word, or a sign, of either language stands anywhere in what was said.

    key: which list of them.
    """
    heard = plain(words).split()
    return any(
        any(stands_in(plain(phrase).split(), heard) for phrase in prompts.words(key, language))
        or any(sign(text).weight(heard) for text in prompts.words(f"{key}.signs", language))
        for language in LANGUAGES
    )


def urgent_category(words: str, prompts: Prompts, categories: Mapping[str, str]) -> str | None:
    """What an urgent call is about by these words; None where they name nothing.

    categories: category -> the prompt key of its words; the first that fits is the one.
    """
    return next(
        (category for category, key in categories.items() if is_urgent(words, prompts, key)), None
    )
