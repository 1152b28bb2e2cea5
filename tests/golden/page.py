"""A page of tests/golden/calls: its steps, and how it is written.

A new patient books a consultation, by keys.
At 2026-11-23 10:00
Given somebody on file

patient calls
    If this is an emergency, hang up and dial 9 1 1.
patient presses 2
    ...
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

WHO = ("patient", "daughter", "stranger", "nurse", "backup", "supervisor", "desk")

_STEP = re.compile(
    rf"(?P<who>{'|'.join(WHO)}|worker|time) "
    r"(?P<does>calls without a number|calls|presses|says|is silent|hangs up|answers|lets it ring"
    r"|rejects|texts|works|passes)"
    r"(?:: (?P<what>.+)| (?P<keys>[0-9*# ]+|\d+ (?:minutes?|seconds?)))?"
)
_INDENT = "    "

WRONG = "!"
"""Begins a line below a step that could not be played."""


class PageError(ValueError):
    """A line of a page that is no step."""


@dataclass
class Step:
    """Who does what; heard: what is heard and seen then, in order."""

    who: str
    does: str
    what: str
    line: str
    heard: list[str] = field(default_factory=list)


@dataclass
class Page:
    """A call. begins_at: clinic time, naive. given: keys of people.GIVEN."""

    title: str
    begins_at: datetime
    given: tuple[str, ...]
    steps: list[Step]

    def written(self) -> str:
        """The page as its file has it."""
        head = [self.title, f"At {self.begins_at:%Y-%m-%d %H:%M}"]
        head += [f"Given {one}" for one in self.given]
        body: list[str] = []
        for step in self.steps:
            body += [step.line, *(f"{_INDENT}{line}" for line in step.heard)]
        return "\n".join([*head, "", *body]) + "\n"


def read(text: str) -> Page:
    """A page as it is written. Raises PageError naming the line that is no step."""
    lines = text.splitlines()
    title, at, *rest = lines
    given = [line.removeprefix("Given ") for line in rest if line.startswith("Given ")]
    steps: list[Step] = []
    for number, line in enumerate(lines, 1):
        if number <= 2 or not line.strip() or line.startswith("Given "):
            continue
        if line.startswith(_INDENT):
            steps[-1].heard.append(line.removeprefix(_INDENT))
        else:
            steps.append(_step(line, number))
    return Page(title, datetime.fromisoformat(at.removeprefix("At ")), tuple(given), steps)


def keys_of(what: str) -> Sequence[str]:
    """ "2 1 03041940" -> one press for each."""
    return what.split()


def _step(line: str, number: int) -> Step:
    found = _STEP.fullmatch(line)
    if found is None:
        raise PageError(f"line {number} is no step: {line!r}")
    return Step(found["who"], found["does"], found["what"] or found["keys"] or "", line)
