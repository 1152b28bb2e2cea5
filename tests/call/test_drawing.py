"""The reference page of the call flow is generated, and cannot go stale."""

from __future__ import annotations

from pathlib import Path

from ivr.call.drawing import draw
from ivr.call.flow import FLOW

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "call-flow.md"


def test_the_reference_page_shows_the_flow_as_it_is() -> None:
    assert PAGE.read_text(encoding="utf-8") == draw(FLOW), (
        "the page is stale: run `callnow flow > docs/reference/call-flow.md`"
    )
