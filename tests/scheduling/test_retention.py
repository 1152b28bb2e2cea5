"""How long records are kept, and how a patient is deleted: all of them, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from scheduling import contact, merging, pumps, retention, visits
from scheduling.contact import ConsentKind
from scheduling.database import new_id
from scheduling.deletion import delete_patient, numbers_of_theirs_alone
from scheduling.errors import InvalidInput, PatientInCare, UnknownPatient
from scheduling.recall_calls import record_attempt
from scheduling.retention import may_go, past_retention
from scheduling.tables import (
    Patient,
    Pump,
    Recall,
    Visit,
    VisitType,
    WaitlistEntry,
    WaitlistOffer,
)
from tests.scheduling.old_book import ANN, BETH, PUMP, everything, imports, load
from tests.scheduling.sample import (
    CLINIC,
    NOW,
    at,
    book,
    by_desk,
    hold,
    offered,
    patient,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.database import Database

NEXT_DAY = NOW + timedelta(days=1)
NINE_YEARS_ON = NOW + relativedelta(years=9)

days = st.dates(min_value=date(1930, 1, 1), max_value=date(2060, 12, 31))


def id_of(database: Database, name: str) -> UUID:
    """The id of the patient of this name."""
    return database.read(
        lambda session: session.scalars(select(Patient.id).where(Patient.name == name)).one()
    )


def gone(database: Database, patient_id: UUID) -> dict[str, int]:
    """Delete the patient, the next day."""
    return database.write(
        lambda session: delete_patient(
            session, clinic_id=CLINIC, patient_id=patient_id, now=NEXT_DAY
        )
    )


def whose_records_may_go(database: Database, **asked: Any) -> list[UUID]:
    """Nine years later, unless asked otherwise."""
    return database.read(
        lambda session: past_retention(session, CLINIC, **{"now": NINE_YEARS_ON, **asked})
    )


# How long


@pytest.mark.parametrize(
    ("last_seen", "born", "first_day"),
    [
        (date(2020, 3, 1), date(1950, 1, 1), date(2027, 3, 2)),
        (date(2020, 2, 29), date(1950, 1, 1), date(2027, 3, 1)),
        # 17 when last seen: seven years end after the 21st birthday.
        (date(2020, 3, 1), date(2002, 6, 1), date(2027, 3, 2)),
        # 10 when last seen: kept until the 21st birthday.
        (date(2020, 3, 1), date(2010, 2, 1), date(2031, 2, 2)),
    ],
)
def test_a_record_is_kept_seven_years_and_a_minors_until_twenty_one(
    last_seen: date, born: date, first_day: date
) -> None:
    day_before = first_day - timedelta(days=1)
    assert may_go(last_seen=last_seen, born=born, today=first_day)
    assert not may_go(last_seen=last_seen, born=born, today=day_before)


@given(last_seen=days, born=days, today=days, years=st.integers(1, 30))
def test_no_record_goes_before_its_years_and_a_longer_time_lets_no_more_go(
    last_seen: date, born: date, today: date, years: int
) -> None:
    if may_go(last_seen=last_seen, born=born, today=today, years=years):
        assert today > last_seen + relativedelta(years=years)
        assert last_seen >= born + relativedelta(years=18) or today > born + relativedelta(years=21)
    else:
        assert not may_go(last_seen=last_seen, born=born, today=today, years=years + 1)


def test_a_patient_not_seen_for_seven_years_is_past_retention(database: Database) -> None:
    ann = database.write(lambda session: patient(session).id)
    last_day = NOW + relativedelta(years=7)

    assert whose_records_may_go(database, now=last_day) == []
    assert whose_records_may_go(database, now=last_day + timedelta(days=1)) == [ann]
    assert whose_records_may_go(database, years=10) == []
    assert whose_records_may_go(database, patient_id=uuid4()) == []


def test_who_has_come_back_or_is_in_care_is_not_past_retention(database: Database) -> None:
    load(database)
    people = [
        replace(ANN, line=n, name=f"Person {n}", phones=(f"+1512555012{n}",)) for n in range(4)
    ]
    people[0] = replace(people[0], pump=PUMP)
    imports(database, *people)
    six_years_ago = NINE_YEARS_ON - relativedelta(years=6)

    def come_back(session: Session) -> None:
        ids = {one.name: one.id for one in session.scalars(select(Patient))}
        contact.record_consent(
            session,
            clinic_id=CLINIC,
            patient_id=ids["Person 1"],
            kind=ConsentKind.SMS,
            granted=True,
            source="CA1",
            request=by_desk("a consent", now=six_years_ago),
        )
        slot = offered(session, now=six_years_ago, limit=1)[0]
        kept = hold(session, slot, now=six_years_ago)
        visit = book(session, kept, session.get_one(Patient, (CLINIC, ids["Person 2"])))
        visits.cancel(
            session, clinic_id=CLINIC, visit_id=visit.id, request=by_desk("no"), reason="asked"
        )

    database.write(come_back)

    assert whose_records_may_go(database) == [id_of(database, "Person 3")]


def test_no_time_at_all_is_refused(database: Database) -> None:
    with pytest.raises(InvalidInput, match="give 1 or more"):
        whose_records_may_go(database, years=0)


# Deleting


def live_a_full_life(session: Session) -> None:
    """Give Ann Lee a row in every table that can be a patient's, and end all of it."""
    ann = session.scalars(select(Patient).where(Patient.name == "Ann Lee")).one()
    contact.record_consent(
        session,
        clinic_id=CLINIC,
        patient_id=ann.id,
        kind=ConsentKind.CALL,
        granted=True,
        source="CA1",
        request=by_desk("a consent"),
    )
    first, second = offered(session, after=at(7), limit=2)
    visit = book(session, hold(session, first), ann)
    visits.check_in(
        session,
        clinic_id=CLINIC,
        visit_id=visit.id,
        request=by_desk("she is here", now=first.starts_at),
    )
    recall = session.scalars(select(Recall)).one()
    record_attempt(
        session, clinic_id=CLINIC, recall_id=recall.id, outcome="reached", request=by_desk("rang")
    )
    wait(session, ann, visit, second)
    pump = session.scalars(select(Pump)).one()
    pumps.retire_pump(
        session, clinic_id=CLINIC, pump_id=pump.id, request=by_desk("out"), version=pump.version
    )


