"""Keys and words → a choice, a name, a date of birth, a phone number; English and Spanish.

Pure. What is not understood is None, never a guess: the engine asks again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import phonenumbers
from rapidfuzz import fuzz

from ivr.call.nodes import Entry
from ivr.call.prompts import LANGUAGES, Prompts

DIGITS: Mapping[Entry, int | None] = {
    Entry.NAME: 1,
    Entry.DATE_OF_BIRTH: 8,
    Entry.PHONE: 10,
    Entry.PHONE_OR_NAME: 10,
    Entry.PIN: 6,
}
"""How many keys complete an entry."""

CONFIDENT = 0.35
"""Below this the recogniser is guessing, and so would we be."""

OLDEST_YEARS = 120
"""No caller is older; a date of birth further back was keyed wrong."""

_CLOSE_ENOUGH = 86
_LONGEST_NAME = 80
_NUMBERS_IN_A_NAME = 2
_BARRED_AREAS = frozenset({"900", "976"})
_BARRED_EXCHANGES = frozenset({"976", "911"})

_NUMBER_WORDS = {
    "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "cero": "0", "uno": "1", "una": "1", "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5",
    "seis": "6", "siete": "7", "ocho": "8", "nueve": "9",
}  # fmt: skip

_A_KEY = re.compile(
    r"(?:(?:press|number|option|key|oprima|marque|numero|opcion|tecla|la|el) )*"
    rf"([0-9]|{'|'.join(_NUMBER_WORDS)})"
)

_NEGATIONS = frozenset(
    {
        *("no", "not", "nope", "never", "cannot", "neither", "nor", "wrong", "incorrect"),
        *("another", "other", "different", "don't", "dont", "isn't", "isnt", "wasn't", "can't"),
        *("won't", "didn't", "doesn't"),
        *("nunca", "tampoco", "ninguna", "ninguno", "incorrecto", "incorrecta", "mal", "otra"),
        *("otro", "diferente", "jamas", "nada"),
    }
)

_MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "jan feb mar apr _ jun jul aug sept oct nov dec",
    )
    for number, name in enumerate(names.split(), start=1)
    if name != "_"
} | {"setiembre": 9}

_INTRODUCTIONS = re.compile(
    r"^(?:(?:hi|hello|yes|uh|um|hola|buenas|bueno|sí)[ ,]+)*"
    r"(?:my name is|this is|i am|i'm|it is|it's|me llamo|mi nombre es|soy|habla)\s+",
    re.IGNORECASE,
)


def plain(words: str) -> str:
    """Lower case, no accents, no punctuation, single spaces: for comparing."""
    decomposed = unicodedata.normalize("NFKD", words.casefold().replace("’", "'"))
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^a-z0-9' ]", " ", kept).split())


def is_urgent(words: str, prompts: Prompts, key: str = "urgent_words") -> bool:
    """Whether an urgent word of either language stands anywhere in what was said.

    key: which list of them. A false alarm rings a nurse; a miss can kill. So nearly-right counts
    as right.
    """
    said = plain(words)
    return any(
        _stands_in(plain(phrase), said, fuzzy=True)
        for language in LANGUAGES
        for phrase in prompts.words(key, language)
    )


def urgent_category(words: str, prompts: Prompts, categories: Mapping[str, str]) -> str | None:
    """What an urgent call is about by these words; None where they name nothing.

    categories: category -> the prompt key of its words; the first that fits is the one.
    """
    return next(
        (category for category, key in categories.items() if is_urgent(words, prompts, key)), None
    )


def wants_a_person(words: str, prompts: Prompts) -> bool:
    """Whether the caller asks for a person, in either language."""
    return phrase_in(words, prompts, "person_words") is not None


def phrase_in(words: str, prompts: Prompts, key: str) -> str | None:
    """The first of a prompt's phrases, of either language, that stands in what was said."""
    said = plain(words)
    return next(
        (
            phrase
            for language in LANGUAGES
            for phrase in prompts.words(key, language)
            if _stands_in(plain(phrase), said, fuzzy=False)
        ),
        None,
    )


def choice(words: str, confidence: float, options: Mapping[str, tuple[str, ...]]) -> str | None:
    """The key of the option that was meant; None when none, or two equally, were.

    options: key → the words that mean it. A number counts as a key only where nothing else was
    said ("two", "press 2"), and a sentence with a "no" in it never chooses a "yes".
    """
    if confidence < CONFIDENT:
        return None
    said = plain(words)
    if number := _A_KEY.fullmatch(said):
        key = _NUMBER_WORDS.get(number[1], number[1])
        return key if key in options else None
    negated = not _NEGATIONS.isdisjoint(said.split())
    scores = sorted(
        (
            (max((_score(plain(phrase), said) for phrase in phrases), default=0), key)
            for key, phrases in options.items()
            if not (negated and _says_yes(phrases))
        ),
        reverse=True,
    )
    best, key = scores[0] if scores else (0, "")
    runner_up = scores[1][0] if len(scores) > 1 else 0
    return key if best > runner_up else None


