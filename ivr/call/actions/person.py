"""What the way to a person runs: is the desk there, and to whom the caller's number is left."""

from __future__ import annotations

from ivr.call.actions.registry import Context, outcomes, own_number
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.messages import desk_tasks
from scheduling import agenda


@outcomes("known", "unknown")
def offer_own_number(_context: Context, session: Session) -> Done:
    """Offer the number they gave before, or call from; a withheld one must be keyed."""
    number = session.facts.get("phone") or own_number(session)
    return Done("known", {"phone": number}) if number else Done("unknown")


@outcomes("open", "closed")
def is_desk_open(context: Context, session: Session) -> Done:
    """Whether the front desk is there now."""
    if agenda.is_clinic_open(context.transaction, session.clinic_id, context.now):
        return Done("open", {"dial": context.clinic.numbers.desk})
    return Done("closed")


@outcomes("kept", "no_number")
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
