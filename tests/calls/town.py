"""The clinic, its staff's telephones and its patients', on a local phone company."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from ivr.carrier.rest import TwilioRest
from ivr.recovery.looks import Recovery
from ivr.simulator.testing import Handset, PhoneCompany, PlacedCall
from ivr.worker import Worker
from scheduling.database import Database
from tests.product import (
    ACCOUNT,
    BACKUP,
    DESK_PHONE,
    LINE,
    NURSE,
    PATIENT,
    SUPERVISOR,
    TOKEN,
    Product,
    load_demo_clinic,
)
from tests.provision.databases import Template

ALARM = ("1", "2")
"""The keys for an urgent call about a pump alarm."""


NO_TEXTS = "2"
"""The key for no reminders by text: asked once where a visit has been arranged."""


def _load(url: str) -> None:
    database = Database(url)
    database.write(load_demo_clinic)
    database.dispose()


WITH_CLINIC = Template("clinic", _load)
"""The demo clinic, stored."""


@dataclass
class Town:
    """A product and the phone company that rings it.

    workers_database: as its own process has it; the web's, if left out.
    """

    product: Product
    company: PhoneCompany
    workers_database: Database | None = None

    @staticmethod
    def company_config(product: Product) -> dict[str, object]:
        """What the operator would have set in the carrier's console."""
        base = product.settings.public_base_url
        return {
            "account_sid": ACCOUNT,
            "auth_token": TOKEN,
            "numbers": [
                {
                    "phone_number": LINE,
                    "friendly_name": "Clinic",
                    "voice_url": f"{base}/voice/incoming",
                    "voice_fallback_url": f"{base}/voice/fallback",
                    "status_callback": f"{base}/voice/status",
                    "sms_url": f"{base}/sms/incoming",
                    "sms_fallback_url": f"{base}/sms/incoming",
                }
            ],
            "phones": [
                {"number": PATIENT, "label": "Patient", "kind": "patient"},
                {"number": NURSE, "label": "Nurse", "kind": "staff"},
                {"number": BACKUP, "label": "Backup", "kind": "staff"},
                {"number": SUPERVISOR, "label": "Supervisor", "kind": "staff"},
                {"number": DESK_PHONE, "label": "Desk", "kind": "staff"},
            ],
        }

    @property
    def patient(self) -> Handset:
        """The patient's phone."""
        return self.company.phone(PATIENT)

    @property
    def nurse(self) -> Handset:
        """First on call."""
        return self.company.phone(NURSE)

    @property
    def backup(self) -> Handset:
        """Second on call."""
        return self.company.phone(BACKUP)

    @property
    def supervisor(self) -> Handset:
        """Paged when nobody on call accepts."""
        return self.company.phone(SUPERVISOR)

    @property
    def desk(self) -> Handset:
        """The front desk's phone."""
        return self.company.phone(DESK_PHONE)

    def call(self, *keys: str, withhold_number: bool = False) -> PlacedCall:
        """The patient calls the clinic and presses these keys, one prompt after the other."""
        call = self.patient.call(LINE, withhold_number=withhold_number)
        for key in keys:
            call.press(key)
        return call

    def let_the_worker_work(self, *, patience_seconds: float = 5) -> int:
        """One look into the outbox, by a worker whose carrier is this phone company.

        patience_seconds: how long it waits for an answer of the carrier's.
        """
        with self.company.serve() as api_base:
            carrier = TwilioRest(ACCOUNT, TOKEN, api_base, patience_seconds)
            database, clock = self.workers_database or self.product.database, self.product.clock
            base = self.product.settings.public_base_url
            lines = self.product.app.extensions["callnow_wordings"]
            recovery = Recovery(database, clock, carrier, base, lines)
            worker = Worker(database, clock, carrier, "test-worker", recovery, base)
            done = worker.tick()
            self.company.settle()
        return done


@contextmanager
def open_town(database_url: str) -> Iterator[Town]:
    """The product and a phone company of its own, on a database with the demo clinic."""
    product = Product.start(database_url, loaded=False)
    with httpx.Client(
        transport=httpx.WSGITransport(app=product.app), base_url=product.settings.public_base_url
    ) as http:
        yield Town(product, PhoneCompany(Town.company_config(product), http=http))
    product.database.dispose()
