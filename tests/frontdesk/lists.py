"""What the tests of recalls, waitlist, messages, calls, numbers and settings have in common."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from ivr.frontdesk import accounts
from scheduling import directory, other_recalls, patients, pumps
from scheduling.definition import VisitTypeDefinition
from scheduling.preferences import Wishes
from scheduling.refill_rules import RefillPolicy
from scheduling.requests import Request
from scheduling.states import Channel
from scheduling.tables import Patient, Recall
from scheduling.waitlist import joining
from tests.frontdesk.office import OURS, PASSWORD, Office, clinic_definition, csrf_token

BORN = date(1950, 2, 28)
TODAY = date(2026, 11, 23)
"""Monday, on which every test begins at 10:00."""


def text_of(page: str) -> str:
    """What a person reads of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def press(client: FlaskClient, page: str, path: str, **form: str) -> TestResponse:
    """Send a form of `page` to `path` (both below /frontdesk); follows where it leads."""
    token = csrf_token(client, f"/frontdesk{page}")
    return client.post(
        f"/frontdesk{path}", data={"csrf_token": token, **form}, follow_redirects=True
    )


def asked(office: Office, channel: Channel = Channel.DESK) -> Request:
    """A request with a key of its own."""
    return Request("tests", channel, office.clock(), str(uuid4()))


def admin(office: Office, login: str = "ada", role: str = "admin") -> FlaskClient:
    """A browser in which somebody of another role has signed in."""

    def add(session: Session) -> None:
        if accounts.find_user(session, login) is None:
            accounts.add_user(
                session,
                clinic_id=OURS,
                login=login,
                name=f"The {role}",
                password=PASSWORD,
                role=role,
                now=office.clock(),
            )

    office.database.write(add)
    return office.signed_in(login)


def refill_pumps(office: Office) -> None:
    """From now on the clinic refills pumps, and needs no room for it."""
    definition = clinic_definition(OURS, "+15125550100")
    refill = VisitTypeDefinition(
        "refill",
        duration_minutes=30,
        refill=RefillPolicy(margin_days=7, preparation_days=3, opens_days=21),
    )
    bigger = replace(definition, visit_types=(*definition.visit_types, refill))
    office.database.write(lambda session: directory.load_clinic(session, bigger))


def register(
    office: Office,
    name: str | None,
    *,
    clinic_id: str = OURS,
    phone: str = "+15125550142",
    born: date | None = None,
) -> Patient:
    """Put somebody on file. One date of birth and one number would be one person."""
    of_that_name = BORN + timedelta(days=sum(map(ord, name or "")))
    return office.database.write(
        lambda session: patients.register_patient(
            session,
            clinic_id=clinic_id,
            name=name,
            date_of_birth=born or of_that_name,
            phone=phone,
            language="en",
            request=asked(office),
        )
    )


def pump(office: Office, who: Patient, due_in: int) -> None:
    """Give them a pump whose refill is due in so many days (overdue: a negative number)."""
    alarm_on = TODAY + timedelta(days=due_in + 7)
    office.database.write(
        lambda session: pumps.register_pump(
            session,
            clinic_id=who.clinic_id,
            patient_id=who.id,
            alarm_on=alarm_on,
            stable_until=None,
            filled_on=None,
            label=None,
            request=asked(office),
        )
    )


def yearly_check(office: Office, who: Patient, due_on: date) -> Recall:
    """Open a recall that is about no pump."""
    return office.database.write(
        lambda session: other_recalls.open_recall(
            session,
            clinic_id=who.clinic_id,
            patient_id=who.id,
            visit_type_key="consultation",
            due_on=due_on,
            request=asked(office),
        )
    )


def waits_in_line(office: Office, who: Patient) -> None:
    """Put somebody on the waitlist for a consultation, at any time this year."""
    office.database.write(
        lambda session: joining.join(
            session,
            clinic_id=OURS,
            patient_id=who.id,
            visit_type_key="consultation",
            wishes=Wishes(until_on=date(2026, 12, 31)),
            request=asked(office),
        )
    )


def audited(office: Office, action: str) -> list[dict[str, object]]:
    """The rows of the audit with this action, the first first."""
    return office.rows(
        "SELECT action, detail, clinic_id FROM staff_audit WHERE action = :action ORDER BY id",
        action=action,
    )


def on(day: date, hour: int = 11, minute: int = 0) -> datetime:
    """A wall-clock time of the clinic, as Office.book takes it."""
    return datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001  # wall clock


Step = Callable[[Session], None]
