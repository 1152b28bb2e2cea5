"""A ticket ends with what became of it and by whom; only its caller brings it back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages.tables import DeskTask
from ivr.oncall import acceptance, calling_back, closing, leaving, repaging, ringing, tickets
from ivr.oncall.acceptance import Accepted, AlreadyClosed
from ivr.oncall.closing import Closed, NobodyHasIt, NotTheirs
from ivr.oncall.dispositions import Closing, Disposition
from ivr.oncall.escalation import Ring
from ivr.oncall.stored_ticket import locked
from ivr.oncall.tables import Ticket, TicketEvent
from scheduling.database import Database
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import ANA, CLINIC, SAM, messages, open_ticket
from tests.oncall.racing import race

LATER = MONDAY_NIGHT + timedelta(minutes=5)
MUCH_LATER = MONDAY_NIGHT + timedelta(hours=2)
HELPED = Disposition.HELPED


def accept(database: Database, ticket_id: UUID, person_key: str) -> object:
    return database.write(
        lambda session: acceptance.accept(
            session, clinic_id=CLINIC, ticket_id=ticket_id, person_key=person_key, now=LATER
        )
    )


def by_phone(
    database: Database, ticket_id: UUID, person_key: str, disposition: Disposition = HELPED
) -> Closed | NotTheirs:
    return database.write(
        lambda session: closing.close_by_holder(
            session,
            clinic_id=CLINIC,
            ticket_id=ticket_id,
            person_key=person_key,
            disposition=disposition,
            now=LATER,
        )
    )


def at_desk(
    database: Database, ticket_id: UUID, disposition: Disposition = HELPED, name: str = "Rosa Diaz"
) -> Closed | NobodyHasIt:
    return database.write(
        lambda session: closing.close_at_desk(
            session,
            clinic_id=CLINIC,
            ticket_id=ticket_id,
            name=name,
            disposition=disposition,
            now=LATER,
        )
    )


def stored(database: Database) -> Ticket:
    return database.read(lambda session: session.scalars(select(Ticket)).one())


def kinds(database: Database) -> list[str]:
    return database.read(
        lambda session: list(
            session.scalars(select(TicketEvent.kind).order_by(TicketEvent.sequence))
        )
    )


def test_whoever_has_it_closes_it_and_the_event_says_how_and_by_whom(database: Database) -> None:
    ticket = open_ticket(database)
    accept(database, ticket.id, "ana")
    done = by_phone(database, ticket.id, "ana", Disposition.SENT_TO_911)
    assert done == Closed(Closing(Disposition.SENT_TO_911, ANA.name, LATER), first=True)
    event = database.read(
        lambda session: session.scalars(
            select(TicketEvent).where(TicketEvent.kind == "closed")
        ).one()
    )
    assert (event.at, event.person_key) == (LATER, "ana")
    assert event.detail == {"disposition": "sent_to_911", "by_name": "Ana Ruiz"}
    assert stored(database).status == "closed"


def test_somebody_elses_ticket_cannot_be_closed_by_phone(database: Database) -> None:
    ticket = open_ticket(database)
    assert by_phone(database, ticket.id, "sam") == NotTheirs(None)
    accept(database, ticket.id, "ana")
    assert by_phone(database, ticket.id, "sam") == NotTheirs(ANA)
    assert stored(database).status == "accepted"


def test_the_first_close_stands_and_the_second_hears_whose_it_was(database: Database) -> None:
    ticket = open_ticket(database)
    accept(database, ticket.id, "ana")
    by_phone(database, ticket.id, "ana")
    first = Closing(HELPED, ANA.name, LATER)
    again = at_desk(database, ticket.id, Disposition.NO_NEED)
    assert again == by_phone(database, ticket.id, "sam") == Closed(first, first=False)
    assert kinds(database).count("closed") == 1


@pytest.mark.parametrize("disposition", Disposition)
def test_the_desk_closes_what_nobody_accepted_only_where_somebody_dealt_with_the_caller(
    database: Database, disposition: Disposition
) -> None:
    ticket = open_ticket(database)
    done = at_desk(database, ticket.id, disposition)
    if disposition is Disposition.NOT_REACHED:
        assert done == NobodyHasIt()
        assert (stored(database).status, kinds(database)) == ("open", ["opened"])
        accept(database, ticket.id, "ana")
        done = at_desk(database, ticket.id, disposition)
    assert done == Closed(Closing(disposition, "Rosa Diaz", LATER), first=True)


def test_a_closed_ticket_is_paged_for_no_more(database: Database) -> None:
    ticket = open_ticket(database)
    at_desk(database, ticket.id)
    assert {message.state for message in messages(database)} == {"cancelled"}
    assert database.write(lambda s: repaging.page_for_unaccepted(s, now=MUCH_LATER)) == 0
    assert stored(database).escalate_at is None


def test_closing_a_ticket_ticks_off_the_alarm_that_nobody_had_accepted_it(
    database: Database,
) -> None:
    ticket = open_ticket(database)
    open_ticket(database, "CA2")
    unaccepted = MONDAY_NIGHT + timedelta(minutes=16)
    database.write(lambda session: repaging.page_for_unaccepted(session, now=unaccepted))
    at_desk(database, ticket.id, Disposition.NO_NEED)
    tasks = database.read(lambda session: session.scalars(select(DeskTask)).all())
    assert {(one.kind, one.note[:8], one.done_by, one.done_at) for one in tasks} == {
        ("urgent_unanswered", "Ticket 1", "Rosa Diaz", LATER),
        ("urgent_unanswered", "Ticket 2", None, None),
    }


def test_a_late_key_press_accepts_nothing_and_hears_who_closed_it(database: Database) -> None:
    ticket = open_ticket(database)
    at_desk(database, ticket.id)
    assert accept(database, ticket.id, "sam") == AlreadyClosed("Rosa Diaz")
    assert stored(database).status == "closed"


def test_a_late_hang_up_reopens_nothing(database: Database) -> None:
    ticket = open_ticket(database)
    accept(database, ticket.id, "ana")
    by_phone(database, ticket.id, "ana")
    hurried = database.write(
        lambda s: leaving.caller_left(s, clinic_id=CLINIC, call_sid="CA1", now=LATER)
    )
    assert hurried == 0
    assert stored(database).status == "closed"
    assert kinds(database) == ["opened", "accepted", "closed"]


def test_the_number_of_a_closed_ticket_is_dialled_no_more(database: Database) -> None:
    ticket = open_ticket(database)
    accept(database, ticket.id, "ana")
    by_phone(database, ticket.id, "ana")
    assert (
        database.read(
            lambda s: calling_back.number_for(
                s, clinic_id=CLINIC, ticket_id=ticket.id, person_key="ana"
            )
        )
        is None
    )


def ring_on(session: Session, ticket_id: UUID) -> None:
    step = ringing.next_ring(session, clinic_id=CLINIC, ticket_id=ticket_id, now=LATER)
    assert step == Ring(ANA)


def ring_again(session: Session, ticket_id: UUID) -> None:
    ringing.start_round(session, clinic_id=CLINIC, ticket_id=ticket_id, now=LATER)


def promise_a_call(session: Session, ticket_id: UUID) -> None:
    assert tickets.page_now(session, clinic_id=CLINIC, ticket_id=ticket_id, now=LATER) == 2


@pytest.mark.parametrize("asks", [ring_on, ring_again, promise_a_call])
def test_what_the_caller_asks_for_in_their_call_reopens_it_and_says_so(
    database: Database, asks: object
) -> None:
    ticket = open_ticket(database)
    accept(database, ticket.id, "ana")
    by_phone(database, ticket.id, "ana")
    assert callable(asks)
    database.write(lambda session: asks(session, ticket.id))
    assert kinds(database)[3] == "reopened"
    assert "put_back" not in kinds(database)
    reopened = stored(database)
    assert (reopened.status == "closed", reopened.accepted_by) == (False, None)
    assert reopened.escalate_at is not None
    assert database.write(lambda s: repaging.page_for_unaccepted(s, now=MUCH_LATER)) == 1
    assert accept(database, ticket.id, "sam") == Accepted(SAM, first=True)


def test_a_ticket_that_is_open_is_not_reopened(database: Database) -> None:
    ticket = open_ticket(database)
    assert not database.write(
        lambda s: closing.reopen_if_closed(s, locked(s, CLINIC, ticket.id), LATER)
    )
    assert kinds(database) == ["opened"]


def test_of_eight_who_close_at_the_same_moment_one_does_and_all_agree_who(
    database: Database, database_url: str
) -> None:
    open_ticket(database)
    outcomes = race(database_url, _close_the_only_ticket)
    assert sum(isinstance(one, Closed) and one.first for one in outcomes) == 1
    assert len({one.closing for one in outcomes if isinstance(one, Closed)}) == 1
    assert kinds(database) == ["opened", "closed"]


def _close_the_only_ticket(database: Database, index: int) -> Closed | NobodyHasIt:
    ticket_id = database.read(lambda session: session.scalars(select(Ticket.id)).one())
    return at_desk(database, ticket_id, name=f"Clerk {index}")
