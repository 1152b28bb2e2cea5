"""Yes or no, in English and Spanish, whichever the line speaks; None for neither, or for both."""

from __future__ import annotations

from ivr.call.prompts import LANGUAGES, Prompts
from ivr.call.understanding.words import plain, stands_in

_BOTH_WAYS = (
    # "Yeah, no" is a no, and "no, yeah" a yes: the last of them counts.
    *("yeah no", "yes no", "si no"),
    *("no yeah", "no yes", "no si"),
)


def yes_or_no(words: str, prompts: Prompts) -> bool | None:
    """Whether the caller agreed. A "yes" with a "no" in the same breath is neither."""
    heard = plain(words).split()
    if len(heard) >= 2 and " ".join(heard[:2]) in _BOTH_WAYS:
        heard = heard[1:]
    if _says("unsure", heard, prompts):
        return None
    # "No problem" and "cómo no" agree, although there is a "no" in them.
    if _says("no_but_yes", heard, prompts):
        return True
    yes, no = _says("yes", heard, prompts), _says("no", heard, prompts)
    if no and yes:
        return False if _only_denies(heard, prompts) else None
    return True if yes else False if no else None


def _only_denies(heard: list[str], prompts: Prompts) -> bool:
    """ "That is not right", "no, not okay": every yes in it is denied by the word before it."""
    return _says("denied", heard, prompts)


def _says(kind: str, heard: list[str], prompts: Prompts) -> bool:
    return any(
        stands_in(plain(phrase).split(), heard)
        for language in LANGUAGES
        for phrase in prompts.words(f"answers.{kind}", language)
    )
