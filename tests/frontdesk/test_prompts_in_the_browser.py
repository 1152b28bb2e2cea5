"""Wording of the prompts in a real Chromium: by mouse, by keyboard, and by ear."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.call.sounds import wav
from tests.frontdesk import people
from tests.frontdesk.browser import Desk
from tests.frontdesk.office import PASSWORD

VOICES = """
window.said = [];
const voices = [
  { lang: "en-GB", localService: true, name: "a" },
  { lang: "en-US", localService: false, name: "over the network" },
  { lang: "en-US", localService: true, name: "b" },
];
Object.defineProperty(window, "SpeechSynthesisUtterance", { value: class extends EventTarget {
  constructor(text) { super(); this.text = text; }
} });
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => voices,
  speak: (one) => { window.said.push([one.voice.name, one.lang, one.text]);
                    setTimeout(() => one.dispatchEvent(new Event("end")), 0); },
  cancel: () => {},
} });
"""
"""A browser with two voices of its own for English, and none for Spanish."""


def said(page: Page) -> list[list[str]]:
    """What was read aloud: by which voice, in which language, which words."""
    found: list[list[str]] = page.evaluate("window.said")
    return found


def staff(desk: Desk) -> None:
    """An administrator who writes, and a clinician who signs."""
    people.add(desk.office, "nora", "on_call")
    with desk.office.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff_user SET role = 'admin' WHERE login = 'rosa'")
        connection.exec_driver_sql("UPDATE staff_user SET clinician = 1 WHERE login = 'nora'")


def test_a_prompt_is_found_heard_changed_and_undone_by_mouse(desk: Desk, tmp_path: Path) -> None:
    staff(desk)
    page = desk.page
    page.add_init_script(VOICES)
    desk.sign_in()
    page.locator("nav summary").click()
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("link", name="Wording of the prompts").click()
    page.get_by_label("Search all prompts").fill("i did not hear")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name=re.compile(r"Hear it\s*: English, silence")).click()
    expect(page.locator("#hear-words")).to_be_empty()
    assert said(page) == [["b", "en-US", "I did not hear you."]]
    page.get_by_role("button", name=re.compile(r"Hear it\s*: Spanish, silence")).click()
    expect(page.locator("#hear-words")).to_contain_text("no voice for this language")
    page.get_by_role("link", name="silence").click()
    page.get_by_label("English", exact=True).fill("Do not worry, I heard nothing.")
    expect(page.locator(".length").first).to_have_text("2.4 s")
    page.get_by_role("button", name=re.compile(r"^Hear it\s*: English$")).click()
    expect(page.locator("#hear-words")).to_be_empty()
    assert said(page) == [["b", "en-US", "Do not worry, I heard nothing."]]
    page.get_by_role("button", name="Check it, and change it").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("English: it reassures")
    field = page.get_by_label("English", exact=True)
    expect(field).to_have_value("Do not worry, I heard nothing.")
    field.fill("Sorry, I heard nothing.")
    page.get_by_role("button", name="Check it, and change it").click()
    expect(page.get_by_role("status").first).to_have_text(
        "Changed. Callers hear it within a few seconds."
    )
    recording = tmp_path / "silence.wav"
    recording.write_bytes(wav(0.2))
    page.get_by_label("Recording of Sorry").set_input_files(recording)
    page.get_by_role("button", name=re.compile(r"Use this recording\s*: English")).click()
    expect(page.locator("#recording-title + p + .sides")).to_contain_text("hear a recording")
    page.get_by_role("button", name=re.compile(r"^Hear it\s*: English$")).first.click()
    expect(page.locator("#hear-words")).to_be_empty()
    page.get_by_role("button", name=re.compile(r"Undo silence, Wording")).click()
    expect(page.get_by_label("English", exact=True)).to_have_value("I did not hear you.")


def test_a_safety_prompt_is_changed_and_signed_by_keyboard_alone(desk: Desk) -> None:
    staff(desk)
    desk.sign_in()
    page = desk.page
    page.goto(f"{desk.address}/frontdesk/settings/wording/still_waiting")
    page.get_by_label("English", exact=True).focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("I am calling all of them at once. Please stay on the line.")
    page.get_by_role("button", name="Check it, and ask for sign-off").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("a clinician, has signed it.")
    page.locator("#person-menu summary").press("Enter")
    page.get_by_role("button", name="Log out").press("Enter")
    page.get_by_label("Login").fill("nora")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("nav summary").press("Enter")
    page.get_by_role("link", name="Sign-off").press("Enter")
    expect(page.get_by_text("I am calling all of them at once.")).to_be_visible()
    expect(page.get_by_text("I am calling everybody on call at once.")).to_be_visible()
    hear = page.get_by_role("button", name=re.compile(r"Hear it\s*: English"))
    hear.press("Space")
    expect(page.locator("#hear-words")).to_contain_text("This browser has no voice")
    page.get_by_role("button", name=re.compile("I have read it, and sign")).press("Enter")
    expect(page.get_by_role("status").first).to_have_text(
        "Signed. Callers hear it within a few seconds."
    )
    expect(page.get_by_role("heading", name="0 changes wait")).to_be_visible()
