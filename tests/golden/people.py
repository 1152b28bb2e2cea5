"""Who and what a page can be given, beside the demo clinic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from ivr.oncall import pins
from tests.calls.on_file import File, austin
from tests.calls.town import Town

THURSDAY = date(2026, 12, 3)
FRIDAY = date(2026, 12, 4)
TODAY = date(2026, 11, 23)


def _visit(town: Town) -> None:
    File.of(town).visit(austin(FRIDAY, 9))


def _visit_today(town: Town) -> None:
    File.of(town).visit_today(austin(TODAY, 11))


def _held_time(town: Town) -> None:
    maria = File.of(town)
    maria.waits(maria.visit(austin(THURSDAY, 9)), THURSDAY)
    other = File.of(town, "Jo Ann Smith", born=date(1950, 5, 6), phone="+15125550161")
    other.desk_cancels(other.visit(austin(date(2026, 11, 25), 9)))


def _refill_due(town: Town) -> None:
    File.of(town).pump(date(2026, 12, 14))


def _refill_overdue(town: Town) -> None:
    File.of(town).pump(date(2026, 11, 27))


def _refill_booked(town: Town) -> None:
    file = File.of(town)
    file.visit(austin(date(2026, 12, 1), 9), pump=file.pump(date(2026, 12, 14)))


def _pin(town: Town) -> None:
    pin_hash = pins.hashed("294617")
    town.product.database.write(
        lambda session: pins.set_pin(
            session,
            clinic_id="demo",
            person_key="ana-ruiz",
            pin_hash=pin_hash,
            now=town.product.clock(),
        )
    )


GIVEN: Mapping[str, Callable[[Town], object]] = {
    "Maria Gonzalez, born March 4, 1940, on file with 512 555 0160": File.of,
    "Maria Gonzalez, with a visit on December 4 at 9": _visit,
    "Maria Gonzalez, for whom a sooner time than December 3 is held until 10:15": _held_time,
    "Maria Gonzalez, with a visit today at 11": _visit_today,
    "Maria Gonzalez, whose refill is due on December 7": _refill_due,
    "Maria Gonzalez, whose refill was due on November 20": _refill_overdue,
    "Maria Gonzalez, whose refill is booked on December 1 at 9": _refill_booked,
    "the nurse, with the PIN 294617": _pin,
}
"""A sentence of a page -> what it stores."""
