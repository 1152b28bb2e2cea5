"""Plans the reminders that have fallen due: worked out from the book as it is, each stored once.

Nothing is stored ahead of time. So whatever happened to a visit, a consent or a telephone number by
then counts, and a visit that came in by an import or a correction is reminded of like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from ivr.messages import desk_tasks, given_up, outbox
from ivr.messages.failures import UNREMINDED, Failure, in_english
from ivr.messages.notice_tables import ReminderRound, VisitNotice
from ivr.messages.outcomes import Outcome
from ivr.messages.patients import notices, reach
from ivr.messages.patients.reach import Reach, Unreached
from ivr.messages.patients.reminder_rules import STAGES, Stage, due_at, is_fresh, useful_until
from ivr.messages.patients.wording import in_words, reminder_text
from ivr.messages.texting_hours import text_at
from scheduling.contact import ConsentKind
from scheduling.database import flush_or_lose, new_id
from scheduling.hours import local_day, zone_of
from scheduling.states import Channel, VisitStatus
from scheduling.tables import Clinic, Patient, Visit, VisitEvent
from scheduling.visit_log import BOOKED

REMINDER_PATH = "/voice/reminder"
"""Below PUBLIC_BASE_URL: what a patient hears who is called about a visit."""

EVERY = timedelta(seconds=30)
"""Between two rounds of a clinic's, whichever workers make them."""

AT_ONCE = 100
"""Messages planned in one round: a transaction of about a tenth of a second. A full one is followed
by the next at once."""

SAME_DAY = timedelta(hours=20)
"""How far the look goes beyond what is due: to the end of the day of the last of these visits."""

TOLD_BY = (BOOKED, "rescheduled")
"""Events at which whoever asked for them learnt of the time."""