def wait(session: Session, ann: Patient, visit: Visit, slot: Any) -> None:
    """A place on the waitlist, and an offer with its hold."""
    entry = WaitlistEntry(
        clinic_id=CLINIC,
        id=new_id(),
        patient_id=ann.id,
        visit_type_id=session.scalars(
            select(VisitType.id).where(VisitType.key == "consultation")
        ).one(),
        visit_id=visit.id,
        from_on=NOW.date(),
        until_on=NOW.date(),
        status="offered",
        joined_at=NOW,
        idempotency_key="a wish",
    )
    session.add(entry)
    session.flush()
    offer_id = new_id()
    kept = hold(session, slot, holder=f"waitlist:{offer_id}")
    session.add(
        WaitlistOffer(
            clinic_id=CLINIC,
            id=offer_id,
            entry_id=entry.id,
            hold_id=kept.id,
            provider_id=slot.provider_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            freed_from=slot.starts_at,
            freed_until=slot.ends_at,
            offered_at=NOW,
            expires_at=NOW,
        )
    )
    session.flush()


def test_everything_of_a_patient_goes_and_nothing_of_another(database: Database) -> None:
    load(database)
    imports(database, BETH)
    before = everything(database)
    imports(database, replace(ANN, pump=PUMP))
    database.write(live_a_full_life)
    touched = {
        table for table, rows in everything(database).items() if len(rows) > len(before[table])
    }

    deleted = gone(database, id_of(database, "Ann Lee"))

    assert deleted.keys() == touched
    assert touched >= {
        "hold", "occupancy", "patient", "patient_consent", "patient_event", "patient_phone",
        "pump", "recall", "recall_attempt", "visit", "visit_event", "waitlist_entry",
        "waitlist_offer",
    }  # fmt: skip
    after = everything(database)
    assert after.pop("agenda_change") != before.pop("agenda_change")
    assert after == before


def test_a_record_that_was_merged_goes_along_with_the_one_it_was_merged_into(
    database: Database,
) -> None:
    imports(database, ANN, BETH)
    ann, beth = id_of(database, "Ann Lee"), id_of(database, BETH.name)
    database.write(
        lambda session: merging.merge(
            session, clinic_id=CLINIC, keep_id=ann, merge_id=beth, request=by_desk()
        )
    )

    with pytest.raises(UnknownPatient, match=f"merged into {ann}: delete that one"):
        gone(database, beth)
    deleted = gone(database, ann)

    assert deleted["patient"] == 2
    assert database.read(lambda session: session.scalars(select(Patient)).all()) == []


@pytest.mark.parametrize("ended", [False, True])
def test_a_patient_in_care_is_not_deleted_before_that_is_ended(
    ended: bool, database: Database
) -> None:
    load(database)
    imports(database, replace(ANN, pump=PUMP))

    def book_or_end(session: Session) -> None:
        ann = session.scalars(select(Patient)).one()
        visit = book(session, hold(session, offered(session, after=NEXT_DAY, limit=1)[0]), ann)
        if ended:
            visits.cancel(
                session, clinic_id=CLINIC, visit_id=visit.id, request=by_desk("no"), reason="moved"
            )
            pump = session.scalars(select(Pump)).one()
            pumps.retire_pump(
                session, clinic_id=CLINIC, pump_id=pump.id, request=by_desk("out"), version=1
            )

    database.write(book_or_end)
    before = everything(database)
    ann = id_of(database, "Ann Lee")

    if ended:
        assert gone(database, ann)["patient"] == 1
        return
    with pytest.raises(PatientInCare) as caught:
        gone(database, ann)
    for what in ("a visit ahead (cancel it)", "an active pump (retire it)", "a recall to be done"):
        assert what in str(caught.value)
    assert everything(database) == before


def test_whom_nobody_knows_cannot_be_deleted(database: Database) -> None:
    with pytest.raises(UnknownPatient, match="look the id up again"):
        gone(database, uuid4())


def test_a_number_that_a_household_shares_is_not_theirs_alone(database: Database) -> None:
    imports(
        database,
        replace(ANN, phones=("+15125550111", "+15125550112")),
        replace(BETH, phones=("+15125550112", "+15125550113")),
    )

    theirs = database.read(
        partial(numbers_of_theirs_alone, clinic_id=CLINIC, patient_id=id_of(database, "Ann Lee"))
    )

    assert theirs == ["+15125550111"]


def test_the_default_is_what_the_rule_says() -> None:
    assert (retention.YEARS_KEPT, retention.ADULT_AT, retention.MINORS_KEPT_UNTIL) == (7, 18, 21)
