"""Values that refuse themselves when they are built, by name, before anything could be stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from scheduling.definition import (
    ClosureDefinition,
    ProviderDefinition,
    RoomDefinition,
    VisitTypeDefinition,
    WeeklyHoursDefinition,
)
from scheduling.errors import (
    EndBeforeStart,
    InvalidDefinition,
    InvalidInput,
    NaiveTime,
    UnknownRegion,
    UnknownZone,
    UnsuitablePhone,
    UnsuitableText,
)
from scheduling.pumps import RefillOutcome
from scheduling.slots import Slot
from tests.scheduling.bad_input.case import A_TIME, LONG, NAIVE
from tests.scheduling.sample import DEFINITION, at, offered, request

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduling.database import Database

DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("build", "error"),
    [
        (lambda: replace(DEFINITION, timezone="Mars/Base"), UnknownZone),
        (lambda: replace(DEFINITION, timezone="UTC-6"), UnknownZone),
        (lambda: replace(DEFINITION, timezone="../../etc/passwd"), UnknownZone),
        (lambda: replace(DEFINITION, timezone=""), UnknownZone),
        (lambda: replace(DEFINITION, timezone=LONG), UnknownZone),
        (lambda: replace(DEFINITION, holidays_region="US-ZZ"), UnknownRegion),
        (lambda: replace(DEFINITION, phone_number="5550100"), UnsuitablePhone),
        (lambda: replace(DEFINITION, phone_number="+15550100"), UnsuitablePhone),
        (lambda: replace(DEFINITION, name=LONG), UnsuitableText),
        (lambda: replace(DEFINITION, id=""), UnsuitableText),
        (lambda: replace(DEFINITION, id="x" * 65), UnsuitableText),
        (lambda: replace(DEFINITION, providers=DEFINITION.providers * 2), InvalidDefinition),
        (lambda: replace(DEFINITION, rooms=(RoomDefinition("one", "1"),) * 2), InvalidDefinition),
        (lambda: replace(DEFINITION, visit_types=DEFINITION.visit_types * 2), InvalidDefinition),
        (lambda: ProviderDefinition("fura", "Doctor\nFura"), UnsuitableText),
        (lambda: ProviderDefinition(LONG, "Doctor Fura"), UnsuitableText),
        (lambda: RoomDefinition("one", " "), UnsuitableText),
        (lambda: ClosureDefinition(NAIVE, at(9), "x"), NaiveTime),
        (lambda: ClosureDefinition(at(9), at(8), "x"), EndBeforeStart),
        (lambda: ClosureDefinition(at(8), at(9), LONG), UnsuitableText),
        (
            lambda: replace(
                DEFINITION, closures=(ClosureDefinition(at(8), at(9), "x", provider_key="nobody"),)
            ),
            InvalidDefinition,
        ),
        (lambda: WeeklyHoursDefinition(7, time(8), time(9)), InvalidDefinition),
        (
            lambda: WeeklyHoursDefinition(0, time(8), time(9), DAY, date(2026, 11, 30)),
            InvalidDefinition,
        ),
        (lambda: VisitTypeDefinition(LONG, 30), UnsuitableText),
        (lambda: VisitTypeDefinition("x", duration_minutes=0), InvalidDefinition),
        (lambda: VisitTypeDefinition("x", 30, buffer_after_minutes=-1), InvalidDefinition),
        (lambda: VisitTypeDefinition("x", 30, notice_minutes=-1), InvalidDefinition),
        (lambda: VisitTypeDefinition("x", 30, horizon_days=10_000), InvalidDefinition),
        (lambda: VisitTypeDefinition("x", 30, booked_by="dogs"), InvalidDefinition),  # type: ignore[arg-type]  # the mistake under test
    ],
)
def test_a_contradictory_definition_is_refused_by_name(
    build: Callable[[], object], error: type[Exception]
) -> None:
    with pytest.raises(error) as refused:
        build()
    assert type(refused.value) is error


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"actor": ""}, UnsuitableText),
        ({"actor": LONG}, UnsuitableText),
        ({"key": " "}, UnsuitableText),
        ({"key": LONG}, UnsuitableText),
        ({"key": "a\0b"}, UnsuitableText),
        ({"channel": "pigeon"}, InvalidInput),
        ({"now": NAIVE}, NaiveTime),
    ],
)
def test_a_request_that_does_not_say_who_when_or_how_is_refused(
    changed: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error) as refused:
        request(**{"key": "a request", **changed})  # type: ignore[arg-type]  # the mistake under test
    assert type(refused.value) is error


@pytest.mark.parametrize(
    ("build", "error"),
    [
        (lambda slot: replace(slot, starts_at=NAIVE), NaiveTime),
        (lambda slot: replace(slot, ends_at=NAIVE), NaiveTime),
        (lambda slot: replace(slot, ends_at=slot.starts_at), EndBeforeStart),
        (lambda slot: replace(slot, ends_at=at(0, day=1, month=11)), EndBeforeStart),
    ],
)
def test_a_slot_without_a_zone_or_a_length_is_refused(
    build: Callable[[Slot], object], error: type[Exception]
) -> None:
    slot = Slot(
        clinic_id="demo",
        visit_type_key="consultation",
        provider_id=UUID(int=2),
        provider_name="Doctor Fura",
        room_id=None,
        starts_at=at(8),
        ends_at=at(9),
    )
    with pytest.raises(error) as refused:
        build(slot)
    assert type(refused.value) is error


def test_what_the_programmer_prints_are_days_and_not_times() -> None:
    for alarm_on, stable_until in ((A_TIME, None), (DAY, A_TIME)):
        with pytest.raises(InvalidInput, match="time of day"):
            RefillOutcome(alarm_on, stable_until)


def test_29_february_is_in_the_book_in_leap_years_alone(database: Database) -> None:
    def next_day(evening: datetime) -> date:
        slots = database.read(lambda session: offered(session, now=evening, limit=1))
        return slots[0].starts_at.date()

    assert next_day(datetime(2028, 2, 28, 20, tzinfo=UTC)) == date(2028, 2, 29)
    assert next_day(datetime(2027, 2, 26, 20, tzinfo=UTC)) == date(2027, 3, 1)
