"""Hold, renew, release, book: what each does to the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from scheduling import agenda, booking, directory
from scheduling.errors import (
    HoldExpired,
    NotBookable,
    PatientBusy,
    Refusal,
    SlotTaken,
    UnknownPatient,
)
from scheduling.policy import BookedBy
from scheduling.tables import Hold, Occupancy, Visit, VisitEvent
from tests.scheduling.sample import (
    CLINIC,
    CONSULTATION,
    DEFINITION,
    MORNINGS,
    NOW,
    TTL,
    at,
    book,
    book_first_free,
    hold,
    offered,
    patient,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.slots import Slot

LATER = NOW + TTL
"""When a hold made now has just run out."""


def first_slot(database: Database) -> Slot:
    return database.read(lambda session: offered(session, after=at(0)))[0]


def granules_of(database: Database) -> dict[str, int]:
    """How many granules are kept, by kind of resource."""

    def count(session: Session) -> dict[str, int]:
        kept: dict[str, int] = {}
        for resource in session.scalars(select(Occupancy.resource)):
            kind = resource.partition(":")[0]
            kept[kind] = kept.get(kind, 0) + 1
        return kept

    return database.read(count)


def test_a_second_holder_of_the_same_slot_is_refused_with_other_times(database: Database) -> None:
    slot = first_slot(database)
    database.write(lambda session: hold(session, slot, "CA1"))
    with pytest.raises(SlotTaken) as refused:
        database.write(lambda session: hold(session, slot, "CA2"))
    assert [one.starts_at for one in refused.value.alternatives] == [at(9), at(10), at(11)]


def test_a_second_booker_of_the_same_slot_is_refused(database: Database) -> None:
    slot = first_slot(database)
    visit = database.write(lambda session: book_first_free(session, after=at(0)))
    assert visit.starts_at == slot.starts_at
    with pytest.raises(SlotTaken):
        database.write(lambda session: hold(session, slot, "CA2"))


def test_a_refused_hold_leaves_the_rest_of_the_unit_standing(database: Database) -> None:
    """ "Just taken" is an ordinary outcome: the turn that heard it is stored all the same."""
    slot = first_slot(database)
    database.write(lambda session: hold(session, slot, "CA1"))

    def turn(session: Session) -> UUID:
        with pytest.raises(SlotTaken):
            hold(session, slot, "CA2")
        return patient(session).id

    who = database.write(turn)
    assert database.read(lambda session: patient(session).id) == who


def test_a_holder_who_chooses_again_gives_up_the_first_choice(database: Database) -> None:
    first, second = database.read(lambda session: offered(session, after=at(0), limit=2))
    database.write(lambda session: hold(session, first, "CA1"))
    database.write(lambda session: hold(session, second, "CA1"))
    assert database.write(lambda session: hold(session, first, "CA2")).holder == "CA2"
    assert granules_of(database) == {"provider": 24}


def test_a_holder_may_hold_the_same_slot_again(database: Database) -> None:
    slot = first_slot(database)
    database.write(lambda session: hold(session, slot))
    database.write(lambda session: hold(session, slot))
    assert granules_of(database) == {"provider": 12}


def test_a_holder_who_is_refused_keeps_what_they_had(database: Database) -> None:
    first, second = database.read(lambda session: offered(session, after=at(0), limit=2))
    database.write(lambda session: hold(session, first, "CA1"))
    database.write(lambda session: hold(session, second, "CA2"))
    with pytest.raises(SlotTaken):
        database.write(lambda session: hold(session, second, "CA1"))
    with pytest.raises(SlotTaken):
        database.write(lambda session: hold(session, first, "CA3"))


def test_an_expired_hold_is_replaced(database: Database) -> None:
    slot = first_slot(database)
    database.write(lambda session: hold(session, slot, "CA1"))
    kept = database.write(lambda session: hold(session, slot, "CA2", now=LATER))
    assert database.read(lambda session: session.scalars(select(Hold.id)).all()) == [kept.id]


def test_a_hold_stands_until_the_moment_it_expires(database: Database) -> None:
    slot = first_slot(database)
    database.write(lambda session: hold(session, slot, "CA1"))
    with pytest.raises(SlotTaken):
        database.write(
            lambda session: hold(session, slot, "CA2", now=LATER - timedelta(microseconds=1))
        )


def test_a_renewed_hold_lasts_on(database: Database) -> None:
    slot = first_slot(database)
    database.write(lambda session: hold(session, slot, "CA1"))
    assert database.write(
        lambda session: booking.renew_hold(
            session, clinic_id=CLINIC, holder="CA1", now=LATER, ttl=TTL
        )
    )
    with pytest.raises(SlotTaken):
        database.write(lambda session: hold(session, slot, "CA2", now=LATER))


def test_there_is_nothing_to_renew_without_a_hold(database: Database) -> None:
    assert not database.write(
        lambda session: booking.renew_hold(
            session, clinic_id=CLINIC, holder="CA1", now=NOW, ttl=TTL
        )
    )


def test_hanging_up_releases_the_hold_and_all_its_granules(database: Database) -> None:
    slot = first_slot(database)
    database.write(lambda session: hold(session, slot, "CA1"))
    released = database.write(
        lambda session: booking.release_holds(session, clinic_id=CLINIC, holder="CA1")
    )
    assert released == 1
    assert granules_of(database) == {}
    assert first_slot(database) == slot


def test_housekeeping_removes_only_what_ran_out(database: Database) -> None:
    first, second = database.read(lambda session: offered(session, after=at(0), limit=2))
    database.write(lambda session: hold(session, first, "CA1"))
    database.write(lambda session: hold(session, second, "CA2", now=LATER))
    removed = database.write(
        lambda session: booking.release_expired_holds(
            session, clinic_id=CLINIC, before=LATER + timedelta(seconds=1)
        )
    )
    assert removed == 1
    assert granules_of(database) == {"provider": 12}


def test_booking_turns_the_hold_into_a_visit_and_tells_who_did_it(database: Database) -> None:
    visit = database.write(lambda session: book_first_free(session, after=at(0)))
    assert (visit.status, visit.version, visit.booked_channel) == ("booked", 1, "phone")
    assert granules_of(database) == {"provider": 12, "patient": 12}
    assert database.read(lambda session: session.scalar(select(func.count(Hold.id)))) == 0
    event = database.read(lambda session: session.scalars(select(VisitEvent)).one())
    assert (event.visit_id, event.kind, event.actor, event.channel, event.at) == (
        visit.id,
        "booked",
        "caller",
        "phone",
        NOW,
    )


def test_buffers_are_kept_from_the_provider_and_not_from_the_patient(database: Database) -> None:
    buffered = replace(CONSULTATION, buffer_before_minutes=15, buffer_after_minutes=15)
    database.write(
        lambda session: directory.load_clinic(session, replace(DEFINITION, visit_types=(buffered,)))
    )
    database.write(lambda session: book_first_free(session, after=at(0)))
    assert granules_of(database) == {"provider": 18, "patient": 12}


def test_the_same_idempotency_key_gives_the_same_visit(database: Database) -> None:
    slot = first_slot(database)
    kept = database.write(lambda session: hold(session, slot))
    who = database.write(patient)
    visits = [
        database.write(partial(book, kept=kept, who=who, now=now))
        for now in (NOW, NOW, NOW + timedelta(hours=3))
    ]
    assert len({visit.id for visit in visits}) == 1
    assert database.read(lambda session: session.scalar(select(func.count(Visit.id)))) == 1
    assert database.read(lambda session: agenda.version(session, CLINIC)) == 1


def test_an_expired_hold_that_nobody_displaced_is_booked_all_the_same(database: Database) -> None:
    slot = first_slot(database)
    kept = database.write(lambda session: hold(session, slot))
    visit = database.write(lambda session: book(session, kept, patient(session), now=LATER))
    assert visit.starts_at == slot.starts_at


def test_an_expired_hold_whose_time_is_taken_cannot_be_booked(database: Database) -> None:
    slot = first_slot(database)
    kept = database.write(lambda session: hold(session, slot, "CA1"))
    database.write(lambda session: hold(session, slot, "CA2", now=LATER))
    with pytest.raises(HoldExpired):
        database.write(lambda session: book(session, kept, patient(session), now=LATER))
    with pytest.raises(HoldExpired) as refused:
        database.write(lambda session: book(session, kept, patient(session), now=LATER, slot=slot))
    assert [one.starts_at for one in refused.value.alternatives] == [at(9), at(10), at(11)]


def test_a_vanished_hold_is_booked_where_the_time_is_free_again(database: Database) -> None:
    slot = first_slot(database)
    kept = database.write(lambda session: hold(session, slot, "CA1"))
    database.write(lambda session: booking.release_holds(session, clinic_id=CLINIC, holder="CA1"))
    visit = database.write(lambda session: book(session, kept, patient(session), slot=slot))
    assert (visit.starts_at, granules_of(database)) == (
        slot.starts_at,
        {"provider": 12, "patient": 12},
    )


def test_an_expired_hold_is_not_booked_into_the_past(database: Database) -> None:
    slot = first_slot(database)
    kept = database.write(lambda session: hold(session, slot))
    with pytest.raises(NotBookable) as refused:
        database.write(lambda session: book(session, kept, patient(session), now=at(9)))
    assert refused.value.reason is Refusal.TOO_SOON


def test_nobody_is_in_two_places_at_once(database: Database) -> None:
    two = replace(
        DEFINITION,
        providers=(*DEFINITION.providers, replace(DEFINITION.providers[0], key="adams")),
    )
    database.write(lambda session: directory.load_clinic(session, two))
    visit = database.write(lambda session: book_first_free(session, after=at(0)))
    slot = first_slot(database)
    assert slot.starts_at == visit.starts_at
    kept = database.write(lambda session: hold(session, slot))
    with pytest.raises(PatientBusy):
        database.write(lambda session: book(session, kept, patient(session)))
    assert granules_of(database) == {"provider": 24, "patient": 12}


def test_a_visit_type_for_existing_patients_refuses_a_new_one(database: Database) -> None:
    refill = replace(CONSULTATION, booked_by=BookedBy.EXISTING_PATIENTS)
    first = database.write(lambda session: book_first_free(session, after=at(0)))
    database.write(
        lambda session: directory.load_clinic(session, replace(DEFINITION, visit_types=(refill,)))
    )
    slot = first_slot(database)
    kept = database.write(lambda session: hold(session, slot))
    with pytest.raises(NotBookable) as refused:
        database.write(lambda session: book(session, kept, patient(session)))
    assert refused.value.reason is Refusal.EXISTING_PATIENTS_ONLY

    database.write(
        lambda session: session.execute(
            update(Visit).where(Visit.id == first.id).values(status="completed")
        )
    )
    assert database.write(lambda session: book(session, kept, patient(session))).version == 1


def test_a_patient_of_another_clinic_cannot_be_booked(database: Database) -> None:
    other = replace(DEFINITION, id="other", phone_number="+15125550199", desk_hours=MORNINGS)
    database.write(lambda session: directory.load_clinic(session, other))
    stranger = database.write(lambda session: patient(session, clinic_id="other"))
    slot = first_slot(database)
    kept = database.write(lambda session: hold(session, slot))
    with pytest.raises(UnknownPatient, match="register"):
        database.write(lambda session: book(session, kept, stranger))


def test_two_clinics_do_not_take_each_others_time(database: Database) -> None:
    other = replace(DEFINITION, id="other", phone_number="+15125550199")
    database.write(lambda session: directory.load_clinic(session, other))
    database.write(lambda session: book_first_free(session, after=at(0)))
    elsewhere = database.read(
        lambda session: offered(session, clinic_id="other", after=at(0), limit=1)
    )
    assert elsewhere[0].starts_at == at(8)
    assert database.read(lambda session: agenda.version(session, "other")) == 0
