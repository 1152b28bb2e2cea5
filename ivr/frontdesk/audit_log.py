"""The audit, for administrators: who read or changed what, by person, patient and day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from ivr.audit.tables import StaffAudit
from ivr.frontdesk import accounts, audit, wording
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.tables import StaffUser
from ivr.frontdesk.wording import Words, say
from ivr.frontdesk.written import Instant, iso

PAGE: Final = 100
"""Rows on one page, the newest first."""

ACTION: Final[Words] = {
    "agenda.exported": "Exported the book",
    "audit.viewed": "Looked at the audit",
    "board.viewed": "Saw the board",
    "calendar.made": "Made a calendar's address",
    "calendar.revoked": "Revoked a calendar's address",
    "calls.viewed": "Saw the log of calls",
    "day.viewed": "Saw a day",
    "desk_task.done": "Ticked off a task",
    "desk_task.reopened": "Put a task back",
    "desk_tasks.viewed": "Saw the messages",
    "message.heard": "Heard a message",
    "patient.add-phone": "Added a number",
    "patient.add-pump": "Registered a pump",
    "patient.consent": "Recorded a consent",
    "patient.correct": "Corrected a record",
    "patient.correct-pump": "Corrected a pump's dates",
    "patient.note": "Added a note on a patient",
    "patient.merged": "Merged two records",
    "patient.registered": "Registered a patient",
    "patient.remove-phone": "Removed a number",
    "patient.retire-pump": "Retired a pump",
    "patient.viewed": "Saw a patient",
    "patients.compared": "Compared two records",
    "patients.found": "Searched for patients",
    "plan_again.viewed": "Saw the visits in closed time",
    "prompt.asked": "Asked for a change of a safety prompt",
    "prompt.changed": "Changed what the line says",
    "prompt.declined": "Declined a change of a safety prompt",
    "prompt.signed": "Signed a change of a safety prompt",
    "prompt.withdrawn": "Withdrew a change of a safety prompt",
    "recall.attempted": "Noted a call for a recall",
    "recall.closed": "Closed a recall",
    "recall.snoozed": "Put a recall off",
    "recall.woken": "Put a recall back on the list",
    "recalls.viewed": "Saw the recalls",
    "reminders.viewed": "Saw the reminders",
    "rota.changed": "Changed who is on call",
    "rota.withdrawn": "Took a change of the rota back",
    "settings.changed": "Changed a setting",
    "settings.undone": "Undid a change of a setting",
    "settings.visits_viewed": "Saw the visits in the way of a setting",
    "staff.logged_in": "Logged in",
    "staff.logged_out": "Logged out",
    "staff.logged_out_everywhere": "Logged out everywhere",
    "staff.password_changed": "Changed their password",
    "staff.recovery_code_used": "Used a recovery code",
    "staff.recovery_codes_renewed": "Made new recovery codes",
    "staff.second_factor_off": "Turned their second factor off",
    "staff.second_factor_on": "Turned their second factor on",
    "staff.unlocked": "Unlocked the desk",
    "ticket.closed": "Closed an urgent call",
    "ticket.viewed": "Saw an urgent call",
    "trial_ring.asked": "Rang somebody on call to try",
    "user.added": "Added an account",
    "user.closed": "Closed an account",
    "user.made_clinician": "Made an account a clinician's",
    "user.no_longer_clinician": "Made an account a clinician's no longer",
    "user.opened": "Opened an account again",
    "user.password_reset": "Gave an account a new password",
    "user.reset_by_command": "Was given a new password by the machine's operator",
    "user.role_changed": "Changed the role of an account",
    "user.second_factor_removed": "Removed the second factor of an account",
    "visit.booked": "Booked a visit",
    "visit.cancel": "Cancelled a visit",
    "visit.check-in": "Checked a patient in",
    "visit.complete": "Completed a visit",
    "visit.confirm": "Confirmed a visit",
    "visit.missed": "Marked a visit as missed",
    "visit.moved": "Moved a visit",
    "visit.undo-cancel": "Undid a cancellation",
    "visit.undo-check-in": "Undid a check-in",
    "visit.undo-complete": "Undid a completion",
    "visit.undo-missed": "Undid that a patient had not come",
    "visit.viewed": "Saw a visit",
    "waitlist.accepted": "Accepted an offer for a patient",
    "waitlist.declined": "Declined an offer for a patient",
    "waitlist.left": "Took somebody off the waitlist",
    "waitlist.viewed": "Saw the waitlist",
    "week.viewed": "Saw a week",
}


@dataclass(frozen=True)
class Filter:
    """What is asked for. `day` by the clinic's clock. `before`: older rows than this one alone."""

    staff_id: UUID | None
    patient_id: UUID | None
    day: date | None
    before: tuple[datetime, UUID] | None


