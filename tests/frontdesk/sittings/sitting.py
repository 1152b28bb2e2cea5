"""Somebody in front of a page of the desk, and what they do there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.frontdesk.browser import Desk
from tests.frontdesk.hand import Hand
from tests.frontdesk.office import Office


@dataclass
class Sitting:
    """Somebody in front of a page. folder: for files that they have."""

    desk: Desk
    hand: Hand
    folder: Path

    @property
    def office(self) -> Office:
        """Whose desk it is."""
        return self.desk.office

    def open(self, path: str) -> None:
        """Go to an address below /frontdesk."""
        self.desk.page.goto(f"{self.desk.address}/frontdesk{path}")

    def button(self, name: str) -> Locator:
        """By how its name begins, as somebody hears it."""
        return self.desk.page.get_by_role("button", name=re.compile(f"^{name}")).first

    def press(self, name: str) -> None:
        """The first button of this name."""
        self.hand.press(self.button(name))

    def unfold(self, words: str) -> None:
        """Open what is folded in under these words."""
        self.hand.press(self.desk.page.locator("main summary", has_text=words).first)

    def field(self, label: str) -> Locator:
        """The first that can be seen, by its label."""
        return self.desk.page.get_by_label(label, exact=True).locator("visible=true").first

    def reads(self, words: str) -> None:
        """The page says so."""
        expect(self.desk.page.get_by_role("status").filter(has_text=words).first).to_be_visible()


def become_administrator(office: Office) -> None:
    """From now on Rosa may everything."""
    with office.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff_user SET role = 'admin' WHERE login = 'rosa'")
