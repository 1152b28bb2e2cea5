"""What a verified patient runs on the visits they have: hear, confirm, move, cancel, be late, wait.

Every change names the version that was heard: what the desk changes meanwhile is heard first.
"""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

from ivr.call.actions import booking as booking_actions
from ivr.call.actions import waitlist
from ivr.call.actions.registry import Context, outcomes
from ivr.call.actions.sought import Sought
from ivr.call.actions.telling import tell_by_text
from ivr.call.actions.visits_ahead import (
    GONE,
    about,
    in_short,
    is_today,
    patient_id,
    request_for,
    seen,
    tell_desk,
    this_visit,
    visits_ahead,
)
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.messages.patients.wording import Occasion
from scheduling import booking, lateness, recalls, visits
from scheduling.errors import (
    NotBookable,
    NotYet,
    RefillNeedsReplacement,
    SlotTaken,
    StaleVersion,
    UnknownVisitType,
)
from scheduling.hours import local_day, zone_of
from scheduling.offers import OfferRule
from scheduling.preferences import ANY_PART, DayPart, Wishes
from scheduling.slots import Slot
from scheduling.tables import Visit
from scheduling.waitlist import joining

_DAY_PARTS = {
    "morning": DayPart.MORNING,
    "afternoon": DayPart.AFTERNOON | DayPart.EVENING,
    "any": ANY_PART,
}

NOTHING_SOUGHT = {
    "moving": "",
    "sought_type": "",
    "sought_pump": "",
    **booking_actions.NOTHING_HELD,
}

NEEDS_ONE_VISIT = ("move", "cancel", "waitlist")
"""Wishes that go straight on where there is only one visit they can mean."""


@outcomes(
    "overdue", "overdue_offer", "offer", "refill", "visits", "none",
    "move", "cancel", "waitlist", "late", "not_today",
)  # fmt: skip
def follow_wish(context: Context, session: Session) -> Done:
    """Lead on to what the caller wants, now that they are known.

    An overdue refill comes first, then a freed time that is held for them for minutes.
    """
    wish = session.facts.get("wish", "hear")
    today = local_day(context.now, zone_of(context.clinic.timezone))
    overdue = recalls.overdue_refill(
        context.transaction, session.clinic_id, patient_id(context, session), today
    )
    if overdue and wish == "refill":
        return Done("overdue")
    if overdue and "overdue_told" not in session.facts:
        return Done("overdue_offer", {"overdue_told": "yes"})
    if offer := waitlist.offer_to_tell(context, session):
        return Done("offer", offer)
    if wish == "refill":
        return Done("refill")
    ahead = visits_ahead(context, session)
    if not ahead:
        return Done("none")
    if wish == "late":
        of_today = next((visit for visit in ahead if is_today(context, visit)), None)
        return Done("not_today") if of_today is None else Done("late", about(context, of_today))
    if wish in NEEDS_ONE_VISIT and len(ahead) == 1:
        return Done(wish, about(context, ahead[0]))
    return Done("visits", {"heard": ""})


@outcomes("visit", "end", "none")
def next_visit(context: Context, session: Session) -> Done:
    """The first visit they have not heard."""
    heard = session.facts.get("heard", "").split()
    ahead = visits_ahead(context, session)
    for visit in ahead:
        if str(visit.id) not in heard:
            facts = about(context, visit) | {"heard": " ".join([*heard, str(visit.id)])}
            # What was looked for before was for another visit.
            return Done("visit", facts | _give_up_search(context, session))
    return Done("end" if ahead else "none")


@outcomes("visit", "gone")
def look_again(context: Context, session: Session) -> Done:
    """The visit spoken of, as it is now. A time kept for it meanwhile is given up."""
    given_up = _give_up_search(context, session)
    visit = this_visit(context, session)
    if visit is None:
        return Done("gone", given_up)
    return Done("visit", about(context, visit) | given_up)


@outcomes("confirmed", "changed", "gone")
def confirm_visit(context: Context, session: Session) -> Done:
    """They will come."""
    try:
        visit = visits.confirm(
            context.transaction, **seen(session), request=request_for(session, context, "confirm")
        )
    except StaleVersion:
        return Done("changed")
    except GONE:
        return Done("gone")
    return Done("confirmed", about(context, visit))


@outcomes("ready", "gone")
def look_for_another_time(context: Context, session: Session) -> Done:
    """From here on the slots are for this visit, which stands until it is moved."""
    visit = this_visit(context, session)
    if visit is None:
        return Done("gone")
    facts = about(context, visit)
    try:
        OfferRule(context.transaction, session.clinic_id, facts["visit_kind"])
    except UnknownVisitType:
        # Of an old book, say: nobody but the desk knows what takes its place.
        return Done("gone")
    return Done(
        "ready",
        facts
        | {
            "sought_type": facts["visit_kind"],
            "sought_pump": str(visit.pump_id) if visit.pump_id else "",
            "moving": str(visit.id),
        },
    )


