"""What staff by phone run: their PIN, the open tickets, accepting, calling back and closing one.

`staff` is the fact that a call comes from a registered number; it offers the PIN and opens nothing.
`staff_in`, which check_pin alone sets, is the key of the person who knew it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session as Transaction

from ivr.call.actions.registry import Context, outcomes
from ivr.call.events import Done
from ivr.call.nodes import STAFF_FACT
from ivr.call.session import Session
from ivr.oncall import acceptance, board, calling_back, closing, pins, stored_ticket
from ivr.oncall.acceptance import Accepted, AlreadyAccepted
from ivr.oncall.board import TicketSummary
from ivr.oncall.briefing import briefing
from ivr.oncall.closing import Closed
from ivr.oncall.dispositions import Disposition
from ivr.oncall.escalation import waits_in_queue
from ivr.oncall.journal import events_of
from ivr.oncall.pins import Standing, Try
from scheduling.hours import local_day, zone_of

TRIES_A_CALL = 3
"""Wrong PINs in one call; then it lets nobody in [caller-safety, privacy: as for patients]."""


def recognised(transaction: Transaction, clinic_id: str, caller: str | None) -> Mapping[str, str]:
    """The fact that a call comes from a staff phone; none for every other caller."""
    key = pins.staff_of_number(transaction, clinic_id, caller) if caller else None
    return {STAFF_FACT: key} if key else {}


@outcomes("known", "ask", "no_pin", "refused", "locked")
def may_key_pin(context: Context, session: Session) -> Done:
    """Whether the PIN is to be asked for, or was keyed before in this call."""
    if "staff_in" in session.facts:
        return Done("known")
    if _wrong_tries(session) >= TRIES_A_CALL:
        return Done("refused")
    key, today = session.facts[STAFF_FACT], _today(context)
    match pins.standing_of(context.transaction, session.clinic_id, key, today):
        case Standing.ASK:
            return Done("ask")
        case Standing.NO_PIN:
            return Done("no_pin")
        case Standing.LOCKED:
            return Done("locked")


def compare_pin(statements: Transaction, session: Session) -> Mapping[str, str]:
    """Whether what was keyed is the PIN, as `pin_is_right`."""
    stored = pins.hash_of(statements, session.clinic_id, session.facts[STAFF_FACT])
    right = stored is not None and pins.is_pin(stored, session.facts["pin"])
    return {"pin_is_right": "yes" if right else "no"}


@outcomes("right", "wrong", "refused", "locked", before=compare_pin)
def check_pin(context: Context, session: Session) -> Done:
    """Let them in, or count a wrong PIN against them."""
    # Missing only where the call holds a slot meanwhile: then it is compared here, some 30 ms.
    found = context.found or compare_pin(context.transaction, session)
    came_of_it = pins.count_try(
        context.transaction,
        clinic_id=session.clinic_id,
        person_key=session.facts[STAFF_FACT],
        right=found["pin_is_right"] == "yes",
        today=_today(context),
    )
    if came_of_it is Try.RIGHT:
        return Done("right", {"pin": "", "staff_in": session.facts[STAFF_FACT]})
    tries = _wrong_tries(session) + 1
    facts = {"pin": "", "pin_tries": str(tries)}
    if came_of_it is Try.LOCKED:
        return Done("locked", facts)
    return Done("refused" if tries >= TRIES_A_CALL else "wrong", facts)


@outcomes("counted")
def count_open_tickets(context: Context, session: Session) -> Done:
    """How many are theirs and how many wait; the list begins again."""
    holders = [one.accepted_by_key for one in _open_tickets(context, session)]
    own, waiting = holders.count(session.facts["staff_in"]), holders.count(None)
    return Done(
        "counted", {"staff_own": str(own), "staff_waiting": str(waiting), "staff_heard": ""}
    )


@outcomes("nobodys", "theirs", "others", "none")
def next_open_ticket(context: Context, session: Session) -> Done:
    """The next one they have not heard: those that wait come first, the oldest of them first."""
    heard = session.facts.get("staff_heard", "").split()
    for ticket in _open_tickets(context, session):
        if str(ticket.number) not in heard:
            heard.append(str(ticket.number))
            facts = _about(context, ticket) | {"staff_heard": " ".join(heard)}
            return Done(_whose(ticket, session), facts)
    return Done("none")


@outcomes("waits", "accepted", "taken", "closed")
def accept_ticket(context: Context, session: Session) -> Done:
    """Exactly one person gets it, whichever way the others come."""
    clinic_id, ticket_id = session.clinic_id, _ticket_id(session)
    ticket = stored_ticket.locked(context.transaction, clinic_id, ticket_id)
    waits = waits_in_queue(events_of(context.transaction, clinic_id, ticket_id))
    outcome = acceptance.accept(
        context.transaction,
        clinic_id=clinic_id,
        ticket_id=ticket_id,
        person_key=session.facts["staff_in"],
        by_page=not waits,
        now=context.now,
    )
    if isinstance(outcome, Accepted):
        told = _briefed(context, session, ticket.callback_number)
        return Done("waits" if waits else "accepted", told)
    if isinstance(outcome, AlreadyAccepted):
        return Done("taken", {"staff_holder": outcome.by.name})
    return Done("closed", {"staff_closer": outcome.by})


@outcomes("theirs", "put_back")
def came_in_vain(context: Context, session: Session) -> Done:
    """The caller had hung up, or was about to be told that they will be called back.

    One who hangs up that soon after the acceptance puts the ticket back.
    """
    acceptance.came_in_vain(
        context.transaction,
        clinic_id=session.clinic_id,
        ticket_id=_ticket_id(session),
        person_key=session.facts["staff_in"],
        now=context.now,
    )
    ticket = board.open_ticket(context.transaction, session.clinic_id, _ticket_id(session))
    theirs = ticket is not None and ticket.accepted_by_key == session.facts["staff_in"]
    return Done("theirs" if theirs else "put_back")


@outcomes("known", "unknown", "not_theirs")
def find_number_to_call(context: Context, session: Session) -> Done:
    """The ticket's callback number, for whoever has it."""
    ticket = board.open_ticket(context.transaction, session.clinic_id, _ticket_id(session))
    if ticket is None or ticket.accepted_by_key != session.facts["staff_in"]:
        return Done("not_theirs")
    told = _briefed(context, session, ticket.callback_number)
    facts = _about(context, ticket) | {"dial": ticket.callback_number or ""} | told
    return Done("known" if ticket.callback_number else "unknown", facts)


