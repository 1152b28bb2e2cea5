"""From one phone to the next, and what happens when the caller does not wait for it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from ivr.oncall import acceptance, board, leaving, ringing, stored_ticket, tickets
from ivr.oncall.escalation import NobodyLeft, Ring, WhyNobody
from ivr.oncall.stored_ticket import UnknownTicket
from ivr.oncall.tables import TicketEvent
from scheduling.database import Database
from scheduling.errors import UnsuitablePhone
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import ANA, CLINIC, SAM, messages, open_ticket

HALF_A_MINUTE_LATER = MONDAY_NIGHT + timedelta(seconds=30)


def ring(database: Database, ticket_id: UUID) -> Ring | NobodyLeft:
    """What the call's next turn does."""
    return database.write(
        lambda session: ringing.next_ring(
            session, clinic_id=CLINIC, ticket_id=ticket_id, now=MONDAY_NIGHT
        )
    )


def report(database: Database, ticket_id: UUID, outcome: str) -> bool:
    """What the carrier's word on the ring does."""
    return database.write(
        lambda session: ringing.record_ring_outcome(
            session, clinic_id=CLINIC, ticket_id=ticket_id, outcome=outcome, now=MONDAY_NIGHT
        )
    )


def leave(database: Database, call_sid: str = "CA1") -> int:
    """What hanging up does."""
    return database.write(
        lambda session: leaving.caller_left(
            session, clinic_id=CLINIC, call_sid=call_sid, now=HALF_A_MINUTE_LATER
        )
    )


def happened(database: Database) -> list[tuple[int, str, str | None]]:
    """All events: sequence, kind, whom it concerns."""
    rows = database.read(
        lambda session: session.execute(
            select(TicketEvent.sequence, TicketEvent.kind, TicketEvent.person_key).order_by(
                TicketEvent.ticket_id, TicketEvent.sequence
            )
        ).all()
    )
    return [(sequence, kind, person) for sequence, kind, person in rows]


def test_everybody_is_rung_in_turn_until_nobody_is_left(database: Database) -> None:
    ticket = open_ticket(database)
    assert ring(database, ticket.id) == Ring(ANA)
    assert report(database, ticket.id, "no_answer")
    assert ring(database, ticket.id) == Ring(SAM)
    assert report(database, ticket.id, "answered")
    assert ring(database, ticket.id) == NobodyLeft(WhyNobody.EVERYBODY_TRIED)
    assert happened(database) == [
        (1, "opened", None),
        (2, "ringing", "ana"),
        (3, "no_answer", "ana"),
        (4, "ringing", "sam"),
        (5, "answered", "sam"),
    ]
    stored = database.read(lambda session: stored_ticket.ticket(session, CLINIC, ticket.id))
    assert stored is not None
    assert stored.status == "ringing"


def test_another_round_rings_the_first_again(database: Database) -> None:
    ticket = open_ticket(database)
    ring(database, ticket.id)
    ring(database, ticket.id)
    database.write(
        lambda session: ringing.start_round(
            session, clinic_id=CLINIC, ticket_id=ticket.id, now=HALF_A_MINUTE_LATER
        )
    )
    assert ring(database, ticket.id) == Ring(ANA)
    assert len(messages(database)) == 2


def test_the_first_report_of_a_ring_stands(database: Database) -> None:
    ticket = open_ticket(database)
    ring(database, ticket.id)
    assert report(database, ticket.id, "busy")
    assert not report(database, ticket.id, "no_answer")
    assert [kind for _, kind, _ in happened(database)] == ["opened", "ringing", "busy"]


def test_a_report_without_a_ring_is_ignored(database: Database) -> None:
    ticket = open_ticket(database)
    assert not report(database, ticket.id, "failed")
    assert len(happened(database)) == 1


def test_an_outcome_that_does_not_exist_is_refused(database: Database) -> None:
    ticket = open_ticket(database)
    with pytest.raises(ValueError, match="no-answer"):
        report(database, ticket.id, "no-answer")


@pytest.mark.parametrize("act", [ring, lambda d, t: report(d, t, "busy")])
def test_an_unknown_ticket_is_refused_by_name(
    database: Database, act: object, request: pytest.FixtureRequest
) -> None:
    assert callable(act)
    with pytest.raises(UnknownTicket):
        act(database, uuid4())


def test_a_caller_who_hangs_up_before_acceptance_makes_the_pages_due_at_once(
    database: Database,
) -> None:
    open_ticket(database)
    assert leave(database) == 2
    assert {page.due_at for page in messages(database)} == {HALF_A_MINUTE_LATER}


def test_a_repeated_report_of_the_hang_up_changes_nothing(database: Database) -> None:
    open_ticket(database)
    leave(database)
    assert leave(database) == 0
    assert [kind for _, kind, _ in happened(database)] == ["opened", "caller_left"]


def test_a_caller_who_hangs_up_after_acceptance_pages_nobody(database: Database) -> None:
    ticket = open_ticket(database)
    database.write(
        lambda session: acceptance.accept(
            session, clinic_id=CLINIC, ticket_id=ticket.id, person_key="ana", now=MONDAY_NIGHT
        )
    )
    assert leave(database) == 0
    assert {page.state for page in messages(database)} == {"cancelled"}


def test_a_caller_who_never_chose_urgent_pages_nobody(database: Database) -> None:
    open_ticket(database)
    assert leave(database, "CA-another-call") == 0


def test_paging_now_hurries_what_waits_and_is_told_once(database: Database) -> None:
    ticket = open_ticket(database)

    def page_now() -> int:
        return database.write(
            lambda session: tickets.page_now(
                session, clinic_id=CLINIC, ticket_id=ticket.id, now=HALF_A_MINUTE_LATER
            )
        )

    assert (page_now(), page_now()) == (2, 0)
    assert {page.due_at for page in messages(database)} == {HALF_A_MINUTE_LATER}
    assert [kind for _, kind, _ in happened(database)] == ["opened", "paged"]


def test_a_number_to_call_back_is_kept_with_the_ticket(database: Database) -> None:
    ticket = open_ticket(database, callback_number=None)
    database.write(
        lambda session: tickets.set_callback(
            session,
            clinic_id=CLINIC,
            ticket_id=ticket.id,
            number="+15125550177",
            now=HALF_A_MINUTE_LATER,
        )
    )
    lines = database.read(lambda session: board.open_tickets(session, CLINIC))
    assert [line.callback_number for line in lines] == ["+15125550177"]


def test_a_number_in_another_form_is_refused(database: Database) -> None:
    ticket = open_ticket(database)
    with pytest.raises(UnsuitablePhone, match=r"E\.164"):
        database.write(
            lambda session: tickets.set_callback(
                session,
                clinic_id=CLINIC,
                ticket_id=ticket.id,
                number="512 555 0177",
                now=HALF_A_MINUTE_LATER,
            )
        )
