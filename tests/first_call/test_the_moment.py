"""A stranger types `make run`, books a visit by phone, sees it on the desk, reports an alarm."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.first_call.demonstration import Demonstration, clean_copy, running

HEARD_WITHIN_MS = 20_000
SEEN_WITHIN_MS = 3_000

# The second run finds the copy set up by the first, so they share a process.
pytestmark = pytest.mark.xdist_group("first_call")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One clean copy for both databases: the second run finds everything set up."""
    return clean_copy(tmp_path_factory.mktemp("clone"))


class Telephone:
    """One telephone on the phone page."""

    def __init__(self, page: Page, name: str) -> None:
        self.region: Locator = page.get_by_role("region", name=name, exact=True)
        self.transcript = self.region.get_by_role("log", name="Transcript")

    def click(self, button: str) -> None:
        self.region.get_by_role("button", name=button, exact=True).click()

    def call(self, button: str) -> None:
        """Call, and wait until what the call before said has gone from the transcript."""
        self.click(button)
        expect(self.region).to_have_attribute("data-state", "in-call", timeout=HEARD_WITHIN_MS)

    def key(self, keys: str) -> None:
        for key in keys:
            self.click(key)

    def say(self, words: str) -> None:
        self.region.get_by_role("textbox", name="Say something").fill(words)
        self.click("Say")

    def hears(self, words: str) -> None:
        expect(self.transcript).to_contain_text(words, timeout=HEARD_WITHIN_MS)


def keep_picture(page: Page, name: str) -> None:
    """Write the README's pictures anew where PICTURES names their folder, docs/images."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.timeout(420)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_stranger_books_a_visit_and_reports_an_alarm(
    kind: str, project: Path, context: BrowserContext, request: pytest.FixtureRequest
) -> None:
    database_url = request.getfixturevalue("postgresql_url") if kind == "postgresql" else None
    with running(project, database_url) as demonstration:
        desk = _logged_in_desk(context, demonstration)
        phones = context.new_page()
        phones.set_viewport_size({"width": 1440, "height": 900})
        phones.goto(demonstration.phones)
        patient = Telephone(phones, "A patient phone")
        _books_a_consultation(patient)
        # The board stands in another tab, untouched since the log-in: no reload brings this.
        expect(desk.get_by_role("heading", name="Maria Gonzalez")).to_be_visible(
            timeout=SEEN_WITHIN_MS
        )
        expect(desk.locator(".visit")).to_have_count(1)
        keep_picture(desk, "desk")
        patient.click("Hang up")
        _reports_an_alarm(phones, patient)
        keep_picture(phones, "phones")
        expect(desk.locator(".ticket")).to_have_count(1, timeout=SEEN_WITHIN_MS)
        _asks_what_is_open(phones, demonstration)


def _logged_in_desk(context: BrowserContext, demonstration: Demonstration) -> Page:
    desk = context.new_page()
    desk.set_viewport_size({"width": 1440, "height": 900})
    desk.goto(demonstration.desk)
    desk.get_by_label("Login").fill(demonstration.login)
    desk.get_by_label("Password").fill(demonstration.password)
    desk.get_by_role("button", name="Log in").click()
    expect(desk.get_by_text("No urgent call is open")).to_be_visible()
    return desk


def _books_a_consultation(patient: Telephone) -> None:
    patient.call("Call Now")
    patient.hears("If this is an emergency, hang up and dial 9 1 1.")
    patient.hears("For appointments, press 2.")
    patient.key("2")
    patient.hears("To book a consultation, press 1.")
    patient.key("1")
    patient.hears("Please say your first and last name.")
    patient.say("Maria Gonzalez")
    patient.hears("I heard Maria Gonzalez.")
    patient.key("1")
    patient.hears("Please key your date of birth")
    patient.key("03041940")
    patient.hears("I have March 4, 1940.")
    patient.key("1")
    patient.hears("the number you are calling from")
    patient.key("1")
    patient.hears("These times are free.")
    patient.hears("press 3.")
    patient.key("2")
    patient.hears("A consultation with Doctor Fura, on ")
    patient.key("1")
    patient.hears("Your visit is booked. May we text reminders")
    patient.key("1")
    patient.hears("You are booked: ")


def _reports_an_alarm(phones: Page, patient: Telephone) -> None:
    nurse = Telephone(phones, "Ana Ruiz, on call phone")
    patient.call("Call Now")
    patient.hears("For an urgent symptom or pump alarm, press 1.")
    patient.key("1")
    patient.hears("For a pump alarm or a missed refill, press 2.")
    patient.key("2")
    expect(nurse.region).to_have_attribute("data-state", "ringing", timeout=HEARD_WITHIN_MS)
    nurse.click("Answer")
    nurse.hears("Urgent pump call.")
    nurse.key("1")
    expect(patient.region.get_by_role("status", name="Status")).to_contain_text("Connected with")


def _asks_what_is_open(phones: Page, demonstration: Demonstration) -> None:
    """The other one on call uses the PIN that was printed."""
    backup = Telephone(phones, "Sam Lee, on call phone")
    backup.call("Call the clinic")
    backup.hears("For on-call staff, press 5.")
    backup.key("5")
    backup.hears("Please key your six-digit PIN.")
    backup.key(demonstration.backups_pin)
    backup.hears("You have no ticket")