@outcomes("kept")
def keep_called_back(context: Context, session: Session) -> Done:
    """They were connected."""
    calling_back.called_back(
        context.transaction,
        clinic_id=session.clinic_id,
        ticket_id=_ticket_id(session),
        person_key=session.facts["staff_in"],
        now=context.now,
    )
    return Done("kept", {"dial": "", "dial_outcome": ""})


@outcomes("closed", "not_theirs")
def close_ticket(context: Context, session: Session) -> Done:
    """Close it as they chose; only their own, and the first close stands."""
    outcome = closing.close_by_holder(
        context.transaction,
        clinic_id=session.clinic_id,
        ticket_id=_ticket_id(session),
        person_key=session.facts["staff_in"],
        disposition=Disposition(session.facts["disposition"]),
        now=context.now,
    )
    if isinstance(outcome, Closed):
        return Done("closed", {"staff_closer": outcome.closing.by, "disposition": ""})
    return Done("not_theirs", {"disposition": ""})


def _open_tickets(context: Context, session: Session) -> list[TicketSummary]:
    tickets = board.open_tickets(context.transaction, session.clinic_id)
    return sorted(tickets, key=lambda one: (one.accepted_by_key is not None, one.opened_at))


def _whose(ticket: TicketSummary, session: Session) -> str:
    if ticket.accepted_by_key is None:
        return "nobodys"
    return "theirs" if ticket.accepted_by_key == session.facts["staff_in"] else "others"


def _about(context: Context, ticket: TicketSummary) -> dict[str, str]:
    # Apart from the facts of a ticket that they opened themselves: a nurse may be a patient, too.
    minutes = (context.now - ticket.opened_at).total_seconds() // 60
    return {
        "staff_ticket_id": str(ticket.id),
        "staff_ticket": str(ticket.number),
        "staff_category": ticket.category,
        "staff_age": str(max(0, int(minutes))),
        "staff_phone": ticket.callback_number or "",
        "staff_holder": ticket.accepted_by_name or "",
    }


def _briefed(context: Context, session: Session, number: str | None) -> dict[str, str]:
    """What is on file under the number; only for whoever has accepted."""
    told = briefing(context.transaction, session.clinic_id, number)
    due = told.refill_due if told else None
    return {
        "staff_patient": told.patient if told else "",
        "staff_refill": due.isoformat() if due else "",
    }


def _ticket_id(session: Session) -> UUID:
    return UUID(session.facts["staff_ticket_id"])


def _wrong_tries(session: Session) -> int:
    return int(session.facts.get("pin_tries", "0"))


def _today(context: Context) -> date:
    return local_day(context.now, zone_of(context.clinic.timezone))
