"""What was keyed or said for an entry, as its fact; None when it was not understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from babel.dates import get_day_names, get_month_names

from ivr.call.nodes import Entry
from ivr.call.understanding import births, dates
from ivr.call.understanding.choices import CONFIDENT
from ivr.call.understanding.names import person_name
from ivr.call.understanding.numbers import DIGIT_WORDS, callback_number, counts, phone

LONGEST_WORDS = 300
"""Characters kept of what is said in a caller's own words."""

DIGITS: Mapping[Entry, int | None] = {
    Entry.NAME: 1,
    Entry.DATE_OF_BIRTH: 8,
    Entry.PHONE: 10,
    Entry.PHONE_OR_NAME: 10,
    Entry.PIN: 6,
    Entry.DATE: 4,
    Entry.WORDS: 1,
}
"""How many keys complete an entry."""


def keyed(entry: Entry, digits: str, today: date) -> str | None:
    """What was keyed for a number entry, as its fact; None when it cannot be right.

    today: the calendar date at the clinic; nobody was born after it.
    """
    match entry:
        case Entry.DATE_OF_BIRTH:
            return births.keyed(digits, today)
        case Entry.PHONE | Entry.PHONE_OR_NAME:
            return callback_number(digits)
        case Entry.PIN:
            return digits if re.fullmatch(r"[0-9]{6}", digits) else None
        case Entry.DATE:
            wish = dates.keyed(digits, today)
            return wish.to_fact() if wish else None
        case Entry.NAME | Entry.WORDS:
            return None


def spoken(entry: Entry, words: str, confidence: float, today: date) -> str | None:
    """What was said for an entry, as its fact; None when it was not understood."""
    if confidence < CONFIDENT:
        return None
    match entry:
        case Entry.DATE_OF_BIRTH:
            return births.spoken(words, today)
        case Entry.PHONE:
            return phone(words)
        case Entry.NAME:
            return person_name(words)
        case Entry.PHONE_OR_NAME:
            return phone(words) or (None if counts(words) else person_name(words))
        case Entry.DATE:
            wish = dates.spoken(words, today)
            return wish.to_fact() if wish else None
        case Entry.WORDS:
            return " ".join(words.split())[:LONGEST_WORDS] or None
        case Entry.PIN:
            # Not aloud: whoever stands near would know it, too.
            return None


def hints(entry: Entry, language: str) -> tuple[str, ...]:
    """Words the recogniser had better expect for an entry. None for a name: any word may be one."""
    match entry:
        case Entry.DATE_OF_BIRTH:
            return tuple(get_month_names("wide", locale=language).values())
        case Entry.DATE:
            months = get_month_names("wide", locale=language).values()
            return (*get_day_names("wide", locale=language).values(), *months)
        case Entry.PHONE | Entry.PHONE_OR_NAME:
            return tuple(DIGIT_WORDS[language])
        case Entry.NAME | Entry.PIN | Entry.WORDS:
            return ()
