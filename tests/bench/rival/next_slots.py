"""The rival's next three slots, timed; reads what to do as JSON, writes its figures as JSON.

It has no such function. Its page asks for the free slots of one staff member on one day, through
get_available_slots_for_staff(); so that is asked for every one of them, day by day, until three
different times to come are known: as our own list, each a whole visit after the one before.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from tests.bench.rival import project


def next_three(service: Any) -> list[datetime]:
    """The next three starts, local wall-clock times, whoever of the staff it is with."""
    services = import_module("appointment.services")
    db_helpers = import_module("appointment.utils.db_helpers")
    staff = list(project.model("StaffMember").objects.filter(services_offered=service))
    found: list[datetime] = []
    day = project.MONDAY
    for _ in range(90):
        weekday = db_helpers.get_weekday_num_from_date(day)
        free = {
            start
            for member in staff
            for start in services.get_available_slots_for_staff(
                day, member, weekday, service=service
            )
        }
        for start in sorted(free):
            if not found or start >= found[-1] + service.duration:
                found.append(start)
            if len(found) == 3:
                return found
        day += timedelta(days=1)
    return found


def main() -> None:
    """Fill the database step by step and time the question at each size."""
    asked = json.load(sys.stdin)
    project.start()
    project.create_tables()
    project.store_clinic(asked["staff"], asked["few"])
    project.store_appointments(project.ahead(asked["ahead"]))
    figures = []
    stored = 0
    for size in asked["sizes"]:
        project.store_appointments(project.past(stored, size, asked["staff"]))
        stored = size
        for name, calls in asked["calls"].items():
            service = project.model("Service").objects.get(name=name)
            slots = next_three(service)
            assert len(slots) == 3, slots
            times = []
            for _ in range(calls):
                begun = time.perf_counter()
                assert next_three(service) == slots
                times.append((time.perf_counter() - begun) * 1000)
            figures.append({"size": size, "service": name, "times": times})
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