_AHEAD = (VisitStatus.BOOKED, VisitStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A visit that nobody was reminded of yet. told_at: when they learnt of its time; None where
    that was not from us."""

    id: UUID
    patient_id: UUID
    starts_at: datetime
    given: str | None
    told_at: datetime | None
    zone: ZoneInfo


def plan(session: Session, clinic_id: str, *, base: str, now: datetime) -> int:
    """One round of one clinic; how many messages it planned, or found that nobody can be told.

    None where another worker makes it at this moment, or made it a moment ago. base:
    PUBLIC_BASE_URL, where calls get their words. now: aware UTC.
    """
    if not _takes_the_round(session, clinic_id, now):
        return 0
    clinic = session.get_one(Clinic, clinic_id)
    dealt = 0
    # Of a full morning the visits of tomorrow first: the others are reminded once more.
    for stage in reversed(STAGES):
        due = _due(session, clinic, stage, now, AT_ONCE - dealt)
        _plan_stage(session, clinic, stage, due, base, now)
        dealt += len(due)
        if dealt >= AT_ONCE:
            # The next round begins at once.
            return dealt
    session.get_one(ReminderRound, clinic_id).looked_at = now
    flush_or_lose(session)
    return dealt


def _takes_the_round(session: Session, clinic_id: str, now: datetime) -> bool:
    last = session.scalar(
        select(ReminderRound.looked_at).where(ReminderRound.clinic_id == clinic_id)
    )
    if last is None:
        session.add(ReminderRound(clinic_id=clinic_id, looked_at=now - EVERY))
        flush_or_lose(session)
    elif last > now - EVERY:
        return False
    # Looked at again under its lock: another worker may have made the round meanwhile.
    taken = session.scalar(
        select(ReminderRound.clinic_id)
        .where(ReminderRound.clinic_id == clinic_id, ReminderRound.looked_at <= now - EVERY)
        .with_for_update(skip_locked=True)
    )
    return taken is not None


def _due(
    session: Session, clinic: Clinic, stage: Stage, now: datetime, at_most: int
) -> list[list[Ahead]]:
    """Visits whose reminder is due, the next first; all that one patient has on a day together."""
    zone = zone_of(clinic.timezone)

    def day_of(visit: Ahead) -> tuple[UUID, date]:
        return visit.patient_id, local_day(visit.starts_at, zone)

    found = _ahead(session, clinic, stage, now)
    due = (day_of(one) for one in found if _is_due(stage, one, zone, now))
    first: dict[tuple[UUID, date], None] = {}
    for one in due:
        first[one] = None
        if len(first) >= at_most:
            break
    if not first:
        return []
    theirs = _ahead(session, clinic, stage, now, {patient_id for patient_id, _ in first})
    by_day: dict[tuple[UUID, date], list[Ahead]] = {day: [] for day in first}
    for visit in theirs:
        if day_of(visit) in by_day:
            by_day[day_of(visit)].append(visit)
    return list(by_day.values())


def _is_due(stage: Stage, visit: Ahead, zone: ZoneInfo, now: datetime) -> bool:
    due = due_at(stage, visit.starts_at, zone, visit.zone)
    if due > now or (visit.told_at is not None and is_fresh(stage, due, visit.told_at)):
        return False
    # The next reminder takes the place of one that comes too late; the last one is the desk's.
    last = stage is STAGES[-1]
    return last or now < useful_until(stage.occasion, visit.starts_at)


def _ahead(
    session: Session,
    clinic: Clinic,
    stage: Stage,
    now: datetime,
    patients: Collection[UUID] | None = None,
) -> Iterator[Ahead]:
    """Visits near enough of which nobody was reminded, by start; of these patients alone, or all.

    Read as they are needed: after an outage there may be thousands.
    """
    zone = zone_of(clinic.timezone)
    told = (
        select(VisitNotice.id)
        .where(
            VisitNotice.clinic_id == Visit.clinic_id,
            VisitNotice.visit_id == Visit.id,
            VisitNotice.occasion == stage.occasion.value,
            VisitNotice.starts_at == Visit.starts_at,
        )
        .exists()
    )
    set_at = (
        select(func.max(VisitEvent.at))
        .where(
            VisitEvent.clinic_id == Visit.clinic_id,
            VisitEvent.visit_id == Visit.id,
            VisitEvent.kind.in_(TOLD_BY),
            VisitEvent.channel != Channel.IMPORT,
        )
        .scalar_subquery()
    )
    near = [
        Visit.clinic_id == clinic.id,
        Visit.status.in_(_AHEAD),
        Visit.starts_at > now,
        Visit.starts_at <= now + timedelta(days=stage.days) + SAME_DAY,
    ]
    if patients is not None:
        near.append(Visit.patient_id.in_(patients))
    rows = session.execute(
        select(
            Visit.id,
            Visit.patient_id,
            Visit.starts_at,
            Visit.callback_number,
            Patient.timezone,
            set_at.label("set_at"),
        )
        .join(Patient, and_(Patient.clinic_id == Visit.clinic_id, Patient.id == Visit.patient_id))
        .where(*near, ~told)
        .order_by(Visit.starts_at, Visit.id)
    )
    for row in rows:
        yield Ahead(
            id=row.id,
            patient_id=row.patient_id,
            starts_at=row.starts_at,
            given=row.callback_number,
            told_at=row.set_at,
            zone=zone_of(row.timezone) if row.timezone else zone,
        )


def _plan_stage(
    session: Session,
    clinic: Clinic,
    stage: Stage,
    days: Sequence[Sequence[Ahead]],
    base: str,
    now: datetime,
) -> None:
    if not days:
        return
    given = {visit.given for visits in days for visit in visits if visit.given}
    people = reach.on_file(session, clinic.id, {visits[0].patient_id for visits in days}, given)
    zone = zone_of(clinic.timezone)
    ways = [reach.choose(people[visits[0].patient_id], visits[0].given, zone) for visits in days]
    numbers = {way.number for way in ways if isinstance(way, Reach)}
    sent = dict(notices.sent_lately(session, clinic.id, numbers, now))
    for visits, way in zip(days, ways, strict=True):
        if isinstance(way, Unreached):
            _store(session, clinic, stage, visits, way, base, now)
            continue
        why = None
        if now >= useful_until(stage.occasion, visits[0].starts_at):
            why = Unreached.TOO_LATE
        elif sent.get(way.number, 0) >= notices.MOST_A_DAY:
            why = Unreached.ENOUGH
        else:
            sent[way.number] = sent.get(way.number, 0) + 1
        _store(session, clinic, stage, visits, why or way, base, now)
        if why is not None:
            _tell_desk(session, clinic, visits, why, way.number, now)


def _store(
    session: Session,
    clinic: Clinic,
    stage: Stage,
    visits: Sequence[Ahead],
    way: Reach | Unreached,
    base: str,
    now: datetime,
) -> None:
    message_id = None
    if isinstance(way, Reach):
        message_id = _enqueue(session, clinic, visits, way, base, now)
    session.add_all(
        VisitNotice(
            clinic_id=clinic.id,
            visit_id=visit.id,
            occasion=stage.occasion.value,
            once=visit.starts_at.isoformat(),
            starts_at=visit.starts_at,
            channel=way.channel.value if isinstance(way, Reach) else None,
            unreached=None if isinstance(way, Reach) else way.value,
            message_id=message_id,
            created_at=now,
        )
        for visit in visits
    )
    flush_or_lose(session)


def _enqueue(
    session: Session,
    clinic: Clinic,
    visits: Sequence[Ahead],
    way: Reach,
    base: str,
    now: datetime,
) -> UUID:
    zone, message_id = zone_of(clinic.timezone), new_id()
    kind: outbox.Kind = "reminder_call"
    body = f"{base.rstrip('/')}{REMINDER_PATH}/{message_id}"
    if way.channel is ConsentKind.SMS:
        kind = "reminder_sms"
        body = reminder_text(
            way.language,
            clinic=clinic.name,
            when=in_words([one.starts_at for one in visits], way.language, zone, way.zone),
            visits=len(visits),
            phone=clinic.phone_number,
        )
    outbox.enqueue(
        session,
        id=message_id,
        clinic_id=clinic.id,
        kind=kind,
        lane="ordinary",
        subject=notices.subject(visits[0].id),
        to_number=way.number,
        body=body,
        due_at=text_at(now, way.zone),
        now=now,
    )
    return message_id


def _tell_desk(
    session: Session,
    clinic: Clinic,
    visits: Sequence[Ahead],
    why: Unreached,
    number: str,
    now: datetime,
) -> None:
    failure = Failure(UNREMINDED, Outcome(why.value), starts=[one.starts_at for one in visits])
    moment = given_up.stored_moment(zone_of(clinic.timezone))
    desk_tasks.open_task(
        session,
        clinic_id=clinic.id,
        kind="reminder_failed",
        callback_number=number,
        language=given_up.LANGUAGE,
        note=failure.note(in_english, moment),
        source=f"reminder:{visits[0].id}:{visits[0].starts_at.isoformat()}",
        now=now,
    )
