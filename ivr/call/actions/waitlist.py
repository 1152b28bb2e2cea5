"""What somebody runs for whom a freed time is held, who phones or is called: take it or refuse it.

Who phones is verified. Of whom we call it is enough that they have the telephone, as with a text:
nothing but this time is shown or moved.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from ivr.call.actions.registry import Context, outcomes
from ivr.call.actions.telling import tell_by_text
from ivr.call.actions.visits_ahead import about, number_to_call, patient_id, request_for
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.messages.patients.wording import Occasion
from scheduling.errors import NotBookable, PatientBusy, WaitlistOfferGone
from scheduling.requests import Request
from scheduling.waitlist import answering
from scheduling.waitlist.answering import HeldTime

CALLED = "patient, called"
"""Who asks for a change with a key of the phone that we called, in the visit's history."""

NO_OFFER = dict.fromkeys(
    ("offer_id", "offer_at", "offer_kind", "offer_minutes", "offer_instead_of"), ""
)


def offer_to_tell(context: Context, session: Session) -> dict[str, str] | None:
    """The time that is held for the verified patient, as facts; None for none not told before."""
    held = answering.held_for(
        context.transaction, session.clinic_id, patient_id(context, session), context.now
    )
    told = session.facts.get("offers_told", "").split()
    new = next((one for one in held if str(one.offer_id) not in told), None)
    if new is None:
        return None
    return _as_facts(context, new) | {"offers_told": " ".join([*told, str(new.offer_id)])}


@outcomes("taken", "gone", "by_staff")
def take_offer(context: Context, session: Session) -> Done:
    """It is theirs: the visit they have moves there, or a new one is booked."""
    return _take(context, session, request_for(session, context, "take_offer"))


@outcomes("taken", "gone", "by_staff")
def take_called_offer(context: Context, session: Session) -> Done:
    """The same for whoever picked up the phone that we called about it."""
    return _take(context, session, _by_whoever_answered(context, session, "take_offer"))


@outcomes("refused", "gone")
def refuse_offer(context: Context, session: Session) -> Done:
    """It goes to the next in line, and they keep their place."""
    return _refuse(context, session, request_for(session, context, "refuse_offer"))


@outcomes("refused", "gone")
def refuse_called_offer(context: Context, session: Session) -> Done:
    """The same for whoever picked up the phone that we called about it."""
    return _refuse(context, session, _by_whoever_answered(context, session, "refuse_offer"))


def _by_whoever_answered(context: Context, session: Session, what: str) -> Request:
    return replace(request_for(session, context, what), actor=CALLED)


def _take(context: Context, session: Session, request: Request) -> Done:
    try:
        visit = answering.accept(
            context.transaction,
            clinic_id=session.clinic_id,
            offer_id=UUID(session.facts["offer_id"]),
            callback_number=number_to_call(context, session),
            request=request,
        )
    except WaitlistOfferGone:
        return Done("gone", NO_OFFER)
    except (NotBookable, PatientBusy):
        # The offer stays open: whoever is at the desk may answer for it.
        return Done("by_staff")
    tell_by_text(context, visit, Occasion.BOOKED)
    texts = {"text_about": "offer", "text_visit": str(visit.id)}
    return Done("taken", about(context, visit) | NO_OFFER | texts)


def _refuse(context: Context, session: Session, request: Request) -> Done:
    try:
        answering.decline(
            context.transaction,
            clinic_id=session.clinic_id,
            offer_id=UUID(session.facts["offer_id"]),
            request=request,
        )
    except WaitlistOfferGone:
        return Done("gone", NO_OFFER)
    return Done("refused", NO_OFFER)


def _as_facts(context: Context, held: HeldTime) -> dict[str, str]:
    minutes = (held.expires_at - context.now) // timedelta(minutes=1)
    return {
        "offer_id": str(held.offer_id),
        "offer_at": held.starts_at.isoformat(),
        "offer_kind": held.visit_type_key,
        "offer_minutes": str(max(1, minutes)),
        "offer_instead_of": held.instead_of.isoformat() if held.instead_of else "",
    }
