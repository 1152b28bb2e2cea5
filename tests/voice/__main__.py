"""Plays the corpus through voices, line and recogniser, and prints tables: `make voice`.

make voice                    a sixth of the rows of the first menu and of the dates, all urgent
make voice ARGS='--every 1'   all rows
make voice ARGS=--wrong       also the tuned rows that were lost between the voice and the line
"""

from __future__ import annotations

import argparse

from tests.corpus.scoring import KINDS, TUNED, UNTOUCHED
from tests.voice import table
from tests.voice.playing import played, rows


def main() -> None:
    """Play what the command line asks for."""
    options = argparse.ArgumentParser(prog="python -m tests.voice")
    options.add_argument("--every", type=int, default=6, help="play one row in so many")
    options.add_argument("--kinds", nargs="+", choices=KINDS, default=["intents", "dates"])
    options.add_argument("--noise", nargs="+", type=float, default=[20.0, 10.0], help="SNR in dB")
    options.add_argument("--wrong", action="store_true", help="list tuned rows that were lost")
    asked = options.parse_args()

    found, missing = played(rows((TUNED, UNTOUCHED), asked.kinds, max(1, asked.every)), asked.noise)
    for corpus in (TUNED, UNTOUCHED):
        print(f"\n{corpus}.toml\n")
        for line in table.table(corpus, asked.kinds, found):
            print(line)
    for voice, reason in missing.items():
        print(f"\nNot played: {voice}, as {reason}.")
    if asked.wrong:
        print()
        for line in table.wrong(found):
            print(line)


if __name__ == "__main__":
    main()
