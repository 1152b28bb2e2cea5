"""Changing what the line says: checked before it is stored, signed where it matters, undoable.

The checks take a tenth of a second, so they run outside of the transaction that stores; it stores
only at the mark that was checked, and where another change came between, all of it runs again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.call.actions import action_outcomes
from ivr.call.wording import rules
from ivr.call.wording.audio import Recording
from ivr.call.wording.rules import Finding
from ivr.call.wording.tables import PromptRecording
from ivr.frontdesk import prompt_store, work
from ivr.frontdesk.prompt_book import Book
from ivr.frontdesk.prompt_store import InForce, Json
from ivr.frontdesk.prompt_tables import (
    DECLINED,
    PENDING,
    STANDING,
    WITHDRAWN,
    WORDING,
    PromptChange,
)
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.settings_changes import marker
from ivr.frontdesk.wording import say
from scheduling.database import Database, new_id
from scheduling.errors import InvalidInput, SchedulingError, StaleVersion
from scheduling.tables import Clinic


class WordingRefused(SchedulingError):
    """The checks found something. Nothing was stored."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(one.kind for one in findings))
        self.findings = tuple(findings)


class NotTheirsToSign(SchedulingError):
    """Only another person, whose account is a clinician's, signs."""


@dataclass(frozen=True)
class Wanted:
    """A change that is asked for. after: see PromptChange; language: of a recording.

    seen: the marker of the value it was made from. audio: the bytes of a new recording.
    """

    key: str
    kind: str
    language: str | None
    after: Json | None
    seen: str
    audio: Recording | None = None


def value_now(
    stored: InForce, book: Book, kind: str, key: str, language: str | None
) -> Json | None:
    """What a change of this kind would change."""
    if kind == WORDING:
        return stored.wording(book.line, key)
    return stored.recording(key, language or "")


def ask(database: Database, book: Book, user: SignedIn, wanted: Wanted, now: datetime) -> bool:
    """Store a change; whether it waits for a clinician's sign-off, and is not spoken until then.

    Raises WordingRefused, StaleVersion where what it was made from has changed meanwhile, and
    InvalidInput where nothing would change or another change of it waits already.
    """
    book.require(wanted.key)
    change_id = new_id()
    safety = wanted.key in book.safety

    def store(session: Session, checked: InForce) -> None:
        if session.get(PromptChange, (user.clinic_id, change_id)) is not None:
            # Stored, and only the answer was lost.
            return
        before = value_now(_same(session, user, checked), book, *_what(wanted))
        if marker(before) != wanted.seen:
            raise StaleVersion("somebody changed this prompt meanwhile")
        if before == wanted.after:
            raise InvalidInput(say("nothing would change: it is like this already"))
        _require_nothing_pending(session, user.clinic_id, wanted)
        if wanted.audio is not None:
            prompt_store.keep_bytes(session, user.clinic_id, wanted.audio, now)
        row = PromptChange(
            clinic_id=user.clinic_id,
            id=change_id,
            at=now,
            staff_id=user.staff_id,
            prompt_key=wanted.key,
            kind=wanted.kind,
            language=wanted.language,
            before=before,
            after=wanted.after,
            safety=safety,
            state=PENDING if safety else STANDING,
            decided_at=None if safety else now,
            decided_by=None if safety else user.staff_id,
        )
        session.add(row)
        session.flush()
        if not safety:
            _apply(session, row)
        _note(session, user, "prompt.asked" if safety else "prompt.changed", row, now)

    _checked(database, book, user, wanted, store)
    return safety


def decide(
    database: Database,
    book: Book,
    user: SignedIn,
    change_id: UUID,
    *,
    sign: bool,
    now: datetime,
) -> None:
    """A clinician signs a change, which is spoken from then on, or declines it.

    Raises NotTheirsToSign, InvalidInput where there is no such change or it waits no more, and what
    ask() raises: since it was asked for, other wordings may have changed.
    """
    row = database.read(lambda s: pending(s, user.clinic_id, change_id, lock=False))
    if not user.clinician or row.staff_id == user.staff_id:
        raise NotTheirsToSign("another clinician signs this")
    wanted = Wanted(row.prompt_key, row.kind, row.language, row.after, marker(row.before))

    def store(session: Session, checked: InForce | None) -> None:
        waiting = pending(session, user.clinic_id, change_id)
        if checked is not None:
            stored = _same(session, user, checked)
            if value_now(stored, book, *_what(wanted)) != waiting.before:
                raise StaleVersion("somebody changed this prompt meanwhile")
        waiting.state = STANDING if sign else DECLINED
        waiting.decided_at, waiting.decided_by = now, user.staff_id
        session.flush()
        if sign:
            _apply(session, waiting)
        _note(session, user, "prompt.signed" if sign else "prompt.declined", waiting, now)

    if sign:
        _checked(database, book, user, wanted, store)
    else:
        database.write(lambda s: store(s, None))


def withdraw(session: Session, user: SignedIn, change_id: UUID, now: datetime) -> str:
    """Ask no longer for a change that waits; returns its prompt. Raises InvalidInput."""
    row = pending(session, user.clinic_id, change_id)
    row.state, row.decided_at, row.decided_by = WITHDRAWN, now, user.staff_id
    _note(session, user, "prompt.withdrawn", row, now)
    return row.prompt_key


