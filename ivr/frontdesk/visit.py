"""A visit's own page: what is known, what happened, and every step that may come next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.frontdesk import errand, errors, fields, permissions, visit_view, visit_wording
from ivr.frontdesk.access import Desk
from ivr.frontdesk.errand import Errand
from ivr.frontdesk.visit_view import VisitPage
from ivr.frontdesk.wording import say
from ivr.messages.patients.wording import Occasion
from scheduling import agenda, patient_file, undoing, visits
from scheduling.errors import SchedulingError, StaleVersion, UnknownVisit
from scheduling.pumps import RefillOutcome
from scheduling.tables import Provider, Room

_Step = Callable[[Session, Errand, UUID], object]


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page and what its buttons do; booking and moving have pages of their own."""
    known = ", ".join(map(repr, STEPS))

    @blueprint.get("/visits/<uuid:visit_id>")
    def visit(visit_id: UUID) -> ResponseReturnValue:
        mine = Errand.begin(desk)
        return show(mine, visit_id, said=visit_wording.done(errand.what_was_said()))

    @blueprint.post(f"/visits/<uuid:visit_id>/<any({known}):step>")
    def visit_step(visit_id: UUID, step: str) -> ResponseReturnValue:
        mine = Errand.begin(desk)

        def work(session: Session) -> None:
            STEPS[step](session, mine, visit_id)
            about = agenda.visit(session, mine.clinic_id, visit_id).patient_id
            mine.note(session, f"visit.{step}", visit=visit_id, patient=about)

        try:
            mine.write(work)
        except UnknownVisit:
            return no_such_visit()
        except SchedulingError as error:
            page = show(mine, visit_id, refused=error)
            return errand.refused(page) if isinstance(page, str) else page
        errand.say_next(f"visit_{step}")
        return redirect(url_for("frontdesk.visit", visit_id=visit_id), code=303)


def show(
    mine: Errand,
    visit_id: UUID,
    *,
    said: str | None = None,
    refused: SchedulingError | None = None,
) -> ResponseReturnValue:
    """The page. refused: why a step was not taken; what was typed for it is still there."""

    def look(session: Session) -> VisitPage:
        page = look_at(session, mine, visit_id)
        mine.note(session, "visit.viewed", visit=visit_id, patient=page.row.patient_id)
        return page

    try:
        page = mine.write(look)
    except UnknownVisit:
        return no_such_visit()
    return render_template(
        "frontdesk/visit.html",
        page=page,
        user=mine.user,
        may_change=permissions.may(mine.user.role, "frontdesk.book_visit"),
        said=said,
        problem=what_stands_in_the_way(page, refused, mine.zone),
        typed=request.form if refused is not None else {},
        key=errand.fresh_key(),
    )


def look_at(session: Session, mine: Errand, visit_id: UUID) -> VisitPage:
    """The visit with its history. Raises UnknownVisit."""
    found = agenda.visit(session, mine.clinic_id, visit_id)
    history = patient_file.visit_history(session, mine.clinic_id, visit_id)
    return visit_view.build(
        found, history, place_names(session, mine.clinic_id), mine.zone, mine.now
    )


def place_names(session: Session, clinic_id: str) -> dict[str, str]:
    """Id -> name of providers and rooms, also of those that are no longer there."""
    return {
        str(row.id): row.name
        for table in (Provider, Room)
        for row in session.execute(select(table.id, table.name).where(table.clinic_id == clinic_id))
    }


def what_stands_in_the_way(
    page: VisitPage, refused: SchedulingError | None, zone: ZoneInfo
) -> str | None:
    """Why nothing was stored, in words; of an overtaken change, what the other one did."""
    if refused is None:
        return None
    if isinstance(refused, StaleVersion):
        seen = int(request.form.get("version") or 0)
        return visit_wording.overtaken(refused, page.since(seen), zone)
    return visit_wording.problem(refused, zone)


def no_such_visit() -> ResponseReturnValue:
    """For another clinic's visits, too."""
    return errors.problem(
        404,
        say("There is no such visit"),
        say("It may have been deleted with its patient's record."),
    )


def _confirm(session: Session, mine: Errand, visit_id: UUID) -> object:
    return visits.confirm(session, **_which(mine, visit_id))


def _check_in(session: Session, mine: Errand, visit_id: UUID) -> object:
    return visits.check_in(session, **_which(mine, visit_id))


def _undo_check_in(session: Session, mine: Errand, visit_id: UUID) -> object:
    return visits.undo_check_in(session, **_which(mine, visit_id))


def _missed(session: Session, mine: Errand, visit_id: UUID) -> object:
    return visits.miss(session, **_which(mine, visit_id))


def _cancel(session: Session, mine: Errand, visit_id: UUID) -> object:
    reason = fields.text(request.form, "reason")
    cancelled = visits.cancel(session, reason=reason, **_which(mine, visit_id))
    mine.tell_patient(session, cancelled, Occasion.CANCELLED)
    return cancelled


def _complete(session: Session, mine: Errand, visit_id: UUID) -> object:
    alarm_on = fields.optional_day(
        request.form, "alarm_on", say("the next low-reservoir alarm date")
    )
    stable_until = fields.optional_day(
        request.form, "stable_until", say("the end of the stability")
    )
    outcome = None if alarm_on is None else RefillOutcome(alarm_on, stable_until)
    return visits.complete(session, refill=outcome, **_which(mine, visit_id))


def _undo_cancel(session: Session, mine: Errand, visit_id: UUID) -> object:
    return undoing.undo_cancel(session, **_which(mine, visit_id))


def _undo_missed(session: Session, mine: Errand, visit_id: UUID) -> object:
    return undoing.undo_miss(session, **_which(mine, visit_id))


def _undo_complete(session: Session, mine: Errand, visit_id: UUID) -> object:
    return undoing.undo_complete(session, **_which(mine, visit_id))


def _which(mine: Errand, visit_id: UUID) -> visit_view.Which:
    return {
        "clinic_id": mine.clinic_id,
        "visit_id": visit_id,
        "request": mine.request(),
        "version": fields.version(request.form),
    }


STEPS: Final[dict[str, _Step]] = {
    "confirm": _confirm,
    "check-in": _check_in,
    "undo-check-in": _undo_check_in,
    "complete": _complete,
    "cancel": _cancel,
    "missed": _missed,
    "undo-complete": _undo_complete,
    "undo-cancel": _undo_cancel,
    "undo-missed": _undo_missed,
}
"""The last part of a form's address -> what it does."""
