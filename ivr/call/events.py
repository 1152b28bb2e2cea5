"""What goes into a turn and what comes out of it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.call.prompts import Line
from ivr.call.session import Session


@dataclass(frozen=True)
class Arrived:
    """The call was just answered.

    at: the entry of the flow where a call of ours begins, in `language`, with these facts; None
    where somebody called us.
    """

    at: str | None = None
    language: str = "en"
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Keyed:
    """Keys pressed; without the `#` that ended them."""

    digits: str


@dataclass(frozen=True)
class Said:
    """Words recognised, with the recogniser's confidence from 0 to 1."""

    words: str
    confidence: float


@dataclass(frozen=True)
class Silent:
    """The caller neither pressed nor said anything."""


@dataclass(frozen=True)
class Dialled:
    """How a transfer ended: answered, no_answer, busy or failed.

    connected: whether the two could hear each other; a picked-up phone alone does not say so.
    """

    outcome: str
    connected: bool = True


@dataclass(frozen=True)
class Waited:
    """How waiting for whoever accepts ended: bridged or left."""

    outcome: str


@dataclass(frozen=True)
class Recorded:
    """What the caller left on a recording. sid: the carrier's id of it; seconds: its length."""

    sid: str
    seconds: int


@dataclass(frozen=True)
class Done:
    """How an action ended, and what it found."""

    outcome: str
    facts: Mapping[str, str] = field(default_factory=dict)


Input = Arrived | Keyed | Said | Silent | Dialled | Waited | Recorded | Done


@dataclass(frozen=True)
class Wait:
    """Listen for keys and speech. digits: how many keys complete the entry; None: until `#`."""

    digits: int | None
    seconds: int
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Act:
    """Run this action, then advance with its outcome."""

    action: str


@dataclass(frozen=True)
class Dial:
    """Ring this number. whisper, announces: see nodes.Transfer."""

    number: str
    ring_seconds: int
    whisper: bool
    announces: bool = False


@dataclass(frozen=True)
class Enqueue:
    """Wait in this queue for so long at most, hearing where things stand."""

    queue: str
    wait_seconds: int


@dataclass(frozen=True)
class Connect:
    """Connect with the caller who waits in this queue."""

    queue: str


@dataclass(frozen=True)
class Capture:
    """Record what the caller says, after a tone, until `#` or so many seconds of silence."""

    longest_seconds: int
    silence_seconds: int


@dataclass(frozen=True)
class End:
    """Hang up."""


@dataclass(frozen=True)
class Turn:
    """What the line says and does next."""

    session: Session
    says: tuple[Line, ...]
    then: Wait | Act | Dial | Enqueue | Connect | Capture | End
