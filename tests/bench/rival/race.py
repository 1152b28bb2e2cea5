"""Eight clients of the rival who want one slot at the same moment, each in a process of its own.

Each does what its pages do in a browser: asks for the free slots of the day, and where the slot is
among them, sends the form that chooses it and the form that books it. Reads how many rounds, as
JSON, and writes how many appointments each slot came to have.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date, datetime, time, timedelta
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import Any

from tests.bench.rival import project

PROCESSES = project.CLIENTS
FIRST_DAY = date(2026, 12, 2)
HOURS = range(8, 16)


def slot_of(number: int) -> datetime:
    """The slot of a round: another for each, Wednesdays to Fridays."""
    nth_day, nth_hour = divmod(number, len(HOURS))
    weeks, days = divmod(nth_day, 3)
    day = FIRST_DAY + timedelta(days=7 * weeks + days)
    return datetime.combine(day, time(HOURS[nth_hour]))


def book(client: Any, slot: datetime, staff: int, service: int) -> str:
    """What came of one client's try: booked, or not offered any more."""
    shown = client.get(
        "/ajax/available_slots/",
        {
            "selected_date": slot.date().isoformat(),
            "staff_member": staff,
            "service_id": service,
        },
        headers={"x-requested-with": "XMLHttpRequest"},
    )
    offered = {start for start, _ in shown.json()["available_slots"]}
    if slot.isoformat() not in offered:
        return "not offered"
    chosen = client.post(
        "/request-submit/",
        {
            "date": slot.date().isoformat(),
            "start_time": slot.time().isoformat(),
            "end_time": (slot + timedelta(minutes=project.ASKED_MINUTES)).time().isoformat(),
            "service": service,
            "staff_member": staff,
        },
    )
    assert chosen.status_code == 302, chosen.content[:500]
    booked = client.post(
        chosen["Location"],
        {
            "name": "Ann Lee",
            "email": "client@example.com",
            "phone_0": "US",
            "phone_1": "5125550142",
            "payment_type": "full",
        },
    )
    assert booked.status_code == 302, booked.content[:500]
    assert "thank-you" in booked["Location"], booked["Location"]
    return "booked"


def one_client(number: int, rounds: int, start_line: Barrier, outcomes: Any) -> None:
    """A process: round after round, setting off together with the others."""
    project.start()
    client, staff, service = _prepared(number)
    came: Counter[str] = Counter()
    for nth in range(rounds):
        start_line.wait(60)
        try:
            came[book(client, slot_of(nth), staff, service)] += 1
        except Exception as error:  # noqa: BLE001  # a failed try is an outcome, and is counted
            came[f"{type(error).__name__}: {error}"[:200]] += 1
    outcomes.put(came)


def at_once(rounds: int) -> Counter[str]:
    """All clients want the slot of each round at the same moment."""
    import_module("django.db").connections.close_all()
    context = get_context("spawn")
    start_line = context.Barrier(PROCESSES)
    outcomes = context.Queue()
    racers = [
        context.Process(target=one_client, args=(number, rounds, start_line, outcomes))
        for number in range(PROCESSES)
    ]
    for racer in racers:
        racer.start()
    came: Counter[str] = Counter()
    for _ in racers:
        came.update(outcomes.get(timeout=300))
    for racer in racers:
        racer.join()
    return came


def in_turn(first: int, until: int) -> Counter[str]:
    """The same tries one after the other: each slot's first client alone should get it."""
    clients = [_prepared(number) for number in range(PROCESSES)]
    return Counter(
        book(client, slot_of(nth), staff, service)
        for nth in range(first, until)
        for client, staff, service in clients
    )


def _prepared(number: int) -> tuple[Any, int, int]:
    """A client who is logged in; the one staff member; the one service."""
    users = import_module("django.contrib.auth").get_user_model()
    client = import_module("django.test").Client()
    client.force_login(users.objects.get(username=f"client{number}"))
    staff = project.model("StaffMember").objects.get().pk
    return client, staff, project.model("Service").objects.get(name="by all").pk


def _appointments(first: int, until: int) -> list[int]:
    """How many appointments each slot of these rounds has."""
    stored = project.model("Appointment").objects
    return [
        stored.filter(
            appointment_request__date=slot_of(nth).date(),
            appointment_request__start_time=slot_of(nth).time(),
        ).count()
        for nth in range(first, until)
    ]


def main() -> None:
    """Run the rounds and write what came of them."""
    asked = json.load(sys.stdin)
    rounds, until = asked["at_once"], asked["at_once"] + asked["in_turn"]
    project.start()
    project.create_tables()
    project.store_clinic(1, 1)
    hurried, patient = at_once(rounds), in_turn(rounds, until)
    figures = {
        "at_once": {"outcomes": hurried, "appointments": _appointments(0, rounds)},
        "in_turn": {"outcomes": patient, "appointments": _appointments(rounds, until)},
    }
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
