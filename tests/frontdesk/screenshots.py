"""`make screenshots`: pictures of every page of the desk, into docs/images/desk."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path("docs/images/desk")
WIDTHS = (1440, 820, 390)
