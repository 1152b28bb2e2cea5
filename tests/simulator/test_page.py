"""The browser page, driven by role and name as a person would."""

from urllib.parse import quote

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.simulator.conftest import CLINIC, NURSE, TinyProduct


@pytest.fixture
def address(product: TinyProduct, open_company: str) -> str:
    product.says(
        "/voice",
        '<Gather action="/menu" numDigits="1" input="dtmf speech"><Say>Press 1.</Say></Gather>',
    )
    product.says(
        "/menu",
        lambda asked: (
            f'<Dial><Number url="/whisper">{NURSE}</Number></Dial>'
            if asked.get("Digits") == "1"
            else "<Bogus/>"
        ),
    )
    product.says("/whisper", '<Gather numDigits="1" action="/accept"/><Hangup/>')
    product.says("/accept", "")
    product.says("/sms", "<Message>Thank you.</Message>")
    return open_company


def call_from(address: str, number: str) -> None:
    """Let a phone call the clinic without its button on the page."""
    path = f"/control/phones/{quote(number)}/call"
    httpx.post(f"{address}{path}", json={"to": CLINIC}, trust_env=False).raise_for_status()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complained about, its content policy included."""
    heard: list[str] = []
    page.on(
        "console",
        lambda line: heard.append(line.text) if line.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def test_a_patient_and_a_nurse_are_connected_on_one_page(
    page: Page, address: str, complaints: list[str]
) -> None:
    page.goto(address)
    patient = page.get_by_role("region", name="Patient phone")
    nurse = page.get_by_role("region", name="Nurse phone")
    patient.get_by_role("button", name="Call Now").click()
    expect(patient.get_by_role("log", name="Transcript")).to_contain_text("Press 1.")
    patient.get_by_role("button", name="1", exact=True).click()
    expect(nurse).to_have_attribute("data-state", "ringing")
    nurse.get_by_role("button", name="Answer").click()
    expect(nurse.get_by_role("status", name="Status")).to_contain_text("Listening for 1 key")
    page.keyboard.press("1")
    expect(patient.get_by_role("status", name="Status")).to_contain_text("Connected with Nurse")
    patient.get_by_role("textbox", name="Say something").fill("My pump beeps.")
    page.keyboard.press("Enter")
    expect(nurse.get_by_role("log", name="Transcript")).to_contain_text("My pump beeps.")
    nurse.get_by_role("button", name="Hang up").click()
    expect(patient).to_have_attribute("data-state", "idle")
    assert complaints == []


def test_a_caller_in_a_queue_is_shown_to_wait_until_somebody_takes_them(
    page: Page, product: TinyProduct, address: str, complaints: list[str]
) -> None:
    product.says("/voice", '<Enqueue waitUrl="/wait">urgent</Enqueue>')
    product.says("/wait", "<Say>Please hold.</Say><Pause length='5'/>")
    page.goto(address)
    patient = page.get_by_role("region", name="Patient phone")
    nurse = page.get_by_role("region", name="Nurse phone")
    patient.get_by_role("button", name="Call Now").click()
    status = patient.get_by_role("status", name="Status")
    expect(status).to_have_text("Waiting in the queue urgent")
    transcript = patient.get_by_role("log", name="Transcript")
    expect(transcript).to_contain_text("Waiting in the queue urgent.")
    expect(transcript).to_contain_text("Please hold.")
    product.says("/voice", "<Dial><Queue>urgent</Queue></Dial>")
    call_from(address, NURSE)
    expect(status).to_have_text("Connected with Nurse")
    expect(nurse.get_by_role("status", name="Status")).to_have_text("Connected with Patient")
    assert complaints == []


def test_refused_twiml_is_shown_with_its_reason(page: Page, address: str) -> None:
    page.goto(address)
    patient = page.get_by_role("region", name="Patient phone")
    patient.get_by_role("button", name="Call Now").click()
    patient.get_by_role("button", name="7", exact=True).click()
    saw = page.get_by_role("region", name="What the phone company saw")
    expect(saw.locator('[data-type="refused"]')).to_contain_text("Twilio knows no <Bogus>")


def test_messages_are_sent_and_received(page: Page, address: str) -> None:
    page.goto(address)
    patient = page.get_by_role("region", name="Patient phone")
    patient.get_by_text("Messages").click()
    patient.get_by_role("textbox", name="Write a message").fill("Hello")
    patient.get_by_role("button", name="Send").click()
    expect(patient.get_by_role("list", name="Messages")).to_contain_text("Thank you.")


def test_another_phone_can_be_added(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Label").fill("Second nurse")
    page.get_by_role("button", name="Add phone").click()
    expect(page.get_by_role("region", name="Second nurse phone")).to_be_visible()


def test_a_browser_that_cannot_speak_still_shows_every_word(
    page: Page, address: str, complaints: list[str]
) -> None:
    page.add_init_script("delete window.speechSynthesis; delete window.SpeechSynthesisUtterance;")
    page.goto(address)
    patient = page.get_by_role("region", name="Patient phone")
    expect(patient.get_by_role("switch", name="Sound")).to_be_disabled()
    patient.get_by_role("button", name="Call Now").click()
    expect(patient.get_by_role("log", name="Transcript")).to_contain_text("Press 1.")
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_fits_a_narrow_screen(
    scheme: str, page: Page, address: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(address)
    patient = page.get_by_role("region", name="Patient phone")
    patient.get_by_role("button", name="Call Now").click()
    expect(patient).to_have_attribute("data-state", "in-call")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
