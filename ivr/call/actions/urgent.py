"""What the urgent branch runs: the ticket, its rings, the promise of a call back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from ivr.call.actions.registry import Context, outcomes, own_number
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.messages import heartbeat
from ivr.oncall import acceptance, classifying, closing, ringing, stored_ticket, tickets
from ivr.oncall.escalation import Ring, WhyNobody
from ivr.oncall.triage import TIERS, UNKNOWN, Tier, callback_by
from scheduling import agenda

DESK_WITHIN = timedelta(days=5)
"""How far ahead the desk's next hours are looked for: a long weekend."""


@outcomes("unknown", "known", "danger", "accepted")
def open_ticket(context: Context, session: Session) -> Done:
    """Store the ticket of this call, once; pressing urgent again rings again, unless accepted.

    What it is about is asked once, and only of whoever has not said so already.
    """
    ticket = tickets.open_ticket(
        context.transaction,
        clinic_id=session.clinic_id,
        call_sid=session.call_sid,
        callback_number=session.facts.get("phone") or own_number(session),
        language=session.language,
        link_base=context.link_base,
        now=context.now,
    )
    facts = {"ticket_id": str(ticket.id), "ticket_number": str(ticket.number)}
    # Closed meanwhile, and they press urgent again: urgency is raised, never lowered.
    held = stored_ticket.locked(context.transaction, session.clinic_id, ticket.id)
    closing.reopen_if_closed(context.transaction, held, context.now)
    if acceptance.is_accepted(
        context.transaction, clinic_id=session.clinic_id, ticket_id=ticket.id
    ):
        return Done("accepted", facts)
    stood_already = ticket.opened_at < context.now or "ticket_id" in session.facts
    if stood_already:
        ringing.start_round(
            context.transaction, clinic_id=session.clinic_id, ticket_id=ticket.id, now=context.now
        )
    category = _classify(context, session, ticket.id)
    if category == "danger":
        return Done("danger", facts)
    return Done("known" if stood_already or category != UNKNOWN else "unknown", facts)


@outcomes("classified")
def classify(context: Context, session: Session) -> Done:
    """Keep what the caller says it is about."""
    _classify(context, session, UUID(session.facts["ticket_id"]))
    return Done("classified")


@outcomes("found", "none")
def find_callback_time(context: Context, session: Session) -> Done:
    """Keep that it can wait for the desk, and find by when the desk would call back."""
    category = _classify(context, session, UUID(session.facts["ticket_id"]))
    hours = agenda.desk_hours(
        context.transaction, session.clinic_id, (context.now, context.now + DESK_WITHIN)
    )
    by = callback_by(context.now, hours)
    if by is None or TIERS[category] is not Tier.SAME_DAY:
        return Done("none")
    return Done("found", {"callback_by": by.isoformat()})


@outcomes("left", "no_number", "urgent")
def leave_to_desk(context: Context, session: Session) -> Done:
    """The caller wants to be called back then, and nobody now."""
    number = session.facts.get("phone") or own_number(session)
    if number is None:
        return Done("no_number")
    left = classifying.leave_to_desk(
        context.transaction,
        clinic_id=session.clinic_id,
        ticket_id=UUID(session.facts["ticket_id"]),
        until=datetime.fromisoformat(session.facts["callback_by"]),
        now=context.now,
    )
    if not left:
        return Done("urgent")
    _keep_number(context, session, number)
    return Done("left", {"phone": number})


@outcomes("ring", "taken", "everybody", "nobody")
def ring_next_on_call(context: Context, session: Session) -> Done:
    """Whom to ring now, by the ticket's frozen plan; the ring before is recorded as it ended."""
    ticket_id = _record_ring(context, session)
    if _will_be_called_back(context, session):
        return Done("taken", {"dial_outcome": ""})
    if acceptance.is_accepted(
        context.transaction, clinic_id=session.clinic_id, ticket_id=ticket_id
    ):
        # Somebody pressed 1 and the line broke before they were connected: nobody has been helped.
        ringing.start_round(
            context.transaction, clinic_id=session.clinic_id, ticket_id=ticket_id, now=context.now
        )
    step = ringing.next_ring(
        context.transaction, clinic_id=session.clinic_id, ticket_id=ticket_id, now=context.now
    )
    if isinstance(step, Ring):
        return Done(
            "ring",
            {"dial": step.person.number, "dial_person": step.person.key, "dial_outcome": ""},
        )
    tickets.page_now(
        context.transaction, clinic_id=session.clinic_id, ticket_id=ticket_id, now=context.now
    )
    nobody = {"dial": "", "dial_person": "", "dial_outcome": ""}
    if step.why is not WhyNobody.EVERYBODY_TRIED or not heartbeat.is_alive(
        context.transaction, context.now
    ):
        # Without a worker nobody would be called while they wait.
        return Done("nobody", nobody)
    ringing.wait_for_everybody(
        context.transaction, clinic_id=session.clinic_id, ticket_id=ticket_id, now=context.now
    )
    return Done("everybody", nobody)


