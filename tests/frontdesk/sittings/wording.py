"""What callers hear."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.call.sounds import wav
from tests.frontdesk import people
from tests.frontdesk.browser import scripts_have_begun
from tests.frontdesk.office import PASSWORD
from tests.frontdesk.sittings.sitting import Sitting, become_administrator


def wording(at: Sitting) -> None:
    """What callers hear: changed, recorded, taken back, signed."""
    become_administrator(at.office)
    people.add(at.office, "nora", "front_desk")
    with at.office.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff_user SET clinician = 1 WHERE login = 'nora'")
    page = at.desk.page
    at.open("/settings/wording/silence")
    at.hand.write(at.field("English"), "Sorry, I heard nothing.")
    at.press("Check it, and change it")
    at.reads("Changed. Callers hear it")
    recording = at.folder / "silence.wav"
    recording.write_bytes(wav(0.2))
    at.hand.give_file(page.locator("#recording-en"), recording)
    at.press(r"Use this recording\s*: English")
    expect(page.get_by_text("Callers hear a recording.")).to_be_visible()
    at.press(r"Remove it, and speak again\s*: English")
    expect(page.get_by_text("Callers hear a recording.")).to_have_count(0)
    at.press(r"Undo\s+silence, Wording")
    expect(at.field("English")).to_have_value("I did not hear you.")
    for withdrawn in (True, False):
        at.open("/settings/wording/still_waiting")
        at.hand.write(at.field("English"), "I am calling all of them. Please stay on the line.")
        at.press("Check it, and ask for sign-off")
        expect(page.locator("#waiting-title")).to_be_visible()
        if withdrawn:
            at.press(r"Withdraw\s*: ")
            expect(page.locator("#waiting-title")).to_have_count(0)
    at.hand.press(page.locator("#person-menu summary"))
    at.press("Log out")
    at.hand.write(at.field("Login"), "nora")
    at.hand.write(at.field("Password"), PASSWORD)
    at.press("Log in")
    scripts_have_begun(page)
    at.open("/sign-off")
    at.press("I have read it, and sign")
    expect(page.get_by_text("0 changes wait")).to_be_visible()
