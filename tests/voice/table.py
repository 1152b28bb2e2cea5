"""How well the line understood what was heard, as Markdown for docs/reference/voice.md. Pure.

A row of a table stands for one voice over one noise. Of the untouched corpus there are only totals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ivr.call.understanding.words import plain
from tests.corpus import scoring
from tests.corpus.scoring import Score
from tests.voice.playing import Played, Row
from tests.voice.voices import VOICES, Heard


def table(corpus: str, kinds: Sequence[str], played: Iterable[Played]) -> Iterator[str]:
    """The lines of one corpus' table, its first row the same utterances read and not spoken."""
    of_corpus = [one for one in played if one.row.corpus == corpus]
    head = ["voice", "dB", "word errors", "confidence", *kinds, "urgent", "false alarms"]
    yield f"| {' | '.join(head)} |"
    yield "|---|" + "---:|" * (len(head) - 1)
    languages = set()
    for voice in VOICES:
        spoken = [one for one in of_corpus if one.voice == voice]
        if spoken and voice.language not in languages:
            languages.add(voice.language)
            read = {one.row: Heard(one.row.said, scoring.HEARD_WELL) for one in spoken}
            yield _line(f"read, not spoken ({voice.language})", "", read, kinds, figures=False)
        for snr_db in sorted({one.snr_db for one in spoken}, reverse=True):
            heard = {one.row: one.heard for one in spoken if one.snr_db == snr_db}
            yield _line(voice.name, f"{snr_db:g}", heard, kinds)


def _line(
    name: str, noise: str, heard: dict[Row, Heard], kinds: Sequence[str], *, figures: bool = True
) -> str:
    menu = {row: h for row, h in heard.items() if row.kind == "intents"}
    cells = [name, noise, f"{100 * word_error_rate(menu):.0f} %" if figures else ""]
    sure = [h.confidence for h in heard.values()]
    cells.append(f"{sum(sure) / len(sure):.2f}" if figures else "")
    cells += [
        _cell([_right(r, h) for r, h in heard.items() if r.kind == kind and r.sampled])
        for kind in kinds
    ]
    cells.append(_cell([_alarm(r, h) for r, h in heard.items() if r.urgent]))
    cells.append(_cell([_alarm(r, h) for r, h in heard.items() if not r.urgent]))
    return f"| {' | '.join(cells)} |"


def _right(row: Row, heard: Heard) -> bool:
    return scoring.KINDS[row.kind](row.heard_as(heard.words), heard.confidence)


def _alarm(row: Row, heard: Heard) -> bool:
    return scoring.alarms(row.kind, row.heard_as(heard.words), heard.confidence)


def _cell(outcomes: Sequence[bool]) -> str:
    if not outcomes:
        return "–"
    found = Score(sum(outcomes), len(outcomes))
    return f"{100 * found.share:.0f} % ({found.right}/{found.of})"


def word_error_rate(heard: dict[Row, Heard]) -> float:
    """Words left out, put in and changed, as a share of those said; may exceed 1.

    Case, accents and punctuation do not count; "5" for "five" does.
    """
    pairs = [(plain(row.said).split(), plain(h.words).split()) for row, h in heard.items()]
    said = sum(len(words) for words, _ in pairs)
    return sum(_distance(a, b) for a, b in pairs) / said if said else 0.0


def _distance(said: list[str], heard: list[str]) -> int:
    before = list(range(len(heard) + 1))
    for i, word in enumerate(said, start=1):
        row = [i]
        for j, other in enumerate(heard, start=1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (word != other)))
        before = row
    return before[-1]


def wrong(played: Iterable[Played]) -> Iterator[str]:
    """Rows of the tuned corpus that were understood as written and not as heard, as TOML."""
    for one in played:
        row = one.row
        understood = scoring.KINDS[row.kind](list(row.cells))
        if row.corpus == scoring.TUNED and understood and not _right(row, one.heard):
            cells = ", ".join(f'"{cell}"' for cell in row.heard_as(one.heard.words))
            line = f"{one.voice.name}, {one.snr_db:g} dB, confidence {one.heard.confidence}"
            yield f"{row.kind}: [{cells}],  # {line}: {row.said}"
