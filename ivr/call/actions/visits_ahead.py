"""A verified patient's visits ahead, as facts of the call, and what may stop a change of one."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from sqlalchemy import and_, select

from ivr.call.actions.person import caller_note
from ivr.call.actions.registry import Context, actor, own_number
from ivr.call.session import Session
from ivr.messages import desk_tasks
from scheduling import agenda, contact, patient_records
from scheduling.errors import IllegalStep, TooLate, UnknownVisit
from scheduling.hours import local_day, zone_of
from scheduling.requests import Request
from scheduling.states import Channel, VisitStatus
from scheduling.tables import Provider, Visit, VisitType

GONE = (TooLate, IllegalStep, UnknownVisit)
"""It has begun, or somebody has ended it meanwhile: only a person can do something about it."""

_TO_COME = (VisitStatus.BOOKED, VisitStatus.CONFIRMED)


def patient_id(context: Context, session: Session) -> UUID:
    """The verified patient; the record that counts, where two were merged in mid-call."""
    given = UUID(session.facts["patient_id"])
    return patient_records.current(context.transaction, session.clinic_id, given).id


def visits_ahead(context: Context, session: Session) -> list[Visit]:
    """What the patient is still expected for, by start."""
    found = agenda.open_visits_of(
        context.transaction, session.clinic_id, patient_id(context, session), now=context.now
    )
    return [visit for visit in found if visit.status in _TO_COME]


def this_visit(context: Context, session: Session) -> Visit | None:
    """The visit that is spoken of; None where it is not ahead any more."""
    heard = session.facts.get("visit_id")
    return next((one for one in visits_ahead(context, session) if str(one.id) == heard), None)


def is_today(context: Context, visit: Visit) -> bool:
    """Whether the visit is on the clinic's calendar of today."""
    zone = zone_of(context.clinic.timezone)
    return local_day(visit.starts_at, zone) == local_day(context.now, zone)


def about(context: Context, visit: Visit) -> dict[str, str]:
    """The facts by which a visit is spoken of."""
    visit_type_key, provider = context.transaction.execute(
        select(VisitType.key, Provider.name)
        .join(
            Provider,
            and_(Provider.clinic_id == visit.clinic_id, Provider.id == visit.provider_id),
        )
        .where(VisitType.clinic_id == visit.clinic_id, VisitType.id == visit.visit_type_id)
    ).one()
    return {
        "visit_id": str(visit.id),
        "visit_version": str(visit.version),
        "visit_kind": visit_type_key,
        "visit_provider": provider,
        "visit_at": visit.starts_at.isoformat(),
        "visit_status": visit.status,
        "visit_today": "yes" if is_today(context, visit) else "",
    }


def request_for(session: Session, context: Context, what: str) -> Request:
    """This turn's request for a change; the same turn again is the same request."""
    return Request(
        actor=actor(session),
        channel=Channel.PHONE,
        now=context.now,
        key=f"{session.call_sid}:{session.turn}:{what}",
    )


class Seen(TypedDict):
    """Which visit, and in which state the caller heard it: for the functions that change one."""

    clinic_id: str
    visit_id: UUID
    version: int


def seen(session: Session) -> Seen:
    """The visit that was heard last."""
    return {
        "clinic_id": session.clinic_id,
        "visit_id": UUID(session.facts["visit_id"]),
        "version": int(session.facts["visit_version"]),
    }


def number_to_call(context: Context, session: Session) -> str | None:
    """Where the caller can be called back: what they gave or call from, else what is on file."""
    given = session.facts.get("phone") or own_number(session)
    if given is not None:
        return given
    on_file = contact.phones_of(
        context.transaction, session.clinic_id, patient_id(context, session)
    )
    return next(iter(on_file), None)


def tell_desk(context: Context, session: Session, kind: str, note: str, about_what: str) -> None:
    """Put it on the desk's list, once for each call and subject."""
    desk_tasks.open_task(
        context.transaction,
        clinic_id=session.clinic_id,
        kind=kind,
        callback_number=number_to_call(context, session),
        language=session.language,
        note=f"{note} {caller_note(session)}".rstrip(),
        source=f"{session.call_sid}:{kind}:{about_what}",
        now=context.now,
    )


def in_short(context: Context, session: Session, visit: Visit) -> str:
    """A visit as a desk task names it: nobody's name, since it outlives their file."""
    local = visit.starts_at.astimezone(zone_of(context.clinic.timezone))
    kind = session.facts.get("visit_kind", "visit").capitalize()
    return f"{kind} on {local:%Y-%m-%d at %H:%M} with {session.facts.get('visit_provider', '')}"
