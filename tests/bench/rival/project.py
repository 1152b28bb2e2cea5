"""Starts the rival's Django project and fills its database.

Django is imported by name, because it is not there where this file is type-checked.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from importlib import import_module
from typing import Any

NOW = datetime.fromisoformat("2026-11-30T16:00:00+00:00")
"""As in tests/bench/clinic.py: Monday 30 November 2026, 10:00 in Chicago."""
MONDAY = date(2026, 11, 30)

HALF_HOURS = 16
"""Of a working day, 8:00 to 16:00: as many as our clinic's, whose lunch hour this project has no
way to leave out of a day's hours."""
CLIENTS = 8
ASKED_MINUTES = 60
"""What is asked for: our 45 minutes and the 15 of its buffer."""


def start() -> None:
    """Set Django up, with its clock stopped at NOW."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.rival.settings"
    logging.disable(logging.CRITICAL)
    timezone: Any = import_module("django.utils.timezone")
    timezone.now = lambda: NOW
    import_module("django").setup()


def model(name: str) -> Any:
    """One of the rival's models."""
    return import_module("django.apps").apps.get_model("appointment", name)


def create_tables() -> None:
    """Its tables; the package ships no migrations, so they are made from its models."""
    migrate = partial(import_module("django.core.management").call_command, "migrate", verbosity=0)
    migrate()
    migrate(run_syncdb=True)


def store_clinic(staff: int, few: int) -> None:
    """A service that all staff give, one that only the first `few` give, hours, and clients."""
    users = import_module("django.contrib.auth").get_user_model()
    # With a Config there, the rival reads it from its cache, and not from the database each time.
    model("Config").objects.create(
        slot_duration=15,
        lead_time=time(8),
        finish_time=time(16),
        appointment_buffer_time=24 * 60,
        website_name="Bench",
    )
    service = model("Service").objects
    offered = {
        name: service.create(name=name, duration=timedelta(minutes=ASKED_MINUTES), price=0)
        for name in ("by all", "by few")
    }
    for seat in range(staff):
        member = model("StaffMember").objects.create(
            user=users.objects.create(username=f"doctor{seat}", first_name=f"Doctor {seat}"),
            slot_duration=15,
        )
        member.services_offered.add(*(offered.values() if seat < few else (offered["by all"],)))
        for weekday in range(1, 6):
            model("WorkingHours").objects.create(
                staff_member=member, day_of_week=weekday, start_time=time(8), end_time=time(16)
            )
    for number in range(CLIENTS):
        users.objects.create(
            username=f"client{number}",
            first_name="Ann",
            last_name="Lee",
            email=f"client{number}@example.com",
        )


def ahead(places: Sequence[Sequence[int]]) -> Iterator[tuple[date, int, int]]:
    """Day, half hour and seat of the visits ahead, from our own (working day, nth, seat)."""
    for days_ahead, nth, seat in places:
        yield _day(days_ahead), nth, seat


def past(first: int, until: int, staff: int) -> Iterator[tuple[date, int, int]]:
    """Full days, one after the other into the past, as tests/bench/seeding.py makes them."""
    for number in range(first, until):
        days_back, nth = divmod(number // staff, HALF_HOURS)
        yield _day(-1 - days_back), nth, number % staff


def store_appointments(places: Iterator[tuple[date, int, int]]) -> None:
    """Half-hour appointments, past the models: those refuse a date in the past."""
    connection = import_module("django.db").connection
    service = model("Service").objects.get(name="by all").pk
    staff = list(model("StaffMember").objects.order_by("pk").values_list("pk", flat=True))
    number = model("AppointmentRequest").objects.count()
    stored_at = NOW.replace(tzinfo=None).isoformat(" ")
    with import_module("django.db.transaction").atomic(), connection.cursor() as cursor:
        while chunk := [place for _, place in zip(range(50_000), places, strict=False)]:
            requests, appointments = [], []
            for day, nth, seat in chunk:
                number += 1
                begins, ends = _half_hour(nth), _half_hour(nth + 1)
                requests.append(
                    (
                        number,
                        day.isoformat(),
                        begins,
                        ends,
                        service,
                        staff[seat],
                        stored_at,
                        stored_at,
                    )
                )
                appointments.append((number, number, stored_at, stored_at))
            cursor.executemany(_REQUEST, requests)
            cursor.executemany(_APPOINTMENT, appointments)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


_REQUEST = """INSERT INTO appointment_appointmentrequest (id, date, start_time, end_time,
    service_id, staff_member_id, created_at, updated_at, payment_type, id_request,
    reschedule_attempts) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'full', '', 0)"""
_APPOINTMENT = """INSERT INTO appointment_appointment (id, appointment_request_id, created_at,
    updated_at, phone, address, want_reminder, additional_info, paid, amount_to_pay, id_request)
    VALUES (%s, %s, %s, %s, '', '', false, '', false, 0, '')"""


def _day(days_ahead: int) -> date:
    weeks, weekday = divmod(days_ahead, 5)
    return MONDAY + timedelta(days=7 * weeks + weekday)


def _half_hour(nth: int) -> str:
    return f"{8 + nth // 2:02}:{30 * (nth % 2):02}:00"
