"""Every call is heard as its page has it. `make golden` writes the pages anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.calls.town import WITH_CLINIC
from tests.golden.page import WRONG, PageError, read
from tests.golden.pages import PAGES, name_of
from tests.golden.playing import play
from tests.provision.databases import Template


@pytest.fixture(scope="session")
def database_template() -> Template:
    """Every call finds the clinic there."""
    return WITH_CLINIC


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_call_is_heard_as_it_is_written(path: Path, sqlite_url: str) -> None:
    text = path.read_text(encoding="utf-8")
    page = read(text)
    assert page.written() == text, "the page is not written as `make golden` writes it"
    assert not any(line.startswith(WRONG) for step in page.steps for line in step.heard)
    assert play(page, sqlite_url).written() == text


def test_both_languages_have_pages() -> None:
    languages = {name_of(path).split("/")[0] for path in PAGES}
    assert languages == {"en", "es"}


def test_a_line_that_is_no_step_is_named() -> None:
    with pytest.raises(PageError, match="line 4 is no step: 'patient sings'"):
        read("A call.\nAt 2026-11-23 10:00\n\npatient sings\n")
