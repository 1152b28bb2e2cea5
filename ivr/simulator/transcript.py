"""What a person hears on a telephone, and how long it takes to say."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["speech", "audio", "pause", "ringing", "tone", "person", "key", "words", "notice"]
"""speech, audio, pause: from TwiML. ringing: while others are rung. tone, person: from whoever
is connected. key, words: what this person did themselves. notice: what the company did."""

OWN = frozenset({"key", "words"})
SILENT = frozenset({"pause", "key", "words", "notice"})
WORDS_PER_MINUTE = 150.0
"""Pace of speech; the pace that the product's prompts are written for."""


@dataclass
class Heard:
    """One thing heard. Times aware, in UTC; ``until`` is None while it lasts."""

    at: datetime
    kind: Kind
    text: str
    until: datetime | None = None
    language: str = ""
    voice: str = ""
    cut_short: bool = False


def duration_of(text: str, words_per_minute: float) -> timedelta:
    """Estimated time to say the text; none at all where the pace is 0."""
    if not words_per_minute:
        return timedelta(0)
    return timedelta(minutes=len(text.split()) / words_per_minute)


def longest_silence(transcript: list[Heard], *, until: datetime) -> timedelta:
    """The longest time without speech, recording, ringing or a person's voice.

    Counted from the first thing heard to ``until``.
    """
    longest = timedelta(0)
    last_sound: datetime | None = None
    for heard in transcript:
        if last_sound is None:
            last_sound = heard.at
        if heard.kind in SILENT:
            continue
        longest = max(longest, heard.at - last_sound)
        last_sound = max(last_sound, heard.until or until)
    if last_sound is None:
        return longest
    return max(longest, until - last_sound)
