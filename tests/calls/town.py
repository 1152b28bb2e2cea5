"""The clinic, its staff's telephones and its patients', on a local phone company."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.carrier.rest import TwilioRest
from ivr.recovery import Recovery
from ivr.simulator.testing import Handset, PhoneCompany, PlacedCall
from ivr.worker import Worker
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
)

ALARM = ("1", "2")
"""The keys for an urgent call about a pump alarm."""


@dataclass
class Town:
    """A product and the phone company that rings it."""

    product: Product
    company: PhoneCompany

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

    def let_the_worker_work(self) -> int:
        """One look into the outbox, by a worker whose carrier is this phone company."""
        with self.company.serve() as api_base:
            carrier = TwilioRest(ACCOUNT, TOKEN, api_base)
            database, clock = self.product.database, self.product.clock
            recovery = Recovery(database, clock, carrier, self.product.settings.public_base_url)
            worker = Worker(database, clock, carrier, "test-worker", recovery)
            done = worker.tick()
            self.company.settle()
        return done
