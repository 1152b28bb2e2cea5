"""A ticket is stored once per call, numbered without gaps, with its plan frozen and its pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from ivr.oncall import rota, stored_ticket
from ivr.oncall.escalation import Person
from ivr.oncall.journal import events_of
from ivr.oncall.plan import Plan
from ivr.oncall.tables import OnCallPerson, Ticket
from scheduling.database import Database
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import ANA, CLINIC, PATIENT, SAM, load_clinic, messages, open_ticket
from tests.oncall.racing import RACERS, race

STORM = 50


def test_pressing_urgent_stores_a_ticket_that_is_open_and_nobodys(database: Database) -> None:
    ticket = open_ticket(database)
    assert (ticket.number, ticket.status, ticket.category) == (1, "open", "unknown")
    assert (ticket.accepted_by, ticket.accepted_at) == (None, None)
    assert (ticket.callback_number, ticket.language) == (PATIENT, "en")
    assert ticket.opened_at == MONDAY_NIGHT


def test_pressing_it_again_in_the_same_call_gives_the_same_ticket_and_pages_nobody_twice(
    database: Database,
) -> None:
    first = open_ticket(database)
    again = open_ticket(database, now=MONDAY_NIGHT + timedelta(minutes=2))
    assert (again.id, again.number, again.opened_at) == (first.id, 1, MONDAY_NIGHT)
    assert len(messages(database)) == 2


def test_the_same_call_from_eight_processes_at_once_has_one_ticket(
    database: Database, database_url: str
) -> None:
    assert set(race(database_url, _open_the_same)) == {1}
    assert len(messages(database)) == 2
    # The losers' numbers were given back.
    assert open_ticket(database, "CA-next").number == 2


def test_a_storm_from_eight_processes_loses_no_ticket_and_gives_no_number_twice(
    database: Database, database_url: str
) -> None:
    given = [number for numbers in race(database_url, _storm) for number in numbers]
    assert sorted(given) == list(range(1, STORM + 1))
    stored = database.read(lambda session: session.scalars(select(Ticket.call_sid)).all())
    assert sorted(stored) == sorted(f"CA{call}" for call in range(STORM))
    assert len(messages(database)) == 2 * STORM


def test_each_clinic_counts_for_itself(database: Database) -> None:
    load_clinic(database, ANA, clinic_id="other")
    assert open_ticket(database, "CA1").number == 1
    assert open_ticket(database, "CA2", clinic_id="other").number == 1
    assert open_ticket(database, "CA3").number == 2


def test_everybody_on_call_is_paged_a_minute_later_with_a_link_and_nothing_of_the_patient(
    database: Database,
) -> None:
    ticket = open_ticket(database)
    pages = messages(database)
    assert [page.to_number for page in pages] == [ANA.number, SAM.number]
    for page in pages:
        assert (page.kind, page.lane, page.state) == ("page_sms", "urgent", "pending")
        assert page.subject == f"ticket:{ticket.id}"
        assert page.due_at == MONDAY_NIGHT + timedelta(seconds=60)
        assert page.body == (
            "Dr. Fura's clinic: urgent ticket 1 is waiting. "
            "https://line.example/frontdesk/tickets/1"
        )


def test_two_people_who_share_a_phone_get_one_page(database: Database) -> None:
    load_clinic(database, ANA, Person("joy", "Joy", ANA.number), clinic_id="other")
    open_ticket(database, clinic_id="other")
    assert [page.to_number for page in messages(database)] == [ANA.number]


def test_a_change_of_the_rota_does_not_change_a_running_ticket(database: Database) -> None:
    ticket = open_ticket(database)
    database.write(lambda session: rota.load_people(session, CLINIC, [SAM]))
    found = database.read(lambda session: stored_ticket.ticket(session, CLINIC, ticket.id))
    assert found is not None
    assert Plan.from_json(found.plan).people == (ANA, SAM)


def test_nobody_on_call_does_not_lose_the_ticket(database: Database) -> None:
    database.write(lambda session: rota.load_people(session, CLINIC, []))
    assert open_ticket(database).number == 1
    assert messages(database) == []


def test_a_number_that_nobody_can_dial_on_the_list_does_not_lose_the_ticket(
    database: Database,
) -> None:
    database.write(
        lambda session: session.execute(
            update(OnCallPerson).where(OnCallPerson.key == "ana").values(number="oops")
        )
    )
    assert open_ticket(database).number == 1
    assert [page.to_number for page in messages(database)] == [SAM.number]


@pytest.mark.parametrize("caller_id", [None, "anonymous", "+266696687", "+15550100", ""])
def test_a_caller_id_that_cannot_be_called_back_does_not_lose_the_ticket(
    database: Database, caller_id: str | None
) -> None:
    ticket = open_ticket(database, callback_number=caller_id)
    assert (ticket.number, ticket.callback_number) == (1, None)


def test_opening_is_the_first_event(database: Database) -> None:
    ticket = open_ticket(database)
    events = database.read(lambda session: events_of(session, CLINIC, ticket.id))
    assert [(event.kind, event.at) for event in events] == [("opened", MONDAY_NIGHT)]


def _open_the_same(database: Database, index: int) -> int:
    del index
    return open_ticket(database).number


def _storm(database: Database, index: int) -> list[int]:
    return [open_ticket(database, f"CA{call}").number for call in range(index, STORM, RACERS)]
