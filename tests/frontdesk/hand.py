"""The two ways in which a person works a page: with the mouse, and with the keyboard alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date, datetime, time
from pathlib import Path

from playwright.sync_api import Locator, Page

MOST_TABS = 250
"""From one place of the longest page to any other, round its end."""


class Hand(ABC):
    """What somebody does on a page, whichever way."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @abstractmethod
    def press(self, what: Locator) -> None:
        """A button, a link, or the summary of what is folded in."""

    @abstractmethod
    def write(self, field: Locator, text: str) -> None:
        """Text in place of what stands there."""

    @abstractmethod
    def choose(self, choice: Locator, words: str) -> None:
        """One of a list, by its words."""

    @abstractmethod
    def set_day(self, field: Locator, day: date) -> None:
        """A date."""

    @abstractmethod
    def set_moment(self, field: Locator, moment: datetime) -> None:
        """A date and a time on the wall."""

    @abstractmethod
    def set_time(self, field: Locator, hour: int) -> None:
        """A full hour of the clock on the wall."""

    @abstractmethod
    def tick(self, box: Locator) -> None:
        """A box that is not ticked."""

    def give_file(self, field: Locator, file: Path) -> None:
        """The system's own window for files is the same for both, and no part of the page."""
        field.set_input_files(file)


class Mouse(Hand):
    """Points and clicks; writes with the keyboard, as everybody does."""

    def press(self, what: Locator) -> None:
        what.click()

    def write(self, field: Locator, text: str) -> None:
        field.click()
        field.fill(text)

    def choose(self, choice: Locator, words: str) -> None:
        choice.select_option(label=words)

    def set_day(self, field: Locator, day: date) -> None:
        field.fill(day.isoformat())

    def set_moment(self, field: Locator, moment: datetime) -> None:
        field.fill(moment.strftime("%Y-%m-%dT%H:%M"))

    def set_time(self, field: Locator, hour: int) -> None:
        field.fill(f"{hour:02}:00")

    def tick(self, box: Locator) -> None:
        box.click()


class Keyboard(Hand):
    """Reaches everything with Tab, and presses Enter or Space there."""

    def press(self, what: Locator) -> None:
        self._reach(what)
        self.page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        self._reach(field)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)

    def choose(self, choice: Locator, words: str) -> None:
        self._reach(choice)
        self.page.keyboard.type(words)

    def set_day(self, field: Locator, day: date) -> None:
        self._reach(field)
        self.page.keyboard.type(day.strftime("%m%d%Y"))

    def set_moment(self, field: Locator, moment: datetime) -> None:
        self._reach(field)
        self.page.keyboard.type(moment.strftime("%m%d%Y"))
        self.page.keyboard.press("ArrowRight")
        self.page.keyboard.type(moment.strftime("%I%M%p"))

    def set_time(self, field: Locator, hour: int) -> None:
        self._reach(field)
        self.page.keyboard.type(time(hour).strftime("%I%M%p"))

    def tick(self, box: Locator) -> None:
        self._reach(box)
        self.page.keyboard.press("Space")

    def give_file(self, field: Locator, file: Path) -> None:
        self._reach(field)
        super().give_file(field, file)

    def _reach(self, wanted: Locator) -> None:
        wanted.wait_for()
        for _ in range(MOST_TABS):
            if wanted.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reached {wanted}")


HANDS: dict[str, type[Hand]] = {"mouse": Mouse, "keyboard": Keyboard}
