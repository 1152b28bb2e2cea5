"""The auditor at work: one step of a real ticket is sabotaged, and the desk is told of it once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from ivr.messages import desk_tasks
from ivr.messages.tables import DeskTask
from ivr.oncall import auditing, ringing
from ivr.oncall.auditing import AUDIT_EVERY, Auditor
from ivr.oncall.repaging import page_for_unaccepted
from ivr.oncall.supervisor import load_supervisor
from ivr.oncall.tables import Ticket, TicketEvent
from scheduling.database import Database
from tests.clock import MONDAY_NIGHT, ManualClock
from tests.oncall.clinic import CLINIC, PATIENT, load_clinic, open_ticket
from tests.oncall.racing import race


@pytest.fixture
def clock() -> ManualClock:
    """At the moment when the tickets are opened."""
    return ManualClock(MONDAY_NIGHT)


def tasks(database: Database, clinic_id: str = CLINIC) -> list[DeskTask]:
    """What the auditor has told the desk, and nobody has ticked off."""
    waiting = database.read(lambda session: desk_tasks.open_tasks(session, clinic_id))
    return [task for task in waiting if task.kind == auditing.TASK]


def open_and_ring(database: Database, call_sid: str = "CA1", clinic_id: str = CLINIC) -> Ticket:
    """An urgent call, as far as the web process goes."""
    ticket = open_ticket(database, call_sid, clinic_id=clinic_id)

    def ring(session: Session) -> None:
        for outcome in ("no_answer", "busy"):
            ringing.next_ring(session, clinic_id=clinic_id, ticket_id=ticket.id, now=MONDAY_NIGHT)
            ringing.record_ring_outcome(
                session,
                clinic_id=clinic_id,
                ticket_id=ticket.id,
                outcome=outcome,
                now=MONDAY_NIGHT,
            )

    database.write(ring)
    return ticket


def let_the_worker_page(database: Database, clock: ManualClock, *, seconds: int) -> None:
    """A worker that looks every ten seconds, for so long."""
    for _ in range(0, seconds, 10):
        clock.advance(seconds=10)
        database.write(lambda session: page_for_unaccepted(session, now=clock.now))


def forget(database: Database, kind: str) -> None:
    """Sabotage: as if this step had never been taken."""
    database.write(lambda session: session.execute(delete(TicketEvent).filter_by(kind=kind)))


def test_a_ticket_that_goes_as_planned_is_no_news(database: Database, clock: ManualClock) -> None:
    database.write(lambda session: load_supervisor(session, CLINIC, "+15125550119"))
    open_and_ring(database)
    auditor = Auditor(database, clock)
    for _ in range(17):
        let_the_worker_page(database, clock, seconds=60)
        auditor.look_if_due()
    assert tasks(database) == []


@pytest.mark.parametrize(
    ("step", "what", "due"),
    [
        ("repaged", "on-call staff were not called", "02:41"),
        ("supervisor_paged", "the supervisor was not called", "02:50"),
        ("alarm_raised", "the desk was not told that nobody had accepted it", "02:55"),
    ],
)
def test_a_step_that_is_left_out_is_told_to_the_desk(
    database: Database, clock: ManualClock, step: str, what: str, due: str
) -> None:
    open_and_ring(database)
    let_the_worker_page(database, clock, seconds=17 * 60)
    forget(database, step)
    Auditor(database, clock).look_if_due()
    note = (
        f"Ticket 1: {what}. Due at 2026-11-24 {due} CST, it had not happened at 02:57. "
        "See that somebody calls the caller now, and tell the operator."
    )
    assert [(task.note, task.callback_number) for task in tasks(database)] == [(note, PATIENT)]


def test_a_step_that_came_too_late_is_told_as_such(database: Database, clock: ManualClock) -> None:
    open_and_ring(database)
    clock.advance(minutes=5)
    let_the_worker_page(database, clock, seconds=10)
    Auditor(database, clock).look_if_due()
    [task] = tasks(database)
    assert task.note == (
        "Ticket 1: on-call staff were not called. Due at 2026-11-24 02:41 CST, it happened at "
        "02:45. Tell the operator that it was late."
    )


def test_where_no_worker_runs_every_ticket_is_told_of_and_each_once(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "AT_ONCE", 2)
    load_clinic(database, clinic_id="other")
    for number in range(3):
        open_and_ring(database, f"CA{number}")
    open_and_ring(database, "CA-other", clinic_id="other")
    clock.advance(minutes=3)
    auditor = Auditor(database, clock)
    # Two tickets at a look; then the round is over until the next begins.
    for _ in range(6):
        auditor.look_if_due()
    assert [task.note[:9] for task in tasks(database)] == ["Ticket 1:", "Ticket 2:", "Ticket 3:"]
    assert len(tasks(database, "other")) == 1
    clock.advance(seconds=AUDIT_EVERY.total_seconds())
    for _ in range(3):
        auditor.look_if_due()
    assert len(tasks(database)) == 3


def test_it_looks_again_after_a_minute_and_not_before(
    database: Database, clock: ManualClock
) -> None:
    open_and_ring(database)
    clock.advance(seconds=90)
    auditor = Auditor(database, clock)
    auditor.look_if_due()
    clock.advance(seconds=AUDIT_EVERY.total_seconds() - 1)
    auditor.look_if_due()
    assert tasks(database) == []
    clock.advance(seconds=1)
    auditor.look_if_due()
    assert len(tasks(database)) == 1


def test_what_the_desk_has_ticked_off_is_not_told_again(
    database: Database, clock: ManualClock
) -> None:
    open_and_ring(database)
    clock.advance(minutes=3)
    Auditor(database, clock).look_if_due()
    [task] = tasks(database)
    database.write(
        lambda session: desk_tasks.mark_done(session, CLINIC, task.id, by="Rosa", now=clock.now)
    )
    Auditor(database, clock).look_if_due()
    assert tasks(database) == []


def test_a_ticket_closed_before_anybody_looked_is_looked_at_too(
    database: Database, clock: ManualClock
) -> None:
    open_and_ring(database)
    clock.advance(minutes=3)
    database.write(lambda session: session.execute(update(Ticket).values(status="closed")))
    Auditor(database, clock).look_if_due()
    assert len(tasks(database)) == 1


def test_several_that_audit_at_once_tell_the_desk_once(
    database: Database, database_url: str, clock: ManualClock
) -> None:
    open_and_ring(database)
    race(database_url, _audit_three_minutes_later)
    assert len(tasks(database)) == 1


def _audit_three_minutes_later(database: Database, index: int) -> str:
    Auditor(database, ManualClock(MONDAY_NIGHT + timedelta(minutes=3))).look_if_due()
    return str(index)
