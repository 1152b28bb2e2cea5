"""What happens to a visit once it is booked, and what each step leaves behind."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import select

from scheduling import agenda, booking, directory, visits
from scheduling.errors import (
    IllegalStep,
    KeyReused,
    NotBookable,
    PatientBusy,
    SlotTaken,
    StaleVersion,
    TooLate,
    UnknownVisit,
    UnsuitableText,
)
from scheduling.tables import Visit, VisitEvent
from tests.scheduling.sample import (
    CLINIC,
    NOW,
    TTL,
    TWO_PROVIDERS_ONE_ROOM,
    at,
    book,
    book_first_free,
    by_desk,
    hold,
    offered,
    patient,
    request,
)
from tests.scheduling.stored_time import spans_kept, stray_granules

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.requests import Request
    from scheduling.slots import Slot


@pytest.fixture
def visit(database: Database) -> Visit:
    """A consultation on Tuesday 1 December, 8:00 to 9:00."""
    return database.write(lambda session: book_first_free(session, after=at(0)))


def do(
    database: Database, what: Callable[..., Visit], visit: Visit, by: Request, **more: object
) -> Visit:
    """One step, in a unit of work of its own."""
    return database.write(
        lambda session: what(session, clinic_id=CLINIC, visit_id=visit.id, request=by, **more)
    )


def slot_at(database: Database, start: datetime, visit: Visit | None = None) -> Slot:
    """The slot that starts then, if it is offered."""
    slots = database.read(
        lambda session: offered(
            session, after=start - timedelta(hours=1), limit=1, moving=visit and visit.id
        )
    )
    assert slots[0].starts_at == start
    return slots[0]


def history(database: Database) -> list[tuple[str, str, str]]:
    """What was done, by whom, by which way."""
    events = database.read(lambda session: session.scalars(select(VisitEvent)).all())
    events = sorted(events, key=lambda event: event.id)
    return [(event.kind, event.actor, event.channel) for event in events]


def test_a_visit_goes_from_booked_to_completed_and_its_history_says_who_did_what(
    database: Database, visit: Visit
) -> None:
    do(database, visits.confirm, visit, request("1", now=at(7)))
    do(database, visits.check_in, visit, by_desk("2", now=at(7, 55)))
    done = do(database, visits.complete, visit, by_desk("3", now=at(9)))
    assert (done.status, done.version) == ("completed", 4)
    assert history(database) == [
        ("booked", "caller", "phone"),
        ("confirmed", "caller", "phone"),
        ("checked_in", "ana", "desk"),
        ("completed", "ana", "desk"),
    ]
    assert database.read(lambda session: agenda.version(session, CLINIC)) == 4
    assert database.read(stray_granules) == []


def test_cancelling_gives_all_of_the_time_back(database: Database, visit: Visit) -> None:
    gone = do(database, visits.cancel, visit, request(), reason="feels better")
    assert gone.status == "cancelled"
    assert database.read(spans_kept) == {}
    assert slot_at(database, at(8)).starts_at == visit.starts_at
    event = database.read(lambda session: session.scalars(select(VisitEvent)).all())[-1]
    assert event.detail == {"reason": "feels better"}


def test_the_same_request_again_changes_nothing_more(database: Database, visit: Visit) -> None:
    first = do(database, visits.cancel, visit, request("once"), reason="ill")
    again = do(database, visits.cancel, visit, request("once", now=at(12)), reason="ill")
    assert (again.id, again.version) == (first.id, first.version)
    assert len(history(database)) == 2


def test_a_key_that_was_another_requests_is_refused(database: Database, visit: Visit) -> None:
    do(database, visits.confirm, visit, request("turn 7"))
    with pytest.raises(KeyReused, match="confirmed"):
        do(database, visits.cancel, visit, request("turn 7"), reason="ill")
    with pytest.raises(KeyReused):
        database.write(
            lambda session: book(
                session,
                hold(session, offered(session)[0]),
                patient(session),
                idempotency_key="turn 7",
            )
        )
    assert database.read(lambda session: session.get_one(Visit, (CLINIC, visit.id))).version == 2


def test_the_key_of_one_booking_is_not_another_bookings(database: Database) -> None:
    def twice(session: Session) -> None:
        first, second = offered(session, after=at(0), limit=2)
        book(session, hold(session, first), patient(session), idempotency_key="turn 3")
        book(session, hold(session, second), patient(session), idempotency_key="turn 3")

    with pytest.raises(KeyReused):
        database.write(twice)


def test_whoever_looked_at_an_older_version_is_told_to_look_again(
    database: Database, visit: Visit
) -> None:
    do(database, visits.confirm, visit, request("by phone"), version=1)
    with pytest.raises(StaleVersion, match="look at it again"):
        do(database, visits.cancel, visit, by_desk(), reason="ill", version=1)
    assert do(database, visits.cancel, visit, by_desk(), reason="ill", version=2).version == 3


def test_a_step_that_the_state_forbids_stores_nothing(database: Database, visit: Visit) -> None:
    do(database, visits.cancel, visit, request(), reason="ill")
    with pytest.raises(IllegalStep):
        do(database, visits.check_in, visit, by_desk(now=at(8)))
    assert len(history(database)) == 2


def test_a_patient_cannot_cancel_what_has_begun_but_the_desk_can(
    database: Database, visit: Visit
) -> None:
    with pytest.raises(TooLate):
        do(database, visits.cancel, visit, request(now=at(8)), reason="ill")
    assert (
        do(database, visits.cancel, visit, by_desk(now=at(8)), reason="ill").status == "cancelled"
    )


def test_an_unknown_visit_and_a_reason_of_ten_thousand_characters_are_refused(
    database: Database, visit: Visit
) -> None:
    with pytest.raises(UnsuitableText):
        do(database, visits.cancel, visit, request(), reason="x" * 10_000)
    visit.id = uuid4()
    with pytest.raises(UnknownVisit):
        do(database, visits.cancel, visit, request(), reason="ill")


def test_a_missed_visit_gives_its_time_back_and_a_late_patient_takes_it_again(
    database: Database, visit: Visit
) -> None:
    missed = do(database, visits.miss, visit, by_desk("1", now=at(8, 10)))
    assert (missed.status, database.read(spans_kept)) == ("no_show", {})
    late = do(database, visits.check_in, visit, by_desk("2", now=at(8, 20)))
    assert late.status == "checked_in"
    assert database.read(spans_kept) == {
        "provider": [(at(8), at(9))],
        "patient": [(at(8), at(9))],
    }


def test_a_late_patient_whose_time_is_gone_is_not_squeezed_in(
    database: Database, visit: Visit
) -> None:
    do(database, visits.miss, visit, by_desk("1", now=at(8)))
    slot = slot_at(database, at(8))
    other = partial(patient, phone="+15125550177")
    # Somebody whose clock is slow books the time that has just come free.
    database.write(lambda session: book(session, hold(session, slot), other(session)))
    with pytest.raises(SlotTaken, match="another one"):
        do(database, visits.check_in, visit, by_desk("2", now=at(8, 20)))
    stored = database.read(lambda session: session.get_one(Visit, (CLINIC, visit.id)))
    assert (stored.status, stored.version) == ("no_show", 2)
    assert database.read(stray_granules) == []


def test_a_check_in_of_the_wrong_patient_is_undone(database: Database, visit: Visit) -> None:
    do(database, visits.check_in, visit, by_desk("1", now=at(7)))
    assert do(database, visits.undo_check_in, visit, by_desk("2", now=at(7))).status == "booked"
    assert database.read(stray_granules) == []


def test_a_visit_moves_and_frees_its_old_time(database: Database, visit: Visit) -> None:
    moved = do(database, visits.reschedule, visit, request(), slot=slot_at(database, at(10)))
    assert (moved.id, moved.starts_at, moved.status) == (visit.id, at(10), "booked")
    assert database.read(spans_kept) == {
        "provider": [(at(10), at(11))],
        "patient": [(at(10), at(11))],
    }
    event = database.read(lambda session: session.scalars(select(VisitEvent)).all())[-1]
    assert (event.kind, event.detail["from"], event.detail["to"]) == (
        "rescheduled",
        at(8).isoformat(),
        at(10).isoformat(),
    )


def test_a_confirmed_visit_that_moves_has_to_be_confirmed_again(
    database: Database, visit: Visit
) -> None:
    do(database, visits.confirm, visit, request("1"))
    moved = do(database, visits.reschedule, visit, request("2"), slot=slot_at(database, at(10)))
    assert moved.status == "booked"


def test_a_visit_moves_by_less_than_its_own_length(database: Database, visit: Visit) -> None:
    half_past = slot_at(database, at(8, 30), visit)
    moved = do(database, visits.reschedule, visit, request(), slot=half_past)
    assert moved.starts_at == at(8, 30)
    assert database.read(spans_kept) == {
        "provider": [(at(8, 30), at(9, 30))],
        "patient": [(at(8, 30), at(9, 30))],
    }


def test_a_new_time_that_overlaps_the_old_one_is_held_while_the_caller_decides(
    database: Database, visit: Visit
) -> None:
    half_past = slot_at(database, at(8, 30), visit)
    kept = database.write(
        lambda session: booking.hold(
            session, slot=half_past, holder="CA1", now=NOW, ttl=TTL, moving=visit.id
        )
    )
    with pytest.raises(SlotTaken):
        database.write(lambda session: hold(session, slot_starting(session, at(9)), "CA2"))
    moved = do(
        database, visits.reschedule, visit, request(), slot=half_past, hold_id=kept.id, version=1
    )
    assert moved.starts_at == at(8, 30)
    assert database.read(stray_granules) == []
    assert set(database.read(spans_kept)) == {"provider", "patient"}


def slot_starting(session: Session, start: datetime) -> Slot:
    """A slot as somebody was offered it a while ago, free or not."""
    some = offered(session, limit=1)[0]
    return type(some)(
        some.clinic_id,
        some.visit_type_key,
        some.provider_id,
        some.provider_name,
        some.room_id,
        start,
        start + (some.ends_at - some.starts_at),
    )


def test_a_visit_stands_untouched_where_the_new_time_is_gone(
    database: Database, visit: Visit
) -> None:
    other = partial(patient, phone="+15125550177")
    at_ten = slot_at(database, at(10))
    database.write(lambda session: book(session, hold(session, at_ten), other(session)))
    before = database.read(spans_kept)
    with pytest.raises(SlotTaken, match="the visit stands") as refused:
        do(database, visits.reschedule, visit, request(), slot=at_ten)
    assert refused.value.alternatives[0].starts_at == at(11)
    stored = database.read(lambda session: session.get_one(Visit, (CLINIC, visit.id)))
    assert (stored.starts_at, stored.version, stored.status) == (at(8), 1, "booked")
    assert database.read(spans_kept) == before


def test_a_visit_stands_where_the_patient_is_elsewhere_then(database: Database) -> None:
    database.write(lambda session: directory.load_clinic(session, TWO_PROVIDERS_ONE_ROOM))
    first = database.write(lambda session: book_first_free(session, after=at(0)))
    database.write(lambda session: book_first_free(session, after=at(8)))
    # The room is free from ten on; the patient is with one provider at nine.
    free = slot_at(database, at(10))
    at_nine = type(free)(
        free.clinic_id,
        free.visit_type_key,
        free.provider_id,
        free.provider_name,
        free.room_id,
        at(9, 30),
        at(10, 30),
    )
    with pytest.raises((PatientBusy, SlotTaken)):
        do(database, visits.reschedule, first, request(), slot=at_nine)
    assert database.read(stray_granules) == []


def test_a_visit_cannot_move_to_a_time_that_is_not_offered(
    database: Database, visit: Visit
) -> None:
    at_night = database.read(lambda session: slot_starting(session, at(20)))
    with pytest.raises(NotBookable):
        do(database, visits.reschedule, visit, request(), slot=at_night)
