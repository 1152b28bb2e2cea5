"""The recalls' page: whom the desk has to call before their pump runs low, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import numbers_on_file, recalls_view, wording, work
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.recalls_view import RecallsPage
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.wording import say
from ivr.messages.patients import recall_texts
from scheduling import other_recalls, recall_calls, recall_list
from scheduling.errors import InvalidInput, SchedulingError
from scheduling.requests import Request

Detail = Mapping[str, str | int]
"""What the audit keeps of a change beside the recall's id."""
Change = Callable[[Session, str, UUID, Request], Detail]
"""What a button does to a clinic's recall."""


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page, and what its buttons do."""

    @blueprint.get("/recalls")
    def recalls() -> ResponseReturnValue:
        user = signed_in()
        return _page(desk, user)

    @blueprint.post("/recalls/<uuid:recall_id>/attempt")
    def recall_attempt(recall_id: UUID) -> ResponseReturnValue:
        outcome = wording.in_words(recalls_view.OUTCOMES, request.form.get("outcome", ""))
        said = say("Noted: {outcome}.", outcome=outcome.lower())
        return _changed(desk, recall_id, "recall.attempted", _attempt, said)

    @blueprint.post("/recalls/<uuid:recall_id>/snooze")
    def recall_snooze(recall_id: UUID) -> ResponseReturnValue:
        said = say(
            "Put off. It comes back by itself on that day, and at once if it becomes overdue."
        )
        return _changed(desk, recall_id, "recall.snoozed", _snooze, said)

    @blueprint.post("/recalls/<uuid:recall_id>/wake")
    def recall_wake(recall_id: UUID) -> ResponseReturnValue:
        said = say("It is back on the list of calls.")
        return _changed(desk, recall_id, "recall.woken", _wake, said)

    @blueprint.post("/recalls/<uuid:recall_id>/close")
    def recall_close(recall_id: UUID) -> ResponseReturnValue:
        said = say("Closed: it is off the list for good.")
        return _changed(desk, recall_id, "recall.closed", _close, said)


def _attempt(session: Session, clinic_id: str, recall_id: UUID, asked: Request) -> Detail:
    outcome = request.form.get("outcome", "")
    if outcome not in recalls_view.OUTCOMES:
        raise InvalidInput(say("nothing was noted: choose first what came of the call"))
    recall_calls.record_attempt(
        session, clinic_id=clinic_id, recall_id=recall_id, outcome=outcome, request=asked
    )
    return {"outcome": outcome}


def _snooze(session: Session, clinic_id: str, recall_id: UUID, asked: Request) -> Detail:
    until = work.day_of(request.form.get("until", ""))
    if until is None:
        raise InvalidInput(say("no day was given: choose the day on which it comes back"))
    recall_calls.snooze(
        session,
        clinic_id=clinic_id,
        recall_id=recall_id,
        until=until,
        request=asked,
        version=work.version_of(),
    )
    return {"until": until.isoformat()}


def _wake(session: Session, clinic_id: str, recall_id: UUID, asked: Request) -> Detail:
    recall_calls.end_snooze(
        session,
        clinic_id=clinic_id,
        recall_id=recall_id,
        request=asked,
        version=work.version_of(),
    )
    return {}


def _close(session: Session, clinic_id: str, recall_id: UUID, asked: Request) -> Detail:
    how = request.form.get("how", "")
    version = work.version_of()
    if how == "done":
        other_recalls.finish(
            session, clinic_id=clinic_id, recall_id=recall_id, request=asked, version=version
        )
    elif how in recalls_view.REASONS:
        other_recalls.drop(
            session,
            clinic_id=clinic_id,
            recall_id=recall_id,
            reason=how,
            request=asked,
            version=version,
        )
    else:
        raise InvalidInput(say("nothing was closed: choose first how it ended"))
    return {"how": how}


def _changed(
    desk: Desk, recall_id: UUID, action: str, change: Change, said: str
) -> ResponseReturnValue:
    """Do what a button says; back to the list, or the same page with why it was refused."""
    user = signed_in()
    now = desk.clock()
    asked = work.request_of(user, now)

    def act(session: Session) -> None:
        detail = change(session, user.clinic_id, recall_id, asked)
        work.note(session, user, action, {"recall": str(recall_id), **detail}, now)

    try:
        desk.database.write(act)
    except SchedulingError as error:
        return _page(desk, user, recall_id, work.in_words(error))
    flash(said)
    return redirect(url_for("frontdesk.recalls"), code=303)


def _page(
    desk: Desk, user: SignedIn, recall_id: UUID | None = None, problem: str | None = None
) -> ResponseReturnValue:
    """The list; problem: why the form of `recall_id` was refused, which keeps what was typed."""
    now = desk.clock()

    def look(session: Session) -> RecallsPage:
        lines = recall_list.recall_list(session, user.clinic_id, now)
        put_off = recall_list.put_off_list(session, user.clinic_id, now)
        phones = numbers_on_file.of_patients(
            session, user.clinic_id, {one.patient_id for one in (*lines, *put_off)}
        )
        told = recall_texts.told_last(
            session, user.clinic_id, {(one.id, one.due_on) for one in (*lines, *put_off)}
        )
        detail = {"listed": len(lines), "put_off": len(put_off)}
        work.note(session, user, "recalls.viewed", detail, now)
        return recalls_view.build(lines, put_off, phones, told, ZoneInfo(user.zone), now)

    shown = desk.database.write(look)
    page = render_template(
        "frontdesk/recalls.html",
        page=shown,
        user=user,
        problem=problem,
        typed=request.form if problem else {},
        typed_for=recall_id,
        outcomes=wording.choices(recalls_view.OUTCOMES),
        reasons=wording.choices(recalls_view.REASONS),
        new_key=work.new_key,
    )
    return page, 409 if problem else 200
