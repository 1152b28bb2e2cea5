"""Bar charts as SVG, drawn by the server: no script, no library, and a text beside each picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 480
"""Units of the picture's own; the page scales it."""
_HEIGHT = 180
_BASE = 150
_TOP = 20
_ROW = 28
_NAMES = 220


@dataclass(frozen=True)
class Bar:
    """One bar. label: below it or beside it; empty leaves it out, where there is little room."""

    label: str
    value: int


def columns(bars: Sequence[Bar], *, title: str) -> Markup:
    """Upright bars, for hours and months. title: what a screen reader says of the picture."""
    highest = max((bar.value for bar in bars), default=0)
    width = WIDTH / max(len(bars), 1)
    drawn = []
    for number, bar in enumerate(bars):
        height = _scaled(bar.value, highest, _BASE - _TOP)
        left, middle = number * width, (number + 0.5) * width
        drawn.append(
            f'<rect x="{left + width * 0.12:.1f}" y="{_BASE - height:.1f}" '
            f'width="{width * 0.76:.1f}" height="{height:.1f}" rx="2"/>'
        )
        if bar.value:
            drawn.append(
                f'<text x="{middle:.1f}" y="{_BASE - height - 5:.1f}" '
                f'text-anchor="middle" font-size="11">{bar.value}</text>'
            )
        if bar.label:
            drawn.append(
                f'<text x="{middle:.1f}" y="{_BASE + 18}" text-anchor="middle" '
                f'font-size="13">{escape(bar.label)}</text>'
            )
    drawn.append(f'<line x1="0" y1="{_BASE}" x2="{WIDTH}" y2="{_BASE}"/>')
    return _picture(drawn, _HEIGHT, title)


def rows(bars: Sequence[Bar], *, title: str) -> Markup:
    """Lying bars, for names."""
    longest = max((bar.value for bar in bars), default=0)
    drawn = []
    for number, bar in enumerate(bars):
        top = number * _ROW
        length = _scaled(bar.value, longest, WIDTH - _NAMES - 40)
        drawn.append(
            f'<text x="{_NAMES - 10}" y="{top + 19}" text-anchor="end" '
            f'font-size="13">{escape(bar.label)}</text>'
            f'<rect x="{_NAMES}" y="{top + 5}" width="{length:.1f}" height="18" rx="2"/>'
            f'<text x="{_NAMES + length + 6:.1f}" y="{top + 19}" font-size="13">{bar.value}</text>'
        )
    return _picture(drawn, max(len(bars), 1) * _ROW, title)


def _scaled(value: int, highest: int, room: float) -> float:
    return room * value / highest if highest else 0.0


def _picture(drawn: Sequence[str], height: int, title: str) -> Markup:
    return Markup(
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}">{"".join(drawn)}</svg>'
    )
