"""What the urgent branch runs: the ticket, its rings, the promise of a call back."""

from __future__ import annotations

from uuid import UUID

from ivr.call.actions.registry import Context, outcomes, own_number
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.oncall import acceptance, closing, ringing, stored_ticket, tickets
from ivr.oncall.escalation import Ring


@outcomes("opened", "accepted")
def open_ticket(context: Context, session: Session) -> Done:
    """Store the ticket of this call, once; pressing urgent again rings again, unless accepted."""
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
    return Done("opened", facts)


@outcomes("ring", "taken", "nobody")
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
    return Done("nobody", {"dial": "", "dial_person": "", "dial_outcome": ""})


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