@outcomes("moved", "taken", "none", "changed", "gone")
def move_visit(context: Context, session: Session) -> Done:
    """The old time for the held one, in one transaction; whatever stops it, the visit stands."""
    facts, sought = session.facts, Sought.by(session)
    if "hold_id" not in facts or sought.moving is None:
        return booking_actions.none_of_these(context, session)
    try:
        visit = visits.reschedule(
            context.transaction,
            clinic_id=session.clinic_id,
            visit_id=sought.moving,
            slot=Slot.from_json(json.loads(facts["slot"])),
            hold_id=UUID(facts["hold_id"]),
            version=sought.version,
            request=request_for(session, context, "move"),
        )
    except (SlotTaken, NotBookable):
        return booking_actions.none_of_these(context, session)
    except StaleVersion:
        return Done("changed")
    except GONE:
        return Done("gone")
    tell_by_text(context, visit, Occasion.MOVED)
    texts = {"text_about": "moved", "text_visit": str(visit.id)}
    return Done("moved", about(context, visit) | NOTHING_SOUGHT | texts)


@outcomes("stands")
def keep_visit(context: Context, session: Session) -> Done:
    """They would rather have the old time: nothing is kept for them but that."""
    return Done("stands", _give_up_search(context, session))


@outcomes("ask", "refill", "gone")
def may_cancel(context: Context, session: Session) -> Done:
    """A refill is given up only for another one."""
    visit = this_visit(context, session)
    if visit is None:
        return Done("gone")
    return Done("ask" if visit.pump_id is None else "refill", about(context, visit))


@outcomes("cancelled", "refill", "changed", "gone")
def cancel_visit(context: Context, session: Session) -> Done:
    """They will not come; their time goes to whoever waits."""
    try:
        visit = visits.cancel(
            context.transaction,
            **seen(session),
            request=request_for(session, context, "cancel"),
            reason="by phone",
        )
    except StaleVersion:
        return Done("changed")
    except RefillNeedsReplacement:
        return Done("refill")
    except GONE:
        return Done("gone")
    tell_by_text(context, visit, Occasion.CANCELLED)
    return Done("cancelled", {"visit_id": "", "visit_version": ""})


@outcomes("left", "gone")
def leave_cancelling_to_desk(context: Context, session: Session) -> Done:
    """The refill stands, and the desk hears that its patient does not want it."""
    visit = this_visit(context, session)
    if visit is None:
        return Done("gone")
    note = f"{in_short(context, session, visit)}: the caller wants to give it up. It stands."
    tell_desk(context, session, "refill_cancellation", note, str(visit.id))
    return Done("left")


@outcomes("today", "not_today", "gone")
def may_be_late(context: Context, session: Session) -> Done:
    """Only a visit of today has anybody waiting."""
    visit = this_visit(context, session)
    if visit is None:
        return Done("gone")
    return Done("today" if is_today(context, visit) else "not_today", about(context, visit))


@outcomes("told", "not_today", "gone")
def tell_desk_of_delay(context: Context, session: Session) -> Done:
    """On the desk's list, and in the visit's history."""
    visit = this_visit(context, session)
    if visit is None:
        return Done("gone")
    minutes = session.facts["late"]
    try:
        lateness.announce(
            context.transaction,
            clinic_id=session.clinic_id,
            visit_id=visit.id,
            minutes=int(minutes),
            request=request_for(session, context, "late"),
        )
    except NotYet:
        return Done("not_today")
    except GONE:
        return Done("gone")
    more = " or more" if minutes == "30" else ""
    note = f"{in_short(context, session, visit)}: about {minutes} minutes{more} late."
    tell_desk(context, session, "running_late", note, f"{visit.id}:{minutes}")
    return Done("told")


@outcomes("joined", "gone")
def join_waitlist(context: Context, session: Session) -> Done:
    """They wait for a sooner time until the day of their visit, which stands."""
    visit = this_visit(context, session)
    if visit is None:
        return Done("gone")
    wishes = Wishes(
        day_parts=_DAY_PARTS[session.facts["day_part"]],
        until_on=_day_of(context, visit),
    )
    try:
        joining.join(
            context.transaction,
            clinic_id=session.clinic_id,
            patient_id=visit.patient_id,
            visit_type_key=about(context, visit)["visit_kind"],
            wishes=wishes,
            visit_id=visit.id,
            request=request_for(session, context, "waitlist"),
        )
    except (*GONE, NotBookable, UnknownVisitType):
        return Done("gone")
    return Done("joined", {"text_about": "waitlist"})


def _give_up_search(context: Context, session: Session) -> dict[str, str]:
    booking.release_holds(context.transaction, clinic_id=session.clinic_id, holder=session.call_sid)
    return NOTHING_SOUGHT


def _day_of(context: Context, visit: Visit) -> date:
    return local_day(visit.starts_at, zone_of(context.clinic.timezone))
