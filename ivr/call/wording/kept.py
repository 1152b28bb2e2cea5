"""What each clinic's line speaks, as one process knows it: the files, and the desk's changes.

The database gives a clinic's wording a new random mark with every change of it
(docs/decisions/0010, 0014). A thread asks for the marks every two seconds and reads again only what
has another one, so that a turn of a call asks for nothing. Without the database a process speaks
on as it last knew; one that has only just started speaks the files' wording.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.call.actions import action_outcomes
from ivr.call.prompts import Prompts
from ivr.call.turn import Line
from ivr.call.wording import audio, rules
from ivr.call.wording.audio import Recording
from ivr.call.wording.tables import PromptMark, PromptRecording, PromptWording
from scheduling.database import Database, DatabaseUnavailable

LOOK_SECONDS: Final = 2.0
"""Between two looks at the marks."""

log = structlog.get_logger(__name__)


class Wordings(Mapping[str, Line]):
    """Number called → its line, as it is spoken now."""

    def __init__(self, lines: Mapping[str, Line], database: Database) -> None:
        self._files = dict(lines)
        self._spoken = dict(lines)
        self._database = database
        self._marks: dict[str, str] = {}
        self._recordings: dict[str, dict[str, Recording]] = {}
        self._refreshing = threading.Lock()
        self._stopped = threading.Event()
        self.looked = threading.Event()
        """Set once the database was looked into."""

    def __getitem__(self, number: str) -> Line:
        return self._spoken[number]

    def __iter__(self) -> Iterator[str]:
        return iter(self._spoken)

    def __len__(self) -> int:
        return len(self._spoken)

    def files_of(self, clinic_id: str) -> Line | None:
        """A clinic's line as its files word it; None for a clinic that this machine has none of."""
        return next((one for one in self._files.values() if one.clinic.id == clinic_id), None)

    def spoken_by(self, clinic_id: str) -> Line | None:
        """The same as it is spoken now."""
        return next((one for one in self._spoken.values() if one.clinic.id == clinic_id), None)

    def recording(self, clinic_id: str, name: str) -> Recording | None:
        """A recording by its name in addresses; None where this process does not know it."""
        return self._recordings.get(clinic_id, {}).get(name)

    def refresh(self) -> bool:
        """Look at the marks, and read again what has changed; whether something had.

        Raises DatabaseUnavailable.
        """
        with self._refreshing:
            marks = self._database.read(_marks)
            changed = [
                (number, line)
                for number, line in self._files.items()
                if marks.get(line.clinic.id) != self._marks.get(line.clinic.id)
            ]
            for number, line in changed:
                # The marks were read first: what changes meanwhile has another mark next time.
                self._read(number, line)
                log.info("wording_read", clinic_id=line.clinic.id)
            self._marks = marks
            self.looked.set()
            return bool(changed)

    def keep_fresh(self, *, seconds: float = LOOK_SECONDS) -> None:
        """Look now and from now on, in a thread of this process."""
        threading.Thread(
            target=self._keep_fresh, args=(seconds,), name="wordings", daemon=True
        ).start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def _read(self, number: str, line: Line) -> None:
        clinic_id = line.clinic.id
        known = self._recordings.get(clinic_id, {})
        rows, recordings = self._database.read(lambda s: _stored(s, clinic_id, known))
        texts: dict[str, dict[str, str]] = {}
        for row in rows:
            if row.text is not None:
                texts.setdefault(row.prompt_key, {})[row.language] = row.text
        prompts = rules.fitting(line.flow, action_outcomes(), line.prompts, texts)
        played = _played(rows, recordings, prompts)
        self._recordings[clinic_id] = recordings
        self._spoken = {
            **self._spoken,
            number: replace(line, prompts=replace(prompts, recorded=played)),
        }

    def _keep_fresh(self, seconds: float) -> None:
        failed = False
        while not self._stopped.is_set():
            try:
                self.refresh()
                failed = False
            except DatabaseUnavailable:
                # Every request says so, and /readyz.
                pass
            except Exception:
                # A database that was not migrated yet, say: the line speaks on as it did.
                if not failed:
                    log.exception("wording_not_read")
                failed = True
            self._stopped.wait(seconds)


def _marks(session: Session) -> dict[str, str]:
    return {row.clinic_id: row.mark for row in session.execute(_MARKS)}


def _stored(
    session: Session, clinic_id: str, known: Mapping[str, Recording]
) -> tuple[list[PromptWording], dict[str, Recording]]:
    """The rows in force, and every recording that they name, by its name."""
    rows = list(
        session.scalars(
            select(PromptWording)
            .where(PromptWording.clinic_id == clinic_id)
            .order_by(PromptWording.prompt_key, PromptWording.language)
        )
    )
    recordings: dict[str, Recording] = {}
    by_digest = {Path(name).stem: (name, one) for name, one in known.items()}
    for digest in {row.digest for row in rows if row.digest is not None}:
        found = by_digest.get(digest) or read_recording(session, clinic_id, digest)
        if found is not None:
            recordings[found[0]] = found[1]
    return rows, recordings


def read_recording(session: Session, clinic_id: str, digest: str) -> tuple[str, Recording] | None:
    """A stored recording and its name; None where there is none."""
    stored = session.get(PromptRecording, (clinic_id, digest))
    if stored is None:
        return None
    found = Recording(stored.content_type, stored.seconds, stored.data)
    return audio.name_of(digest, stored.content_type), found


def _played(
    rows: list[PromptWording], recordings: Mapping[str, Recording], prompts: Prompts
) -> dict[str, dict[str, str]]:
    """Language → prompt key → the name of its recording, where it still says what is worded."""
    names = {Path(name).stem: name for name in recordings}
    played: dict[str, dict[str, str]] = {}
    for row in rows:
        if row.digest not in names or row.prompt_key not in prompts.texts[row.language]:
            continue
        if prompts.text(row.prompt_key, row.language) == row.recorded_text:
            played.setdefault(row.language, {})[row.prompt_key] = names[row.digest]
    return played


_MARKS = select(PromptMark.clinic_id, PromptMark.mark)
