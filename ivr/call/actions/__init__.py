"""What Do nodes run: find slots, hold, book, open a ticket. Each returns one of its outcomes.

An action gets the open transaction and never commits: what it stores is kept or lost together
with the turn that asked for it.
"""

from ivr.call.actions import (
    booking,
    consent,
    desk,
    messages,
    person,
    refills,
    reminded,
    resuming,
    staff,
    texting,
    urgent,
    verification,
    visits,
    waitlist,
    wishes,
)
from ivr.call.actions.registry import ACTIONS, Action, Context, action_outcomes

__all__ = [
    "ACTIONS",
    "Action",
    "Context",
    "action_outcomes",
    "booking",
    "consent",
    "desk",
    "messages",
    "person",
    "refills",
    "reminded",
    "resuming",
    "staff",
    "texting",
    "urgent",
    "verification",
    "visits",
    "waitlist",
    "wishes",
]