@dataclass(frozen=True)
class Row:
    """One row as it is shown. `about`: names of what it holds and their values, all opaque."""

    at: Instant
    name: str
    action: str
    about: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Found:
    rows: tuple[Row, ...]
    people: tuple[tuple[str, str], ...]
    older: str | None


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page."""

    @blueprint.get("/audit")
    def audit_log() -> ResponseReturnValue:
        user, problem, status = signed_in(), None, 200
        try:
            asked = _filter(request.args)
        except ValueError:
            asked, status = Filter(None, None, None, None), 400
            problem = say(
                "That cannot be looked for: a patient's id has 32 letters and digits, a day is"
                " written 2026-11-23. Everything is shown."
            )
        now = desk.clock()
        found = desk.database.write(lambda s: _look(s, user, asked, now))
        page = render_template(
            "frontdesk/audit_log.html",
            user=user,
            found=found,
            asked=request.args,
            problem=problem,
            filtered=any((asked.staff_id, asked.patient_id, asked.day)),
        )
        return page, status


def _look(session: Session, user: SignedIn, asked: Filter, now: datetime) -> _Found:
    zone = ZoneInfo(user.zone)
    rows = session.execute(_query(user.clinic_id, asked, zone).limit(PAGE + 1)).all()
    shown = rows[:PAGE]
    detail: dict[str, str | int] = {"rows": len(shown)}
    if asked.staff_id:
        detail["of_user"] = str(asked.staff_id)
    if asked.patient_id:
        detail["of_patient"] = str(asked.patient_id)
    audit.record(
        session,
        clinic_id=user.clinic_id,
        staff_id=user.staff_id,
        action="audit.viewed",
        detail=detail,
        now=now,
    )
    last = shown[-1][0] if len(rows) > PAGE else None
    return _Found(
        rows=tuple(_row(entry, name, zone) for entry, name in shown),
        people=tuple((one.id.hex, one.name) for one in accounts.users_of(session, user.clinic_id)),
        older=f"{iso(last.at)}_{last.at.microsecond}_{last.id.hex}" if last else None,
    )


def _query(clinic_id: str, asked: Filter, zone: ZoneInfo) -> Select[StaffAudit, str]:
    query = (
        select(StaffAudit, StaffUser.name)
        .join(
            StaffUser,
            (StaffUser.clinic_id == StaffAudit.clinic_id) & (StaffUser.id == StaffAudit.staff_id),
        )
        .where(StaffAudit.clinic_id == clinic_id)
        .order_by(StaffAudit.at.desc(), StaffAudit.id.desc())
    )
    if asked.staff_id:
        query = query.where(StaffAudit.staff_id == asked.staff_id)
    if asked.patient_id:
        query = query.where(StaffAudit.patient_id == asked.patient_id)
    if asked.day:
        begins = datetime.combine(asked.day, time(), tzinfo=zone)
        ends = datetime.combine(asked.day + timedelta(days=1), time(), tzinfo=zone)
        query = query.where(StaffAudit.at >= begins, StaffAudit.at < ends)
    if asked.before:
        query = query.where(tuple_(StaffAudit.at, StaffAudit.id) < tuple_(*asked.before))
    return query


def _filter(given: Mapping[str, str]) -> Filter:
    """Raises ValueError for what is no id or no day."""
    return Filter(
        staff_id=_uuid(given.get("user", "")),
        patient_id=_uuid(given.get("patient", "")),
        day=date.fromisoformat(given["day"]) if given.get("day") else None,
        before=_before(given.get("before", "")),
    )


def _before(written: str) -> tuple[datetime, UUID] | None:
    if not written:
        return None
    second, microsecond, row_id = written.split("_")
    at = datetime.fromisoformat(second).astimezone(UTC)
    return at.replace(microsecond=int(microsecond)), UUID(row_id)


def _uuid(written: str) -> UUID | None:
    return UUID(written.strip()) if written.strip() else None


def _row(entry: StaffAudit, name: str, zone: ZoneInfo) -> Row:
    return Row(
        at=Instant(iso(entry.at), wording.moment_to_the_second(entry.at, zone)),
        name=name,
        action=wording.in_words(ACTION, entry.action),
        about=tuple((key, str(value)) for key, value in sorted(entry.detail.items())),
    )
