"""Whether everybody can use the desk: axe, both themes, every width."""

from __future__ import annotations

from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.frontdesk import every_page
from tests.frontdesk.browser import Desk
from tests.frontdesk.office import TODAY_AT_ELEVEN

WAYS = [
    ("light", "en", 1440),
    ("dark", "es", 390),
    ("light", "es", 820),
    ("dark", "en", 1440),
]
"""Each theme, each language, wide and narrow."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every day two ways; in a soak all four, for the time."""
    if "scheme_language_width" in metafunc.fixturenames:
        ways = WAYS if metafunc.config.getoption("--soak") else WAYS[:2]
        metafunc.parametrize("scheme_language_width", ways)


@pytest.mark.storm
@pytest.mark.timeout(600)
def test_axe_finds_nothing_to_object_to_on_any_page(
    desk: Desk, scheme_language_width: tuple[str, str, int]
) -> None:
    scheme, language, width = scheme_language_width
    desk.page.set_viewport_size({"width": width, "height": 900})
    # Without animations, colours are what they stay: nothing is measured in mid-fade.
    desk.page.emulate_media(
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )
    for shown in every_page.visit(desk, language):
        found = Axe().run(desk.page)
        assert found.violations_count == 0, f"{shown.name}: {found.generate_report()}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_object_to_while_the_board_changes(desk: Desk, scheme: str) -> None:
    desk.page.emulate_media(
        color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )
    desk.sign_in()
    assert Axe().run(desk.page).violations_count == 0
    desk.fill()
    expect(desk.page.locator(".visit.arrived")).to_have_count(5)
    found = Axe().run(desk.page)
    assert found.violations_count == 0, found.generate_report()


def test_no_page_scrolls_sideways(desk: Desk) -> None:
    # Spanish words are the longer ones.
    for shown in every_page.visit(desk, "es"):
        for width in (1440, 820, 390, 320):
            desk.page.set_viewport_size({"width": width, "height": 900})
            wide = desk.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{shown.name}, {width} pixels wide"


@pytest.mark.parametrize("width", [1440, 820, 390, 320])
def test_nothing_is_cut_off_or_scrolls_sideways(desk: Desk, width: int) -> None:
    desk.page.set_viewport_size({"width": width, "height": 900})
    desk.fill()
    desk.office.book(
        "Wolfeschlegelsteinhausenbergerdorff, Hubertus Maximilian",
        TODAY_AT_ELEVEN.replace(hour=17),
        born=date(1952, 10, 3),
    )
    desk.sign_in()
    spilling = desk.page.evaluate(
        """() => {
             const wide = document.documentElement.scrollWidth > innerWidth;
             const boxes = [...document.querySelectorAll(".visit > *, .ticket > *, .task > *")];
             const overlap = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
                                    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
             const hits = [];
             for (const box of boxes) {
               const range = document.createRange();
               range.selectNodeContents(box);
               box.ink = [...range.getClientRects()].filter((r) => r.width > 1 && r.height > 1);
             }
             for (const a of boxes) for (const b of boxes)
               if (a !== b && a.parentNode === b.parentNode
                   && a.ink.some((x) => b.ink.some((y) => overlap(x, y))))
                 hits.push(a.className + " over " + b.className);
             return { wide, hits };
           }"""
    )
    assert spilling == {"wide": False, "hits": []}