def back(
    database: Database, book: Book, user: SignedIn, change_id: UUID, now: datetime
) -> tuple[str, bool]:
    """Undo a change by asking for what was before it; returns its prompt, and what ask() returns.

    Raises InvalidInput where it does not stand, or was changed again since.
    """

    def look(session: Session) -> tuple[PromptChange, Json | None]:
        row = session.get(PromptChange, (user.clinic_id, change_id))
        if row is None or row.state != STANDING:
            raise InvalidInput(say("this change no longer stands: look at the list again"))
        stored = prompt_store.in_force(session, user.clinic_id)
        return row, value_now(stored, book, row.kind, row.prompt_key, row.language)

    row, current = database.read(look)
    if current != row.after:
        raise InvalidInput(say("it was changed again since: undo the later change first"))
    after: Json | None = row.before
    if row.kind == WORDING and after is not None and after["files"]:
        # The files may have changed since: what is meant is whatever they say.
        after = prompt_store.wording_value(book.line, row.prompt_key, {})
    wanted = Wanted(row.prompt_key, row.kind, row.language, after, marker(current))
    return row.prompt_key, ask(database, book, user, wanted, now)


def pending(
    session: Session, clinic_id: str, change_id: UUID, *, lock: bool = True
) -> PromptChange:
    """A change that waits. Raises InvalidInput for any other. lock: to decide on it."""
    row = session.get(PromptChange, (clinic_id, change_id), with_for_update=lock)
    if row is None or row.state != PENDING:
        raise InvalidInput(say("this change waits no more: look at the list again"))
    return row


def _what(wanted: Wanted) -> tuple[str, str, str | None]:
    return wanted.kind, wanted.key, wanted.language


def _checked(
    database: Database,
    book: Book,
    user: SignedIn,
    wanted: Wanted,
    store: Callable[[Session, InForce], None],
) -> None:
    """Check against what is in force, and store where that is still in force then."""
    for _ in range(3):
        checked = database.read(lambda s: prompt_store.in_force(s, user.clinic_id))
        found = _findings(database, book, user, wanted, checked)
        if found:
            raise WordingRefused(found)
        try:
            database.write(partial(_run, store, checked))
        except _Moved:
            continue
        return
    raise StaleVersion("others change the wording at the same moment")


def _run(store: Callable[[Session, InForce], None], checked: InForce, session: Session) -> None:
    store(session, checked)


def _findings(
    database: Database, book: Book, user: SignedIn, wanted: Wanted, stored: InForce
) -> list[Finding]:
    line = book.line
    if wanted.kind == WORDING:
        texts = wanted.after["texts"] if wanted.after else {}
        current = stored.prompts(line)
        return rules.findings(
            line.flow, action_outcomes(), line.prompts, current, wanted.key, texts
        )
    if wanted.after is None:
        return []
    current, language = stored.prompts(line), wanted.language or ""
    if not rules.may_be_recorded(line.flow, line.prompts, wanted.key):
        return [Finding("not_recorded", language)]
    if current.text(wanted.key, language) != wanted.after["text"]:
        return [Finding("recorded_other", language)]
    seconds = wanted.audio.seconds if wanted.audio else _seconds(database, user, wanted.after)
    if seconds is None:
        return [Finding("recording_gone", language)]
    return rules.recording_findings(line.flow, current, wanted.key, language, seconds)


def _seconds(database: Database, user: SignedIn, value: Json) -> float | None:
    return database.read(
        lambda s: s.scalar(
            select(PromptRecording.seconds).where(
                PromptRecording.clinic_id == user.clinic_id,
                PromptRecording.digest == value["digest"],
            )
        )
    )


class _Moved(Exception):
    """Another change came between."""


def _same(session: Session, user: SignedIn, checked: InForce) -> InForce:
    """What is in force, locked, at the mark that was checked. Raises _Moved at another."""
    session.get_one(Clinic, user.clinic_id, with_for_update=True)
    stored = prompt_store.in_force(session, user.clinic_id)
    if stored.mark != checked.mark:
        raise _Moved
    return stored


def _require_nothing_pending(session: Session, clinic_id: str, wanted: Wanted) -> None:
    waits = select(PromptChange.id).where(
        PromptChange.clinic_id == clinic_id,
        PromptChange.prompt_key == wanted.key,
        PromptChange.kind == wanted.kind,
        PromptChange.language == wanted.language
        if wanted.language
        else PromptChange.language.is_(None),
        PromptChange.state == PENDING,
    )
    if session.scalar(waits.limit(1)) is not None:
        raise InvalidInput(
            say("a change of this waits for a clinician already: have it signed, or withdraw it")
        )


def _apply(session: Session, row: PromptChange) -> None:
    if row.kind == WORDING:
        prompt_store.put_wording(session, row.clinic_id, row.prompt_key, row.after or {})
    else:
        prompt_store.put_recording(
            session, row.clinic_id, row.prompt_key, row.language or "", row.after
        )


def _note(session: Session, user: SignedIn, action: str, row: PromptChange, now: datetime) -> None:
    detail = {"change": str(row.id), "prompt": row.prompt_key, "kind": row.kind}
    work.note(session, user, action, detail, now)
