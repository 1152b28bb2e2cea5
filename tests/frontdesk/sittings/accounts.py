"""Accounts: one's own, and those of colleagues."""

from __future__ import annotations

from playwright.sync_api import expect

from ivr.frontdesk import totp
from tests.frontdesk import people
from tests.frontdesk.browser import scripts_have_begun
from tests.frontdesk.office import PASSWORD
from tests.frontdesk.sittings.sitting import Sitting, become_administrator

NEW_PASSWORD = "four other words entirely"
OFF = "Off: your password alone opens the desk."


def account(at: Sitting) -> None:
    """One's own account: password, language, second factor, lock, log-out."""
    at.open("/account")
    at.hand.write(at.field("Present password"), PASSWORD)
    at.hand.write(at.field("New password"), NEW_PASSWORD)
    at.hand.write(at.field("New password once more"), NEW_PASSWORD)
    at.press("Change password")
    at.reads("changed")
    at.hand.choose(at.field("The desk speaks"), "Español")
    at.press("Change language")
    at.hand.choose(at.field("La recepción habla"), "English")
    at.press("Cambiar idioma")
    expect(at.desk.page.get_by_role("heading", name="My account")).to_be_visible()
    at.open("/account/second-factor")
    key = people.key_on(at.desk.page.content())
    at.hand.write(
        at.field("The six digits that the app shows now"),
        totp.code_at(key, totp.step_of(at.office.clock())),
    )
    at.hand.write(at.field("Your password"), NEW_PASSWORD)
    at.press("Turn it on")
    at.reads("The second factor is on.")
    at.open("/account")
    at.office.clock.advance(seconds=30)
    at.hand.write(at.field("Your password"), NEW_PASSWORD)
    at.hand.write(
        at.field("A code of your app, or a recovery code"), people.code_of(at.office, "rosa")
    )
    at.press("Make new recovery codes")
    expect(at.desk.page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    at.open("")
    at.hand.press(at.desk.page.locator("#lock-now button"))
    expect(at.desk.page.locator("#desk-lock-title")).to_be_visible()
    at.hand.write(at.desk.page.locator("#desk-lock-password"), NEW_PASSWORD)
    at.press("Unlock")
    expect(at.desk.page.locator("#desk-lock-title")).to_be_hidden()
    at.hand.press(at.desk.page.locator("#person-menu summary"))
    at.press("Log out")
    at.hand.write(at.field("Login"), "rosa")
    at.hand.write(at.field("Password"), NEW_PASSWORD)
    at.press("Log in")
    at.office.clock.advance(seconds=30)
    at.hand.write(
        at.field("Six digits from your authenticator app, or a recovery code"),
        people.code_of(at.office, "rosa"),
    )
    at.press("Go on")
    scripts_have_begun(at.desk.page)
    at.open("/account")
    at.office.clock.advance(seconds=30)
    at.hand.write(at.field("Your password"), NEW_PASSWORD)
    at.hand.write(
        at.field("A code of your app, or a recovery code"), people.code_of(at.office, "rosa")
    )
    at.press("Turn the second factor off")
    expect(at.desk.page.get_by_text(OFF, exact=True)).to_be_visible()
    at.press("Log out everywhere")
    expect(at.field("Login")).to_be_visible()


def colleagues(at: Sitting) -> None:
    """Other people's accounts."""
    become_administrator(at.office)
    people.add(at.office, "nora", "front_desk")
    at.open("/users")
    at.hand.write(at.field("Name, as colleagues know it"), "Nina Sol")
    at.hand.write(at.field("Login"), "nina")
    at.press("Add")
    expect(at.desk.page.locator("#fresh-password")).to_be_visible()
    at.hand.choose(at.field("Nora: Role"), "On call")
    at.press(r"Save\s*: Nora")
    at.reads("Nora")
    at.press(r"New temporary password\s*: Nora")
    expect(at.desk.page.locator("#fresh-password")).to_be_visible()
