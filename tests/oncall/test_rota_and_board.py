"""Loading the on-call list, and the board's view of the tickets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.oncall import acceptance, board, ringing, rota
from ivr.oncall.escalation import Person
from scheduling.database import Database
from scheduling.errors import UnsuitablePhone
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import ANA, CLINIC, PATIENT, SAM, open_ticket


def on_call(database: Database) -> tuple[Person, ...]:
    """Whom an urgent call rings now."""
    return database.read(lambda session: rota.people_on_call(session, CLINIC, MONDAY_NIGHT))


def load(database: Database, *people: Person) -> list[str]:
    """What `callnow clinic load` does with the on-call list."""
    return database.write(lambda session: rota.load_people(session, CLINIC, people))


def test_the_list_is_rung_in_the_order_of_the_file(database: Database) -> None:
    assert on_call(database) == (ANA, SAM)
    load(database, SAM, ANA)
    assert on_call(database) == (SAM, ANA)


def test_loading_the_same_list_again_changes_nothing(database: Database) -> None:
    assert load(database, ANA, SAM) == []


def test_every_change_is_told(database: Database) -> None:
    eva = Person("eva", "Eva Paz", "+15125550113")
    assert load(database, replace(ANA, number="+15125550118"), eva) == [
        "on call: ana changed",
        "on call: eva added",
        "on call: sam removed",
    ]
    assert load(database, ANA, SAM) == [
        "on call: ana changed",
        "on call: sam changed",
        "on call: eva removed",
    ]


def test_a_list_with_a_fault_is_refused_whole(database: Database) -> None:
    with pytest.raises(UnsuitablePhone, match="person eva"):
        load(database, Person("eva", "Eva Paz", "5550113"))
    with pytest.raises(ValueError, match="on call twice: ana"):
        load(database, ANA, ANA)
    assert on_call(database) == (ANA, SAM)


def test_the_board_shows_every_open_ticket_the_oldest_first(database: Database) -> None:
    first, second = open_ticket(database, "CA1"), open_ticket(database, "CA2")
    database.write(
        lambda session: acceptance.accept(
            session, clinic_id=CLINIC, ticket_id=second.id, person_key="sam", now=MONDAY_NIGHT
        )
    )
    lines = database.read(lambda session: board.open_tickets(session, CLINIC))
    assert [(line.id, line.number, line.status, line.accepted_by_name) for line in lines] == [
        (first.id, 1, "open", None),
        (second.id, 2, "accepted", "Sam Lee"),
    ]
    assert (lines[0].callback_number, lines[0].category) == (PATIENT, "unknown")
    assert lines[0].opened_at == MONDAY_NIGHT


def test_the_boards_version_changes_with_every_event_and_only_then(database: Database) -> None:
    def version() -> tuple[str, ...]:
        of_clinic = {"clinic_id": CLINIC}
        return database.read(lambda session: tuple(sorted(session.scalars(board.MARKS, of_clinic))))

    seen = [version()]
    ticket = open_ticket(database)
    seen.append(version())
    database.write(
        lambda session: ringing.next_ring(
            session, clinic_id=CLINIC, ticket_id=ticket.id, now=MONDAY_NIGHT
        )
    )
    seen.append(version())
    open_ticket(database, "CA2")
    seen.append(version())
    assert len(set(seen)) == 4
    assert version() == seen[-1]
