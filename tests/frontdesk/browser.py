"""One person's Chromium in front of a desk that is served on the loopback."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from ivr.messages import desk_tasks
from tests.frontdesk.office import OURS, PASSWORD, TASK_CALLER, TODAY_AT_ELEVEN, Office


def scripts_have_begun(page: Page) -> None:
    """Return once each script of this live page has run: from now on it notices what is done."""
    expect(page.locator("#clock")).not_to_be_empty()
    # The clock's is not the last of them, and a loaded machine fetches the last late.
    page.wait_for_load_state("load")


class Desk:
    """The desk as one person's browser shows it."""

    def __init__(self, page: Page, office: Office, address: str) -> None:
        self.page = page
        self.office = office
        self.address = address

    def sign_in(self, login: str = "rosa") -> None:
        """Fill in the form and land on the board."""
        self.page.goto(f"{self.address}/frontdesk")
        self.page.get_by_label("Login").fill(login)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        expect(self.page.get_by_role("heading", name="Today Monday, November 23")).to_be_visible()
        scripts_have_begun(self.page)

    def add_task(self, source: str = "CA-1") -> None:
        """Somebody asks to be called back."""
        self.office.database.write(
            lambda s: (
                desk_tasks.open_task(
                    s,
                    clinic_id=OURS,
                    kind="callback",
                    callback_number=TASK_CALLER,
                    language="es",
                    note="after five",
                    source=source,
                    now=self.office.clock(),
                ).id
            )
        )

    def fill(self) -> None:
        """A day with a little of everything."""
        for number, status in enumerate(
            ("booked", "checked_in", "completed", "cancelled", "no_show")
        ):
            visit = self.office.book(
                f"Patient {number}" if number else None,
                TODAY_AT_ELEVEN.replace(hour=11 + number),
                born=date(1950, 1, 1 + number),
            )
            with self.office.database.engine.begin() as connection:
                connection.exec_driver_sql(
                    "UPDATE visit SET status = ? WHERE id = ?", (status, visit.id.hex)
                )
        self.office.open_ticket()
        self.add_task()


@contextmanager
def served(office: Office, page: Page) -> Iterator[Desk]:
    """Serve the office's desk; at the end, the browser may have complained about nothing."""
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Desk(page, office, f"http://127.0.0.1:{server.server_port}")
    finally:
        page.close()
        server.shutdown()
        thread.join()
        server.server_close()
    # A poll that the server refuses on purpose is logged by the browser and by htmx.
    refused = re.compile("Failed to load resource|Response Status Error Code (503|401)")
    assert [text for text in complaints if not refused.search(text)] == []
