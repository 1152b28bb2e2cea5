"""What a new wording of a prompt must keep to, before it is stored. Pure.

The checks that the start-up runs (ivr/call/checks.py) are run on the whole wording with the change
in it; what a person may get wrong beside that is found here. Each finding is said by the desk, in
its reader's language: SENTENCES.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ivr.call.checks import check
from ivr.call.nodes import Flow
from ivr.call.prompts import Prompts
from ivr.call.wording import lengths, never
from ivr.call.wording.safety import DIGITS
from ivr.call.wording.samples import languages_of
from ivr.call.wording_checks import ENGINE_PROMPTS, MAY_BE_SILENT

MOST_CHARACTERS: Final = 600
"""Of one wording: 20 s hold some 50 words, and the carrier takes 3000 in one document."""

SENTENCES = {
    "empty": "{language}: there is nothing to say. Write the sentence in both languages.",
    "characters": "{language}: {count} characters are too many. Say it in {most} at most.",
    "unreadable": "{language}: it holds a character that no voice can read. Type it again.",
    "braces": "{language}: braces stand only around one of the names listed beside the field."
    " Take the others out.",
    "missing": "{language}: {names} is missing. The line fills it in at every call: put it back,"
    " with its braces.",
    "unknown": "{language}: nothing fills in {names}. Take it out, or use only the names listed"
    " beside the field.",
    "too_long": "{language}: what is heard here would take {seconds} seconds, its choices"
    " included ({where}), and {limit} is the most. Words to leave out: {words}.",
    "digits": "{language}: it no longer says {digits}. Put that back, its digits apart.",
    "keys": "{language}: it must name the same keys as before ({keys}). What a key does is not"
    " changed here.",
    "label_first": "{language}: say what a key is for before the key itself: the name in braces"
    " first, then the key.",
    "diagnoses": "{language}: it sounds like a diagnosis, which the line never gives. Say it"
    " without telling callers what they have.",
    "reassures": "{language}: it reassures, which the line never does. Leave out that it is"
    " fine, normal or nothing to worry about.",
    "explains an alarm": "{language}: it explains an alarm, which only a clinician does. Leave"
    " out what it may mean.",
    "speaks of doses": "{language}: it speaks of doses or of taking medicine, which the line"
    " never does. Leave that out.",
    "says MRI is safe": "{language}: it says that something is safe, or how an MRI will be,"
    " which the line never does. Leave that out.",
    "says it is not urgent": "{language}: it says that something is not urgent, which the line"
    " never does. Leave that out.",
    "invites CANCEL": "{language}: it invites the reply CANCEL, which would opt the caller out"
    " of all texts. Leave that out.",
    "blood thinners without Dr. Fura": "{language}: whoever speaks of blood thinners must say"
    " “as instructed by Dr. Fura”. Put that in.",
    "not_recorded": "{language}: this prompt is said together with something else, so a recording"
    " cannot stand in for it. The voice says it.",
    "recorded_other": "{language}: the wording has changed since this was recorded. Record the"
    " sentence as it is now.",
    "recording_gone": "{language}: this recording is no longer kept. Choose its file again.",
    "unsound": "The line's own check refuses it: {finding}.",
}
"""Kind of a finding → what is wrong, and what to do about it."""

SAID_INSIDE: Final = frozenset(
    {
        *(
            "option",
            "emergency_again",
            "offer_instead_of",
            "staff_about",
            "staff_number",
            "staff_no_number",
        ),
        *("desk_open_now", "desk_closed_now", "desk_opens_then"),
    }
)
"""Prompts of the engine that are said inside of others alone."""

_PLACEHOLDER: Final = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_UNREADABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff<>]")
_KEY: Final = {
    "en": re.compile(r"\b(?:press|key) (\d|star|zero|pound)\b", re.IGNORECASE),
    "es": re.compile(
        r"\b(?:oprima|pulse|presione|marque) (?:el )?(\d|asterisco|cero|gato|numeral)\b",
        re.IGNORECASE,
    ),
}
_APART: Final = re.compile(r"\b\d \d \d\b")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. language: None where it is of both; values: for its sentence."""

    kind: str
    language: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def tidy(text: str) -> str:
    """A wording as it is stored: line breaks and doubled spaces of a form mean nothing."""
    return " ".join(text.split())


def with_wording(prompts: Prompts, key: str, texts: Mapping[str, str]) -> Prompts:
    """The same wording but for one prompt. texts: language → its new wording."""
    changed = {
        language: {**own, key: texts[language]} if language in texts else own
        for language, own in prompts.texts.items()
    }
    return replace(prompts, texts=changed)


def findings(
    flow: Flow,
    actions: Mapping[str, Collection[str]],
    files: Prompts,
    current: Prompts,
    key: str,
    texts: Mapping[str, str],
) -> list[Finding]:
    """All that is wrong with giving a prompt this wording.

    files: the wording of the files, whose placeholders, digits and keys it keeps. current: the
        wording as it is now spoken. texts: language → wording, in each that the prompt has.
    """
    found: list[Finding] = []
    for language in languages_of(files, key):
        found += _in_one_language(files, key, language, texts.get(language, ""))
    if found:
        # What follows composes sentences, and a broken one cannot be composed.
        return found
    changed = with_wording(current, key, texts)
    found += _too_long(flow, files, changed, key)
    found += (Finding("unsound", None, {"finding": one}) for one in check(flow, changed, actions))
    return found


