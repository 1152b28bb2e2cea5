"""What booking runs: find slots, hold one, book it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from ivr.call.actions.registry import Context, outcomes
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.call.wished import wished
from scheduling import agenda, booking, offers, patients
from scheduling.errors import NotBookable, SlotTaken
from scheduling.preferences import ANY_TIME, Wishes
from scheduling.requests import Request
from scheduling.slots import Slot
from scheduling.states import Channel

OFFERED = 3
"""Slots read out at a time: more cannot be kept in mind [caller-safety]."""

OPEN_VISITS = 1
"""Visits a caller may have ahead before the desk must arrange the next [caller-safety: abuse]."""

CONSULTATION = "consultation"


@outcomes("found", "none")
def find_slots(context: Context, session: Session) -> Done:
    """The next free slots. Going back to choose again gives up the slot held before."""
    booking.release_holds(context.transaction, clinic_id=session.clinic_id, holder=session.call_sid)
    slots = _free_slots(context, session.facts)
    return offer(slots, "found", forget={"hold_id": "", "slot": ""})


@outcomes("found", "none")
def find_later_slots(context: Context, session: Session) -> Done:
    """The slots after the last one read out; where there are none, those stay on offer."""
    offered = (session.facts.get(f"slot_{position}") for position in range(OFFERED, 0, -1))
    last = Slot.from_json(json.loads(next(slot for slot in offered if slot)))
    later = search(context, wished(session.facts), after=last.starts_at)
    return offer(later, "found") if later else Done("none")


@outcomes("held", "taken", "none")
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
        return offer(
            _free_slots(context, session.facts), "taken", forget={"hold_id": "", "slot": ""}
        )
    return Done(
        "held",
        {"hold_id": str(hold.id), "slot": _as_fact(slot), "provider": slot.provider_name},
    )


@outcomes("booked", "taken", "none", "full")
def book(context: Context, session: Session) -> Done:
    """Turn the hold into a visit for the caller."""
    facts = session.facts
    if "hold_id" not in facts:
        return offer(_free_slots(context, session.facts), "taken")
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
        return offer(
            _free_slots(context, session.facts), "taken", forget={"hold_id": "", "slot": ""}
        )
    forgotten = {"hold_id": "", **{f"slot_{position}": "" for position in range(1, OFFERED + 1)}}
    return Done("booked", forgotten)


def _free_slots(context: Context, facts: Mapping[str, str]) -> list[Slot]:
    """The next free slots as they were wished for; where there are none, the next free at all."""
    return search(context, wished(facts)) or search(context, ANY_TIME)


def search(
    context: Context,
    wishes: Wishes,
    *,
    after: datetime | None = None,
) -> list[Slot]:
    """The free slots to read out. after: the start of the last one read out."""
    return offers.find_slots(
        context.transaction,
        clinic_id=context.clinic.id,
        visit_type_key=CONSULTATION,
        now=context.now,
        after=after,
        limit=OFFERED,
        wishes=wishes,
    )


def offer(slots: Sequence[Slot], outcome: str, *, forget: Mapping[str, str] | None = None) -> Done:
    """The slots as facts, in place of those before."""
    facts = {f"slot_{position}": "" for position in range(1, OFFERED + 1)}
    facts |= {f"slot_{position}": _as_fact(slot) for position, slot in enumerate(slots, 1)}
    return Done(outcome if slots else "none", {**facts, **(forget or {})})


def _as_fact(slot: Slot) -> str:
    return json.dumps(slot.to_json(), separators=(",", ":"))
