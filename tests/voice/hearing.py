"""Speaks and hears utterances, and keeps what was heard: python -m tests.voice.hearing < asks

Runs in .venv-voice. Each line of standard input is an Utterance as JSON. On standard output goes,
for every one, a line: nothing where it was heard, else why its voice cannot speak.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.voice import line_noise, recognising, synthesising
from tests.voice.voices import Heard, Utterance, voice_named


def main() -> None:
    """Answer utterances until standard input ends."""
    for line in sys.stdin:
        utterance = Utterance(**json.loads(line))
        reason = synthesising.missing(voice_named(utterance.voice))
        if not reason and utterance.heard() is None:
            _keep(utterance.heard_file, _heard(utterance))
        print(reason, flush=True)


def _heard(utterance: Utterance) -> Heard:
    samples, rate = synthesising.spoken(utterance)
    sound = line_noise.telephone(samples, rate, utterance.snr_db, utterance.seed)
    return recognising.heard(sound, voice_named(utterance.voice).language)


def _keep(file: Path, heard: Heard) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(asdict(heard)), encoding="utf-8")
    unfinished.replace(file)


if __name__ == "__main__":
    main()
