"""Tells patients of what was done to their visits: stored in the same transaction, sent later."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ivr.messages import at_most_once, late_answers, outbox
from ivr.messages.notice_tables import VisitNotice
from ivr.messages.patients import calendar_links, reach
from ivr.messages.patients.reach import Unreached
from ivr.messages.patients.wording import REMINDERS, Occasion, in_words, visit_text
from ivr.messages.tables import OutboxMessage
from ivr.messages.texting_hours import text_at
from scheduling.database import new_id
from scheduling.hours import zone_of
from scheduling.tables import Clinic, Visit

KIND: outbox.Kind = "visit_sms"

KINDS: frozenset[outbox.Kind] = frozenset({KIND, "reminder_sms", "reminder_call"})
"""Everything that tells a patient of a visit."""

COUNTED: frozenset[outbox.Kind] = KINDS | {
    "offer_sms",
    "offer_call",
    "recall_sms",
    "recall_call",
}
"""What MOST_A_DAY is about."""

MOST_A_DAY = 6
"""Texts and calls to one number in 24 hours, whoever of a household they are for [a judgement]."""

DAY = timedelta(hours=24)


def tell(session: Session, *, visit: Visit, occasion: Occasion, base: str, now: datetime) -> None:
    """Let the patient know what has just been done to their visit; what was to be said before of it
    is not said any more.

    Call it in the transaction of the change, after it, and again where they have agreed to texts
    since. The same change again tells nothing more.
    base: PUBLIC_BASE_URL, of the link for the calendar. now: aware UTC.
    """
    if _knows(session, visit, occasion):
        return
    withdraw(session, visit.clinic_id, visit.id)
    _forget_silence(session, visit)
    if visit.starts_at <= now:
        return
    notice = VisitNotice(
        clinic_id=visit.clinic_id,
        id=new_id(),
        visit_id=visit.id,
        occasion=occasion.value,
        once=f"version {visit.version}",
        starts_at=visit.starts_at,
        created_at=now,
    )
    found = _enqueue(session, visit, occasion, base, now)
    if isinstance(found, Unreached):
        notice.unreached = found.value
    else:
        notice.channel, notice.message_id = "sms", found
    session.add(notice)
    session.flush()


def _forget_silence(session: Session, visit: Visit) -> None:
    """That nobody was told, for want of a consent which the same call may have given since."""
    session.execute(
        delete(VisitNotice)
        .where(
            VisitNotice.clinic_id == visit.clinic_id,
            VisitNotice.visit_id == visit.id,
            VisitNotice.occasion.not_in(REMINDERS),
            VisitNotice.unreached == Unreached.NO_CONSENT.value,
        )
        .execution_options(synchronize_session=False)
    )


def _enqueue(
    session: Session, visit: Visit, occasion: Occasion, base: str, now: datetime
) -> UUID | Unreached:
    """The message, or why there is none. By text alone: nobody is rung for what they just did."""
    clinic = session.get_one(Clinic, visit.clinic_id)
    zone, given = zone_of(clinic.timezone), visit.callback_number
    person = reach.on_file(session, clinic.id, [visit.patient_id], [given] if given else [])[
        visit.patient_id
    ]
    way = reach.choose(replace(person, calls=False), given, zone)
    if isinstance(way, Unreached):
        return way
    if sent_lately(session, clinic.id, [way.number], now).get(way.number, 0) >= MOST_A_DAY:
        return Unreached.ENOUGH
    link = None
    if occasion is not Occasion.CANCELLED:
        link = calendar_links.new_address(session, visit=visit, base=base, now=now)
    body = visit_text(
        occasion,
        way.language,
        clinic=clinic.name,
        when=in_words([visit.starts_at], way.language, zone, way.zone),
        phone=clinic.phone_number,
        link=link,
    )
    message = outbox.enqueue(
        session,
        clinic_id=clinic.id,
        kind=KIND,
        lane="ordinary",
        subject=subject(visit.id),
        to_number=way.number,
        body=body,
        due_at=text_at(now, way.zone),
        now=now,
    )
    return message.id


def withdraw(session: Session, clinic_id: str, visit_id: UUID) -> None:
    """Send nothing of what still waits to be sent about this visit.

    Another visit that shared a message is told of anew. What a worker is handing to the carrier at
    this moment goes out all the same; that it was told stays on record.
    """
    waiting = session.scalars(
        select(VisitNotice.message_id).where(
            VisitNotice.clinic_id == clinic_id,
            VisitNotice.visit_id == visit_id,
            VisitNotice.message_id.is_not(None),
        )
    ).all()
    if not waiting:
        return
    stopped = session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.id.in_(waiting),
            OutboxMessage.state == "pending",
        )
        .values(state="cancelled", claimed_until=None)
        .returning(OutboxMessage.id, OutboxMessage.handed_at)
        .execution_options(synchronize_session=False)
    ).all()
    forget(session, clinic_id, [row.id for row in stopped if row.handed_at is None])


def withdraw_from(session: Session, clinic_id: str, number: str) -> None:
    """Send nothing of what still waits for this number (E.164), whatever it is about but tickets.

    The answer to an urgent text of theirs is about one.

    What was to be told of a visit is planned anew: by another way, or for the desk.
    """
    stopped = session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.to_number == number,
            OutboxMessage.kind.in_(at_most_once.KINDS - {late_answers.KIND}),
            OutboxMessage.state == "pending",
        )
        .values(state="cancelled", claimed_until=None)
        .returning(OutboxMessage.id, OutboxMessage.handed_at)
        .execution_options(synchronize_session=False)
    ).all()
    forget(session, clinic_id, [row.id for row in stopped if row.handed_at is None])


def forget(session: Session, clinic_id: str, messages: Collection[UUID]) -> None:
    """Take it that nobody was told what these messages would have said, since none was sent."""
    if messages:
        session.execute(
            delete(VisitNotice)
            .where(VisitNotice.clinic_id == clinic_id, VisitNotice.message_id.in_(messages))
            .execution_options(synchronize_session=False)
        )


def subject(visit_id: UUID) -> str:
    """Under which a message about one visit stands in the outbox."""
    return f"visit:{visit_id}"


def sent_lately(
    session: Session, clinic_id: str, numbers: Collection[str], now: datetime
) -> Mapping[str, int]:
    """How many messages of these kinds were stored for each number in the last 24 hours."""
    rows = session.execute(
        select(OutboxMessage.to_number, func.count())
        .where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.to_number.in_(numbers),
            OutboxMessage.kind.in_(COUNTED),
            OutboxMessage.state != "cancelled",
            OutboxMessage.created_at > now - DAY,
        )
        .group_by(OutboxMessage.to_number)
    )
    return {row.to_number: row[1] for row in rows}


def _knows(session: Session, visit: Visit, occasion: Occasion) -> bool:
    """Whether the last thing they were told of the visit is just this."""
    last = session.execute(
        select(VisitNotice.occasion, VisitNotice.starts_at, VisitNotice.unreached)
        .where(
            VisitNotice.clinic_id == visit.clinic_id,
            VisitNotice.visit_id == visit.id,
            VisitNotice.occasion.not_in(REMINDERS),
        )
        .order_by(VisitNotice.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None or last.unreached == Unreached.NO_CONSENT:
        return False
    was_cancelled, is_cancelled = (one == Occasion.CANCELLED for one in (last.occasion, occasion))
    return was_cancelled == is_cancelled and last.starts_at == visit.starts_at
