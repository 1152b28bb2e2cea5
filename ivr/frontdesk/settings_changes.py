"""Changing a setting and undoing it: checked, compared with what was seen, recorded, and with every
visit that it leaves in closed time put on the desk's list.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ivr.frontdesk import wording
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.settings_tables import SettingsChange
from ivr.frontdesk.settings_values import KINDS, Value
from ivr.frontdesk.tables import StaffUser
from ivr.messages import desk_tasks
from ivr.messages.tables import DeskTask
from scheduling.database import new_id
from scheduling.errors import InvalidInput, SchedulingError, StaleVersion
from scheduling.stranded import StrandedVisit, stranded_visits
from scheduling.tables import Clinic

TASK = "plan_again"
"""The kind of the desk's task for a visit in closed time; its source names the visit."""


class VisitsInTheWay(SchedulingError):
    """The change would leave these visits in closed time, and nobody has looked at them yet."""

    def __init__(self, visits: Sequence[StrandedVisit]) -> None:
        super().__init__("visits are booked in this time: look at them, then decide")
        self.visits = tuple(visits)


@dataclass(frozen=True)
class Done:
    """A change that is stored. visits: those it left in closed time, now on the desk's list."""

    change_id: UUID
    visits: tuple[StrandedVisit, ...]


@dataclass(frozen=True)
class Past:
    """One change, as the list of changes has it. by: who made it."""

    id: UUID
    at: datetime
    by: str
    kind: str
    subject: str
    before: Value
    after: Value
    undone_at: datetime | None
    undone_by: str | None


def marker(value: object) -> str:
    """The same short text for the same value: by it a form says what its maker saw."""
    written = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def marker_of_visits(visits: Sequence[StrandedVisit]) -> str:
    """The same for the visits that somebody has looked at."""
    return marker([(one.id, one.version) for one in visits])


def change(
    session: Session,
    user: SignedIn,
    *,
    kind: str,
    subject: str,
    value: Value,
    seen: str,
    seen_visits: str,
    now: datetime,
) -> Done:
    """Store `value`. seen: the marker of the value that the form was made from.

    seen_visits: marker_of_visits() of those that the person has looked at; "" where of none.
    Raises StaleVersion where it has another value by now, VisitsInTheWay, InvalidInput where
    nothing would change, and what the checks of the kind raise. Then nothing may be committed.
    """
    _lock(session, user.clinic_id)
    before = KINDS[kind].read(session, user.clinic_id, subject)
    if marker(before) != seen:
        raise StaleVersion("somebody changed this setting meanwhile: look at it again")
    visits = _write(session, user, kind, subject, value, now)
    after = KINDS[kind].read(session, user.clinic_id, subject)
    if after == before:
        raise InvalidInput("nothing would change: it is like this already")
    if visits and marker_of_visits(visits) != seen_visits:
        raise VisitsInTheWay(visits)
    row = SettingsChange(
        clinic_id=user.clinic_id,
        id=new_id(),
        at=now,
        staff_id=user.staff_id,
        kind=kind,
        subject=subject,
        before=before,
        after=after,
    )
    session.add(row)
    _settle_tasks(session, user, row.id, visits, now)
    return Done(row.id, tuple(visits))


def undo(session: Session, user: SignedIn, change_id: UUID, *, now: datetime) -> Done:
    """Put a setting back to what it was before a change.

    Raises InvalidInput where there is no such change, or it was undone or overtaken since.
    """
    _lock(session, user.clinic_id)
    row = session.get(SettingsChange, (user.clinic_id, change_id))
    if row is None or row.undone_at is not None:
        raise InvalidInput("this change no longer stands: look at the list again")
    if KINDS[row.kind].read(session, user.clinic_id, row.subject) != row.after:
        raise InvalidInput("it was changed again since: undo the later change first")
    visits = _write(session, user, row.kind, row.subject, row.before, now)
    row.undone_at, row.undone_by = now, user.name
    _settle_tasks(session, user, new_id(), visits, now)
    return Done(row.id, tuple(visits))


def latest(session: Session, clinic_id: str, *, at_most: int = 50) -> list[Past]:
    """The latest changes, the last one first."""
    rows = session.execute(
        select(SettingsChange, StaffUser.name)
        .join(
            StaffUser,
            and_(
                StaffUser.clinic_id == SettingsChange.clinic_id,
                StaffUser.id == SettingsChange.staff_id,
            ),
        )
        .where(SettingsChange.clinic_id == clinic_id)
        .order_by(SettingsChange.at.desc(), SettingsChange.id.desc())
        .limit(at_most)
    )
    return [
        Past(
            row.id,
            row.at,
            name,
            row.kind,
            row.subject,
            row.before,
            row.after,
            row.undone_at,
            row.undone_by,
        )
        for row, name in rows
    ]


def _lock(session: Session, clinic_id: str) -> None:
    """One change of a clinic's settings at a time."""
    session.get_one(Clinic, clinic_id, with_for_update=True)


def _write(
    session: Session, user: SignedIn, kind: str, subject: str, value: Value, now: datetime
) -> list[StrandedVisit]:
    """Write, and return the visits that stand in closed time for it, and did not before."""
    before = {one.id for one in stranded_visits(session, user.clinic_id, now)}
    KINDS[kind].write(session, user.clinic_id, subject, value)
    session.flush()
    after = stranded_visits(session, user.clinic_id, now)
    return [one for one in after if one.id not in before]


def _settle_tasks(
    session: Session,
    user: SignedIn,
    change_id: UUID,
    visits: Sequence[StrandedVisit],
    now: datetime,
) -> None:
    """A task for each of `visits`; tasks of visits whose time is open again are done."""
    for one in visits:
        desk_tasks.open_task(
            session,
            clinic_id=user.clinic_id,
            kind=TASK,
            callback_number=one.phone,
            language=one.language,
            note=note_of(one, ZoneInfo(user.zone)),
            source=f"{TASK}:{one.id}:{change_id}",
            now=now,
        )
    still = {f"{TASK}:{one.id}" for one in stranded_visits(session, user.clinic_id, now)}
    waiting = session.scalars(
        select(DeskTask).where(
            DeskTask.clinic_id == user.clinic_id,
            DeskTask.kind == TASK,
            DeskTask.done_at.is_(None),
        )
    )
    for task in waiting:
        if (task.source or "").rpartition(":")[0] not in still:
            task.done_at, task.done_by = now, user.name


def note_of(visit: StrandedVisit, zone: ZoneInfo) -> str:
    """What the task says of it: when, for what and with whom; no name. Stored, so in English."""
    with wording.speaking("en"):
        what = wording.in_words(wording.VISIT_TYPE, visit.visit_type_key)
        said = f"{what}, {wording.moment(visit.starts_at, zone)}, with {visit.provider_name}."
        if visit.refill_due_on is None:
            return said
        return f"{said} The refill is due {wording.birth_date(visit.refill_due_on)} at the latest."
