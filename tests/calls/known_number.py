"""Patients on file under the number that the patient's phone calls from."""

from __future__ import annotations

from datetime import date
from functools import partial

from sqlalchemy.orm import Session

from scheduling import patients, pumps
from scheduling.requests import Request
from scheduling.states import Channel
from tests.calls.town import Town
from tests.clock import MONDAY_NIGHT
from tests.product import PATIENT


def on_file(town: Town, name: str, *, pump: bool = True) -> None:
    """Put a patient on file, with a pump whose alarm date is December 19, 2026."""
    town.product.database.write(partial(_put_on_file, name=name, pump=pump))


def _put_on_file(session: Session, name: str, *, pump: bool) -> None:
    patient = patients.register_patient(
        session,
        clinic_id="demo",
        name=name,
        date_of_birth=date(1940, 3, len(name)),
        phone=PATIENT,
        language="en",
        request=Request("desk", Channel.DESK, MONDAY_NIGHT, f"patient {name}"),
    )
    if pump:
        pumps.register_pump(
            session,
            clinic_id="demo",
            patient_id=patient.id,
            alarm_on=date(2026, 12, 19),
            stable_until=None,
            filled_on=None,
            label=None,
            request=Request("desk", Channel.DESK, MONDAY_NIGHT, f"pump of {name}"),
        )
