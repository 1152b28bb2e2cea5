"""The synthetic voices by name, what they speak, and where a thing said and heard is kept."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
KEPT = PROJECT / "var" / "voice"

# Raised when the line's noise or the recogniser changes, so that nothing older is taken for new.
EDITION = 1


@dataclass(frozen=True)
class Voice:
    """One synthetic voice. speaker: the engine's own name for it; note: for the table's reader."""

    name: str
    engine: str
    language: str
    speaker: str
    note: str


VOICES = (
    Voice("flite slt", "flite", "en", "slt", "US woman"),
    Voice("piper joe", "piper", "en", "joe", "US man, neural"),
    Voice("espeak-ng en-us", "espeak-ng", "en", "en-us", "a machine's: the worst case"),
    Voice("pico es-ES", "pico", "es", "es-ES", "woman of Spain"),
    Voice("espeak-ng es-419", "espeak-ng", "es", "es-419", "a machine's: the worst case"),
)


@dataclass(frozen=True)
class Utterance:
    """A row of the corpus as one voice says it over one line. snr_db: speech above noise."""

    voice: str
    words: str
    snr_db: float

    @property
    def seed(self) -> str:
        """Of its noise; another for every utterance, the same in every run."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def spoken_file(self) -> Path:
        """The voice's sound, before the line."""
        return KEPT / "spoken" / f"{_digest(self.voice, self.words)}.wav"

    @property
    def heard_file(self) -> Path:
        """What the recogniser made of it: a Heard, as JSON."""
        return KEPT / "heard" / f"{_digest(EDITION, self.seed)}.json"

    def heard(self) -> Heard | None:
        """What was heard, if that has been kept."""
        try:
            return Heard(**json.loads(self.heard_file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None


@dataclass(frozen=True)
class Heard:
    """What a recogniser heard. confidence: its own, from 0 to 1."""

    words: str
    confidence: float


def voice_named(name: str) -> Voice:
    """Raises KeyError where there is no such voice."""
    return {voice.name: voice for voice in VOICES}[name]


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
