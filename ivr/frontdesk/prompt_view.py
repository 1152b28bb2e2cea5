"""What the pages of the wording show, as values. No session, no request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.call.nodes import Ask, Menu
from ivr.call.prompts import Prompts
from ivr.call.turn import Line
from ivr.call.wording import audio, lengths, rules, samples
from ivr.call.wording.audio import NotTaken
from ivr.call.wording.rules import Finding
from ivr.frontdesk import wording
from ivr.frontdesk.prompt_book import GROUP, SAFETY, Book
from ivr.frontdesk.prompt_history import Past
from ivr.frontdesk.prompt_store import InForce, Json
from ivr.frontdesk.prompt_tables import PENDING, STANDING, WORDING
from ivr.frontdesk.wording import Words, say

LANGUAGE: Final[Words] = {"en": "English", "es": "Spanish"}

STATE: Final[Words] = {
    "pending": "Waits for a clinician's sign-off: callers hear the old wording until then.",
    "standing": "In force",
    "declined": "Declined",
    "withdrawn": "Withdrawn",
}


@dataclass(frozen=True)
class Spoken:
    """A prompt in one language. example: with example values; seconds: of it alone.

    voice: the language tag for the browser's voices. recording: the digest of what is played
    instead, and stale: the wording has changed since, so that it is spoken.
    values: placeholder → what the example says in its place.
    """

    language: str
    name: str
    voice: str
    text: str
    example: str
    seconds: str
    values: Mapping[str, str]
    recording: str | None
    stale: bool


@dataclass(frozen=True)
class Row:
    """A prompt in the list. safety: why it is a matter of safety."""

    key: str
    spoken: tuple[Spoken, ...]
    safety: str | None
    own: bool
    pending: bool


@dataclass(frozen=True)
class Whole:
    """What is heard in one go where a prompt is heard, at its longest."""

    name: str
    where: str
    seconds: str
    limit: str
    example: str
    language: str
    voice: str


@dataclass(frozen=True)
class Side:
    """One language before and after a change. recording: digests of what was and will be played."""

    name: str
    language: str
    voice: str
    before: str | None
    after: str | None
    plays_before: str | None
    plays_after: str | None


@dataclass(frozen=True)
class ChangeRow:
    """A change in a list."""

    id: UUID
    key: str
    what: str
    made: str
    state: str
    sides: tuple[Side, ...]
    safety: str | None
    may_undo: bool
    pending: bool
    staff_id: UUID


def rows(
    book: Book, keys: Iterable[str], stored: InForce, prompts: Prompts, waiting: Sequence[Past]
) -> list[Row]:
    """The prompts of a list."""
    waits = {one.row.prompt_key for one in waiting}
    return [
        Row(
            key,
            spoken(book, key, stored, prompts),
            _reason(book, key),
            any((key, language) in stored.rows for language in LANGUAGE),
            key in waits,
        )
        for key in keys
    ]


def spoken(
    book: Book,
    key: str,
    stored: InForce,
    prompts: Prompts,
    typed: Mapping[str, str] | None = None,
) -> tuple[Spoken, ...]:
    """A prompt in each of its languages. typed: what somebody has typed and is not stored."""
    found = []
    for language in samples.languages_of(book.files, key):
        text = prompts.text(key, language)
        recording = stored.recording(key, language)
        said = typed.get(language, "") if typed is not None else None
        example = samples.example(key, language, prompts)
        # A form fills in the files' names, so that a field shows what it may hold.
        fields = book.files.placeholders(key, language)
        values = samples.values_of(fields, language, prompts)
        found.append(
            Spoken(
                language,
                wording.in_words(LANGUAGE, language),
                book.line.clinic.voices[language].language,
                text if said is None else said,
                example,
                f"{lengths.seconds(_filled(text if said is None else said, values)):.1f}",
                values,
                recording["digest"] if recording else None,
                recording is not None and recording["text"] != text,
            )
        )
    return tuple(found)


def _filled(text: str, values: Mapping[str, str]) -> str:
    """A wording, sound or not, with its example values: as the page's own script does it."""
    return re.sub(r"\{([a-z_0-9]+)\}", lambda one: values.get(one[1], one[0]), text)


