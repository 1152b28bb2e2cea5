"""Puts into writing what was just done with a visit, for whoever agreed to texts."""

from __future__ import annotations

from ivr.call.actions.registry import Context
from ivr.messages.patients import notices
from ivr.messages.patients.wording import Occasion
from scheduling.tables import Visit


def tell_by_text(context: Context, visit: Visit, occasion: Occasion) -> None:
    """Queue it in the transaction of the change, after it."""
    notices.tell(
        context.transaction,
        visit=visit,
        occasion=occasion,
        base=context.link_base,
        now=context.now,
    )
