"""Every task of the desk is done in a real Chromium: by mouse, and by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Response, request
from werkzeug.routing import AnyConverter

from ivr.frontdesk import permissions
from tests.frontdesk import routes
from tests.frontdesk.browser import Desk
from tests.frontdesk.hand import HANDS
from tests.frontdesk.office import Office
from tests.frontdesk.sittings.chapters import CHAPTERS
from tests.frontdesk.sittings.sitting import Sitting

LIKE_ANOTHER = frozenset({"record_prompt es", "remove_recording es"})
"""The same form once more, for the other language."""


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.__name__)
def test_a_sitting_at_the_desk(
    desk: Desk, tmp_path: Path, chapter: Callable[[Sitting], None], hand: str
) -> None:
    done: set[str] = set()

    @desk.office.app.after_request
    def note(response: Response) -> Response:
        if request.method == "POST" and response.status_code < 400 and request.endpoint:
            done.add(_task(request.endpoint, request.view_args or {}))
        return response

    desk.page.set_viewport_size({"width": 1440, "height": 1000})
    desk.sign_in()
    chapter(Sitting(desk, HANDS[hand](desk.page), tmp_path))
    assert CHAPTERS[chapter] - done == set()


def test_no_task_of_the_desk_is_left_out(sqlite_office: Office) -> None:
    """A new route that changes something needs a sitting which does it."""
    every = set()
    for rule in routes.rules(sqlite_office.app):
        if "POST" in (rule.methods or ()):
            steps = [
                sorted(converter.items)
                for converter in rule._converters.values()
                if isinstance(converter, AnyConverter)
            ]
            for step in steps[0] if steps else [""]:
                every.add(f"{permissions.short(rule.endpoint)} {step}".strip())
    assert every - LIKE_ANOTHER == set().union(*CHAPTERS.values())


def _task(endpoint: str, values: dict[str, object]) -> str:
    step = values.get("step") or values.get("change") or values.get("language") or ""
    return f"{permissions.short(endpoint)} {step}".strip()
