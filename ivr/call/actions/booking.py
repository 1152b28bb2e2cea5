"""What booking runs: find slots, hold one, book it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from ivr.call.actions.registry import Context, actor, outcomes
from ivr.call.actions.sought import Sought
from ivr.call.actions.telling import tell_by_text
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.call.wished import wished
from ivr.messages.patients.wording import Occasion
from scheduling import agenda, booking, offers, patients
from scheduling.errors import NotBookable, SlotTaken
from scheduling.preferences import ANY_TIME, Wishes
from scheduling.requests import Request
from scheduling.slots import Slot
from scheduling.states import Channel

OFFERED = 3
"""Slots read out at a time: more cannot be kept in mind [caller-safety]."""

NOTHING_HELD = {
    "hold_id": "",
    **{f"slot_{position}": "" for position in range(1, OFFERED + 1)},
}
"""What a call knows no more once the time it chose is booked."""

OPEN_VISITS = 1
"""Visits a caller may have ahead before the desk must arrange the next [caller-safety: abuse]."""


@outcomes("found", "none")
def find_slots(context: Context, session: Session) -> Done:
    """The next free slots. Going back to choose again gives up the slot held before."""
    booking.release_holds(context.transaction, clinic_id=session.clinic_id, holder=session.call_sid)
    return offer(_free_slots(context, session), "found", forget={"hold_id": "", "slot": ""})


@outcomes("found", "none")
def find_later_slots(context: Context, session: Session) -> Done:
    """The slots after the last one read out; where there are none, those stay on offer."""
    offered = (session.facts.get(f"slot_{position}") for position in range(OFFERED, 0, -1))
    last = Slot.from_json(json.loads(next(slot for slot in offered if slot)))
    later = search(context, session, wished(session.facts), after=last.starts_at)
    return offer(later, "found") if later else Done("none")


@outcomes("consultation", "refill", "move")
def what_was_sought(_context: Context, session: Session) -> Done:
    """For what no free time was found."""
    sought = Sought.by(session)
    if sought.moving is not None:
        return Done("move")
    return Done("consultation" if sought.pump_id is None else "refill")


@outcomes("held", "held_to_move", "taken", "none")
def hold_slot(context: Context, session: Session) -> Done:
    """Keep the chosen slot for this call while it is read back."""
    slot = Slot.from_json(json.loads(session.facts[f"slot_{session.facts['chosen']}"]))
    moving = Sought.by(session).moving
    try:
        hold = booking.hold(
            context.transaction,
            slot=slot,
            holder=session.call_sid,
            now=context.now,
            ttl=context.hold_ttl,
            moving=moving,
        )
    except (SlotTaken, NotBookable):
        return none_of_these(context, session)
    return Done(
        "held" if moving is None else "held_to_move",
        {"hold_id": str(hold.id), "slot": _as_fact(slot), "provider": slot.provider_name},
    )


@outcomes("booked", "taken", "none", "full")
def book(context: Context, session: Session) -> Done:
    """Turn the hold into a visit for the caller."""
    facts = session.facts
    if "hold_id" not in facts:
        return none_of_these(context, session)
    request = Request(
        actor=actor(session),
        channel=Channel.PHONE,
        now=context.now,
        key=f"{session.call_sid}:{facts['hold_id']}",
    )
    sought = Sought.by(session)
    patient_id = sought.patient_id or _registered(context, session, request)
    ahead = agenda.open_visits_of(
        context.transaction, session.clinic_id, patient_id, now=context.now
    )
    # A pump has a visit of its own ahead, whatever else its patient comes for.
    if sum(sought.pump_id in (None, one.pump_id) for one in ahead) >= OPEN_VISITS:
        booking.release_holds(
            context.transaction, clinic_id=session.clinic_id, holder=session.call_sid
        )
        return Done("full", {"hold_id": "", "slot": ""})
    try:
        visit = booking.book_hold(
            context.transaction,
            clinic_id=session.clinic_id,
            hold_id=UUID(facts["hold_id"]),
            patient_id=patient_id,
            callback_number=facts["phone"],
            request=request,
            pump_id=sought.pump_id,
        )
    except (SlotTaken, NotBookable):
        return none_of_these(context, session)
    tell_by_text(context, visit, Occasion.BOOKED)
    about = {
        "text_about": "booked",
        "text_visit": str(visit.id),
        "booked_for": str(patient_id),
    }
    return Done("booked", NOTHING_HELD | about)


def none_of_these(context: Context, session: Session) -> Done:
    """The chosen time is gone: the next free ones, as "taken", or "none"."""
    slots = _free_slots(context, session)
    return offer(slots, "taken", forget={"hold_id": "", "slot": ""})


def _registered(context: Context, session: Session, request: Request) -> UUID:
    facts = session.facts
    patient = patients.register_patient(
        context.transaction,
        clinic_id=session.clinic_id,
        name=facts.get("name"),
        date_of_birth=date.fromisoformat(facts["date_of_birth"]),
        phone=facts["phone"],
        language=session.language,
        request=request,
    )
    return patient.id


def _free_slots(context: Context, session: Session) -> list[Slot]:
    """The next free slots as they were wished for; where there are none, the next free at all."""
    wishes = wished(session.facts)
    return search(context, session, wishes) or search(context, session, ANY_TIME)


def search(
    context: Context, session: Session, wishes: Wishes, *, after: datetime | None = None
) -> list[Slot]:
    """The free slots to read out. after: the start of the last one read out."""
    sought = Sought.by(session)
    found = offers.find_slots(
        context.transaction,
        clinic_id=context.clinic.id,
        visit_type_key=sought.visit_type_key,
        now=context.now,
        after=after,
        # The time that a visit has counts as free for it, and is no other time.
        limit=OFFERED + (sought.moving is not None),
        wishes=wishes,
        patient_id=sought.patient_id,
        moving=sought.moving,
        pump_id=sought.pump_id,
    )
    has = session.facts.get("visit_at") if sought.moving else None
    return [slot for slot in found if slot.starts_at.isoformat() != has][:OFFERED]


def offer(slots: Sequence[Slot], outcome: str, *, forget: Mapping[str, str] | None = None) -> Done:
    """The slots as facts, in place of those before."""
    facts = {f"slot_{position}": "" for position in range(1, OFFERED + 1)}
    facts |= {f"slot_{position}": _as_fact(slot) for position, slot in enumerate(slots, 1)}
    return Done(outcome if slots else "none", {**facts, **(forget or {})})


def _as_fact(slot: Slot) -> str:
    return json.dumps(slot.to_json(), separators=(",", ":"))
