"""The prompts of a clinic as the desk lists them: by file, with who must sign which."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ivr.call import prompts as files
from ivr.call.prompts import Prompts
from ivr.call.turn import Line
from ivr.call.wording.kept import Wordings
from ivr.call.wording.safety import safety_prompts
from ivr.call.wording.samples import languages_of
from ivr.call.wording_checks import prompt_keys
from ivr.frontdesk.wording import Words
from scheduling.errors import InvalidInput

GROUP: Final[Words] = {
    "clinic": "911, urgent help and the clinic",
    "urgent": "After an urgent call",
    "procedure": "About the pain pump",
    "about": "Choices about the pain pump",
    "greeting": "Greeting, help and goodbye",
    "appointments": "Booking a consultation",
    "other_times": "Other times",
    "verification": "Who is calling",
    "visits": "Visits and refills",
    "consent": "May we text you",
    "reminder": "Calls that we place to patients",
    "resume": "Going on after hanging up",
    "messages": "Messages",
    "person": "Reaching a person",
    "staff": "On-call staff by phone",
    "intents": "“Did you mean …?”",
}
"""Prompt file → what the desk calls it, in the order in which the page has them."""

SAFETY: Final[Words] = {
    "says_911": "it tells callers to dial 911 or 988",
    "urgent_path": "it is said on the way to urgent help",
    "staff": "on-call staff act on it",
    "clinical": "it tells about the pump, a refill or the treatment",
    "everywhere": "it is said in every menu, the urgent ones too",
}
"""Why a prompt changes only with a clinician's sign-off."""


class UnknownPrompt(InvalidInput):
    """There is no such prompt."""


@dataclass(frozen=True)
class Book:
    """All prompts of one clinic. line: as its files word it. safety: prompt key → why."""

    line: Line
    groups: Mapping[str, tuple[str, ...]]
    safety: Mapping[str, str]

    @property
    def files(self) -> Prompts:
        """The files' wording."""
        return self.line.prompts

    def require(self, key: str) -> None:
        """Raises UnknownPrompt."""
        if not any(key in keys for keys in self.groups.values()):
            raise UnknownPrompt("there is no such prompt: look for it in the list")

    def group_of(self, key: str) -> str:
        """The file that a prompt stands in."""
        return next(group for group, keys in self.groups.items() if key in keys)

    def found(self, searched: str, prompts: Prompts) -> Iterator[str]:
        """The prompts whose name or wording, in either language, holds what is searched."""
        wanted = _plain(searched)
        for keys in self.groups.values():
            for key in keys:
                texts = (prompts.text(key, one) for one in languages_of(self.files, key))
                if any(wanted in _plain(text) for text in (key, *texts)):
                    yield key


class Books:
    """Those of every clinic that this machine has the files of."""

    def __init__(self, wordings: Wordings) -> None:
        self._wordings = wordings
        self._known: dict[str, Book] = {}

    def of(self, clinic_id: str) -> Book | None:
        """None where this machine has no files of the clinic."""
        if clinic_id not in self._known:
            line = self._wordings.files_of(clinic_id)
            if line is None:
                return None
            self._known[clinic_id] = _book(line)
        return self._known[clinic_id]


def _book(line: Line) -> Book:
    said = set(prompt_keys(line.flow))
    by_file = {
        group: tuple(key for key in keys if key in said)
        for group, keys in files.groups(line.clinic.content_dir).items()
    }
    order = [*GROUP, *(group for group in by_file if group not in GROUP)]
    groups = {group: by_file[group] for group in order if by_file.get(group)}
    return Book(line, groups, safety_prompts(line.flow, line.prompts))


def _plain(text: str) -> str:
    """Without case and accents, as people type what they look for."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
