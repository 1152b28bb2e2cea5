"""What going on with a broken-off booking runs: was there one, and is this who began it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from ivr.call.actions.registry import Context, outcomes
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.call.tables import CallRow, CallTurnRow

WITHIN = timedelta(minutes=15)
"""After the hang-up a booking may be gone on with [issue: 15 min]."""

_LONGEST_CALL = timedelta(hours=2)
"""Only to find the caller's last call by its start, for which there is an index."""

_BEGINS_AT = "ask_name"
"""The input node with which a caller begins to book."""

_RESTORED = ("name", "date_of_birth", "phone")

_OVER = {"resume": "", "resume_over": "yes"}


@outcomes("begun", "none")
def find_begun_booking(context: Context, session: Session) -> Done:
    """Whether their last call, just now and from this number, broke off while they booked.

    Offered once in a call. What they gave then stays unsaid until the date of birth is keyed.
    """
    if session.caller is None or "resume_over" in session.facts:
        return Done("none")
    call_sid = _last_call(context.transaction, session, context.now)
    begun = _begun(context.transaction, session.clinic_id, call_sid) if call_sid else None
    return Done("begun", {"resume": begun.call_sid}) if begun else Done("none")


@outcomes("number", "slots", "anew")
def resume_booking(context: Context, session: Session) -> Done:
    """Restore what they gave, if the date of birth is the one they gave; one try.

    The slot they held is free again: those that are free now are read out.
    """
    call_sid, born = session.facts.get("resume"), session.facts.get("date_of_birth")
    begun = _begun(context.transaction, session.clinic_id, call_sid) if call_sid else None
    if begun is None or begun.facts["date_of_birth"] != born:
        return Done("anew", {**_OVER, "date_of_birth": ""})
    facts = {name: begun.facts[name] for name in _RESTORED if name in begun.facts}
    had_slots = any(name.startswith("slot_") for name in begun.facts)
    return Done("slots" if had_slots and "phone" in facts else "number", {**facts, **_OVER})


def _last_call(transaction: Transaction, session: Session, now: datetime) -> str | None:
    """Their latest call that is over, where it ended just now."""
    last = transaction.execute(
        select(CallRow.call_sid, CallRow.ended_at)
        .where(
            CallRow.clinic_id == session.clinic_id,
            CallRow.started_at > now - _LONGEST_CALL,
            CallRow.from_number == session.caller,
            CallRow.call_sid != session.call_sid,
            CallRow.ended_at.is_not(None),
        )
        .order_by(CallRow.started_at.desc(), CallRow.ended_at.desc())
        .limit(1)
    ).one_or_none()
    if last is None or last.ended_at is None or last.ended_at < now - WITHIN:
        return None
    return str(last.call_sid)


def _begun(transaction: Transaction, clinic_id: str, call_sid: str) -> Session | None:
    """That call as its last turn left it, where a booking was begun in it and not ended."""
    state = transaction.scalar(
        select(CallTurnRow.state)
        .where(CallTurnRow.clinic_id == clinic_id, CallTurnRow.call_sid == call_sid)
        .order_by(CallTurnRow.turn.desc())
        .limit(1)
    )
    if state is None:
        return None
    try:
        session = Session.from_json(state)
    except (TypeError, KeyError, ValueError):
        # Stored by another version: they begin anew.
        return None
    was_booking = _BEGINS_AT in (*session.trail, session.stood_at)
    has_booked = "slot" in session.facts and "hold_id" not in session.facts
    if not was_booking or has_booked or "date_of_birth" not in session.facts:
        return None
    return session