@outcomes("accepted", "not_accepted")
def was_connected(context: Context, session: Session) -> Done:
    """Whoever came for the caller in the queue has accepted: so the ticket says."""
    ticket_id = UUID(session.facts["ticket_id"])
    return Done("accepted" if _is_accepted(context, session, ticket_id) else "not_accepted")


@outcomes("taken", "called", "not_called")
def left_the_queue(context: Context, session: Session) -> Done:
    """Whether somebody has it by now, and if not, whether anybody's phone was called at all."""
    called = ringing.waited_enough(
        context.transaction,
        clinic_id=session.clinic_id,
        ticket_id=UUID(session.facts["ticket_id"]),
        now=context.now,
    )
    if _will_be_called_back(context, session):
        return Done("taken")
    return Done("called" if called else "not_called")


@outcomes("accepted", "taken", "not_accepted")
def was_accepted(context: Context, session: Session) -> Done:
    """Whether a human pressed 1: a finished call may have been with a voicemail."""
    ticket_id = UUID(session.facts["ticket_id"])
    if _will_be_called_back(context, session):
        return Done("taken", {"dial_outcome": ""})
    if acceptance.was_connected(
        context.transaction, clinic_id=session.clinic_id, ticket_id=ticket_id
    ):
        _record_ring(context, session)
        return Done("accepted", {"dial_outcome": ""})
    return Done("not_accepted")


@outcomes("again", "taken")
def ring_again(context: Context, session: Session) -> Done:
    """Start the plan's next round, unless somebody who was paged is about to call back."""
    if _will_be_called_back(context, session):
        return Done("taken")
    ringing.start_round(
        context.transaction,
        clinic_id=session.clinic_id,
        ticket_id=UUID(session.facts["ticket_id"]),
        now=context.now,
    )
    return Done("again")


@outcomes("known", "unknown")
def promise_urgent_callback(context: Context, session: Session) -> Done:
    """Page at once; ask for a number only where caller ID gave none."""
    tickets.page_now(
        context.transaction,
        clinic_id=session.clinic_id,
        ticket_id=UUID(session.facts["ticket_id"]),
        now=context.now,
    )
    given = session.facts.get("phone")
    if given:
        _keep_number(context, session, given)
        return Done("known")
    known = own_number(session)
    return Done("known", {"phone": known}) if known else Done("unknown")


@outcomes("kept")
def keep_urgent_number(context: Context, session: Session) -> Done:
    """The number just keyed is where the ticket's caller is called back."""
    _keep_number(context, session, session.facts["phone"])
    return Done("kept")


def _will_be_called_back(context: Context, session: Session) -> bool:
    return acceptance.will_be_called_back(
        context.transaction,
        clinic_id=session.clinic_id,
        ticket_id=UUID(session.facts["ticket_id"]),
    )


def _is_accepted(context: Context, session: Session, ticket_id: UUID) -> bool:
    return acceptance.is_accepted(
        context.transaction, clinic_id=session.clinic_id, ticket_id=ticket_id
    )


def _classify(context: Context, session: Session, ticket_id: UUID) -> str:
    return classifying.classify(
        context.transaction,
        clinic_id=session.clinic_id,
        ticket_id=ticket_id,
        category=session.facts.get("category", UNKNOWN),
        now=context.now,
    )


def _keep_number(context: Context, session: Session, number: str) -> None:
    tickets.set_callback(
        context.transaction,
        clinic_id=session.clinic_id,
        ticket_id=UUID(session.facts["ticket_id"]),
        number=number,
        now=context.now,
    )


def _record_ring(context: Context, session: Session) -> UUID:
    ticket_id = UUID(session.facts["ticket_id"])
    if outcome := session.facts.get("dial_outcome"):
        ringing.record_ring_outcome(
            context.transaction,
            clinic_id=session.clinic_id,
            ticket_id=ticket_id,
            outcome=outcome,
            now=context.now,
        )
    return ticket_id
