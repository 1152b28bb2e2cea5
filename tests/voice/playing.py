"""Rows of the corpus → how each was heard, over every voice and noise."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from tests.corpus import scoring
from tests.voice.voices import PROJECT, VOICES, Heard, Utterance, Voice

URGENT = "urgent"
_PYTHON = PROJECT / ".venv-voice" / "bin" / "python"


@dataclass(frozen=True)
class Row:
    """A row of a corpus. sampled: one of the every so many; an urgent row is played even if not."""

    corpus: str
    kind: str
    cells: tuple[str, ...]
    sampled: bool

    @property
    def said(self) -> str:
        """The caller's words as the corpus has them."""
        return self.cells[scoring.said_in(self.kind)]

    @property
    def urgent(self) -> bool:
        """Whether it must be taken for urgent."""
        return self.kind == "intents" and self.cells[2] == URGENT

    def heard_as(self, words: str) -> list[str]:
        """The row with what the recogniser made of it."""
        at = scoring.said_in(self.kind)
        return [*self.cells[:at], words, *self.cells[at + 1 :]]


@dataclass(frozen=True)
class Played:
    """A row as one voice said it and the recogniser heard it."""

    row: Row
    voice: Voice
    snr_db: float
    heard: Heard


def rows(corpora: Sequence[str], kinds: Sequence[str], every: int) -> list[Row]:
    """Every so many rows of these kinds, and every urgent one; none that was heard already."""
    found = []
    for corpus in corpora:
        content = scoring.written(corpus)
        for kind in kinds:
            of_kind = [
                Row(corpus, kind, tuple(cells), sampled=i % every == 0)
                for i, cells in enumerate(content[kind])
            ]
            found += [row for row in of_kind if row.sampled or row.urgent]
    return found


def played(wanted: Sequence[Row], noises: Sequence[float]) -> tuple[list[Played], dict[str, str]]:
    """The rows over every voice of their language and every noise; and which voices cannot speak.

    Raises RuntimeError where the process that speaks and hears ends early.
    """
    results, missing = [], {}
    plan = [
        (row, voice, Utterance(voice.name, row.said, snr_db))
        for row in wanted
        for voice in VOICES
        for snr_db in noises
        if voice.language == row.cells[0]
    ]
    for (row, voice, utterance), reason in zip(plan, _hear([u for *_, u in plan]), strict=True):
        heard = utterance.heard()
        if heard is None:
            missing[voice.name] = reason
        else:
            results.append(Played(row, voice, utterance.snr_db, heard))
    return results, missing


def _hear(utterances: Sequence[Utterance]) -> Iterator[str]:
    """Why each could not be spoken, empty where it was; all are heard by one process, in turn."""
    command = ["nice", "-n", "19", str(_PYTHON), "-m", "tests.voice.hearing"]
    with subprocess.Popen(
        command, cwd=PROJECT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as hearing:
        if hearing.stdin is None or hearing.stdout is None:
            raise RuntimeError("the pipes to the recogniser were not opened")
        for done, utterance in enumerate(utterances, start=1):
            hearing.stdin.write(f"{json.dumps(asdict(utterance))}\n")
            hearing.stdin.flush()
            answer = hearing.stdout.readline()
            if not answer:
                raise RuntimeError("the recogniser has ended; its reason is above")
            _show(done, len(utterances))
            yield answer.strip()


def _show(done: int, of: int) -> None:
    if sys.stderr.isatty() or done % 100 == 0 or done == of:
        print(
            f"\r{done} of {of} heard", end="\n" if done == of else "", file=sys.stderr, flush=True
        )
