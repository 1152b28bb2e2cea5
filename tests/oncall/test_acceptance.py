"""Exactly one person gets the ticket; acceptance ends the ringing and the paging."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.oncall import acceptance, ringing, rota, stored_ticket
from ivr.oncall.acceptance import Accepted, AlreadyAccepted, AlreadyClosed
from ivr.oncall.escalation import NobodyLeft, Person, WhyNobody
from ivr.oncall.rota import UnknownPerson
from ivr.oncall.stored_ticket import UnknownTicket
from ivr.oncall.tables import Ticket, TicketEvent
from scheduling.database import Database
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import ANA, CLINIC, SAM, messages, open_ticket
from tests.oncall.racing import race

LATER = MONDAY_NIGHT + timedelta(seconds=20)
CROWD = [Person(f"nurse{n}", f"Nurse {n}", f"+1512555012{n}") for n in range(8)]


def accept(
    database: Database, ticket_id: UUID, person_key: str
) -> Accepted | AlreadyAccepted | AlreadyClosed:
    """What pressing 1 in the whisper does."""
    return database.write(
        lambda session: acceptance.accept(
            session, clinic_id=CLINIC, ticket_id=ticket_id, person_key=person_key, now=LATER
        )
    )


def accepted(database: Database, ticket_id: UUID) -> bool:
    """Whether somebody has it."""
    return database.read(
        lambda session: acceptance.is_accepted(session, clinic_id=CLINIC, ticket_id=ticket_id)
    )


def test_whoever_presses_first_gets_it(database: Database) -> None:
    ticket = open_ticket(database)
    assert not accepted(database, ticket.id)
    assert accept(database, ticket.id, "sam") == Accepted(SAM, first=True)
    assert accepted(database, ticket.id)
    stored = database.read(lambda session: stored_ticket.ticket(session, CLINIC, ticket.id))
    assert stored is not None
    assert (stored.status, stored.accepted_at) == ("accepted", LATER)


def test_the_second_hears_who_has_it(database: Database) -> None:
    ticket = open_ticket(database)
    accept(database, ticket.id, "sam")
    assert accept(database, ticket.id, "ana") == AlreadyAccepted(SAM)


def test_the_same_person_again_still_has_it(database: Database) -> None:
    ticket = open_ticket(database)
    accept(database, ticket.id, "sam")
    assert accept(database, ticket.id, "sam") == Accepted(SAM, first=False)


def test_of_eight_who_accept_at_the_same_moment_exactly_one_gets_it(
    database: Database, database_url: str
) -> None:
    database.write(lambda session: rota.load_people(session, CLINIC, CROWD))
    ticket = open_ticket(database)
    outcomes = race(database_url, _accept_the_only_ticket)
    winners = [one.by for one in outcomes if isinstance(one, Accepted) and one.first]
    assert len(winners) == 1
    assert outcomes.count(AlreadyAccepted(winners[0])) == 7
    events = database.read(
        lambda session: session.execute(
            select(TicketEvent.kind, TicketEvent.person_key).order_by(TicketEvent.sequence)
        ).all()
    )
    assert [tuple(event) for event in events] == [
        ("opened", None),
        ("accepted", winners[0].key),
    ]
    assert accept(database, ticket.id, winners[0].key) == Accepted(winners[0], first=False)


def test_acceptance_cancels_the_pages_still_to_be_sent(database: Database) -> None:
    ticket, other = open_ticket(database, "CA1"), open_ticket(database, "CA2")
    accept(database, ticket.id, "ana")
    states = {(message.subject, message.state) for message in messages(database)}
    assert states == {(f"ticket:{ticket.id}", "cancelled"), (f"ticket:{other.id}", "pending")}


def test_nobody_is_rung_for_a_ticket_that_somebody_has(database: Database) -> None:
    ticket = open_ticket(database)
    accept(database, ticket.id, "ana")
    step = database.write(
        lambda session: ringing.next_ring(session, clinic_id=CLINIC, ticket_id=ticket.id, now=LATER)
    )
    assert step == NobodyLeft(WhyNobody.ACCEPTED)


def test_somebody_who_left_the_rota_while_their_phone_rang_may_still_accept(
    database: Database,
) -> None:
    ticket = open_ticket(database)
    database.write(lambda session: rota.load_people(session, CLINIC, [SAM]))
    assert accept(database, ticket.id, "ana") == Accepted(ANA, first=True)


def test_a_stranger_cannot_accept(database: Database) -> None:
    ticket = open_ticket(database)
    with pytest.raises(UnknownPerson, match=r"clinic\.toml"):
        accept(database, ticket.id, "mallory")
    assert not accepted(database, ticket.id)


def test_a_ticket_that_does_not_exist_is_refused_by_name(database: Database) -> None:
    with pytest.raises(UnknownTicket, match="check the link"):
        accept(database, uuid4(), "ana")


def test_a_caller_who_was_not_helped_is_rung_and_paged_for_again(database: Database) -> None:
    ticket = open_ticket(database)
    accept(database, ticket.id, "ana")
    database.write(
        lambda session: ringing.start_round(
            session, clinic_id=CLINIC, ticket_id=ticket.id, now=LATER
        )
    )
    assert not accepted(database, ticket.id)
    assert accept(database, ticket.id, "sam") == Accepted(SAM, first=True)
    pages = messages(database)
    assert [page.state for page in pages] == ["cancelled"] * 4
    assert [page.due_at - LATER for page in pages[2:]] == [timedelta(seconds=60)] * 2


def _accept_the_only_ticket(
    database: Database, index: int
) -> Accepted | AlreadyAccepted | AlreadyClosed:
    def unit(session: Session) -> Accepted | AlreadyAccepted | AlreadyClosed:
        ticket_id = session.scalars(select(Ticket.id)).one()
        return acceptance.accept(
            session,
            clinic_id=CLINIC,
            ticket_id=ticket_id,
            person_key=CROWD[index].key,
            now=LATER,
        )

    return database.write(unit)
