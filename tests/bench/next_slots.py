"""The next three slots of a clinic, with ever more visits behind it.

Every size is a database of its own, a copy taken while the largest grew, and the sizes are asked
in turn, so that a machine that slows down for a while slows all of them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from scheduling import offers
from scheduling.database import Database
from scheduling.slots import Slot
from tests.bench.clinic import ASKED, CLINIC, HALF_HOURS, NOW, coming
from tests.bench.figures import percentile
from tests.bench.rival.environment import RIVAL, RivalEnvironment, RivalUnavailable
from tests.bench.seeding import Book
from tests.bench.stores import SqliteFiles, Store, migrated, stores

PROVIDERS = (10, 100)
RIVAL_STAFF = (10, 30)
"""Fewer at the most than ours: with 100 it answers in minutes."""
SMALL, MIDDLE, LARGE = 1_000, 100_000, 1_000_000
"""Visits that are over. Their granules are gone, as housekeeping leaves them."""
KEPT = "granules kept"
"""A history whose granules nothing has pruned; with the fewer providers only, for the time."""

CALLS = 300
SECONDS = 20.0
"""A size is asked this often, or for its share of this long where that is over sooner."""
WARM_UP = 3
RIVAL_CALLS = {"by few": 9, "by all": 3}
"""By service: one that 10 of its 30 staff give, and one that all of them give."""


def run() -> None:
    """Measure on both databases and print the table."""
    print(
        "\nThe next three slots: find_slots(limit=3) in a transaction of its own; p50 / p99 in ms."
    )
    print("Goals: 1 M within 1.5 of 1 k (p50); p99 at most 20 ms with 10 providers.\n")
    print(
        "| database | providers | visits ahead | 1 k past visits | 100 k | 1 M | 1 M / 1 k "
        "| 100 k, granules kept |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for providers in PROVIDERS:
        with stores() as both:
            for store in both:
                _row(store, providers)
    _run_rival()


def _run_rival() -> None:
    print(f"\nThe same of {RIVAL} on SQLite: get_available_slots_for_staff(), which its page asks,")
    print("for every staff member, day by day until three are found; p50 / worst in ms.\n")
    print("| database | staff | visits ahead | 1 k past visits | 100 k | 1 M | 1 M / 1 k |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    few, all_ = RIVAL_STAFF
    ahead = [(day, HALF_HOURS.index(half), seat) for day, half, seat in coming(all_)]
    asked = {
        "staff": all_,
        "few": few,
        "ahead": ahead,
        "sizes": (SMALL, MIDDLE, LARGE),
        "calls": RIVAL_CALLS,
    }
    with TemporaryDirectory(prefix="callnow-bench-") as folder:
        store = SqliteFiles(Path(folder))
        try:
            rival = RivalEnvironment(Path(folder) / "rival")
        except RivalUnavailable as reason:
            print(f"\n{RIVAL} could not be installed, so it was not measured: {reason}")
            return
        figures = rival.run("next_slots", store.new("rival"), asked)
    for service, staff in (("by few", few), ("by all", all_)):
        times = {one["size"]: one["times"] for one in figures if one["service"] == service}
        cells = [f"{percentile(of, 50):.0f} / {max(of):.0f}" for of in times.values()]
        ratio = percentile(times[LARGE], 50) / percentile(times[SMALL], 50)
        print(f"| {store.name} | {staff} | {len(ahead)} | {' | '.join(cells)} | {ratio:.2f} |")


@dataclass
class _Asked:
    """One database and how long each of its answers took, in ms."""

    database: Database
    times: list[float] = field(default_factory=list)

    def ask(self) -> list[Slot]:
        begun = time.perf_counter()
        slots = self.database.read(next_three)
        self.times.append((time.perf_counter() - begun) * 1000)
        return slots

    def figures(self) -> str:
        return f"{percentile(self.times, 50):.1f} / {percentile(self.times, 99):.1f}"


def next_three(session: Session) -> list[Slot]:
    """What a caller is offered."""
    return offers.find_slots(session, clinic_id=CLINIC, visit_type_key=ASKED, now=NOW, limit=3)


def _row(store: Store, providers: int) -> None:
    ahead, urls = _fill(store, providers)
    asked = {size: _Asked(Database(url)) for size, url in urls.items()}
    answers = {size: one.ask() for size, one in asked.items()}
    if len(answers[SMALL]) != 3 or any(slots != answers[SMALL] for slots in answers.values()):
        raise RuntimeError(f"the databases do not answer alike: {answers}")
    for one in asked.values():
        for _ in range(WARM_UP):
            one.ask()
        one.times.clear()
    ends = time.monotonic() + SECONDS
    for _ in range(CALLS):
        for one in asked.values():
            one.ask()
        if time.monotonic() > ends:
            break
    ratio = percentile(asked[LARGE].times, 50) / percentile(asked[SMALL].times, 50)
    print(
        f"| {store.name} | {providers} | {ahead} | {asked[SMALL].figures()} "
        f"| {asked[MIDDLE].figures()} | {asked[LARGE].figures()} | {ratio:.2f} "
        f"| {asked[KEPT].figures() if KEPT in asked else 'not measured'} |",
        flush=True,
    )
    for one in asked.values():
        one.database.dispose()


def _fill(store: Store, providers: int) -> tuple[int, dict[int | str, str]]:
    """How many visits are ahead, and a database for every size of history."""
    name = f"grown_{providers}"
    url = migrated(store, name)
    database = Database(url, budget_seconds=None)
    book = Book(database, providers, history=LARGE)
    urls: dict[int | str, str] = {}
    for size in (SMALL, MIDDLE):
        book.grow_history(size)
        database.dispose()
        urls[size] = store.copy(name, f"{name}_{size}")
    if providers == PROVIDERS[0]:
        urls[KEPT] = store.copy(name, f"{name}_kept")
        with_granules = Database(urls[KEPT], budget_seconds=None)
        book.keep_granules(with_granules, MIDDLE)
        with_granules.dispose()
    book.grow_history(LARGE)
    database.dispose()
    urls[LARGE] = url
    return book.coming, urls
