"""What is stored of a call that was answered without the database, whoever finds it first."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.oncall import acceptance, classifying, leaving, recovering, ringing, rota, tickets
from ivr.oncall.escalation import Event, EventKind
from ivr.oncall.recovering import still_counts
from ivr.oncall.stored_ticket import UnknownTicket
from ivr.oncall.tables import Ticket
from scheduling.database import Database
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import ANA, CLINIC, LINK_BASE, PATIENT, SAM, messages

K = EventKind
MINUTE = timedelta(minutes=1)
BACK = MONDAY_NIGHT + 10 * MINUTE
"""When the database is back."""

BROKEN = MONDAY_NIGHT + timedelta(seconds=29)
"""When a line broke: too soon for anybody to have been helped."""


def recover(database: Database, call_sid: str, number: str | None = PATIENT) -> UUID:
    """A call of the outage is found."""
    return database.write(
        lambda session: recovering.recover_ticket(
            session,
            clinic_id=CLINIC,
            call_sid=call_sid,
            callback_number=number,
            language="en",
            called_at=MONDAY_NIGHT,
            link_base=LINK_BASE,
            now=BACK,
        )
    )


def accept_late(
    database: Database, ticket_id: UUID, *, pressed_at: datetime = MONDAY_NIGHT, by: str = ANA.key
) -> bool:
    """The key that was pressed in the outage is told of."""
    return database.write(
        lambda session: recovering.accept_late(
            session,
            clinic_id=CLINIC,
            ticket_id=ticket_id,
            person_key=by,
            leg=f"CA-{by}",
            pressed_at=pressed_at,
        )
    )


def break_off(database: Database, ticket_id: UUID, call_sid: str, told_first: str) -> None:
    """The key and the end of its call, 29 s later, are told of, in either order."""
    if told_first == "the end":
        leave(database, call_sid, BROKEN)
    accept_late(database, ticket_id)
    if told_first == "the key":
        leave(database, call_sid, BROKEN)


def leave(database: Database, call_sid: str, at: datetime) -> None:
    """A call's end is told of."""
    database.write(
        lambda session: leaving.caller_left(session, clinic_id=CLINIC, call_sid=call_sid, now=at)
    )


def stored(database: Database) -> list[Ticket]:
    """Every ticket, the first one first."""

    def unit(session: Session) -> list[Ticket]:
        return list(session.scalars(select(Ticket).order_by(Ticket.number)))

    return database.read(unit)


def test_each_number_has_one_ticket_while_nobody_has_accepted_it(database: Database) -> None:
    first = recover(database, "CA1")
    assert recover(database, "CA2") == first
    assert recover(database, "CA2") == first
    assert recover(database, "CA3", "+15125550143") != first
    assert recover(database, "CA4", None) not in (first, recover(database, "CA5", None))
    assert len(stored(database)) == 4
    accept_late(database, first)
    assert recover(database, "CA6") != first


def test_a_call_found_by_somebody_who_does_not_know_its_number_gets_it_later(
    database: Database,
) -> None:
    recover(database, "CA1", None)
    recover(database, "CA1")
    (ticket,) = stored(database)
    assert ticket.callback_number == PATIENT


def test_who_pressed_the_key_has_it_since_then_and_nobody_is_paged(database: Database) -> None:
    ticket_id = recover(database, "CA1")
    assert accept_late(database, ticket_id)
    (ticket,) = stored(database)
    assert (ticket.status, ticket.accepted_at) == ("accepted", MONDAY_NIGHT)
    assert ticket.escalate_at is None
    assert {message.state for message in messages(database)} == {"cancelled"}
    leave(database, "CA1", MONDAY_NIGHT + MINUTE)
    assert stored(database)[0].status == "accepted"


def test_a_key_told_of_late_takes_the_ticket_from_nobody(database: Database) -> None:
    ticket_id = recover(database, "CA1")
    database.write(
        lambda session: acceptance.accept(
            session, clinic_id=CLINIC, ticket_id=ticket_id, person_key=SAM.key, now=BACK
        )
    )
    assert not accept_late(database, ticket_id)
    sam = database.read(lambda session: rota.person_of(session, CLINIC, SAM.key).id)
    assert stored(database)[0].accepted_by == sam


