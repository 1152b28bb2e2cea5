"""The languages that callers ask for and the line does not speak, by name. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from babel import Locale

from ivr.call.prompts import LANGUAGES
from ivr.call.understanding.words import plain

UNKNOWN = "yes"
"""Another language, and which was not said."""

_ALSO: Mapping[str, str] = {
    "mandarin": "cmn",
    "nahuatl": "nah",
    "cantones": "yue",
    "farsi": "fa",
    "tagalog": "fil",
    "tagalo": "fil",
    "mixteco": "mix",
    "mixtec": "mix",
    "quiche": "quc",
    "sign language": "ase",
    "lengua de senas": "ase",
    "lenguaje de senas": "ase",
}
"""What callers say and the CLDR, where babel's names are from, writes otherwise."""

_NAMES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "ase": "sign language",
        "bn": "Bengali",
        "cmn": "Mandarin",
        "fil": "Tagalog",
        "mix": "Mixtec",
        "nah": "Nahuatl",
        "quc": "Quiché",
    },
    "es": {
        "ase": "lengua de señas",
        "cmn": "mandarín",
        "fil": "tagalo",
        "mix": "mixteco",
        "nah": "náhuatl",
        "quc": "quiché",
    },
}


def code_of(phrase: str) -> str:
    """The code of the language that a phrase names in English or Spanish; UNKNOWN for no name."""
    said = plain(phrase)
    return _ALSO.get(said) or _codes().get(said, UNKNOWN)


def is_code(code: str) -> bool:
    """Whether code_of() can have said so. It becomes part of a URL."""
    return bool(re.fullmatch(r"[a-z]{2,3}", code))


def name_of(code: str, language: str) -> str:
    """What a language is called, in "en" or "es"; empty where it is not known which."""
    own = _NAMES[language].get(code)
    return own or Locale(language).languages.get(code, "")


@cache
def _codes() -> Mapping[str, str]:
    return {
        plain(name): code
        for language in LANGUAGES
        for code, name in Locale(language).languages.items()
        if is_code(code)
    }
