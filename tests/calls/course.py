"""A clinic, its patients and its on-call staff, to whom anything may happen in any order.

The product and the phone company share one clock, which moves by the commands below alone, so that
rings, silences and sentences pass in their own time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx

from ivr.carrier.rest import TwilioRest
from ivr.messages.claiming import claim
from ivr.sending import BATCH, LEASE
from ivr.simulator.testing import Handset, PhoneCompany, PlacedCall
from ivr.simulator.transcript import SILENT, Heard
from ivr.worker import Worker
from tests.calls.town import Town
from tests.clock import MONDAY_NIGHT, ManualClock
from tests.product import ACCOUNT, BACKUP, LINE, NURSE, PATIENT, SUPERVISOR, TOKEN, Product

PATIENTS = (PATIENT, "+15125550143")
STAFF = (NURSE, BACKUP, SUPERVISOR)

LOOKS = 8
"""Seconds between two looks of the worker into the outbox: rarer than in truth, for they cost."""


class CompanyTime(ManualClock):
    """The phone company's clock, once there is a phone company."""

    company: PhoneCompany | None = None

    def __call__(self) -> datetime:
        return self.company.clock.now() if self.company else self.now


class Course:
    """What happens; and what can be seen of it afterwards."""

    def __init__(self, product: Product, company: PhoneCompany, api_base: str) -> None:
        self.product = product
        self.company = company
        self.calls: list[PlacedCall] = []
        self.worker: Worker | None = None
        self._api_base = api_base
        self._workers = 0
        self._until_a_look = 0.0

    def phones(self, numbers: Iterable[str]) -> list[Handset]:
        return [self.company.phone(number) for number in numbers]

    def start_worker(self) -> None:
        self._workers += 1
        carrier = TwilioRest(ACCOUNT, TOKEN, self._api_base)
        name = f"worker-{self._workers}"
        self.worker = Worker(self.product.database, self.product.clock, carrier, name)

    def kill_worker(self, *, holding_messages: bool) -> None:
        """It dies between two looks, or with messages claimed that it has not sent."""
        if self.worker and holding_messages:
            now = self.product.clock()
            self.product.database.write(partial(claim, now=now, limit=BATCH, lease=LEASE))
        self.worker = None

    def let_pass(self, seconds: float, *, looks: float = LOOKS) -> None:
        """Time passes for everybody, the worker included, who looks every so many seconds."""
        while seconds > 0:
            step = min(seconds, self._until_a_look or looks)
            self.company.elapse(step)
            seconds -= step
            self._until_a_look = max(0.0, self._until_a_look - step)
            if not self._until_a_look:
                self._look()
                self._until_a_look = looks

    def _look(self) -> None:
        while self.worker and self.worker.tick():
            self.company.settle()
        self.company.settle()

    def urgent_call(self, patient: Handset, *, withhold_number: bool) -> None:
        """A patient calls, and presses 1 while the line still greets them."""
        call = patient.call(LINE, withhold_number=withhold_number)
        self.company.elapse(1)
        call.press("1")
        self.calls.append(call)

    def tickets(self) -> list[Mapping[str, Any]]:
        return self.product.rows("SELECT * FROM ticket ORDER BY number")

    def nobodys(self) -> list[Mapping[str, Any]]:
        return [ticket for ticket in self.tickets() if ticket["accepted_by"] is None]

    def events(self, ticket: Mapping[str, Any]) -> list[str]:
        rows = self.product.rows(
            "SELECT kind FROM ticket_event WHERE ticket_id = :id ORDER BY sequence", id=ticket["id"]
        )
        return [str(row["kind"]) for row in rows]

    def alarms(self) -> set[str]:
        rows = self.product.rows("SELECT note FROM desk_task WHERE kind = 'urgent_unanswered'")
        return {str(row["note"]) for row in rows}


@contextmanager
def open_course(database_url: str) -> Iterator[Course]:
    """At 2:40 at night, on a database with the demo clinic; a worker is there."""
    clock = CompanyTime(MONDAY_NIGHT)
    product = Product.start(database_url, clock=clock, loaded=False)
    with httpx.Client(
        transport=httpx.WSGITransport(app=product.app), base_url=product.settings.public_base_url
    ) as http:
        company = PhoneCompany(Town.company_config(product), http=http, start=MONDAY_NIGHT)
        clock.company = company
        with company.serve() as api_base, company.time_held():
            course = Course(product, company, api_base)
            course.start_worker()
            course.let_pass(1)
            yield course
    product.database.dispose()


def longest_wait(transcript: list[Heard], now: datetime) -> timedelta:
    """The longest silence that a caller heard, but for talks with a person."""
    longest = timedelta(0)
    last_sound, talks = transcript[0].at, False
    for heard in transcript:
        if heard.kind == "notice" and heard.text.startswith("Connected with"):
            longest, talks = max(longest, heard.at - last_sound), True
        if heard.kind == "notice" and heard.text.startswith("The call is over"):
            now = heard.at
        if heard.kind in SILENT or (talks and heard.kind in ("tone", "person")):
            continue
        if not talks:
            longest = max(longest, heard.at - last_sound)
        last_sound, talks = max(last_sound, heard.until or now), False
    return longest if talks else max(longest, now - last_sound)


def connected_without_a_key(call: PlacedCall) -> bool:
    """Whether this leg was connected with somebody before its owner had pressed 1."""
    for heard in call.transcript:
        if (heard.kind, heard.text) == ("key", "1"):
            return False
        if heard.kind == "notice" and heard.text.startswith("Connected with"):
            return True
    return False
