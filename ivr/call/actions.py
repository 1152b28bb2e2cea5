"""What Do nodes run: find slots, hold, book, open a ticket. Each returns one of its outcomes.

An action gets the open transaction and never commits: what it stores is kept or lost together
with the turn that asked for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session as Transaction

from ivr.call import understand
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.clinics.definition import ClinicFile
from ivr.messages import desk_tasks
from ivr.oncall import tickets
from ivr.oncall.escalation import Ring
from scheduling import agenda, booking, offers, patients
from scheduling.errors import NotBookable, SlotTaken
from scheduling.requests import Request
from scheduling.slots import Slot
from scheduling.states import Channel

OFFERED = 3
"""Slots read out at a time: more cannot be kept in mind [caller-safety]."""

OPEN_VISITS = 1
"""Visits a caller may have ahead before the desk must arrange the next [caller-safety: abuse]."""

CONSULTATION = "consultation"


@dataclass(frozen=True)
class Context:
    """What an action works with. now: aware UTC."""

    transaction: Transaction
    clinic: ClinicFile
    link_base: str
    hold_ttl: timedelta
    now: datetime


@dataclass(frozen=True)
class Action:
    """An action and every outcome it can have; checks.py holds the flow against these."""

    run: Callable[[Context, Session], Done]
    outcomes: frozenset[str]


ACTIONS: dict[str, Action] = {}


def _outcomes(
    *outcomes: str,
) -> Callable[[Callable[[Context, Session], Done]], Callable[[Context, Session], Done]]:
    def register(run: Callable[[Context, Session], Done]) -> Callable[[Context, Session], Done]:
        ACTIONS[run.__name__] = Action(run, frozenset(outcomes))
        return run

    return register


def action_outcomes() -> Mapping[str, frozenset[str]]:
    """Action name → outcomes, for checks.py."""
    return {name: action.outcomes for name, action in ACTIONS.items()}


# Urgent


@_outcomes("opened", "accepted")
def open_ticket(context: Context, session: Session) -> Done:
    """Store the ticket of this call, once; pressing urgent again rings again, unless accepted."""
    ticket = tickets.open_ticket(
        context.transaction,
        clinic_id=session.clinic_id,
        call_sid=session.call_sid,
        callback_number=session.facts.get("phone") or _own_number(session),
        language=session.language,
        link_base=context.link_base,
        now=context.now,
    )
    facts = {"ticket_id": str(ticket.id), "ticket_number": str(ticket.number)}
    if tickets.is_accepted(context.transaction, clinic_id=session.clinic_id, ticket_id=ticket.id):
        return Done("accepted", facts)
    stood_already = ticket.opened_at < context.now or "ticket_id" in session.facts
    if stood_already:
        tickets.start_round(
            context.transaction, clinic_id=session.clinic_id, ticket_id=ticket.id, now=context.now
        )
    return Done("opened", facts)


@_outcomes("ring", "taken", "nobody")
def ring_next_on_call(context: Context, session: Session) -> Done:
    """Whom to ring now, by the ticket's frozen plan; the ring before is recorded as it ended."""
    ticket_id = _record_ring(context, session)
    if _will_be_called_back(context, session):
        return Done("taken", {"dial_outcome": ""})
    if tickets.is_accepted(context.transaction, clinic_id=session.clinic_id, ticket_id=ticket_id):
        # Somebody pressed 1 and the line broke before they were connected: nobody has been helped.
        tickets.start_round(
            context.transaction, clinic_id=session.clinic_id, ticket_id=ticket_id, now=context.now
        )
    step = tickets.next_ring(
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


@_outcomes("accepted", "taken", "not_accepted")
def was_accepted(context: Context, session: Session) -> Done:
    """Whether a human pressed 1: a finished call may have been with a voicemail."""
    ticket_id = UUID(session.facts["ticket_id"])
    if _will_be_called_back(context, session):
        return Done("taken", {"dial_outcome": ""})
    if tickets.is_accepted(context.transaction, clinic_id=session.clinic_id, ticket_id=ticket_id):
        _record_ring(context, session)
        return Done("accepted", {"dial_outcome": ""})
    return Done("not_accepted")


@_outcomes("again", "taken")
def ring_again(context: Context, session: Session) -> Done:
    """Start the plan's next round, unless somebody who was paged is about to call back."""
    if _will_be_called_back(context, session):
        return Done("taken")
    tickets.start_round(
        context.transaction,
        clinic_id=session.clinic_id,
        ticket_id=UUID(session.facts["ticket_id"]),
        now=context.now,
    )
    return Done("again")


@_outcomes("known", "unknown")
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
    known = _own_number(session)
    return Done("known", {"phone": known}) if known else Done("unknown")


@_outcomes("kept")
def keep_urgent_number(context: Context, session: Session) -> Done:
    """The number just keyed is where the ticket's caller is called back."""
    _keep_number(context, session, session.facts["phone"])
    return Done("kept")


# Booking


@_outcomes("known", "unknown")
def offer_own_number(_context: Context, session: Session) -> Done:
    """Offer the number they gave before, or call from; a withheld one must be keyed."""
    number = session.facts.get("phone") or _own_number(session)
    return Done("known", {"phone": number}) if number else Done("unknown")


@_outcomes("found", "none")
def find_slots(context: Context, session: Session) -> Done:
    """The next free slots. Going back to choose again gives up the slot held before."""
    booking.release_holds(context.transaction, clinic_id=session.clinic_id, holder=session.call_sid)
    return _offer(_free_slots(context, None), "found", forget={"hold_id": "", "slot": ""})


@_outcomes("found", "none")
def find_later_slots(context: Context, session: Session) -> Done:
    """The slots after the last one read out; where there are none, those stay on offer."""
    last = Slot.from_json(json.loads(session.facts[f"slot_{OFFERED}"]))
    later = _free_slots(context, last.starts_at)
    return _offer(later, "found") if later else Done("none")


@_outcomes("held", "taken", "none")
def hold_slot(context: Context, session: Session) -> Done:
    """Keep the chosen slot for this call while it is read back."""
    slot = Slot.from_json(json.loads(session.facts[f"slot_{session.facts['chosen']}"]))
    try:
        hold = booking.hold(
            context.transaction,
            slot=slot,
            holder=session.call_sid,
            now=context.now,
            ttl=context.hold_ttl,
        )
    except (SlotTaken, NotBookable):
        return _offer(_free_slots(context, None), "taken", forget={"hold_id": "", "slot": ""})
    return Done(
        "held",
        {"hold_id": str(hold.id), "slot": _as_fact(slot), "provider": slot.provider_name},
    )


@_outcomes("booked", "taken", "none", "full")
def book(context: Context, session: Session) -> Done:
    """Turn the hold into a visit for the caller."""
    facts = session.facts
    if "hold_id" not in facts:
        return _offer(_free_slots(context, None), "taken")
    request = Request(
        actor="caller",
        channel=Channel.PHONE,
        now=context.now,
        key=f"{session.call_sid}:{facts['hold_id']}",
    )
    patient = patients.register_patient(
        context.transaction,
        clinic_id=session.clinic_id,
        name=facts.get("name"),
        date_of_birth=date.fromisoformat(facts["date_of_birth"]),
        phone=facts["phone"],
        language=session.language,
        request=request,
    )
    ahead = agenda.open_visits_of(
        context.transaction, session.clinic_id, patient.id, now=context.now
    )
    if len(ahead) >= OPEN_VISITS:
        booking.release_holds(
            context.transaction, clinic_id=session.clinic_id, holder=session.call_sid
        )
        return Done("full", {"hold_id": "", "slot": ""})
    try:
        booking.book_hold(
            context.transaction,
            clinic_id=session.clinic_id,
            hold_id=UUID(facts["hold_id"]),
            patient_id=patient.id,
            callback_number=facts["phone"],
            request=request,
        )
    except (SlotTaken, NotBookable):
        return _offer(_free_slots(context, None), "taken", forget={"hold_id": "", "slot": ""})
    forgotten = {"hold_id": "", **{f"slot_{position}": "" for position in range(1, OFFERED + 1)}}
    return Done("booked", forgotten)


# A person


@_outcomes("open", "closed")
def is_desk_open(context: Context, session: Session) -> Done:
    """Whether the front desk is there now."""
    if agenda.is_clinic_open(context.transaction, session.clinic_id, context.now):
        return Done("open", {"dial": context.clinic.numbers.desk})
    return Done("closed")


@_outcomes("kept", "no_number")
def request_callback(context: Context, session: Session) -> Done:
    """Leave the caller's number on the desk's list."""
    number = session.facts.get("phone")
    desk_tasks.open_task(
        context.transaction,
        clinic_id=session.clinic_id,
        kind="callback" if number else "missed_caller",
        callback_number=number,
        language=session.language,
        note="",
        source=session.call_sid,
        now=context.now,
    )
    return Done("kept" if number else "no_number")


def _will_be_called_back(context: Context, session: Session) -> bool:
    return tickets.will_be_called_back(
        context.transaction,
        clinic_id=session.clinic_id,
        ticket_id=UUID(session.facts["ticket_id"]),
    )


def _keep_number(context: Context, session: Session, number: str) -> None:
    tickets.set_callback(
        context.transaction,
        clinic_id=session.clinic_id,
        ticket_id=UUID(session.facts["ticket_id"]),
        number=number,
        now=context.now,
    )


def _own_number(session: Session) -> str | None:
    return understand.callback_number(session.caller or "")


def _record_ring(context: Context, session: Session) -> UUID:
    ticket_id = UUID(session.facts["ticket_id"])
    if outcome := session.facts.get("dial_outcome"):
        tickets.record_ring_outcome(
            context.transaction,
            clinic_id=session.clinic_id,
            ticket_id=ticket_id,
            outcome=outcome,
            now=context.now,
        )
    return ticket_id


def _free_slots(context: Context, after: datetime | None) -> list[Slot]:
    return offers.find_slots(
        context.transaction,
        clinic_id=context.clinic.id,
        visit_type_key=CONSULTATION,
        now=context.now,
        after=after,
        limit=OFFERED,
    )


def _offer(slots: Sequence[Slot], outcome: str, *, forget: Mapping[str, str] | None = None) -> Done:
    facts = {f"slot_{position}": "" for position in range(1, OFFERED + 1)}
    facts |= {f"slot_{position}": _as_fact(slot) for position, slot in enumerate(slots, 1)}
    return Done(outcome if slots else "none", {**facts, **(forget or {})})


def _as_fact(slot: Slot) -> str:
    return json.dumps(slot.to_json(), separators=(",", ":"))
