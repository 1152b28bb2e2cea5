"""Bar charts as shapes, which _chart.html draws as SVG: no script and no library. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 480
"""Units of the picture's own; the page scales it."""
_HEIGHT = 180
_BASE = 150
_TOP = 20
_ROW = 28
_NAMES = 220
_SMALL, _PLAIN = 11, 13


@dataclass(frozen=True)
class Bar:
    """One bar. label: below it or beside it; empty leaves it out, where there is little room."""

    label: str
    value: int


@dataclass(frozen=True)
class Box:
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Words:
    """Text at a point, on its baseline. anchor: as SVG has it. size: of the letters."""

    x: float
    y: float
    anchor: str
    size: int
    text: str


@dataclass(frozen=True)
class Chart:
    """A picture. title: what a screen reader says of it."""

    title: str
    height: int
    boxes: tuple[Box, ...]
    words: tuple[Words, ...]
    width: int = WIDTH


def columns(bars: Sequence[Bar], *, title: str) -> Chart:
    """Upright bars, for hours and months."""
    highest = max((bar.value for bar in bars), default=0)
    room = WIDTH / max(len(bars), 1)
    boxes, words = [], []
    for number, bar in enumerate(bars):
        height = _scaled(bar.value, highest, _BASE - _TOP)
        left, middle = number * room, round((number + 0.5) * room, 1)
        boxes.append(_box(left + room * 0.12, _BASE - height, room * 0.76, height))
        if bar.value:
            above = round(_BASE - height - 5, 1)
            words.append(Words(middle, above, "middle", _SMALL, str(bar.value)))
        if bar.label:
            # The first label begins at the edge rather than beyond it.
            overhangs = middle < len(bar.label) * _PLAIN * 0.35
            at, anchor = (0, "start") if overhangs else (middle, "middle")
            words.append(Words(at, _BASE + 18, anchor, _PLAIN, bar.label))
    boxes.append(Box(0, _BASE, WIDTH, 1))
    return Chart(title, _HEIGHT, tuple(boxes), tuple(words))


def rows(bars: Sequence[Bar], *, title: str) -> Chart:
    """Lying bars, for names."""
    longest = max((bar.value for bar in bars), default=0)
    boxes, words = [], []
    for number, bar in enumerate(bars):
        top, length = number * _ROW, _scaled(bar.value, longest, WIDTH - _NAMES - 40)
        boxes.append(_box(_NAMES, top + 5, length, 18))
        words.append(Words(_NAMES - 10, top + 19, "end", _PLAIN, bar.label))
        end = round(_NAMES + length + 6, 1)
        words.append(Words(end, top + 19, "start", _PLAIN, str(bar.value)))
    return Chart(title, max(len(bars), 1) * _ROW, tuple(boxes), tuple(words))


def _scaled(value: int, highest: int, room: float) -> float:
    return room * value / highest if highest else 0.0


def _box(x: float, y: float, width: float, height: float) -> Box:
    return Box(round(x, 1), round(y, 1), round(width, 1), round(height, 1))
