"""Two clinics with a front desk each, on one real database, and what is done at such a desk."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from ivr.call.lines import lines_of
from ivr.call.turn import Line
from ivr.call.wording.kept import Wordings
from ivr.carrier.rest import TwilioRest
from ivr.frontdesk import accounts, throttle
from ivr.frontdesk.desk import attach
from ivr.frontdesk.throttle import Source
from ivr.oncall import rota, tickets
from ivr.oncall.escalation import Person
from scheduling import booking, directory, patients
from scheduling.database import Database
from scheduling.definition import (
    ClinicDefinition,
    ProviderDefinition,
    RoomDefinition,
    VisitTypeDefinition,
    WeeklyHoursDefinition,
)
from scheduling.requests import Request
from scheduling.states import Channel
from scheduling.tables import Visit
from tests.clock import ManualClock
from tests.product import demo_clinic
from tests.provision.databases import Template

ZONE = ZoneInfo("America/Chicago")
LINK_BASE = "https://line.example"
OURS = "demo"
OTHERS = "other"
PASSWORD = "four words nobody guesses"
TASK_CALLER = "+15125550177"
TICKET_CALLER = "+15125550188"

NO_CARRIER = TwilioRest("AC" + "0" * 32, "a token of nobody", "http://127.0.0.1:9")
"""Answers nothing: tests/frontdesk/test_messages_on_the_board.py has one that does."""

TODAY_AT_ELEVEN = datetime(2026, 11, 23, 11, 0)  # noqa: DTZ001  # wall clock; Office.book adds the zone
"""Monday, the day on which every test begins, at 10:00."""
LENGTH = timedelta(minutes=30)
_ALL_DAY = tuple(WeeklyHoursDefinition(day, time(7), time(19)) for day in range(7))


@cache
def lines() -> dict[str, Line]:
    """Both clinics' lines, worded as the demo clinic's is."""
    clinic = demo_clinic()
    (ours,) = lines_of({clinic.id: clinic}, link_base=LINK_BASE).values()
    named = clinic.clinic.model_copy(update={"id": OTHERS})
    theirs = replace(ours, clinic=clinic.model_copy(update={"clinic": named}))
    return {"+15125550100": ours, "+15125550200": theirs}


def wordings(database: Database) -> Wordings:
    """What the lines of both clinics speak."""
    return Wordings(lines(), database)


def clinic_definition(clinic_id: str, number: str) -> ClinicDefinition:
    """A clinic that is open every day from 7 to 19, so that a test may book when it likes."""
    return ClinicDefinition(
        id=clinic_id,
        name=f"The {clinic_id} clinic",
        timezone=ZONE.key,
        phone_number=number,
        desk_hours=_ALL_DAY,
        providers=(
            ProviderDefinition("fura", "Doctor Fura", _ALL_DAY),
            ProviderDefinition("lane", "Doctor Lane", _ALL_DAY),
        ),
        rooms=(RoomDefinition("one", "Room 1"), RoomDefinition("two", "Room 2")),
        visit_types=(VisitTypeDefinition("consultation", duration_minutes=30, needs_room=True),),
    )


def furnish(database_url: str) -> None:
    """Store both clinics, each with a receptionist: "rosa" here, "otto" there."""
    database = Database(database_url, budget_seconds=None)

    def store(session: Session) -> None:
        for clinic_id, number in ((OURS, "+15125550100"), (OTHERS, "+15125550200")):
            directory.load_clinic(session, clinic_definition(clinic_id, number))
            rota.load_people(session, clinic_id, [Person("ana", "Ana Ruiz", "+15125550111")])
        for clinic_id, login, name in ((OURS, "rosa", "Rosa Diaz"), (OTHERS, "otto", "Otto")):
            accounts.add_user(
                session,
                clinic_id=clinic_id,
                login=login,
                name=name,
                password=PASSWORD,
                role="front_desk",
                now=ManualClock()(),
            )

    database.write(store)
    database.dispose()


FURNISHED = Template("office", furnish)
"""What every test of the desk begins with. (Two passwords alone take 50 ms to hash.)"""


@dataclass
class Office:
    """The desk's part of the product, in an app that has nothing else in it."""

    database: Database
    clock: ManualClock
    app: Flask

    @classmethod
    def open(cls, database_url: str, *, secure_cookies: bool = False, lined: bool = True) -> Office:
        """Open for work at a database that FURNISHED is in. lined: with the clinics' files."""
        clock = ManualClock()
        database = Database(database_url, budget_seconds=None)
        app = Flask("an app with a desk", static_folder=None)
        app.config["SECRET_KEY"] = "a key that signs cookies in tests"
        attach(
            app,
            recordings=NO_CARRIER,
            wordings=wordings(database) if lined else Wordings({}, database),
            database=database,
            clock=clock,
            secure_cookies=secure_cookies,
            link_base=LINK_BASE,
        )
        return cls(database, clock, app)

    def book(
        self,
        name: str | None,
        local: datetime,
        *,
        clinic_id: str = OURS,
        born: date = date(1961, 3, 4),
        phone: str = "+15125550142",
        channel: str = "phone",
    ) -> Visit:
        """A visit that starts at `local`, by the clinic's clock, held and booked as a call does."""
        now, starts_at = self.clock(), local.replace(tzinfo=ZONE)

        def work(session: Session) -> Visit:
            slots = booking.find_slots(
                session,
                clinic_id=clinic_id,
                visit_type_key="consultation",
                now=now,
                after=starts_at - LENGTH,
                limit=1,
            )
            assert slots[0].starts_at == starts_at, (
                f"{starts_at} is not free, {slots[0].starts_at} is"
            )
            kept = booking.hold(
                session, slot=slots[0], holder="CA-test", now=now, ttl=timedelta(minutes=2)
            )
            request = Request("CA-test", Channel(channel), now, f"{clinic_id} {local}")
            patient = patients.register_patient(
                session,
                clinic_id=clinic_id,
                name=name,
                date_of_birth=born,
                phone=phone,
                language="en",
                request=request,
            )
            return booking.book_hold(
                session,
                clinic_id=clinic_id,
                hold_id=kept.id,
                patient_id=patient.id,
                callback_number=phone,
                request=request,
            )

        return self.database.write(work)

    def open_ticket(self, call_sid: str = "CA-urgent", *, clinic_id: str = OURS) -> int:
        """An urgent call that nobody has accepted; returns the number people quote."""
        return self.database.write(
            lambda s: (
                tickets.open_ticket(
                    s,
                    clinic_id=clinic_id,
                    call_sid=call_sid,
                    callback_number=TICKET_CALLER,
                    language="en",
                    link_base="https://line.example",
                    now=self.clock(),
                ).number
            )
        )

    def attempt(self, login: str, source: Source) -> datetime | None:
        """Count an attempt to sign in; until when it is refused, if it is."""
        return self.database.write(
            lambda s: throttle.admit(s, login=login, source=source, now=self.clock())
        )

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """What is stored, in plain SQL."""
        with self.database.engine.connect() as connection:
            return [dict(row) for row in connection.execute(text(statement), values).mappings()]

    def client(self) -> FlaskClient:
        """A browser that has never been here."""
        return self.app.test_client()

    def signed_in(self, login: str = "rosa") -> FlaskClient:
        """A browser in which this person has signed in."""
        client = self.client()
        answer = log_in(client, login)
        assert answer.status_code == 303, answer.text
        return client


def csrf_token(
    client: FlaskClient, path: str = "/frontdesk/login", *, base_url: str | None = None
) -> str:
    """The token in a page's first form."""
    page = client.get(path, base_url=base_url).text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, f"{path} has no form"
    return found[1]


def log_in(
    client: FlaskClient,
    login: str,
    password: str = PASSWORD,
    *,
    address: str = "192.0.2.10",
    following: str = "",
    base_url: str | None = None,
) -> TestResponse:
    """Fill in the log-in form and send it."""
    form = {
        "login": login,
        "password": password,
        "next": following,
        "csrf_token": csrf_token(client, base_url=base_url),
    }
    return client.post(
        "/frontdesk/login",
        data=form,
        base_url=base_url,
        headers={"Referer": f"{base_url}/frontdesk/login"} if base_url else {},
        environ_overrides={"REMOTE_ADDR": address},
    )


def version_of(page: str) -> str:
    """The version that the board's page would send with its next poll."""
    found = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert found, "the page has no version"
    return found[1]
