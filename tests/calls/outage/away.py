"""A clinic whose database can be taken away and given back, in the phone company's own time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import httpx

from ivr.simulator.testing import PhoneCompany
from scheduling.database import Database, DatabaseUnavailable
from tests.calls.town import Town
from tests.carrier.outages import Outage
from tests.clock import MONDAY_NIGHT, ManualClock
from tests.product import Product

BUDGET_SECONDS = 0.7
"""Short, since each test waits it out; test_without_database.py holds the line's own."""

PATIENCE_SECONDS = 30.0
"""Once it is back nothing is told by how long it takes."""


ONE_OF_EACH = ("sqlite-locked", "pg-refused")
"""One way to lose each kind of database."""


class CompanysClock(ManualClock):
    """The product lives in the phone company's time."""

    company: PhoneCompany | None = None

    def __call__(self) -> datetime:
        """Now."""
        return self.company.clock.now() if self.company else self.now


@contextmanager
def open_town_with(outage: Outage) -> Iterator[Town]:
    """A clinic that has had its first, ordinary call, at night."""
    clock = CompanysClock(MONDAY_NIGHT)
    product = Product.start(outage.database_url, clock=clock, budget_seconds=BUDGET_SECONDS)
    with httpx.Client(
        transport=httpx.WSGITransport(app=product.app), base_url=product.settings.public_base_url
    ) as http:
        company = PhoneCompany(Town.company_config(product), http=http, start=MONDAY_NIGHT)
        clock.company = company
        town = Town(product, company)
        _wake(outage, town)
        town.call().hang_up()
        # The short patience is the web's, whose callers wait; a worker has its own.
        town.workers_database = Database(outage.database_url)
        yield town
        town.workers_database.dispose()
    product.database.dispose()


def back(outage: Outage, town: Town) -> None:
    """The database answers again, and some time has passed."""
    answers_again(outage, town)
    town.company.elapse(61)


def answers_again(outage: Outage, town: Town) -> None:
    """The product has found its database; from now on a busy machine may take its time."""
    outage.wait_until_probed(town.product)
    town.product.database.budget_seconds = PATIENCE_SECONDS


def the_web_process_dies(town: Town) -> None:
    """What it had in mind is gone with it."""
    town.product.app.extensions["callnow_unrecorded"]._waiting.clear()


def tickets(town: Town) -> list[tuple[str, str | None]]:
    """Status and callback number of each."""
    rows = town.product.rows("SELECT status, callback_number FROM ticket ORDER BY number")
    return [(str(row["status"]), row["callback_number"]) for row in rows]


def _wake(outage: Outage, town: Town) -> None:
    """A worker's first look. A server just started may take longer than the short budget."""
    for _ in range(10):
        try:
            town.let_the_worker_work()
        except DatabaseUnavailable:
            outage.wait_until_probed(town.product)
        else:
            return
    raise AssertionError("the database never answered within the budget")
