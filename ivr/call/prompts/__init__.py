"""Every sentence of the call, by key and language; and the words a caller may say instead of a key.

en/ and es/ beside this file hold the line's own wording, a file for each part of the call. Clinical
sentences stand in the clinic's content files, so that the clinic can sign or change them without a
programmer.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

LANGUAGES = ("en", "es")


@dataclass(frozen=True)
class Line:
    """One thing to say: a prompt key, in a language; `key` is set for a menu's choice.

    after_seconds: of silence before it.
    """

    name: str
    language: str
    key: str | None = None
    after_seconds: int = 0


@dataclass(frozen=True)
class Prompts:
    """A clinic's wording.

    texts, spoken_words: language → prompt key → text, or the words that mean a choice.
    constants: placeholders that are the same in every call ({clinic}, {address}, …), by language.
    zone: the clinic's IANA zone, in which every time is spoken.
    recorded: language → prompt key → the name of the recording that is played instead.
    """

    texts: Mapping[str, Mapping[str, str]] = field(repr=False)
    spoken_words: Mapping[str, Mapping[str, tuple[str, ...]]] = field(repr=False)
    constants: Mapping[str, Mapping[str, str]]
    zone: str
    recorded: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def text(self, name: str, language: str) -> str:
        """The wording of a prompt. Raises KeyError when the language lacks it."""
        return self.texts[language][name]

    def words(self, name: str, language: str) -> tuple[str, ...]:
        """The words that choose this; none for a prompt that is no choice.

        `<name>.signs` are the signs of it (see understanding/words.py).
        """
        return self.spoken_words.get(language, {}).get(name, ())

    def version(self, name: str, language: str) -> str:
        """Which wording of a prompt this is: another one for every other wording."""
        digest = hashlib.sha256(self.text(name, language).encode()).hexdigest()
        return f"{name}.{language}.{digest[:8]}"

    def placeholders(self, name: str, language: str) -> frozenset[str]:
        """The facts a prompt speaks of."""
        return frozenset(fields_of(self.text(name, language)))


def fields_of(text: str) -> Iterator[str]:
    """The placeholder names in a wording."""
    return (name for _, name, _, _ in Formatter().parse(text) if name)


def load_prompts(
    content: Path, *, constants: Mapping[str, Mapping[str, str]], zone: str
) -> Prompts:
    """The line's wording with the clinic's content laid over it.

    content: the folder with the clinic's sentences: en.toml, es.toml and, of the procedure,
        procedure.en.toml and procedure.es.toml.
    Raises ValueError naming the file for a file that is missing, cannot be read or is not TOML, and
    for a value in it that is neither text, a list of words nor a table.
    """
    texts: dict[str, dict[str, str]] = {}
    words: dict[str, dict[str, tuple[str, ...]]] = {}
    for language in LANGUAGES:
        texts[language], words[language] = {}, {}
        for _, path in _files(content, language):
            try:
                _flatten(_read(path), "", texts[language], words[language])
            except TypeError as error:
                raise ValueError(f"{path}: {error}") from None
    return Prompts(texts, words, constants, zone)


OWN, PROCEDURE = "clinic", "procedure"
"""The groups of what stands in the clinic's own folder."""


def groups(content: Path) -> dict[str, tuple[str, ...]]:
    """The file a prompt stands in → its prompts, in the order of the files.

    A prompt that the clinic's own content words is of the clinic's group. content: as above.
    """
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for group, path in _files(content, language):
            texts: dict[str, str] = {}
            _flatten(_read(path), "", texts, {})
            for key in texts:
                if group in (OWN, PROCEDURE) or key not in found:
                    found[key] = group
    return {
        group: tuple(key for key, of in found.items() if of == group)
        for group in dict.fromkeys(group for group, _ in _files(content, LANGUAGES[0]))
        if group in found.values()
    }


def _files(content: Path, language: str) -> Iterator[tuple[str, Path]]:
    """What is laid over what, the lowest first: the line's own files, then the clinic's."""
    for path in sorted((Path(__file__).parent / language).glob("*.toml")):
        yield path.stem, path
    yield OWN, content / f"{language}.toml"
    yield PROCEDURE, content / f"procedure.{language}.toml"


@cache
def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{path} is missing: every language needs its wording") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is not valid TOML: {error}") from None


def _flatten(
    table: Mapping[str, Any],
    prefix: str,
    texts: dict[str, str],
    words: dict[str, tuple[str, ...]],
) -> None:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, str):
            texts[key] = value
        elif isinstance(value, list):
            words[prefix.removesuffix(".") if name == "words" else key] = tuple(value)
        elif not isinstance(value, Mapping):
            raise TypeError(f"{key} is {value}: write it in quotes, or as a list of words")
        else:
            if "say" in value:
                texts[key] = value["say"]
            rest = {k: v for k, v in value.items() if k != "say"}
            _flatten(rest, f"{key}.", texts, words)
