"""Changing a setting and undoing it: checked, compared with what was seen, recorded, and with every
visit that it leaves in closed time put on the desk's list.

Every function takes the open transaction and never commits. Times are aware UTC.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ivr.frontdesk import wording
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.settings_shapes import Value
from ivr.frontdesk.settings_tables import SettingsChange
from ivr.frontdesk.settings_values import KINDS
from ivr.frontdesk.tables import StaffUser
from ivr.frontdesk.wording import say
from ivr.messages import desk_tasks
from ivr.messages.tables import DeskTask
from ivr.oncall import rota, rota_gaps
from ivr.oncall.rota_gaps import Gap
from scheduling import agenda, directory
from scheduling.database import new_id
from scheduling.errors import InvalidInput, SchedulingError, StaleVersion
from scheduling.hours import local_day, midnight
from scheduling.stranded import StrandedVisit, stranded_visits
from scheduling.tables import Clinic

OF_THE_ROTA: Final = frozenset({"shifts", "on_call"})
"""Kinds of settings that say who is on call when."""
LOOKED_AHEAD: Final = timedelta(weeks=4)
"""How far a change of the rota is looked at for duties that nobody would have."""

TASK = "plan_again"
"""The kind of the desk's task for a visit in closed time; its source names the visit."""


class VisitsInTheWay(SchedulingError):
    """The change would leave these visits in closed time, and nobody has looked at them yet."""

    def __init__(self, visits: Sequence[StrandedVisit]) -> None:
        super().__init__("visits are booked in this time: look at them, then decide")
        self.visits = tuple(visits)


class GapsAhead(SchedulingError):
    """With this change a duty has nobody for a while, and nobody has looked at it yet."""

    def __init__(self, gaps: Sequence[Gap]) -> None:
        super().__init__("a duty would have nobody for a while: look at it, then decide")
        self.gaps = tuple(gaps)


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


@dataclass(frozen=True)
class Seen:
    """What whoever made a form had looked at: markers, "" of what was not there.

    value: as it was. visits, gaps: those that the change would leave.
    """

    value: str
    visits: str = ""
    gaps: str = ""


def change(
    session: Session,
    user: SignedIn,
    *,
    kind: str,
    subject: str,
    value: Value,
    seen: Seen,
    now: datetime,
) -> Done:
    """Store `value`.

    Raises StaleVersion where it has another value by now, VisitsInTheWay, GapsAhead, InvalidInput
    where nothing would change, and what the checks of the kind raise. Then nothing may be
    committed.
    """
    _lock(session, user.clinic_id)
    before = KINDS[kind].read(session, user.clinic_id, subject)
    if marker(before) != seen.value:
        raise StaleVersion("somebody changed this setting meanwhile: look at it again")
    visits = _write(session, user, kind, subject, value, now)
    after = KINDS[kind].read(session, user.clinic_id, subject)
    if after == before:
        raise InvalidInput(say("nothing would change: it is like this already"))
    if visits and marker_of_visits(visits) != seen.visits:
        raise VisitsInTheWay(visits)
    gaps = gaps_ahead(session, user.clinic_id, now) if kind in OF_THE_ROTA else []
    if gaps and marker_of_gaps(gaps) != seen.gaps:
        raise GapsAhead(gaps)
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
    # Open pages show hours, rooms and people, too.
    agenda.record_change(session, user.clinic_id)
    return Done(row.id, tuple(visits))


def undo(session: Session, user: SignedIn, change_id: UUID, *, now: datetime) -> Done:
    """Put a setting back to what it was before a change.

    Raises InvalidInput where there is no such change, or it was undone or overtaken since.
    """
    _lock(session, user.clinic_id)
    row = session.get(SettingsChange, (user.clinic_id, change_id))
    if row is None or row.undone_at is not None:
        raise InvalidInput(say("this change no longer stands: look at the list again"))
    if not _stands(KINDS[row.kind].read(session, user.clinic_id, row.subject), row.after):
        raise InvalidInput(say("it was changed again since: undo the later change first"))
    visits = _write(session, user, row.kind, row.subject, row.before, now)
    row.undone_at, row.undone_by = now, user.name
    _settle_tasks(session, user, new_id(), visits, now)
    agenda.record_change(session, user.clinic_id)
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


def gaps_ahead(session: Session, clinic_id: str, now: datetime) -> list[Gap]:
    """When nobody has a duty in the coming weeks, and the fallback chain is rung instead."""
    zone = ZoneInfo(directory.clinic(session, clinic_id).timezone)
    # Whole days, so that the same gaps are the same a minute later.
    end = midnight(local_day(now + LOOKED_AHEAD, zone), zone)
    return rota_gaps.gaps(rota.stored_rota(session, clinic_id, now, end), now, end)


def marker_of_gaps(gaps: Sequence[Gap]) -> str:
    """The same short text for the same gaps. A gap that goes on now begins with the look."""
    return marker([(one.level, one.ends_at) for one in gaps])


def _stands(present: Value, after: Value) -> bool:
    """Whether a setting still is what a change made of it.

    Fields that a later version has added to it do not count.
    """
    if isinstance(present, dict) and isinstance(after, dict):
        return {name: present.get(name) for name in after} == after
    return present == after


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
