"""The desk's sentences in another language: gettext's .po files, read as they stand.

English is written where it is shown and is the key. Each page may have a file of its own below
spanish/, so that two people who write two pages never write in the same file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from babel.messages.pofile import read_po

FOLDERS: Final = {"es": Path(__file__).parent / "spanish"}
"""Language → where its files are."""

Sentences = Mapping[str, tuple[str, ...]]
"""English (of a pair: that for 1) → what is said: one form, or that for 1 and that for others."""


@cache
def sentences(language: str) -> Sentences:
    """All sentences of a language; none for English. Raises ValueError where two files disagree."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(FOLDERS[language].glob("*.po")) if language in FOLDERS else ():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
        for message in catalogue:
            if not message.id or message.fuzzy:
                continue
            english = message.id if isinstance(message.id, str) else message.id[0]
            said = message.string
            forms = (said,) if isinstance(said, str) else tuple(said or ("",))
            if not all(forms):
                continue
            if found.setdefault(english, forms) != forms:
                raise ValueError(f"{path.name} says {english!r} otherwise than another file does")
    return found
