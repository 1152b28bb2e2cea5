"""Which slots a caller hears: the next free ones, each a different time to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from scheduling import directory
from scheduling.definition import ClosureDefinition, ProviderDefinition, WeeklyHoursDefinition
from scheduling.errors import InvalidInput, NotBookable, Refusal, UnknownClinic, UnknownVisitType
from scheduling.slots import Slot
from scheduling.tables import ExtraSession
from tests.scheduling.sample import (
    CONSULTATION,
    DEFINITION,
    MORNINGS,
    NOW,
    TWO_PROVIDERS_ONE_ROOM,
    at,
    book,
    book_first_free,
    hold,
    offered,
    patient,
    starts_of,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.definition import ClinicDefinition, VisitTypeDefinition


def offered_at(database: Database, definition: ClinicDefinition, **asked: object) -> list[Slot]:
    """What is offered once the clinic is as `definition` says."""
    database.write(lambda session: directory.load_clinic(session, definition))
    return database.read(lambda session: offered(session, **asked))


def with_type(**changed: object) -> ClinicDefinition:
    """The sample clinic with another kind of consultation."""
    visit_type: VisitTypeDefinition = replace(CONSULTATION, **changed)  # type: ignore[arg-type]  # names are the caller's
    return replace(DEFINITION, visit_types=(visit_type,))


def test_the_next_free_slots_come_first_and_do_not_overlap(database: Database) -> None:
    slots = database.read(offered)
    assert starts_of(slots) == [at(10, day=30, month=11), at(11, day=30, month=11), at(8)]


def test_asking_for_more_goes_on_where_the_last_list_ended(database: Database) -> None:
    first = database.read(offered)
    more = database.read(lambda session: offered(session, after=first[-1].starts_at))
    assert first + more == database.read(lambda session: offered(session, limit=6))


def test_a_booked_time_is_offered_to_nobody(database: Database) -> None:
    database.write(book_first_free)
    assert starts_of(database.read(offered)) == [at(11, day=30, month=11), at(8), at(9)]


def test_a_held_time_is_offered_to_nobody_until_it_runs_out(database: Database) -> None:
    slots = database.read(offered)
    kept = database.write(lambda session: hold(session, slots[0]))
    assert database.read(offered)[0] == slots[1]
    assert database.read(lambda session: offered(session, now=kept.expires_at))[0].starts_at == (
        # The hold is gone but so are two of the minutes: the next quarter hour is the next start.
        slots[0].starts_at + timedelta(minutes=15)
    )


def test_buffers_keep_visits_apart_and_stay_within_hours(database: Database) -> None:
    definition = with_type(buffer_before_minutes=15, buffer_after_minutes=30)
    slots = offered_at(database, definition, after=at(0), limit=3)
    assert starts_of(slots) == [at(8, 15), at(10), at(8, 15, day=2)]


def test_a_visit_of_odd_minutes_keeps_whole_granules_and_can_be_held(database: Database) -> None:
    definition = with_type(
        duration_minutes=17, buffer_before_minutes=7, buffer_after_minutes=8, horizon_days=1
    )
    database.write(lambda session: directory.load_clinic(session, definition))
    held: list[datetime] = []
    while slots := database.read(lambda session: offered(session, after=at(0), limit=1)):
        database.write(partial(hold, slot=slots[0], holder=f"{len(held)}"))
        held += starts_of(slots)
    # From 8:08 to 8:40, from 8:53 to 9:25, and so on.
    assert held == [at(8, 15), at(9), at(9, 45), at(10, 30), at(11, 15)]


def test_a_start_needs_the_visit_types_notice(database: Database) -> None:
    slots = offered_at(database, with_type(notice_minutes=61), limit=1)
    assert starts_of(slots) == [at(8)]
    slots = offered_at(database, with_type(notice_minutes=60), limit=1)
    assert starts_of(slots) == [at(11, day=30, month=11)]


def test_nothing_is_offered_beyond_the_horizon(database: Database) -> None:
    slots = offered_at(database, with_type(horizon_days=1), limit=99)
    assert starts_of(slots)[-1] == at(11)


def test_a_full_book_up_to_the_horizon_offers_nothing(database: Database) -> None:
    database.write(lambda session: directory.load_clinic(session, with_type(horizon_days=3)))
    while database.read(offered):
        database.write(book_first_free)
    assert database.read(offered) == []


def test_a_closure_and_a_holiday_close_and_an_extra_session_opens(database: Database) -> None:
    closed = ClosureDefinition(at(8), at(10), "training")
    definition = replace(DEFINITION, closures=(closed,), holidays_region="US")
    first = offered_at(database, definition, after=at(0), limit=1)
    assert starts_of(first) == [at(10)]

    christmas = datetime(2026, 12, 25, 14, tzinfo=UTC)

    def near_christmas(session: Session) -> list[Slot]:
        return offered(session, after=christmas - timedelta(hours=10), limit=1)

    assert starts_of(database.read(near_christmas)) == [at(8, day=28)]
    provider = first[0].provider_id
    database.write(
        lambda session: session.add(
            ExtraSession(
                clinic_id="demo",
                provider_id=provider,
                starts_at=christmas,
                ends_at=christmas + timedelta(hours=2),
            )
        )
    )
    assert starts_of(database.read(near_christmas)) == [christmas]


def test_a_closure_of_one_provider_leaves_the_other(database: Database) -> None:
    closed = ClosureDefinition(at(0), at(23), "leave", provider_key="adams")
    slots = offered_at(
        database, replace(TWO_PROVIDERS_ONE_ROOM, closures=(closed,)), after=at(0), limit=4
    )
    assert {slot.provider_name for slot in slots} == {"Doctor Baker"}


def test_the_provider_with_the_emptier_day_is_offered_first(database: Database) -> None:
    definition = replace(TWO_PROVIDERS_ONE_ROOM, visit_types=(CONSULTATION,))
    database.write(lambda session: directory.load_clinic(session, definition))
    first = database.write(lambda session: book_first_free(session, after=at(0)))
    following = database.read(lambda session: offered(session, after=at(0)))
    assert [slot.provider_name for slot in following] == ["Doctor Baker"] * 3
    assert following[0].starts_at == first.starts_at


def test_one_room_is_never_offered_to_two_providers_at_once(database: Database) -> None:
    database.write(lambda session: directory.load_clinic(session, TWO_PROVIDERS_ONE_ROOM))
    booked = database.write(lambda session: book_first_free(session, after=at(0)))
    following = database.read(lambda session: offered(session, after=at(0)))
    assert booked.room_id is not None
    assert following[0].starts_at == booked.ends_at


def test_a_night_session_is_offered_on_both_sides_of_midnight(database: Database) -> None:
    nights = (WeeklyHoursDefinition(1, time(23), time(2)),)
    definition = replace(DEFINITION, providers=(ProviderDefinition("owl", "Doctor Owl", nights),))
    slots = offered_at(database, definition, limit=3)
    assert starts_of(slots) == [at(23), at(0, day=2), at(1, day=2)]


def test_the_horizon_ends_at_the_clinics_midnight_on_a_dst_day(database: Database) -> None:
    """1 November 2026 in Chicago is 25 hours long."""
    around_the_clock = tuple(WeeklyHoursDefinition(day, time(0), time(0)) for day in range(7))
    definition = replace(
        with_type(horizon_days=0),
        providers=(ProviderDefinition("fura", "Doctor Fura", around_the_clock),),
    )
    midnight = datetime(2026, 11, 1, 5, tzinfo=UTC)
    slots = offered_at(database, definition, now=midnight, limit=99)
    # The second 1:00 looks to a caller like the first and is not offered; time goes on through it.
    assert len(slots) == 24
    assert slots[-1].starts_at == datetime(2026, 11, 2, 5, tzinfo=UTC)


def test_a_slot_survives_being_kept_as_json(database: Database) -> None:
    slot = database.read(offered)[0]
    assert Slot.from_json(slot.to_json()) == slot


def test_unknown_clinics_and_visit_types_are_refused_by_name(database: Database) -> None:
    with pytest.raises(UnknownClinic, match="nowhere"):
        database.read(lambda session: offered(session, clinic_id="nowhere"))
    with pytest.raises(UnknownVisitType, match="massage"):
        database.read(lambda session: offered(session, visit_type_key="massage"))
    with pytest.raises(InvalidInput, match="limit"):
        database.read(lambda session: offered(session, limit=0))


def shifted(slot: Slot, **by: float) -> Slot:
    """The same slot at another time."""
    step = timedelta(**by)
    return replace(slot, starts_at=slot.starts_at + step, ends_at=slot.ends_at + step)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda slot: shifted(slot, minutes=5), Refusal.OUTSIDE_HOURS),
        (lambda slot: shifted(slot, hours=12), Refusal.OUTSIDE_HOURS),
        (lambda slot: shifted(slot, days=-7), Refusal.TOO_SOON),
        (lambda slot: shifted(slot, days=91), Refusal.TOO_FAR_AHEAD),
        (
            lambda slot: replace(slot, ends_at=slot.ends_at + timedelta(hours=1)),
            Refusal.WRONG_LENGTH,
        ),
        (lambda slot: replace(slot, provider_id=slot.clinic_id), Refusal.NOT_OFFERED),
        (lambda slot: replace(slot, room_id=slot.provider_id), Refusal.NOT_OFFERED),
        (lambda slot: replace(slot, visit_type_key="massage"), Refusal.NOT_OFFERED),
    ],
)
def test_what_is_never_offered_can_never_be_held(
    database: Database, change: object, reason: Refusal
) -> None:
    assert callable(change)
    slot = change(database.read(lambda session: offered(session, after=at(0)))[0])
    with pytest.raises(NotBookable) as refused:
        database.write(lambda session: hold(session, slot))
    assert refused.value.reason is reason


def test_a_room_outside_its_hours_can_be_neither_offered_nor_held(database: Database) -> None:
    fridays = tuple(one for one in MORNINGS if one.weekday == 4)
    room = replace(TWO_PROVIDERS_ONE_ROOM.rooms[0], hours=fridays)
    definition = replace(TWO_PROVIDERS_ONE_ROOM, rooms=(room,))
    slot = offered_at(database, definition, limit=1)[0]
    assert slot.starts_at.astimezone(UTC).date() == date(2026, 12, 4)
    with pytest.raises(NotBookable, match="outside opening hours"):
        database.write(lambda session: hold(session, shifted(slot, days=-1)))


def test_a_time_closed_since_it_was_held_is_not_booked(database: Database) -> None:
    slot = database.read(lambda session: offered(session, after=at(0)))[0]
    kept = database.write(lambda session: hold(session, slot))
    closed = replace(DEFINITION, closures=(ClosureDefinition(at(0), at(23), "storm"),))
    database.write(lambda session: directory.load_clinic(session, closed))
    with pytest.raises(NotBookable, match="outside opening hours"):
        database.write(lambda session: book(session, kept, patient(session)))
    assert database.read(lambda session: offered(session, now=NOW, after=at(0)))[0].starts_at == (
        at(8, day=2)
    )
