"""To whom freed time is offered: one person at a time, in order, what suits them and no more."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from scheduling import directory, patients, visits
from scheduling.database import Database
from scheduling.errors import SlotTaken
from scheduling.preferences import DayPart
from scheduling.slots import Slot
from scheduling.tables import Provider, WaitlistEntry
from scheduling.waitlist.offering import offer_freed_time
from tests.scheduling.sample import (
    CLINIC,
    NOW,
    WITH_REFILLS,
    at,
    by_desk,
    hold,
    offered,
    request,
)
from tests.scheduling.stored_time import stray_granules
from tests.scheduling.waiting_line import TWO_DOCTORS, Line

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.tables import Visit

FREED = (at(8), at(9))
OVERDUE_ALARM = date(2026, 12, 5)
"""Less the margin of 7 days: due on 28 November, two days ago."""
SOON_ALARM = date(2026, 12, 17)
"""Due on 10 December; prepared from 3 December on, three days after today."""
FAR_ALARM = date(2027, 3, 1)
"""Due on 22 February: its window of 21 days opens on 1 February."""


@pytest.fixture
def line(database: Database) -> Line:
    """A clinic for consultations and refills, where nobody waits yet."""
    database.write(lambda session: directory.load_clinic(session, WITH_REFILLS))
    return Line(database)


@pytest.fixture
def visit(line: Line) -> Visit:
    """Zoe's consultation on Tuesday 1 December, 8:00 to 9:00."""
    return line.visit(line.person("Zoe"), at(8))


def refill_on(line: Line, name: str, alarm_on: date) -> WaitlistEntry:
    """Somebody who waits to have their pump refilled."""
    who = line.person(name)
    line.pump(who, alarm_on)
    return line.joins(who, visit_type_key="refill")


def the_slot(visit: Visit) -> Slot:
    """The time that a visit had."""
    return Slot(
        clinic_id=CLINIC,
        visit_type_key="consultation",
        provider_id=visit.provider_id,
        provider_name="Doctor Fura",
        room_id=None,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
    )


def test_the_first_in_line_gets_freed_time_for_themselves_alone(
    database: Database, line: Line, visit: Visit
) -> None:
    first, second = line.newcomer("Ann"), line.newcomer("Ben")
    line.cancels(visit)
    assert line.told() == [("Ann", at(8), "open")]
    assert line.offer().expires_at == NOW + timedelta(minutes=15)
    assert (line.status(first), line.status(second)) == ("offered", "waiting")
    with pytest.raises(SlotTaken):
        database.write(partial(hold, slot=the_slot(visit), holder="Ben on the phone"))
    next_free = database.read(lambda session: offered(session, after=at(0), limit=1))
    assert next_free[0].starts_at == at(9)
    assert database.read(stray_granules) == []


def test_somebody_with_an_open_offer_gets_no_second_one(line: Line, visit: Visit) -> None:
    other = line.visit(line.person("Yan"), at(9))
    line.newcomer("Ann")
    line.newcomer("Ben")
    line.cancels(visit)
    line.cancels(other)
    assert line.told() == [("Ann", at(8), "open"), ("Ben", at(9), "open")]


def test_an_overdue_refill_is_first_and_then_a_refill_in_its_window(line: Line) -> None:
    visit = line.visit(line.person("Zoe"), at(8, day=4))
    line.newcomer("Ann")
    refill_on(line, "Far", FAR_ALARM)
    refill_on(line, "Soon", SOON_ALARM)
    refill_on(line, "Overdue", OVERDUE_ALARM)
    line.cancels(visit)
    line.declines(line.offer(), "1")
    line.declines(line.offer(), "2")
    assert line.told() == [
        ("Overdue", at(8, day=4), "declined"),
        ("Soon", at(8, day=4), "declined"),
        ("Ann", at(8, day=4), "open"),
    ]


