"""`make screenshots`: pictures of every page of the desk, into docs/images/desk.

Each at three widths in English by day, and once in Spanish by night. WebP, which Chromium itself
writes: a tenth of a PNG.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

import click
from playwright.sync_api import Browser, Page, sync_playwright

from tests.frontdesk import every_page
from tests.frontdesk.browser import served
from tests.frontdesk.office import FURNISHED, Office
from tests.provision.chromium import ARGUMENTS, find_chromium
from tests.provision.databases import TestRun, sqlite_database
from tests.provision.scratch import scratch_folder

FOLDER = Path("docs/images/desk")
BY_DAY = ("en", "light", (1440, 820, 390))
BY_NIGHT = ("es", "dark", (820,))

_TO_WEBP = """async (png) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", 0.6).split(",")[1];
}"""


def main() -> None:
    """Take them all anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    run = TestRun(scratch_folder("callnow-screenshots-"), os.getpid())
    chromium = find_chromium()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=str(chromium.executable),
                args=ARGUMENTS,
                env={**chromium.environment()},
            )
            darkroom = browser.new_page()
            for language, scheme, widths in (BY_DAY, BY_NIGHT):
                with sqlite_database(run, FURNISHED) as url:
                    _take(browser, darkroom, url, language, scheme, widths)
            browser.close()
    finally:
        run.end()
    pictures = list(FOLDER.glob("*.webp"))
    size = sum(picture.stat().st_size for picture in pictures)
    click.echo(f"{len(pictures)} pictures in {FOLDER}, {size // 1024} KiB together.")


def _take(
    browser: Browser,
    darkroom: Page,
    url: str,
    language: str,
    scheme: str,
    widths: tuple[int, ...],
) -> None:
    office = Office.open(url)
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    page.emulate_media(reduced_motion="reduce")
    page.clock.install(time=office.clock())
    with served(office, page) as desk:
        for shown in every_page.visit(desk, language):
            for width in widths:
                page.set_viewport_size({"width": width, "height": 900})
                name = f"{shown.name}-{width}" + (
                    "" if language == "en" else f"-{language}-{scheme}"
                )
                png = base64.b64encode(page.screenshot(full_page=True)).decode()
                webp = darkroom.evaluate(_TO_WEBP, png)
                (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(webp))
    office.database.dispose()


if __name__ == "__main__":
    main()
