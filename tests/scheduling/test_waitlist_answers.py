"""What becomes of an offer: accepted, declined or lapsed; and who gets the time then."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from scheduling import agenda, booking, directory
from scheduling.errors import (
    KeyReused,
    NotBookable,
    PatientBusy,
    Refusal,
    WaitlistOfferGone,
)
from scheduling.waitlist import answering
from scheduling.waitlist.offering import OFFER_TTL
from tests.scheduling.sample import CLINIC, NOW, WITH_REFILLS, at, hold, offered, request
from tests.scheduling.stored_time import overlaps, stray_granules
from tests.scheduling.waiting_line import LAPSED, TWO_DOCTORS, Line

if TYPE_CHECKING:
    from scheduling.database import Database
    from scheduling.tables import WaitlistEntry


@pytest.fixture
def line(database: Database) -> Line:
    """A clinic for consultations and refills, where nobody waits yet."""
    database.write(lambda session: directory.load_clinic(session, WITH_REFILLS))
    return Line(database)


@pytest.fixture
def ann(line: Line) -> WaitlistEntry:
    """Ann has just been offered Tuesday 1 December, 8:00 to 9:00; Ben is next in line."""
    visit = line.visit(line.person("Zoe"), at(8))
    entry = line.newcomer("Ann")
    line.newcomer("Ben")
    line.cancels(visit)
    return entry


def starts_free(database: Database) -> list[object]:
    """When a caller could come, the next three times."""
    slots = database.read(lambda session: offered(session, after=at(0)))
    return [slot.starts_at for slot in slots]


def test_an_accepted_offer_becomes_a_visit_once(
    database: Database, line: Line, ann: WaitlistEntry
) -> None:
    offer = line.offer()
    visit = line.accepts(offer, "yes")
    assert (visit.patient_id, visit.starts_at, visit.status) == (ann.patient_id, at(8), "booked")
    assert line.status(ann) == "booked"
    assert line.accepts(offer, "yes", now=at(12)).id == visit.id
    with pytest.raises(WaitlistOfferGone):
        line.accepts(offer, "another yes")
    with pytest.raises(WaitlistOfferGone):
        line.declines(offer, "no")
    with pytest.raises(KeyReused):
        line.declines(offer, "yes")
    assert line.told() == [("Ann", at(8), "accepted")]
    assert database.read(stray_granules) == []


def test_a_declined_time_goes_to_the_next_and_never_back(
    database: Database, line: Line, ann: WaitlistEntry
) -> None:
    first = line.offer()
    line.declines(first, "no")
    line.declines(first, "no", now=at(7))
    assert line.told() == [("Ann", at(8), "declined"), ("Ben", at(8), "open")]
    assert line.status(ann) == "waiting"
    line.declines(line.offer(), "nor me")
    assert [status for _, _, status in line.told()] == ["declined", "declined"]
    assert starts_free(database)[0] == at(8)


def test_who_declines_keeps_their_place_for_another_time(line: Line, ann: WaitlistEntry) -> None:
    line.declines(line.offer())
    line.cancels(line.visit(line.person("Yan"), at(9)))
    assert line.told()[-1] == ("Ann", at(9), "open")


def test_an_unanswered_offer_goes_to_the_next_when_its_time_is_over(
    line: Line, ann: WaitlistEntry
) -> None:
    offer = line.offer()
    assert line.settles(LAPSED - timedelta(seconds=1)) == []
    (settled,) = line.settles(LAPSED)
    assert (settled.lapsed.id, settled.lapsed.status) == (offer.id, "lapsed")
    assert settled.next_offer is not None
    assert settled.next_offer.expires_at == LAPSED + OFFER_TTL
    assert line.told() == [("Ann", at(8), "lapsed"), ("Ben", at(8), "open")]
    assert line.status(ann) == "waiting"
    assert line.settles(LAPSED) == []
    (last,) = line.settles(LAPSED + OFFER_TTL)
    assert last.next_offer is None


def test_an_offer_can_be_accepted_late_until_it_is_passed_on(
    line: Line, ann: WaitlistEntry
) -> None:
    assert line.accepts(line.offer(), now=LAPSED + timedelta(hours=1)).starts_at == at(8)
    assert line.settles(LAPSED + timedelta(hours=2)) == []


def test_an_offer_that_was_passed_on_cannot_be_accepted(line: Line, ann: WaitlistEntry) -> None:
    offer = line.offer()
    line.settles()
    with pytest.raises(WaitlistOfferGone):
        line.accepts(offer, now=LAPSED)


def test_an_offer_whose_time_a_caller_got_when_it_lapsed_cannot_be_accepted(
    database: Database, line: Line, ann: WaitlistEntry
) -> None:
    slot = database.read(lambda session: offered(session, now=LAPSED, after=at(0), limit=1))[0]
    assert slot.starts_at == at(8)
    database.write(partial(hold, slot=slot, holder="a caller", now=LAPSED))
    with pytest.raises(WaitlistOfferGone):
        line.accepts(line.offer(), now=LAPSED)
    (settled,) = line.settles()
    assert settled.next_offer is None
    assert line.status(ann) == "waiting"


def test_an_offer_whose_time_is_free_again_can_still_be_accepted(
    database: Database, line: Line, ann: WaitlistEntry
) -> None:
    """A caller got it when it lapsed, and hung up."""
    slot = database.read(lambda session: offered(session, now=LAPSED, after=at(0), limit=1))[0]
    database.write(partial(hold, slot=slot, holder="a caller", now=LAPSED))
    database.write(partial(booking.release_holds, clinic_id=CLINIC, holder="a caller"))
    assert line.accepts(line.offer(), now=LAPSED).starts_at == at(8)


def test_moving_a_visit_earlier_gives_its_old_time_to_the_next_in_line(
    database: Database, line: Line
) -> None:
    names = ("Ann", "Ben", "Cal")
    people = {name: line.person(name) for name in names}
    days = dict(zip(names, (4, 8, 10), strict=True))
    booked = {name: line.visit(people[name], at(8, day=days[name])) for name in names}
    entries = [line.joins(people[name], visit=booked[name]) for name in names]
    line.cancels(line.visit(line.person("Zoe"), at(8)))
    for number, name in enumerate(names):
        moved = line.accepts(line.offer(), name)
        assert (moved.id, moved.patient_id) == (booked[name].id, entries[number].patient_id)
    assert line.told() == [
        ("Ann", at(8), "accepted"),
        ("Ben", at(8, day=4), "accepted"),
        ("Cal", at(8, day=8), "accepted"),
    ]
    assert [line.status(entry) for entry in entries] == ["booked"] * 3
    assert database.read(overlaps) == []
    assert database.read(stray_granules) == []


def test_a_visit_can_move_to_a_time_that_overlaps_its_own(database: Database, line: Line) -> None:
    """From 9:00 with Doctor Baker to 8:30 with Doctor Fura."""
    database.write(lambda session: directory.load_clinic(session, TWO_DOCTORS))
    who = line.person("Ann")
    own = line.visit(who, at(9))
    line.joins(who, visit=own)
    line.cancels(line.visit(line.person("Zoe"), at(8, 30)))
    moved = line.accepts(line.offer())
    assert (moved.id, moved.starts_at) == (own.id, at(8, 30))
    assert moved.provider_id != own.provider_id
    assert database.read(stray_granules) == []


def test_a_visit_given_up_meanwhile_is_not_moved_but_booked_anew(line: Line) -> None:
    who = line.person("Ann")
    own = line.visit(who, at(8, day=4))
    line.joins(who, visit=own)
    line.cancels(line.visit(line.person("Zoe"), at(8)))
    line.cancels(own)
    visit = line.accepts(line.offer())
    assert visit.id != own.id
    assert (visit.patient_id, visit.starts_at) == (who.id, at(8))


def test_what_is_left_of_the_freed_time_goes_to_the_next(line: Line) -> None:
    visit = line.visit(line.person("Zoe"), at(8, day=4))
    for name in ("Ann", "Ben"):
        who = line.person(name)
        line.pump(who, date(2026, 12, 17))
        line.joins(who, visit_type_key="refill")
    line.cancels(visit)
    assert line.told() == [("Ann", at(8, day=4), "open")]
    line.accepts(line.offer())
    assert line.told()[1:] == [("Ben", at(8, 30, day=4), "open")]


def test_an_overdue_refill_is_accepted_by_the_desk_alone(line: Line) -> None:
    visit = line.visit(line.person("Zoe"), at(8))
    who = line.person("Ann")
    line.pump(who, date(2026, 12, 5))
    line.joins(who, visit_type_key="refill")
    line.cancels(visit)
    with pytest.raises(NotBookable) as refused:
        line.accepts(line.offer(), "by phone")
    assert refused.value.reason is Refusal.REFILL_OVERDUE
    assert line.accepts(line.offer(), "by the desk", staff=True).starts_at == at(8)


def test_an_offer_stays_open_for_somebody_who_has_to_give_up_another_visit_first(
    database: Database, line: Line, ann: WaitlistEntry
) -> None:
    database.write(lambda session: directory.load_clinic(session, TWO_DOCTORS))
    other = line.visit(line.record(ann.patient_id), at(8))
    with pytest.raises(PatientBusy):
        line.accepts(line.offer())
    offer = line.offer()
    line.cancels(other)
    assert line.accepts(offer).starts_at == at(8)


def test_nobody_answers_an_offer_that_was_never_made(database: Database, line: Line) -> None:
    for answer in (answering.decline, partial(answering.accept, callback_number=None)):
        with pytest.raises(WaitlistOfferGone):
            database.write(partial(answer, clinic_id=CLINIC, offer_id=uuid4(), request=request()))


def test_every_answer_is_a_sign_to_open_boards(
    database: Database, line: Line, ann: WaitlistEntry
) -> None:
    seen = [database.read(lambda session: agenda.version(session, CLINIC))]

    def is_seen() -> bool:
        seen.append(database.read(lambda session: agenda.version(session, CLINIC)))
        return seen[-1] > seen[-2]

    line.declines(line.offer())
    assert is_seen()
    line.settles(NOW)
    assert not is_seen()
    line.settles(LAPSED)
    assert is_seen()
