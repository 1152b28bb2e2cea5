"""Whether the front desk is there, and when it is: as the fact that speak.py says aloud."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from ivr.call.actions.registry import Context, outcomes
from ivr.call.events import Done
from ivr.call.session import Session
from scheduling import agenda
from scheduling.clinic_rules import clinic_rules

LOOKED_AHEAD = timedelta(days=14)
"""For the next time the desk is there: longer than any holiday closure."""


@outcomes("found")
def find_desk_hours(context: Context, session: Session) -> Done:
    """Whether the desk is there now and until when, or when it is there next."""
    return Done("found", {"desk": desk_fact(context, session)})


@outcomes("open", "closed")
def is_desk_open(context: Context, session: Session) -> Done:
    """Whether the front desk is there now; if not, when it is there next."""
    desk = desk_fact(context, session)
    if desk.startswith("open"):
        edited = clinic_rules(context.transaction, session.clinic_id).desk_number
        return Done("open", {"desk": desk, "dial": edited or context.clinic.numbers.desk})
    return Done("closed", {"desk": desk})


def desk_fact(context: Context, session: Session) -> str:
    """The desk's hours as they bear on now: holidays, closures and extra sessions count.

    "open <until>", "closed today|tomorrow|later <opens>", both times ISO 8601, or "closed" where
    it is not there for LOOKED_AHEAD.
    """
    now = context.now
    hours = agenda.desk_hours(context.transaction, session.clinic_id, (now, now + LOOKED_AHEAD))
    if not hours:
        return "closed"
    opens, closes = hours[0]
    if opens <= now:
        return f"open {closes.isoformat()}"
    zone = ZoneInfo(context.clinic.timezone)
    days = (opens.astimezone(zone).date() - now.astimezone(zone).date()).days
    return f"closed {('today', 'tomorrow')[days] if days < 2 else 'later'} {opens.isoformat()}"
