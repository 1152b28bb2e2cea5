"""Which prompts are a matter of safety: they change only with a clinician's sign-off.

Decided by what a prompt says and where the flow says it, not by a list that a new node is missing
from. What no rule can see stands below as data, each with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ivr.call.flow import TOPICS, URGENT
from ivr.call.nodes import Ask, Flow, Menu, targets
from ivr.call.prompts import Prompts
from ivr.call.wording.samples import example, languages_of
from ivr.call.wording_checks import prompt_keys

SAYS_911: Final = "says_911"
"""It tells callers to dial 911 or 988, or is spoken inside of one that does."""
URGENT_PATH: Final = "urgent_path"
"""It is said on the way to urgent help, or leads there."""
STAFF: Final = "staff"
"""On-call staff hear it, and act on it."""
CLINICAL: Final = "clinical"
"""It tells about the pump, its refills or the treatment."""
EVERYWHERE: Final = "everywhere"
"""It is said in every menu or entry, the urgent ones too."""

BY_NAME: Final[Mapping[str, str]] = {
    # How each key is named, and how help is reached where nothing was understood.
    "option": EVERYWHERE,
    "zero": EVERYWHERE,
    "help_menu": EVERYWHERE,
    "help_entry": EVERYWHERE,
    # Nothing stands before urgent help [caller-safety]: a sentence here would.
    "main": URGENT_PATH,
    "person": URGENT_PATH,
    # An overdue refill is urgent [caller-safety].
    "overdue_offer": URGENT_PATH,
    "overdue_offer.now": URGENT_PATH,
}

BY_BEGINNING: Final[Mapping[str, str]] = {
    "emergency": SAYS_911,
    "down": URGENT_PATH,
    "still_waiting": URGENT_PATH,
    "whisper": STAFF,
    "briefing": STAFF,
    "page_": STAFF,
    "call_back_": STAFF,
    "trial": STAFF,
    "staff_": STAFF,
    "refill_": CLINICAL,
}
"""Prompts of the engine, and nodes, whose names begin so."""

DIGITS: Final = re.compile(r"9 ?1 ?1|9 ?8 ?8")
"""911 and 988 as prompts write them."""


def safety_prompts(flow: Flow, prompts: Prompts) -> dict[str, str]:
    """Prompt key → why it is a matter of safety. prompts: the files' own."""
    found: dict[str, str] = {}
    urgent = _on_the_urgent_path(flow)
    told = {f"{topic}.{part}" for topic, parts in TOPICS.items() for part in parts}
    for key in prompt_keys(flow):
        begins = next((why for start, why in BY_BEGINNING.items() if key.startswith(start)), None)
        if any(_says_911(key, language, prompts) for language in languages_of(prompts, key)):
            found[key] = SAYS_911
        elif key in urgent:
            found[key] = URGENT_PATH
        elif key in told:
            found[key] = CLINICAL
        elif reason := BY_NAME.get(key, begins):
            found[key] = reason
    return found


def _says_911(key: str, language: str, prompts: Prompts) -> bool:
    # As it is heard: 911 may stand in what is spoken inside of it.
    return bool(DIGITS.search(example(key, language, prompts)))


def _on_the_urgent_path(flow: Flow) -> frozenset[str]:
    own = {node.name for node in URGENT} | {flow.urgent_or_name}
    keys: set[str] = set()
    for node in flow.nodes:
        choices = node.choices if isinstance(node, Menu) else ()
        if node.name in own:
            keys |= {node.name, *(choice.prompt_in(node.name) for choice in choices)}
        elif not isinstance(node, Menu | Ask) and flow.urgent in targets(node):
            keys.add(node.name)
        keys |= {c.prompt_in(node.name) for c in choices if c.goto == flow.urgent}
    return frozenset(keys)
