"""A text as a picture that a phone's camera reads, drawn into the page as shapes: no script, no
style, no other address. Pure."""

from __future__ import annotations

import segno
from markupsafe import Markup

_QUIET = 4
"""Empty modules around it, as ISO/IEC 18004 asks for."""


def drawn(text: str) -> Markup:
    """An SVG element without a size of its own, black on white whatever the page's colours.

    It stands 15 % of damage: it is read from a screen, at an angle, through a scratched lens.
    """
    code = segno.make(text, error="m", micro=False)
    svg: str = code.svg_inline(
        omitsize=True, border=_QUIET, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    # Nothing of the text is in it but as dark and light squares.
    return Markup(svg)  # noqa: S704  # made by the library from squares alone