def wholes(book: Book, key: str, prompts: Prompts) -> list[Whole]:
    """Where a prompt is heard longest, in each of its languages, with all that is heard with it."""
    # Where the files themselves are longer, a change may be as long.
    own = {
        (one.where, one.language): one.seconds for one in lengths.heard(book.line.flow, book.files)
    }
    longest: dict[str, lengths.Heard] = {}
    for one in lengths.heard(book.line.flow, prompts):
        if key not in one.within:
            continue
        so_far = longest.get(one.language)
        if so_far is None or one.seconds / one.limit > so_far.seconds / so_far.limit:
            longest[one.language] = one
    return [
        Whole(
            wording.in_words(LANGUAGE, one.language),
            one.where,
            f"{one.seconds:.1f}",
            f"{round(max(one.limit, own[one.where, one.language]), 1):g}",
            " ".join(text for text in one.spoken if text),
            one.language,
            book.line.clinic.voices[one.language].language,
        )
        for one in longest.values()
    ]


def option_of(book: Book, key: str, language: str, prompts: Prompts) -> dict[str, str] | None:
    """How the label of a choice is said, and an example of its key; None for what is no label."""
    for node in book.line.flow.nodes:
        choices = node.choices if isinstance(node, Menu) else ()
        if isinstance(node, Ask) and node.skip:
            choices = (node.skip,)
        for choice in choices:
            if choice.prompt_in(node.name) == key:
                return {"text": prompts.text("option", language), "key": choice.key}
    return None


def changes(book: Book, past: Sequence[Past], stored: InForce, zone: ZoneInfo) -> list[ChangeRow]:
    """Changes as they come."""
    return [_change(book, one, stored, zone) for one in past]


def _change(book: Book, past: Past, stored: InForce, zone: ZoneInfo) -> ChangeRow:
    row = past.row
    current: Any = None
    known = any(row.prompt_key in keys for keys in book.groups.values())
    if known and row.kind == WORDING:
        current = stored.wording(book.line, row.prompt_key)
    elif known:
        current = stored.recording(row.prompt_key, row.language or "")
    made = say("{name}, {when}", name=past.by, when=wording.moment(row.at, zone))
    return ChangeRow(
        row.id,
        row.prompt_key,
        say("Wording") if row.kind == WORDING else say("Recording"),
        made,
        _state(past, zone),
        _sides(book.line, row.kind, row.language, row.before, row.after),
        _reason(book, row.prompt_key) if row.safety else None,
        row.state == STANDING and known and current == row.after,
        row.state == PENDING,
        row.staff_id,
    )


def _state(past: Past, zone: ZoneInfo) -> str:
    row = past.row
    said = wording.in_words(STATE, row.state)
    if row.state == STANDING and not row.safety:
        return said
    if row.decided_at is None or past.decided_by is None:
        return said
    when = wording.moment(row.decided_at, zone)
    if row.state == STANDING:
        return say("Signed by {name}, {when}", name=past.decided_by, when=when)
    return say("{state} by {name}, {when}", state=said, name=past.decided_by, when=when)


def _sides(
    line: Line, kind: str, language: str | None, before: Json | None, after: Json | None
) -> tuple[Side, ...]:
    if kind == WORDING:
        old, new = (before or {}).get("texts", {}), (after or {}).get("texts", {})
        return tuple(
            Side(
                wording.in_words(LANGUAGE, one),
                one,
                line.clinic.voices[one].language,
                old.get(one),
                new.get(one),
                None,
                None,
            )
            for one in new
        )
    spoken_in = language or "en"
    return (
        Side(
            wording.in_words(LANGUAGE, spoken_in),
            spoken_in,
            line.clinic.voices[spoken_in].language,
            (before or after or {}).get("text"),
            (after or before or {}).get("text"),
            before["digest"] if before else None,
            after["digest"] if after else None,
        ),
    )


def _reason(book: Book, key: str) -> str | None:
    reason = book.safety.get(key)
    return wording.in_words(SAFETY, reason) if reason else None


def group_name(group: str) -> str:
    """What a prompt file is called on the page."""
    return wording.in_words(GROUP, group)


def finding_in_words(finding: Finding) -> str:
    """What is wrong, and what to do about it."""
    language = wording.in_words(LANGUAGE, finding.language) if finding.language else ""
    return say(rules.SENTENCES[finding.kind], language=language, **finding.values)


def refusal_in_words(refusal: NotTaken) -> str:
    """Why a file is not taken."""
    return say(audio.REFUSALS[refusal.reason], **refusal.values)
