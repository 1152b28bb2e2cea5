"""What a receptionist has on the desk: patients with pumps, visits booked, forms filled in."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from ivr.frontdesk import accounts
from scheduling import booking, directory, newcomers, pumps
from scheduling.definition import ClinicDefinition, VisitTypeDefinition
from scheduling.policy import BookedBy
from scheduling.refill_rules import RefillPolicy
from scheduling.requests import Request
from scheduling.states import Channel
from scheduling.tables import Pump, Visit
from tests.frontdesk.office import (
    LENGTH,
    OURS,
    PASSWORD,
    ZONE,
    Office,
    clinic_definition,
    csrf_token,
)

ALARM = date(2026, 12, 20)
"""With a margin of 7 days the refill is due on 13 December."""
HER_PHONE = "+15125550142"


def with_refills(clinic_id: str, number: str) -> ClinicDefinition:
    """The office's clinic, which also fills pumps."""
    plain = clinic_definition(clinic_id, number)
    refill = VisitTypeDefinition(
        "refill",
        duration_minutes=30,
        needs_room=True,
        booked_by=BookedBy.ANYONE,
        refill=RefillPolicy(margin_days=7, preparation_days=3, opens_days=21),
    )
    return ClinicDefinition(**{**vars_of(plain), "visit_types": (*plain.visit_types, refill)})


def vars_of(definition: ClinicDefinition) -> dict[str, Any]:
    """Its fields."""
    return {name: getattr(definition, name) for name in definition.__dataclass_fields__}


@dataclass
class Reception:
    """An office whose clinic fills pumps, and one receptionist's browser in it."""

    office: Office
    browser: FlaskClient

    @classmethod
    def open(cls, office: Office, login: str = "rosa") -> Reception:
        """Sign in."""
        office.database.write(
            lambda s: directory.load_clinic(s, with_refills(OURS, "+15125550100"))
        )
        return cls(office, office.signed_in(login))

    def request(self) -> Request:
        """One of a colleague at the desk."""
        return Request("Otto Kern", Channel.DESK, self.office.clock(), f"test:{uuid4()}")

    def patient(
        self,
        name: str = "Ana María Jiménez",
        *,
        born: date = date(1961, 3, 4),
        phone: str = HER_PHONE,
        clinic_id: str = OURS,
    ) -> UUID:
        """Somebody on file."""
        return self.office.database.write(
            lambda s: (
                newcomers.register(
                    s,
                    clinic_id=clinic_id,
                    name=name,
                    date_of_birth=born,
                    phone=phone,
                    language="en",
                    request=self.request(),
                ).id
            )
        )

    def pump(self, patient_id: UUID, alarm_on: date = ALARM) -> Pump:
        """The patient's, filled a month ago."""
        return self.office.database.write(
            lambda s: pumps.register_pump(
                s,
                clinic_id=OURS,
                patient_id=patient_id,
                alarm_on=alarm_on,
                stable_until=None,
                filled_on=date(2026, 10, 20),
                label=None,
                request=self.request(),
            )
        )

    def book(
        self,
        patient_id: UUID,
        local: datetime,
        *,
        kind: str = "consultation",
        clinic_id: str = OURS,
    ) -> Visit:
        """A visit that starts at `local`, by the clinic's clock, booked by a colleague."""
        now, starts_at = self.office.clock(), local.replace(tzinfo=ZONE)

        def work(session: Session) -> Visit:
            slots = booking.find_slots(
                session,
                clinic_id=clinic_id,
                visit_type_key=kind,
                now=now,
                after=starts_at - LENGTH,
                limit=1,
                patient_id=patient_id,
                by_staff=True,
            )
            assert slots[0].starts_at == starts_at
            return booking.book_hold(
                session,
                clinic_id=clinic_id,
                hold_id=uuid4(),
                patient_id=patient_id,
                callback_number=HER_PHONE,
                request=self.request(),
                slot=slots[0],
            )

        return self.office.database.write(work)

    def visit(self, visit_id: UUID) -> dict[str, Any]:
        """What is stored of it."""
        rows = self.office.rows("SELECT * FROM visit")
        return next(row for row in rows if UUID(str(row["id"])) == visit_id)

    def read(self, path: str) -> str:
        """What a person reads of a page."""
        return words(self.browser.get(path).text)

    def send(
        self,
        path: str,
        form: dict[str, Any] | None = None,
        *,
        on: str | None = None,
        key: str | None = None,
        **headers: str,
    ) -> TestResponse:
        """Send a form as the page `on` (or the board) gives it out."""
        whole = {
            "csrf_token": csrf_token(self.browser, on or "/frontdesk"),
            "key": key or str(uuid4()),
            **(form or {}),
        }
        return self.browser.post(path, data=whole, headers=headers)

    def done(self, path: str, form: dict[str, Any] | None = None) -> str:
        """Send a form that is accepted; what the next page says."""
        answer = self.send(path, form)
        assert answer.status_code == 303, words(answer.text)
        return self.read(answer.location)

    def audited(self, action: str) -> list[dict[str, Any]]:
        """What the audit holds of this kind."""
        return self.office.rows("SELECT * FROM staff_audit WHERE action = :action", action=action)


def words(page: str) -> str:
    """What a person reads of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def times_on(page: str) -> list[str]:
    """The values of the free times that a page offers."""
    return [html.unescape(one) for one in re.findall(r'name="slot" value="([^"]+)"', page)]


def on_call_login(office: Office) -> str:
    """A nurse's account at our clinic."""
    office.database.write(
        lambda s: accounts.add_user(
            s,
            clinic_id=OURS,
            login="nina",
            name="Nina Nurse",
            password=PASSWORD,
            role="on_call",
            now=office.clock(),
        )
    )
    return "nina"


def ahead(hours: float) -> timedelta:
    """A stretch of time."""
    return timedelta(hours=hours)
