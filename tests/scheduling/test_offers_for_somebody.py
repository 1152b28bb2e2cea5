"""What is offered to one patient: as they wish, around their own visits, within their refill."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from scheduling import booking, directory, pumps
from scheduling.definition import (
    ClosureDefinition,
    ExtraSessionDefinition,
    ProviderDefinition,
    RoomDefinition,
)
from scheduling.errors import InvalidInput, NotBookable, Refusal
from scheduling.offers import rule_for
from scheduling.policy import BookedBy
from scheduling.preferences import DayPart, Wishes
from scheduling.tables import Provider, Room
from tests.scheduling.sample import (
    CLINIC,
    CONSULTATION,
    DEFINITION,
    MORNINGS,
    NOW,
    REFILL,
    TTL,
    TWO_PROVIDERS_ONE_ROOM,
    WITH_REFILLS,
    at,
    book_first_free,
    by_desk,
    hold,
    offered,
    patient,
    request,
    starts_of,
)

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.definition import ClinicDefinition
    from scheduling.slots import Slot

ALL_DAY = tuple(replace(one, closes=one.closes.replace(hour=18)) for one in MORNINGS)
OPEN_LONG = replace(DEFINITION, providers=(ProviderDefinition("fura", "Doctor Fura", ALL_DAY),))


def load(database: Database, definition: ClinicDefinition) -> None:
    database.write(lambda session: directory.load_clinic(session, definition))


def find(database: Database, **asked: object) -> list[Slot]:
    return database.read(lambda session: offered(session, **{"after": at(0), **asked}))


@pytest.mark.parametrize(
    ("part", "first"),
    [(DayPart.MORNING, at(8)), (DayPart.AFTERNOON, at(12)), (DayPart.EVENING, at(17))],
)
def test_a_wished_part_of_the_day_is_offered(
    database: Database, part: DayPart, first: datetime
) -> None:
    load(database, OPEN_LONG)
    slots = find(database, wishes=Wishes(part), limit=20)
    assert slots[0].starts_at == first
    hours = {slot.starts_at.hour - 6 for slot in slots}
    assert hours <= set({1: range(8, 12), 2: range(12, 17), 4: (17,)}[part.value])


def test_a_wished_weekday_and_a_wished_week_are_offered(database: Database) -> None:
    thursdays = find(database, wishes=Wishes(weekdays=frozenset({3})), limit=5)
    assert starts_of(thursdays) == [*(at(hour, day=3) for hour in (8, 9, 10, 11)), at(8, day=10)]
    week = Wishes(from_on=date(2026, 12, 8), until_on=date(2026, 12, 9))
    assert {slot.starts_at.day for slot in find(database, wishes=week, limit=50)} == {8, 9}


def test_a_wished_provider_is_offered_and_nobody_else(database: Database) -> None:
    load(database, TWO_PROVIDERS_ONE_ROOM)
    baker = database.read(
        lambda session: session.scalar(select(Provider.id).where(Provider.key == "baker"))
    )
    slots = find(database, wishes=Wishes(provider_id=baker), limit=8)
    assert {slot.provider_name for slot in slots} == {"Doctor Baker"}


def test_a_visit_type_is_offered_with_those_whom_it_names(database: Database) -> None:
    named = replace(CONSULTATION, needs_room=True, providers=("baker",), rooms=("two",))
    rooms = (RoomDefinition("one", "Room One"), RoomDefinition("two", "Room Two"))
    load(database, replace(TWO_PROVIDERS_ONE_ROOM, rooms=rooms, visit_types=(named,)))
    two = database.read(lambda session: session.scalar(select(Room.id).where(Room.key == "two")))
    slots = find(database, limit=8)
    assert {(slot.provider_name, slot.room_id) for slot in slots} == {("Doctor Baker", two)}
    adams = database.read(
        lambda session: session.scalars(select(Provider.id).where(Provider.key == "adams")).one()
    )
    elsewhere = replace(slots[0], provider_id=adams)
    with pytest.raises(NotBookable) as refused:
        database.write(lambda session: hold(session, elsewhere))
    assert refused.value.reason is Refusal.NOT_OFFERED


def test_a_closed_room_is_not_used_and_an_extra_session_of_it_is(database: Database) -> None:
    with_room = replace(TWO_PROVIDERS_ONE_ROOM, closures=(closed_room(at(8), at(10)),))
    load(database, with_room)
    assert find(database, limit=1)[0].starts_at == at(10)

    early = replace(
        TWO_PROVIDERS_ONE_ROOM,
        rooms=(RoomDefinition("one", "Room One", MORNINGS[1:2]),),
        extra_sessions=(ExtraSessionDefinition(at(8, day=2), at(9, day=2), room_key="one"),),
    )
    load(database, early)
    # Tuesdays are the room's own hours; on Wednesday the 2nd there is one hour more.
    assert starts_of(find(database, limit=4)) == [at(10), at(11), at(8, day=2), at(8, day=8)]


def test_a_visit_for_those_whom_the_clinic_knows_is_not_offered_to_a_newcomer(
    database: Database,
) -> None:
    known_only = replace(CONSULTATION, booked_by=BookedBy.EXISTING_PATIENTS)
    load(database, replace(DEFINITION, visit_types=(known_only,)))
    newcomer = database.write(patient)
    assert find(database)
    assert find(database, patient_id=newcomer.id) == []


@pytest.mark.parametrize(
    ("wishes", "first"),
    [
        (Wishes(from_on=date.min, until_on=date.max), [at(8)]),
        (Wishes(from_on=date.max), []),
        (Wishes(until_on=date.min), []),
    ],
)
def test_a_wish_may_reach_to_the_ends_of_the_calendar(
    database: Database, wishes: Wishes, first: list[datetime]
) -> None:
    assert starts_of(find(database, wishes=wishes, limit=1)) == first


def closed_room(start: datetime, end: datetime) -> ClosureDefinition:
    return ClosureDefinition(start, end, "repairs", room_key="one")


def test_a_patient_is_not_offered_the_time_of_their_own_visits(database: Database) -> None:
    two = (*DEFINITION.providers, replace(DEFINITION.providers[0], key="adams"))
    load(database, replace(DEFINITION, providers=two))
    visit = database.write(partial(book_first_free, after=at(0)))
    assert find(database, limit=1)[0].starts_at == at(8)
    assert find(database, limit=1, patient_id=visit.patient_id)[0].starts_at == at(9)
    moving = find(database, limit=1, patient_id=visit.patient_id, moving=visit.id)
    assert moving[0].starts_at == at(8)


def with_pump(database: Database, alarm_on: date) -> UUID:
    """Ann Lee, with a pump that alarms then; margin 7 days, preparation 3, window 21."""
    load(database, WITH_REFILLS)

    def work(session: Session) -> UUID:
        who = patient(session)
        pumps.register_pump(
            session,
            clinic_id=CLINIC,
            patient_id=who.id,
            alarm_on=alarm_on,
            stable_until=None,
            filled_on=None,
            label=None,
            request=by_desk("pump"),
        )
        return who.id

    return database.write(work)


def refills(database: Database, who: UUID | None, **asked: object) -> list[Slot]:
    return database.read(
        lambda session: offered(
            session, visit_type_key="refill", patient_id=who, **{"limit": 200, **asked}
        )
    )


def test_a_refill_is_offered_from_when_it_can_be_prepared_until_it_is_due(
    database: Database,
) -> None:
    # Alarm on 18 December, less 7 days: due on Friday 11 December. Today is Monday 30 November,
    # and 3 days of preparation lead to Thursday 3 December.
    who = with_pump(database, date(2026, 12, 18))
    days = {slot.starts_at.date() for slot in refills(database, who)}
    assert (min(days), max(days)) == (date(2026, 12, 3), date(2026, 12, 11))


def test_a_refill_is_not_offered_before_its_window_opens(database: Database) -> None:
    # Alarm on 31 January, due on 24 January, and 21 days before that is Sunday 3 January.
    who = with_pump(database, date(2027, 1, 31))
    days = {slot.starts_at.date() for slot in refills(database, who)}
    assert (min(days), max(days)) == (date(2027, 1, 4), date(2027, 1, 22))


@pytest.mark.parametrize("alarm_on", [date(2026, 12, 6), date(2026, 12, 8)])
def test_an_overdue_refill_and_one_that_cannot_be_prepared_in_time_are_for_staff(
    database: Database, alarm_on: date
) -> None:
    # Due on 29 November, which is yesterday, or on 1 December, when the drug is not ready yet.
    who = with_pump(database, alarm_on)
    assert refills(database, who) == []
    assert refills(database, who, by_staff=True)[0].starts_at == at(10, day=30, month=11)


def test_a_refill_needs_to_know_the_patient_and_their_pump(database: Database) -> None:
    who = with_pump(database, date(2026, 12, 18))
    with pytest.raises(InvalidInput, match="to whom"):
        refills(database, None)
    other = database.write(partial(patient, phone="+15125550177"))
    assert refills(database, other.id) == []
    assert refills(database, other.id, by_staff=True) == []
    slot = refills(database, who)[0]
    kept = database.write(partial(hold, slot=slot))
    with pytest.raises(NotBookable) as refused:
        database.write(
            lambda session: booking.book_hold(
                session,
                clinic_id=CLINIC,
                hold_id=kept.id,
                patient_id=other.id,
                callback_number=None,
                request=request(),
            )
        )
    assert refused.value.reason is Refusal.NO_PUMP


def test_what_is_offered_can_be_stored_and_nothing_else_can(database: Database) -> None:
    """Every quarter of an hour for three weeks, by the rule that stores and by the one that offers.

    Offers are taken one a search, so that none hides behind the one before it.
    """
    who = with_pump(database, date(2026, 12, 18))
    database.write(partial(book_first_free, after=at(0, day=7)))
    some = refills(database, who)[0]
    rule = database.read(partial(rule_for, slot=some))
    offered_starts = set()
    earliest = NOW - REFILL_LENGTH
    while slots := refills(database, who, after=earliest, limit=1):
        offered_starts.add(slots[0].starts_at)
        earliest = slots[0].starts_at + timedelta(minutes=15) - REFILL_LENGTH
    stored = set()

    def try_all(session: Session) -> None:
        rule = rule_for(session, some)
        for quarter in range(4 * 24 * 21):
            start = NOW + timedelta(minutes=15 * quarter)
            slot = replace(some, starts_at=start, ends_at=start + REFILL_LENGTH)
            if rule.refusal(session, slot, NOW) is None and not rule.refusal_of_patient(
                session, slot, who, now=NOW, by_staff=False
            ):
                stored.add(start)

    database.read(try_all)
    assert rule.shape.whole == REFILL_LENGTH
    taken = {at(7, 45, day=7) + timedelta(minutes=15 * n) for n in range(5)}
    assert stored - taken == offered_starts
    assert len(stored & taken) == 4


REFILL_LENGTH = timedelta(minutes=REFILL.duration_minutes)


def test_a_hold_is_only_for_its_own_time(database: Database) -> None:
    slot = find(database, limit=1)[0]
    database.write(lambda session: booking.hold(session, slot=slot, holder="CA1", now=NOW, ttl=TTL))
    assert find(database, limit=1)[0].starts_at == at(9)