def fitting(
    flow: Flow,
    actions: Mapping[str, Collection[str]],
    files: Prompts,
    changes: Mapping[str, Mapping[str, str]],
) -> Prompts:
    """The files' wording with those of the stored changes laid over it that still fit.

    changes: prompt key → language → wording. Each was checked when it was stored; the files may
    have changed since, and then what no longer fits is spoken as they have it.
    """
    if not changes:
        return files
    readable = {
        key: texts
        for key, texts in changes.items()
        if set(texts) == set(languages_of(files, key))
        and not any(list(_in_one_language(files, key, *each)) for each in texts.items())
    }
    together = files
    for key, texts in readable.items():
        together = with_wording(together, key, texts)
    if not _too_long(flow, files, together, *readable) and not any(check(flow, together, actions)):
        return together
    one_by_one = files
    for key, texts in readable.items():
        if not findings(flow, actions, files, one_by_one, key, texts):
            one_by_one = with_wording(one_by_one, key, texts)
    return one_by_one


def _in_one_language(files: Prompts, key: str, language: str, text: str) -> Iterator[Finding]:
    if not text.strip():
        if key not in MAY_BE_SILENT:
            yield Finding("empty", language)
        return
    if len(text) > MOST_CHARACTERS:
        counted = {"count": str(len(text)), "most": str(MOST_CHARACTERS)}
        yield Finding("characters", language, counted)
    if _UNREADABLE.search(text):
        yield Finding("unreadable", language)
    before = files.text(key, language)
    yield from _placeholders(before, text, language)
    yield from _digits_and_keys(before, text, language)
    yield from (Finding(rule, language) for rule in never.breaks(text, language))


def _placeholders(before: str, text: str, language: str) -> Iterator[Finding]:
    wanted, used = set(_PLACEHOLDER.findall(before)), set(_PLACEHOLDER.findall(text))
    if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
        yield Finding("braces", language)
    if missing := wanted - used:
        yield Finding("missing", language, {"names": _named(missing)})
    if unknown := used - wanted:
        yield Finding("unknown", language, {"names": _named(unknown)})
    if {"label", "key"} <= wanted & used and text.index("{label}") > text.index("{key}"):
        yield Finding("label_first", language)


def _digits_and_keys(before: str, text: str, language: str) -> Iterator[Finding]:
    for digits in sorted(set(DIGITS.findall(before))):
        if not re.search(rf"\b{re.escape(digits)}\b", text):
            yield Finding("digits", language, {"digits": digits})
    keys = _keys_in(before, language)
    if _keys_in(text, language) != keys:
        yield Finding("keys", language, {"keys": ", ".join(sorted(keys)) or "–"})


def may_be_recorded(flow: Flow, files: Prompts, key: str) -> bool:
    """Whether a recording can stand in for it: it is said for itself, and is the same every time.

    The label of a choice is said together with its key, and some prompts inside of others.
    """
    if any(files.placeholders(key, language) for language in languages_of(files, key)):
        return False
    return key in {
        *(name.partition("@")[0] for name in flow.opening),
        *(node.name for node in flow.nodes),
        *(name for name in ENGINE_PROMPTS if "." not in name and name not in SAID_INSIDE),
    }


def _keys_in(text: str, language: str) -> set[str]:
    # "Dial 9 1 1" presses no key of a menu; neither does "marque 9 1 1".
    return set(_KEY[language].findall(_APART.sub("", text).casefold()))


def _named(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def _too_long(flow: Flow, files: Prompts, changed: Prompts, *keys: str) -> list[Finding]:
    # A goodbye of the files may be longer: then no longer than that.
    before = {(one.where, one.language): one.seconds for one in lengths.heard(flow, files)}
    worst: dict[str, tuple[float, lengths.Heard, float]] = {}
    for one in lengths.heard(flow, changed):
        limit = max(one.limit, before[one.where, one.language])
        over = one.seconds - limit
        if over <= 0:
            continue
        if one.within.isdisjoint(keys):
            continue
        if one.language not in worst or over > worst[one.language][0]:
            worst[one.language] = over, one, limit
    return [
        Finding("too_long", language, _how_long(one.where, one.seconds, limit))
        for language, (_, one, limit) in worst.items()
    ]


def _how_long(where: str, seconds: float, limit: float) -> dict[str, str]:
    over = (seconds - limit) * lengths.WORDS_A_MINUTE / 60
    return {
        "seconds": f"{seconds:.1f}",
        "where": where,
        "limit": f"{round(limit, 1):g}",
        "words": str(math.ceil(round(over, 3))),
    }


def recording_findings(
    flow: Flow, current: Prompts, key: str, language: str, seconds: float
) -> list[Finding]:
    """What is wrong with so long a recording of a prompt: together with what is heard beside it."""
    found = []
    for one in lengths.heard(flow, current):
        if one.language != language or key not in one.keys:
            continue
        length = one.seconds_with({key: seconds})
        if length > one.limit:
            found.append(Finding("too_long", language, _how_long(one.where, length, one.limit)))
            break
    return found