def test_no_refill_is_offered_for_a_day_before_its_drug_is_prepared(
    line: Line, visit: Visit
) -> None:
    refill_on(line, "Soon", SOON_ALARM)
    line.newcomer("Ann")
    line.cancels(visit)
    assert line.told() == [("Ann", at(8), "open")]


def test_nobody_is_offered_what_they_did_not_ask_for(line: Line, visit: Visit) -> None:
    line.newcomer("Wednesdays", weekdays=frozenset({2}))
    line.newcomer("Afternoons", day_parts=DayPart.AFTERNOON)
    line.newcomer("Later", from_on=date(2026, 12, 2))
    line.newcomer("Today", until_on=date(2026, 11, 30))
    line.newcomer(
        "Tuesday mornings",
        weekdays=frozenset({1}),
        day_parts=DayPart.MORNING,
        from_on=date(2026, 12, 1),
        until_on=date(2026, 12, 1),
    )
    line.cancels(visit)
    assert line.told() == [("Tuesday mornings", at(8), "open")]


def test_somebody_who_wants_another_provider_is_passed_over(database: Database, line: Line) -> None:
    of_baker, of_fura = two_at_eight(database, line)
    line.newcomer("Ann", provider_id=of_baker.provider_id)
    line.newcomer("Ben")
    line.cancels(of_fura)
    line.cancels(of_baker)
    assert line.told() == [("Ben", at(8), "open"), ("Ann", at(8), "open")]
    assert [one.provider_id for one in line.offers()] == [of_fura.provider_id, of_baker.provider_id]


def two_at_eight(database: Database, line: Line) -> list[Visit]:
    """Consultations of Xia with Doctor Baker, and of Zoe with Doctor Fura."""
    database.write(lambda session: directory.load_clinic(session, TWO_DOCTORS))
    both = [line.visit(line.person(name), at(8)) for name in ("Xia", "Zoe")]
    return database.read(
        lambda session: sorted(both, key=lambda one: _name_of_provider(session, one))
    )


def _name_of_provider(session: Session, visit: Visit) -> str:
    return session.get_one(Provider, (CLINIC, visit.provider_id)).name


def test_a_visit_that_does_not_fit_into_the_freed_time_is_not_offered_it(line: Line) -> None:
    who = line.person("Zoe")
    line.pump(who, SOON_ALARM)
    refill = line.visit(who, at(8, day=4), "refill")
    line.newcomer("Ann")
    refill_on(line, "Soon", SOON_ALARM)
    line.cancels(refill)
    assert line.told() == [("Soon", at(8, day=4), "open")]


def test_only_something_earlier_is_offered_to_somebody_who_has_a_visit(
    line: Line, visit: Visit
) -> None:
    early, late = line.person("Early"), line.person("Late")
    line.joins(early, visit=line.visit(early, at(8, day=4)))
    line.joins(late, visit=line.visit(late, at(8, day=9)))
    line.cancels(line.visit(line.person("Yan"), at(9, day=4)))
    assert line.told() == [("Late", at(9, day=4), "open")]
    line.cancels(visit)
    assert line.told()[1:] == [("Early", at(8), "open")]


def test_somebody_who_has_another_visit_at_that_time_is_passed_over(
    database: Database, line: Line
) -> None:
    of_xia, of_zoe = two_at_eight(database, line)
    xia = line.record(of_xia.patient_id)
    line.pump(xia, OVERDUE_ALARM)
    line.joins(xia, visit_type_key="refill")
    line.newcomer("Ben")
    line.cancels(of_zoe)
    assert line.told() == [("Ben", at(8), "open")]


def test_who_cancels_is_not_offered_the_same_time_again(line: Line, visit: Visit) -> None:
    line.joins(line.record(visit.patient_id))
    line.cancels(visit)
    assert line.told() == []


