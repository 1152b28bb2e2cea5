"""A day with 400 visits, rendered for the desk, with ever more visits behind it.

Each size is a database of its own, a copy taken while the largest grew, and the sizes are asked
in turn. What is timed is the whole request inside the server: session, audit, queries, template.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask.testing import FlaskClient

from scheduling.database import Database
from tests.bench.clinic import CLINIC, NOW
from tests.bench.figures import percentile
from tests.bench.receptionist import LOGIN, PASSWORD, desk_of, hire
from tests.bench.seeding import Book
from tests.bench.stores import Store, migrated, stores
from tests.frontdesk.office import log_in

PROVIDERS = 27
"""As many as it takes for 400 visits in a day whose book is 15/16 full."""
VISITS = 400
SMALL, LARGE = 1_000, 1_000_000
"""Visits that are over."""

PAGES = {
    "the day": "/frontdesk/day",
    "its news": "/frontdesk/day/live",
    "a week": "/frontdesk/week",
    "the board": "/frontdesk",
}
GOAL_MS = 150
CALLS = 60
WARM_UP = 3


def run() -> None:
    """Measure on both databases and print the table."""
    print(f"\nA day with {VISITS} visits at the desk, rendered on the server; p50 / p95 in ms.")
    print(f"Goals: the day under {GOAL_MS} ms, and no slower with 1 M past visits than with 1 k.\n")
    print("| database | page | 1 k past visits | 1 M | 1 M / 1 k (p50) |")
    print("|---|---|---:|---:|---:|")
    with stores() as both:
        for store in both:
            _rows(store)


@dataclass
class _Desk:
    """One database, a browser signed in at its desk, and how long each page took, in ms."""

    database: Database
    browser: FlaskClient
    times: dict[str, list[float]] = field(default_factory=dict)

    def open(self, what: str) -> str:
        begun = time.perf_counter()
        answer = self.browser.get(PAGES[what])
        self.times.setdefault(what, []).append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{what} answered {answer.status_code}")
        return answer.text

    def figures(self, what: str) -> str:
        return f"{percentile(self.times[what], 50):.0f} / {percentile(self.times[what], 95):.0f}"


def _rows(store: Store) -> None:
    urls = _fill(store)
    with _signed_in(urls[SMALL]) as small, _signed_in(urls[LARGE]) as large:
        for desk in (small, large):
            shown = desk.open("the day").count('<div class="visit"')
            if not VISITS <= shown <= VISITS + PROVIDERS:
                raise RuntimeError(f"the day shows {shown} visits instead of {VISITS}")
            for what in PAGES:
                for _ in range(WARM_UP):
                    desk.open(what)
            desk.times.clear()
        for _ in range(CALLS):
            for what in PAGES:
                small.open(what)
                large.open(what)
        for what in PAGES:
            ratio = percentile(large.times[what], 50) / percentile(small.times[what], 50)
            print(
                f"| {store.name} | {what} | {small.figures(what)} | {large.figures(what)} "
                f"| {ratio:.2f} |",
                flush=True,
            )


def _fill(store: Store) -> dict[int, str]:
    """A database for every size of history, each with a receptionist."""
    name = "desk_grown"
    url = migrated(store, name)
    database = Database(url, budget_seconds=None)
    book = Book(database, PROVIDERS, history=LARGE)
    hire(database, CLINIC, NOW)
    book.grow_history(SMALL)
    database.dispose()
    urls = {SMALL: store.copy(name, f"{name}_{SMALL}")}
    book.grow_history(LARGE)
    database.dispose()
    urls[LARGE] = url
    return urls


@contextmanager
def _signed_in(url: str) -> Iterator[_Desk]:
    database = Database(url)
    app = desk_of(database)
    browser = app.test_client()
    answer = log_in(browser, LOGIN, PASSWORD)
    if answer.status_code != 303:
        raise RuntimeError(f"the log-in answered {answer.status_code}")
    try:
        yield _Desk(database, browser)
    finally:
        database.dispose()
