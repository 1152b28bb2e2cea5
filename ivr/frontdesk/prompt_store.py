"""What is in force of a clinic's wording, as a transaction reads and writes it. Never commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ivr.call.actions import action_outcomes
from ivr.call.prompts import Prompts
from ivr.call.turn import Line
from ivr.call.wording import rules
from ivr.call.wording.audio import Recording
from ivr.call.wording.samples import languages_of
from ivr.call.wording.tables import PromptMark, PromptRecording, PromptWording
from ivr.frontdesk.prompt_tables import PENDING, RECORDING, PromptChange
from ivr.frontdesk.wording import say
from scheduling.errors import InvalidInput

MOST_OF_A_CLINIC: Final = 40 * 1024 * 1024
"""Bytes of recordings that each web process keeps in memory for a clinic, and plays from there."""

Json = dict[str, Any]


@dataclass(frozen=True)
class InForce:
    """A clinic's own wording at one mark. rows: by prompt and language."""

    mark: str | None
    rows: dict[tuple[str, str], PromptWording]

    def wording(self, line: Line, key: str) -> Json:
        """What a change of the wording keeps as `before` and `after`. line: of the files."""
        languages = languages_of(line.prompts, key)
        own = {
            language: row.text
            for language in languages
            if (row := self.rows.get((key, language))) and row.text is not None
        }
        return wording_value(line, key, own)

    def recording(self, key: str, language: str) -> Json | None:
        """The same of a recording: None where the prompt is spoken."""
        row = self.rows.get((key, language))
        if row is None or row.digest is None:
            return None
        return {"digest": row.digest, "text": row.recorded_text}

    def is_unfit(self, line: Line, key: str) -> bool:
        """Whether the files have changed so that a prompt's own wording is not spoken."""
        worded, spoken = self.wording(line, key)["texts"], self.prompts(line)
        return any(spoken.text(key, one) != text for one, text in worded.items())

    def prompts(self, line: Line) -> Prompts:
        """The whole wording as it is spoken. At a new mark it takes some 0.1 s: outside of any
        transaction.
        """
        known = _spoken.get(line.clinic.id)
        if known is None or known[0] != self.mark or known[1] is not line:
            known = _spoken[line.clinic.id] = self.mark, line, self._prompts(line)
        return known[2]

    def _prompts(self, line: Line) -> Prompts:
        texts: dict[str, dict[str, str]] = {}
        for (key, language), row in self.rows.items():
            if row.text is not None:
                texts.setdefault(key, {})[language] = row.text
        return rules.fitting(line.flow, action_outcomes(), line.prompts, texts)


_spoken: dict[str, tuple[str | None, Line, Prompts]] = {}
"""By clinic: what was last worked out, at which mark, over which files. A mark never repeats."""


def wording_value(line: Line, key: str, texts: dict[str, str]) -> Json:
    """A wording as a change keeps it. texts: language → wording; the files' where it is missing."""
    own = {one: line.prompts.text(key, one) for one in languages_of(line.prompts, key)}
    worded = {**own, **texts}
    return {"files": worded == own, "texts": worded}


def in_force(session: Session, clinic_id: str) -> InForce:
    """What is in force now."""
    mark = session.scalar(select(PromptMark.mark).where(PromptMark.clinic_id == clinic_id))
    rows = session.scalars(select(PromptWording).where(PromptWording.clinic_id == clinic_id))
    return InForce(mark, {(row.prompt_key, row.language): row for row in rows})


def put_wording(session: Session, clinic_id: str, key: str, value: Json) -> None:
    """Speak this wording from now on; the files' own where it is that."""
    for language, text in value["texts"].items():
        row = _row(session, clinic_id, key, language)
        row.text = None if value["files"] else text
    session.flush()
    _clear(session, clinic_id, key)


def put_recording(
    session: Session, clinic_id: str, key: str, language: str, value: Json | None
) -> None:
    """Play this recording from now on; None: speak again."""
    row = _row(session, clinic_id, key, language)
    row.digest = value["digest"] if value else None
    row.recorded_text = value["text"] if value else None
    session.flush()
    _clear(session, clinic_id, key)


def keep_bytes(session: Session, clinic_id: str, recording: Recording, now: datetime) -> None:
    """Store a recording's bytes once. Raises InvalidInput where the clinic has too many."""
    if session.get(PromptRecording, (clinic_id, recording.digest)) is not None:
        return
    _drop_what_nobody_needs(session, clinic_id, len(recording.data))
    if _size(session, clinic_id) + len(recording.data) > MOST_OF_A_CLINIC:
        raise InvalidInput(
            say(
                "the recordings of this clinic would take more than {most} MB: save this one as"
                " MP3, or remove others first",
                most=MOST_OF_A_CLINIC // 1024 // 1024,
            )
        )
    session.add(
        PromptRecording(
            clinic_id=clinic_id,
            digest=recording.digest,
            content_type=recording.content_type,
            seconds=recording.seconds,
            data=recording.data,
            added_at=now,
        )
    )
    session.flush()


def _drop_what_nobody_needs(session: Session, clinic_id: str, more: int) -> None:
    """Only where there is no room: a removed recording is kept for undoing as long as there is."""
    if _size(session, clinic_id) + more <= MOST_OF_A_CLINIC:
        return
    needed = set(
        session.scalars(
            select(PromptWording.digest).where(
                PromptWording.clinic_id == clinic_id, PromptWording.digest.is_not(None)
            )
        )
    )
    waiting = session.scalars(
        select(PromptChange.after).where(
            PromptChange.clinic_id == clinic_id,
            PromptChange.kind == RECORDING,
            PromptChange.state == PENDING,
        )
    )
    needed |= {after["digest"] for after in waiting if after}
    session.execute(
        delete(PromptRecording).where(
            PromptRecording.clinic_id == clinic_id, PromptRecording.digest.not_in(needed)
        )
    )


def _size(session: Session, clinic_id: str) -> int:
    size = select(func.sum(func.length(PromptRecording.data))).where(
        PromptRecording.clinic_id == clinic_id
    )
    return int(session.scalar(size) or 0)


def _row(session: Session, clinic_id: str, key: str, language: str) -> PromptWording:
    row = session.get(PromptWording, (clinic_id, key, language))
    if row is None:
        row = PromptWording(clinic_id=clinic_id, prompt_key=key, language=language)
        session.add(row)
    return row


def _clear(session: Session, clinic_id: str, key: str) -> None:
    """A row that says nothing of its own is none."""
    for row in session.scalars(
        select(PromptWording).where(
            PromptWording.clinic_id == clinic_id,
            PromptWording.prompt_key == key,
            PromptWording.text.is_(None),
            PromptWording.digest.is_(None),
        )
    ):
        session.delete(row)
    session.flush()