@pytest.mark.parametrize("told_first", ["the end", "the key"])
def test_a_line_that_broke_within_30_s_of_the_key_leaves_the_ticket_open(
    database: Database, told_first: str
) -> None:
    ticket_id = recover(database, "CA1")
    break_off(database, ticket_id, "CA1", told_first)
    (ticket,) = stored(database)
    assert ticket.status == "open"
    assert ticket.escalate_at is not None


@pytest.mark.parametrize("told_first", ["the end", "the key"])
def test_so_it_does_where_they_had_called_before(database: Database, told_first: str) -> None:
    ticket_id = recover(database, "CA1")
    leave(database, "CA1", MONDAY_NIGHT - MINUTE)
    recover(database, "CA2")
    break_off(database, ticket_id, "CA2", told_first)
    assert stored(database)[0].status == "open"
    leave(database, "CA2", BROKEN)
    assert stored(database)[0].status == "open"


def test_a_key_for_a_ticket_that_was_put_back_since_changes_nothing(database: Database) -> None:
    ticket_id = recover(database, "CA1")
    database.write(
        lambda session: acceptance.accept(
            session, clinic_id=CLINIC, ticket_id=ticket_id, person_key=SAM.key, now=BACK
        )
    )
    database.write(
        lambda session: ringing.start_round(
            session, clinic_id=CLINIC, ticket_id=ticket_id, now=BACK
        )
    )
    assert not accept_late(database, ticket_id)
    assert stored(database)[0].status == "open"


def test_a_key_for_a_ticket_that_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(UnknownTicket):
        accept_late(database, uuid4())


def test_an_urgent_call_that_is_found_too_keeps_its_ticket(database: Database) -> None:
    opened = database.write(
        lambda session: (
            tickets.open_ticket(
                session,
                clinic_id=CLINIC,
                call_sid="CA1",
                callback_number=PATIENT,
                language="es",
                link_base=LINK_BASE,
                now=MONDAY_NIGHT,
            ).id
        )
    )
    assert recover(database, "CA1") == opened
    assert [ticket.language for ticket in stored(database)] == ["es"]


def test_a_ticket_that_was_left_to_the_desk_is_raised_and_takes_up_no_other_call(
    database: Database,
) -> None:
    ticket_id = recover(database, "CA1")

    def defer(session: Session) -> None:
        classifying.classify(
            session, clinic_id=CLINIC, ticket_id=ticket_id, category="question", now=BACK
        )
        assert classifying.leave_to_desk(
            session, clinic_id=CLINIC, ticket_id=ticket_id, until=BACK + 60 * MINUTE, now=BACK
        )

    database.write(defer)
    assert recover(database, "CA2") != ticket_id
    assert recover(database, "CA1") == ticket_id
    assert [ticket.callback_by for ticket in stored(database)] == [None, None]


def test_whose_phone_it_is(database: Database) -> None:
    def keys(session: Session) -> list[str | None]:
        numbers = (ANA.number, SAM.number, PATIENT)
        return [recovering.person_with(session, CLINIC, number) for number in numbers]

    assert database.read(keys) == [ANA.key, SAM.key, None]


KEY_AT_60 = [
    # seconds and kinds of events | whether a key pressed at 60 s counts
    ([(0, K.OPENED)], True),
    ([(0, K.OPENED), (59, K.CALLER_LEFT)], True),
    ([(0, K.OPENED), (60, K.CALLER_LEFT)], False),
    ([(0, K.OPENED), (89, K.CALLER_LEFT)], False),
    ([(0, K.OPENED), (90, K.CALLER_LEFT)], True),
    ([(0, K.OPENED), (30, K.ACCEPTED), (59, K.PUT_BACK)], True),
    ([(0, K.OPENED), (30, K.ACCEPTED), (60, K.PUT_BACK)], False),
]


@pytest.mark.parametrize(("happened", "counts"), KEY_AT_60)
def test_when_a_key_still_counts(happened: list[tuple[int, EventKind]], *, counts: bool) -> None:
    events = [Event(MONDAY_NIGHT + timedelta(seconds=at), kind) for at, kind in happened]
    assert still_counts(events, MONDAY_NIGHT + MINUTE) is counts
