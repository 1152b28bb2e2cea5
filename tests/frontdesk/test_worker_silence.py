"""The board says that nothing goes out, as soon as nothing does and while it is open."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from ivr.frontdesk import board_view
from ivr.messages import heartbeat
from tests.clock import MONDAY_MORNING, ManualClock
from tests.frontdesk.browser import Desk
from tests.frontdesk.office import Office, version_of
from tests.frontdesk.test_in_the_browser import LIVE_WITHIN_MS

NOTHING_GOES_OUT = "texts, calls and pages are NOT going out."


def beat(office: Office) -> None:
    """What a worker that lives does every five seconds."""
    now = office.clock()
    office.database.write(
        lambda session: heartbeat.beat(session, worker_id="w", started_at=now, now=now)
    )


@pytest.mark.parametrize(
    ("silent", "said"),
    [
        ({"seconds": 0}, None),
        ({"seconds": 30}, None),
        ({"seconds": 31}, "The worker has not reported for 30 s"),
        ({"seconds": 119}, "The worker has not reported for 1 minute"),
        ({"minutes": 3}, "The worker has not reported for 3 minutes"),
        ({"hours": 2}, "The worker has not reported for 120 minutes"),
    ],
)
def test_how_long_the_worker_has_been_silent_is_said(
    silent: dict[str, float], said: str | None
) -> None:
    clock = ManualClock()
    clock.advance(**silent)
    assert board_view.silence(MONDAY_MORNING, clock.now) == said


def test_a_clinic_whose_worker_was_never_started_is_told(office: Office) -> None:
    page = office.signed_in().get("/frontdesk").text
    assert f"The worker has never reported: {NOTHING_GOES_OUT}" in page


def test_an_open_page_is_told_when_the_worker_falls_silent_and_when_it_is_back(
    office: Office,
) -> None:
    beat(office)
    client = office.signed_in()
    quiet = client.get("/frontdesk").text
    assert NOTHING_GOES_OUT not in quiet
    poll = f"/frontdesk/board?seen={version_of(quiet)}"
    office.clock.advance(seconds=29)
    assert client.get(poll).status_code == 204
    office.clock.advance(minutes=3)
    silent = client.get(poll).text
    assert f"The worker has not reported for 3 minutes: {NOTHING_GOES_OUT}" in silent
    poll = f"/frontdesk/board?seen={version_of(silent)}"
    office.clock.advance(seconds=1)
    assert client.get(poll).status_code == 204
    beat(office)
    assert NOTHING_GOES_OUT not in client.get(poll).text


def test_the_banner_comes_and_goes_on_the_open_page(desk: Desk) -> None:
    beat(desk.office)
    desk.sign_in()
    banner = desk.page.get_by_role("alert")
    expect(banner).to_have_count(0)
    desk.office.clock.advance(minutes=3)
    expect(banner).to_contain_text(NOTHING_GOES_OUT, timeout=LIVE_WITHIN_MS)
    expect(banner).to_be_in_viewport()
    beat(desk.office)
    expect(banner).to_have_count(0, timeout=LIVE_WITHIN_MS)
