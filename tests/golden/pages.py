"""Where the pages are."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "calls"

PAGES = sorted(_FOLDER.glob("*/*.txt"))


def name_of(path: Path) -> str:
    """ "en/books_by_keys"."""
    return path.relative_to(_FOLDER).with_suffix("").as_posix()