def test_who_moves_away_is_not_offered_the_same_time_again(
    database: Database, line: Line, visit: Visit
) -> None:
    line.joins(line.record(visit.patient_id), visit=visit)
    later = database.read(lambda session: offered(session, after=at(0, day=3), limit=1))[0]
    database.write(
        lambda session: visits.reschedule(
            session, clinic_id=CLINIC, visit_id=visit.id, slot=later, request=request("move")
        )
    )
    assert line.told() == []
    line.cancels(line.visit(line.person("Yan"), at(9)))
    assert line.told() == [("Zoe", at(9), "open")]


def test_somebody_who_has_booked_meanwhile_waits_no_more_unless_they_cancel(
    line: Line, visit: Visit
) -> None:
    who = line.person("Ann")
    line.joins(who)
    own = line.visit(who, at(8, day=4))
    line.newcomer("Ben")
    line.cancels(visit)
    assert line.told() == [("Ben", at(8), "open")]
    line.cancels(own)
    line.cancels(line.visit(line.person("Yan"), at(9)))
    assert line.told()[1:] == [("Ann", at(9), "open")]


def test_who_had_a_visit_when_they_joined_waits_for_another_but_not_for_another_refill(
    line: Line,
) -> None:
    visit = line.visit(line.person("Zoe"), at(8, day=4))
    ann, ben = line.person("Ann"), line.person("Ben")
    line.pump(ben, OVERDUE_ALARM)
    line.visit(ben, at(8), "refill")
    line.visit(ann, at(9))
    line.joins(ben, visit_type_key="refill", now=NOW)
    line.joins(ann, now=NOW)
    line.cancels(visit)
    assert line.told() == [("Ann", at(8, day=4), "open")]


def test_nothing_is_offered_to_somebody_who_has_died(
    database: Database, line: Line, visit: Visit
) -> None:
    entry = line.newcomer("Ann")
    line.newcomer("Ben")
    database.write(
        lambda session: patients.update_patient(
            session,
            clinic_id=CLINIC,
            patient_id=entry.patient_id,
            request=by_desk("died"),
            deceased_on=date(2026, 11, 29),
        )
    )
    line.cancels(visit)
    assert line.told() == [("Ben", at(8), "open")]


def test_who_waited_until_yesterday_waits_no_more(line: Line, visit: Visit) -> None:
    past = line.newcomer("Ann", until_on=date(2026, 11, 29))
    today = line.newcomer("Ben", until_on=date(2026, 11, 30))
    line.cancels(visit)
    assert line.told() == []
    assert (line.status(past), line.status(today)) == ("lapsed", "waiting")


def test_who_would_move_a_visit_that_is_given_up_waits_no_more(line: Line, visit: Visit) -> None:
    who = line.person("Ann")
    own = line.visit(who, at(8, day=4))
    entry = line.joins(who, visit=own)
    line.cancels(own)
    line.cancels(visit)
    assert line.told() == []
    assert line.status(entry) == "lapsed"


def test_a_missed_visit_frees_what_can_still_be_answered_before_it_starts(
    database: Database, line: Line
) -> None:
    """At 8:05 somebody has until 8:20 to answer; 8:30 is the next quarter hour for a refill."""
    visit = line.visit(line.person("Zoe"), at(8, day=4))
    line.newcomer("Ann")
    refill_on(line, "Overdue", OVERDUE_ALARM)
    database.write(
        lambda session: visits.miss(
            session,
            clinic_id=CLINIC,
            visit_id=visit.id,
            request=by_desk("missed", now=at(8, 5, day=4)),
        )
    )
    assert line.told() == [("Overdue", at(8, 30, day=4), "open")]


def test_time_that_is_over_is_offered_to_nobody(database: Database, line: Line) -> None:
    line.newcomer("Ann")
    assert not database.write(partial(offer_freed_time, clinic_id=CLINIC, freed=FREED, now=at(9)))
    assert not database.write(
        partial(offer_freed_time, clinic_id=CLINIC, freed=FREED, now=at(8, 15))
    )
    assert database.write(partial(offer_freed_time, clinic_id=CLINIC, freed=FREED, now=at(7, 45)))
