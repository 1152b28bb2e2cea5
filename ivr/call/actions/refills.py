"""What booking a refill runs. Only the patient's own dates are spoken of, and only to them."""

from __future__ import annotations

from datetime import date, timedelta

from ivr.call.actions.registry import Context, outcomes, own_number
from ivr.call.actions.visits_ahead import about, patient_id, tell_desk, visits_ahead
from ivr.call.events import Done
from ivr.call.session import Session
from scheduling import agenda, contact, pumps, refill_recalls
from scheduling.errors import UnknownVisitType
from scheduling.hours import local_day, midnight, zone_of
from scheduling.offers import OfferRule, find_slots
from scheduling.tables import Pump, VisitType


@outcomes("slots", "number", "booked", "early", "by_staff", "overdue")
def refill_standing(context: Context, session: Session) -> Done:
    """How the next refill of this patient stands: which one, by when, and who arranges it."""
    today = local_day(context.now, zone_of(context.clinic.timezone))
    whose = patient_id(context, session)
    on_file = pumps.active_pumps(context.transaction, session.clinic_id, whose)
    if not on_file:
        return Done("by_staff", {"due_on": ""})
    if pumps.due_date(on_file[0]) < today:
        return Done("overdue")
    booked = {visit.pump_id: visit for visit in visits_ahead(context, session) if visit.pump_id}
    pump = next((one for one in on_file if one.id not in booked), None)
    if pump is None:
        first = booked[on_file[0].id]
        comes_on = local_day(first.starts_at, zone_of(context.clinic.timezone))
        # Booked by the desk for after the pump is due: staff have to know that they called.
        is_late = comes_on > pumps.due_date(on_file[0])
        return Done("overdue" if is_late else "booked", about(context, first))
    due = pumps.due_date(pump)
    try:
        visit_type = refill_recalls.refill_type(context.transaction, session.clinic_id)
    except UnknownVisitType:
        return Done("by_staff", {"due_on": due.isoformat()})
    facts = {
        "due_on": due.isoformat(),
        "sought_type": visit_type.key,
        "sought_pump": str(pump.id),
        "moving": "",
    }
    rule = OfferRule(context.transaction, session.clinic_id, visit_type.key)
    days = rule.days_for(
        context.transaction, whose, now=context.now, by_staff=False, pump_id=pump.id
    )
    # From when the first of those days is no further ahead than can be booked.
    opens = days[0] - timedelta(days=visit_type.horizon_days) if days else today
    if opens > today:
        return Done("early", facts | {"refill_from": opens.isoformat()})
    if days is None or not _has_slot(context, pump, visit_type):
        return Done("by_staff", facts)
    number = own_number(session)
    if number in contact.phones_of(context.transaction, session.clinic_id, whose):
        return Done("slots", facts | {"phone": number or ""})
    return Done("number", facts)


@outcomes("left", "overdue")
def leave_refill_to_desk(context: Context, session: Session) -> Done:
    """Nothing can be booked by phone: the desk arranges it, whether or not they stay on the line.

    Where no desk opens before it is due, it is treated as overdue: urgency is only ever raised.
    """
    due = session.facts.get("due_on")
    if due and not _desk_opens_by(context, session, date.fromisoformat(due)):
        return Done("overdue")
    note = f"Refill due by {due}." if due else "No pump is on file for this patient."
    tell_desk(context, session, "refill_to_arrange", note, session.facts["patient_id"])
    return Done("left")


@outcomes("passed")
def pass_to_on_call(_context: Context, _session: Session) -> Done:
    """An overdue refill is urgent, whatever the caller feels."""
    return Done("passed", {"category": "alarm"})


def _has_slot(context: Context, pump: Pump, visit_type: VisitType) -> bool:
    return bool(
        find_slots(
            context.transaction,
            clinic_id=pump.clinic_id,
            visit_type_key=visit_type.key,
            now=context.now,
            limit=1,
            patient_id=pump.patient_id,
            pump_id=pump.id,
        )
    )


def _desk_opens_by(context: Context, session: Session, due: date) -> bool:
    end = midnight(due + timedelta(days=1), zone_of(context.clinic.timezone))
    if end <= context.now:
        return False
    within = (context.now, end)
    return bool(agenda.desk_hours(context.transaction, session.clinic_id, within))
