"""What is taken for a recording of a prompt: told from its bytes, never from its name. Pure.

WAV (PCM) and MP3 at 8 to 48 kHz, 2 MB at most: what every host of TwiML plays.
"""

from __future__ import annotations

import hashlib
import io
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 2 * 1024 * 1024
"""Of one recording."""

SLOWEST_RATE: Final = 8_000
FASTEST_RATE: Final = 48_000
"""Samples a second."""

WAV: Final = "audio/wav"
MP3: Final = "audio/mpeg"
ENDINGS: Final[Mapping[str, str]] = {WAV: "wav", MP3: "mp3"}

REFUSALS = {
    "none": "Choose a file first: a WAV or MP3.",
    "too_big": "This file has {size} MB, and {most} MB is the most. Save it as MP3, or in mono.",
    "not_audio": "This file is neither a WAV nor an MP3, whatever its name says. Save the"
    " recording as WAV (PCM) or MP3.",
    "broken": "This recording breaks off or has no sound in it. Save it once more.",
    "rate": "This recording has {rate} samples a second. Save it with 8000 to 48000.",
    "channels": "This recording has {channels} channels. Save it in mono or stereo.",
}
"""Why a file is not taken, and what to do about it."""

# ISO/IEC 11172-3 and 13818-3, layer III: bit rates in kbit/s by index, sampling rates by index.
_RATES_1: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_SAMPLES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_LAYER_3: Final = 1
_FEWEST_FRAMES: Final = 4
"""Anything may hold two bytes that look like the beginning of one frame."""


class NotTaken(ValueError):
    """The file is no recording that can be played. reason: of REFUSALS; values: for its words."""

    def __init__(self, reason: str, **values: str) -> None:
        super().__init__(REFUSALS[reason].format(**values))
        self.reason = reason
        self.values = values


@dataclass(frozen=True)
class Recording:
    """A recording of a prompt. seconds: its length; digest: SHA-256 (hex) of its bytes."""

    content_type: str
    seconds: float
    data: bytes

    @property
    def digest(self) -> str:
        """What it is stored and asked for by."""
        return hashlib.sha256(self.data).hexdigest()


def recording(data: bytes) -> Recording:
    """The recording in these bytes. Raises NotTaken."""
    if not data:
        raise NotTaken("none")
    if len(data) > MOST_BYTES:
        size = f"{len(data) / 1024 / 1024:.1f}"
        raise NotTaken("too_big", size=size, most=str(MOST_BYTES // 1024 // 1024))
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return Recording(WAV, _wav_seconds(data), data)
    return Recording(MP3, _mp3_seconds(data), data)


def name_of(digest: str, content_type: str) -> str:
    """How a recording is named in an address: by its content alone."""
    return f"{digest}.{ENDINGS[content_type]}"


def _wav_seconds(data: bytes) -> float:
    try:
        with wave.open(io.BytesIO(data)) as sound:
            stated: int = sound.getnframes()
            rate: int = sound.getframerate()
            channels: int = sound.getnchannels()
            frames = len(sound.readframes(stated)) // (channels * sound.getsampwidth())
    except wave.Error:
        # Compressed in a way of its own: no host promises to play it.
        raise NotTaken("not_audio") from None
    except (EOFError, ZeroDivisionError):
        raise NotTaken("broken") from None
    _require_rate(rate)
    if not 1 <= channels <= 2:
        raise NotTaken("channels", channels=str(channels))
    if frames == 0 or frames < stated:
        raise NotTaken("broken")
    return float(frames / rate)


def _mp3_seconds(data: bytes) -> float:
    frames = list(_frames(data, _after_tag(data)))
    if len(frames) < _FEWEST_FRAMES:
        raise NotTaken("not_audio")
    (rate, _), *_ = frames
    _require_rate(rate)
    return sum(samples / rate for rate, samples in frames)


def _after_tag(data: bytes) -> int:
    """Where the sound begins: behind an ID3v2 tag, whose size is written in 7 bits a byte."""
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _frames(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Sampling rate and number of samples of each frame, for as long as one follows the other."""
    while at + 4 <= len(data):
        head = int.from_bytes(data[at : at + 4])
        version, layer = head >> 19 & 3, head >> 17 & 3
        bits, rate_index, padding = head >> 12 & 15, head >> 10 & 3, head >> 9 & 1
        broken = head >> 21 != 0x7FF or version == 1 or layer != _LAYER_3
        if broken or bits in (0, 15) or rate_index == 3:
            return
        rate = _SAMPLES[version][rate_index]
        samples = 1152 if version == 3 else 576
        kilobits = (_RATES_1 if version == 3 else _RATES_2)[bits]
        length = samples // 8 * kilobits * 1000 // rate + padding
        if at + length > len(data) + 1:
            return
        yield rate, samples
        at += length


def _require_rate(rate: int) -> None:
    if not SLOWEST_RATE <= rate <= FASTEST_RATE:
        raise NotTaken("rate", rate=str(rate))
