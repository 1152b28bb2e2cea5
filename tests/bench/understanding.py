"""How much of what callers say is understood: of the corpus the code was tuned by, and the other.

Of untouched.toml nothing but totals is ever printed.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.corpus.scoring import KINDS, TUNED, UNTOUCHED, Score, score


def run() -> None:
    """Print the figures of both corpora, per kind, with their rows."""
    print("\nUnderstanding of what callers say, in % of the rows of each kind")
    print(f"{'':24}{'tuned':>18}{'untouched':>18}")
    results = [score(corpus) for corpus in (TUNED, UNTOUCHED)]
    for kind in KINDS:
        _line(kind, [result.kinds[kind] for result in results])
    _line("urgent, recognised", [result.urgent for result in results])
    _line("false alarms", [result.false_alarms for result in results])


def _line(name: str, scores: Sequence[Score]) -> None:
    print(f"{name:24}" + "".join(_cell(score) for score in scores))


def _cell(figure: Score) -> str:
    return f"{100 * figure.share:>7.1f} ({figure.right}/{figure.of})".rjust(18)
