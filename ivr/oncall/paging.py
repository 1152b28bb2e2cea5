"""The texts and calls that page staff about a ticket: stored with it, sent by a worker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from ivr.messages import outbox
from ivr.oncall.escalation import PAGE_AFTER, Person, is_dialable
from ivr.oncall.plan import Plan

RINGS = timedelta(seconds=60)
"""A call that was placed longer ago rings no more; its whisper may last, but it has been heard."""

PAGE_PATH = "/voice/page"
"""Below PUBLIC_BASE_URL: what a person hears who is called about a ticket."""


def page_everybody(
    session: Session, clinic_id: str, ticket_id: UUID, plan: Plan, now: datetime
) -> None:
    """One text for each phone of the plan, due in 60 s; acceptance before that cancels them."""
    text(
        session,
        clinic_id=clinic_id,
        ticket_id=ticket_id,
        plan=plan,
        people=plan.people,
        due_at=now + PAGE_AFTER,
        now=now,
    )


def text(
    session: Session,
    *,
    clinic_id: str,
    ticket_id: UUID,
    plan: Plan,
    people: Sequence[Person],
    due_at: datetime,
    now: datetime,
) -> None:
    """A text to each of these people's phones. One still to be sent is not stored again."""
    bodies = {person.number: plan.page for person in _each_phone(people)}
    _store(session, clinic_id, ticket_id, "page_sms", bodies, due_at=due_at, now=now)


def call(
    session: Session,
    *,
    clinic_id: str,
    ticket_id: UUID,
    plan: Plan,
    people: Sequence[Person],
    now: datetime,
) -> None:
    """A call to each of these people's phones, now; a key accepts. None is stored twice."""
    if not plan.base:
        # Frozen by a version that placed no calls: its texts go on.
        return
    page = f"{plan.base}{PAGE_PATH}/{ticket_id}"
    bodies = {person.number: f"{page}/{person.key}" for person in _each_phone(people)}
    _store(session, clinic_id, ticket_id, "page_call", bodies, due_at=now, now=now)


def stop_calls(
    session: Session, *, clinic_id: str, ticket_id: UUID, but_for: str, now: datetime
) -> None:
    """Let the phones that still ring for a ticket fall silent.

    but_for: the carrier's id of the call in which it was accepted.
    """
    calls = outbox.sent_since(
        session,
        clinic_id=clinic_id,
        subject=subject(ticket_id),
        kind="page_call",
        since=now - RINGS,
    )
    for call in calls:
        if call.provider_id and call.provider_id != but_for:
            outbox.enqueue(
                session,
                clinic_id=clinic_id,
                kind="hang_up",
                lane="urgent",
                subject=f"{subject(ticket_id)}:over",
                to_number=call.to_number,
                body=call.provider_id,
                due_at=now,
                now=now,
            )


def was_called(session: Session, *, clinic_id: str, ticket_id: UUID, since: datetime) -> bool:
    """Whether the carrier took a call to anybody about this ticket since then (aware UTC)."""
    taken = outbox.sent_since(
        session, clinic_id=clinic_id, subject=subject(ticket_id), kind="page_call", since=since
    )
    return bool(taken)


def _store(
    session: Session,
    clinic_id: str,
    ticket_id: UUID,
    kind: outbox.Kind,
    bodies: Mapping[str, str],
    *,
    due_at: datetime,
    now: datetime,
) -> None:
    for number, body in bodies.items():
        outbox.enqueue_once(
            session,
            clinic_id=clinic_id,
            kind=kind,
            lane="urgent",
            subject=subject(ticket_id),
            to_number=number,
            body=body,
            due_at=due_at,
            now=now,
        )


ALARM_TASK = "urgent_unanswered"
"""The desk task that says that nobody has accepted a ticket."""


def alarm_source(ticket_id: UUID) -> str:
    """What the source of a ticket's alarm begins with."""
    return f"alarm:{ticket_id}:"


def subject(ticket_id: UUID) -> str:
    """Under which everything that is sent about a ticket stands in the outbox."""
    return f"ticket:{ticket_id}"


def _each_phone(people: Sequence[Person]) -> Iterator[Person]:
    # Two may share a phone, and a ticket is never lost to a bad number on the list.
    phones = {person.number: person for person in reversed(people)}
    return (
        person
        for person in people
        if phones[person.number] is person and is_dialable(person.number)
    )
