"""Recordings of silence, as files that people choose."""

from __future__ import annotations

import io
import wave


def wav(seconds: float = 1.0, *, rate: int = 8000, channels: int = 1) -> bytes:
    """A WAV (PCM, 16 bit)."""
    kept = io.BytesIO()
    with wave.open(kept, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"\0\0" * channels * int(seconds * rate))
    return kept.getvalue()


MP3_FRAME = b"\xff\xfb\x90\x00" + b"\0" * 413
"""MPEG 1, layer III, 128 kbit/s at 44.1 kHz: 1152 samples, 26 ms."""


def mp3(frames: int = 40) -> bytes:
    """An MP3 of so many frames, behind a tag as recorders write one."""
    return b"ID3\x04\x00\x00\x00\x00\x00\x05notes" + MP3_FRAME * frames