def keyed(entry: Entry, digits: str, today: date) -> str | None:
    """What was keyed for a number entry, as its fact; None when it cannot be right.

    today: the calendar date at the clinic; nobody was born after it.
    """
    match entry:
        case Entry.DATE_OF_BIRTH:
            if not re.fullmatch(r"[0-9]{8}", digits):
                return None
            return _birth(int(digits[4:]), int(digits[:2]), int(digits[2:4]), today)
        case Entry.PHONE | Entry.PHONE_OR_NAME:
            return callback_number(digits)
        case Entry.PIN:
            return digits if re.fullmatch(r"[0-9]{6}", digits) else None
        case Entry.NAME:
            return None


def spoken(entry: Entry, words: str, confidence: float, today: date) -> str | None:
    """What was said for an entry, as its fact; None when it was not understood."""
    if confidence < CONFIDENT:
        return None
    match entry:
        case Entry.DATE_OF_BIRTH:
            return _spoken_birth(words, today)
        case Entry.PHONE:
            spelled = (_NUMBER_WORDS.get(word, word) for word in plain(words).split())
            return callback_number(re.sub(r"[^0-9]", "", "".join(spelled)))
        case Entry.NAME:
            return person_name(words)
        case Entry.PHONE_OR_NAME:
            number = spoken(Entry.PHONE, words, confidence, today)
            return number or (None if _counts(words) else person_name(words))
        case Entry.PIN:
            # Not aloud: whoever stands near would know it, too.
            return None


def person_name(words: str) -> str | None:
    """A name out of what was said or typed, in any script; None when it cannot be one."""
    name = _INTRODUCTIONS.sub("", " ".join(words.split())).strip(" .,;:!?")
    letters = sum(c.isalpha() for c in name)
    if letters < 2 or len(name) > _LONGEST_NAME or any(c.isdigit() for c in name):
        return None
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") for c in name):
        return None
    return name.title() if name.islower() else name


@lru_cache(maxsize=4096)
def callback_number(digits: str) -> str | None:
    """A number of the North American plan that may be rung, as E.164; else None.

    Never 900, 976 or 911: a callback must cost nobody and reach a person [caller-safety: abuse].
    """
    national = digits.removeprefix("+").removeprefix("1") if len(digits) > 10 else digits
    if not re.fullmatch(r"[2-9][0-9]{2}[2-9][0-9]{6}", national):
        return None
    if national[:3] in _BARRED_AREAS or national[3:6] in _BARRED_EXCHANGES:
        return None
    parsed = phonenumbers.parse(f"+1{national}")
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def caller_number(value: str) -> str | None:
    """A From as a number we could ring back; None where it is withheld, foreign or not a number."""
    return callback_number(value) if value.startswith("+1") else None


def _spoken_birth(words: str, today: date) -> str | None:
    said = plain(words)
    month = next((_MONTHS[w] for w in said.split() if w in _MONTHS), None)
    numbers = [int(n) for n in re.findall(r"[0-9]+", said)]
    if month is not None and len(numbers) == 2:
        day, year = sorted(numbers)
        return _birth(year, month, day, today)
    if month is None and len(numbers) == 3:
        return _birth(numbers[2], numbers[0], numbers[1], today)
    if month is None and len(numbers) == 1:
        return keyed(Entry.DATE_OF_BIRTH, re.sub(r"[^0-9]", "", said), today)
    return None


def _counts(words: str) -> bool:
    """Whether somebody began to say a number: a bad one is no name."""
    return sum(word in _NUMBER_WORDS for word in plain(words).split()) > _NUMBERS_IN_A_NAME


def _birth(year: int, month: int, day: int, today: date) -> str | None:
    try:
        born = date(year, month, day)
    except ValueError:
        return None
    if born > today or today.year - born.year > OLDEST_YEARS:
        return None
    return born.isoformat()


def _stands_in(phrase: str, said: str, *, fuzzy: bool) -> bool:
    if f" {phrase} " in f" {said} ":
        return True
    # Short words turn into one another by a letter; long ones stay recognisable.
    return (
        fuzzy
        and len(phrase) >= 7
        and len(said) >= len(phrase) - 2
        and fuzz.partial_ratio(phrase, said) >= _CLOSE_ENOUGH
    )


def _says_yes(phrases: tuple[str, ...]) -> bool:
    return not {"yes", "si"}.isdisjoint(plain(phrase) for phrase in phrases)


def _score(phrase: str, said: str) -> int:
    """How well a phrase stands in what was said, word for word: 0 for not at all.

    The longer of two phrases that both stand there says more. A word may be a letter or two off,
    never its beginning: "incorrect" is not "correct".
    """
    wanted, heard = phrase.split(), said.split()
    windows = (heard[i : i + len(wanted)] for i in range(len(heard) - len(wanted) + 1))
    alike = any(all(map(_same_word, wanted, window)) for window in windows)
    return len(phrase) if alike else 0


def _same_word(wanted: str, heard: str) -> bool:
    if wanted == heard:
        return True
    return (
        min(len(wanted), len(heard)) >= 6
        and wanted[:2] == heard[:2]
        and fuzz.ratio(wanted, heard) >= _CLOSE_ENOUGH
    )
