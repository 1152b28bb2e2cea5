"""`make golden`: play every page and write down anew what is heard."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import structlog

from tests.calls.town import WITH_CLINIC
from tests.golden.page import read
from tests.golden.pages import PAGES, name_of
from tests.golden.playing import play
from tests.provision.databases import TestRun, sqlite_database


def main() -> None:
    """Rewrite the pages that have changed, and name them."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with tempfile.TemporaryDirectory(prefix="callnow-golden-") as folder:
        run = TestRun(Path(folder), os.getpid())
        for path in PAGES:
            before = path.read_text(encoding="utf-8")
            with sqlite_database(run, WITH_CLINIC) as url:
                after = play(read(before), url).written()
            if after != before:
                path.write_text(after, encoding="utf-8")
                print(f"written anew: {name_of(path)}")


if __name__ == "__main__":
    main()
