"""Who is busy with an urgent call is not rung for another while somebody is free."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select

from ivr.oncall import acceptance, leaving, ringing
from ivr.oncall.engagement import Phones, engaged_with
from ivr.oncall.escalation import Event, EventKind, Ring, next_step
from ivr.oncall.repaging import page_for_unaccepted
from ivr.oncall.tables import TicketEvent
from scheduling.database import Database
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import ANA, CLINIC, SAM, messages, open_ticket

K = EventKind

TABLE = [
    # kinds, 10 s apart, all about Ana | seconds from the first | busy
    ([K.OPENED], 0, False),
    ([K.OPENED, K.RINGING], 20, True),
    ([K.OPENED, K.RINGING], 54, True),
    # Nobody told us how the ring ended.
    ([K.OPENED, K.RINGING], 56, False),
    ([K.OPENED, K.RINGING, K.NO_ANSWER], 20, False),
    ([K.OPENED, K.RINGING, K.ACCEPTED], 600, True),
    ([K.OPENED, K.RINGING, K.ACCEPTED], 20 + 1800, False),
    ([K.OPENED, K.RINGING, K.ACCEPTED, K.ANSWERED], 60, False),
    ([K.OPENED, K.RINGING, K.ACCEPTED, K.CALL_ENDED], 60, False),
    ([K.OPENED, K.RINGING, K.ACCEPTED, K.PUT_BACK], 60, False),
    ([K.OPENED, K.ACCEPTED, K.CALLED_BACK], 60, False),
    ([K.OPENED, K.RINGING, K.CALLER_LEFT], 25, False),
]


@pytest.mark.parametrize(("kinds", "seconds", "busy"), TABLE)
def test_who_is_busy(kinds: list[EventKind], seconds: int, busy: bool) -> None:
    events = [
        Event(MONDAY_NIGHT + timedelta(seconds=10 * place), kind, "ana")
        for place, kind in enumerate(kinds)
    ]
    now = MONDAY_NIGHT + timedelta(seconds=seconds)
    assert engaged_with(events, now) == ("ana" if busy else None)


def test_whoever_is_free_is_rung_before_whoever_is_busy() -> None:
    opened = [Event(MONDAY_NIGHT, K.OPENED)]
    assert next_step([ANA, SAM], opened, {ANA.number}) == Ring(SAM)
    # Better a phone that is busy than nobody's.
    assert next_step([ANA, SAM], opened, {ANA.number, SAM.number}) == Ring(ANA)
    then = [*opened, Event(MONDAY_NIGHT, K.RINGING, SAM.key)]
    assert next_step([ANA, SAM], then, {ANA.number}) == Ring(ANA)


def test_a_second_caller_is_not_put_on_to_the_nurse_who_talks_with_the_first(
    database: Database,
) -> None:
    first, second = open_ticket(database, "CA1"), open_ticket(database, "CA2")
    now = MONDAY_NIGHT

    def rung_for(ticket_id: UUID) -> str:
        step = database.write(
            lambda session: ringing.next_ring(
                session, clinic_id=CLINIC, ticket_id=ticket_id, now=now
            )
        )
        assert isinstance(step, Ring)
        return step.person.key

    assert rung_for(first.id) == ANA.key
    assert rung_for(second.id) == SAM.key
    database.write(
        lambda session: acceptance.accept(
            session, clinic_id=CLINIC, ticket_id=first.id, person_key=ANA.key, now=now
        )
    )
    now += timedelta(minutes=5)
    third = open_ticket(database, "CA3")
    assert rung_for(third.id) == SAM.key
    database.write(
        lambda session: leaving.caller_left(session, clinic_id=CLINIC, call_sid="CA1", now=now)
    )
    now += timedelta(minutes=1)
    fourth = open_ticket(database, "CA4")
    assert rung_for(fourth.id) == ANA.key


def test_a_phone_that_rings_for_one_ticket_is_not_called_for_the_next() -> None:
    nobody = Phones({}, {})
    assert nobody.to_call([ANA, SAM], "ticket:1") == (ANA, SAM)
    after = nobody.after_calling([ANA], "ticket:1")
    assert after.to_call([ANA, SAM], "ticket:2") == (SAM,)
    assert after.to_call([ANA, SAM], "ticket:1") == (ANA, SAM)
    assert after.after_calling([SAM], "ticket:2").to_call([ANA, SAM], "ticket:3") == ()


def test_who_talks_is_called_only_where_nobody_is_free() -> None:
    talks = Phones({ANA.number: frozenset({"ticket:1"})}, {})
    assert talks.to_call([ANA, SAM], "ticket:1") == (ANA, SAM)
    assert talks.to_call([ANA, SAM], "ticket:2") == (SAM,)
    assert talks.to_call([ANA], "ticket:2") == (ANA,)


def test_of_three_tickets_two_phones_are_called_for_the_oldest(database: Database) -> None:
    for number in range(3):
        open_ticket(database, f"CA{number}")
    now = MONDAY_NIGHT + timedelta(seconds=80)
    assert database.write(partial(page_for_unaccepted, now=now)) == 3
    called = [message for message in messages(database) if message.kind == "page_call"]
    assert [message.to_number for message in called] == [ANA.number, SAM.number]
    assert len({message.subject for message in called}) == 1
    # The others are looked at again before long, and nothing is told of a round without a call.
    rounds = database.read(
        lambda session: session.scalars(
            select(TicketEvent.kind).where(TicketEvent.kind == "repaged")
        ).all()
    )
    assert rounds == ["repaged"]
    assert database.write(partial(page_for_unaccepted, now=now + timedelta(seconds=10))) == 2
