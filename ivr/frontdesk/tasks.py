"""The page of messages and tasks: all that waits, by kind, and what was done lately."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import tasks_view, work
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.tasks_view import TasksPage
from ivr.frontdesk.wording import say
from ivr.messages import desk_tasks, failures

DONE_FOR: Final = timedelta(days=7)
"""For how long the page shows what was done, so that a tick can be taken back."""


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page, and what its buttons do."""

    @blueprint.get("/tasks")
    def tasks() -> ResponseReturnValue:
        user = signed_in()
        kind = request.args.get("kind") or None
        shown = _look(desk, user, kind)
        return render_template("frontdesk/tasks.html", page=shown, user=user, kind=kind)

    @blueprint.post("/tasks/<uuid:task_id>/tick")
    def task_ticked(task_id: UUID) -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()

        def tick(session: Session) -> bool:
            return desk_tasks.mark_done(session, user.clinic_id, task_id, by=user.name, now=now)

        said = (say("Done."), say("Somebody else had done it already."))
        return _changed(desk, task_id, "desk_task.done", tick, said)

    @blueprint.post("/tasks/<uuid:task_id>/reopen")
    def task_reopened(task_id: UUID) -> ResponseReturnValue:
        user = signed_in()

        def reopen(session: Session) -> bool:
            return desk_tasks.reopen(session, user.clinic_id, task_id)

        said = (
            say("It waits again."),
            say("It waits already: somebody took the tick back."),
        )
        return _changed(desk, task_id, "desk_task.reopened", reopen, said)


def _look(desk: Desk, user: SignedIn, kind: str | None) -> TasksPage:
    now = desk.clock()

    def look(session: Session) -> TasksPage:
        waiting = desk_tasks.open_tasks(session, user.clinic_id)
        failed = failures.of_tasks(session, user.clinic_id, waiting)
        done = desk_tasks.done_since(session, user.clinic_id, now - DONE_FOR)
        work.note(session, user, "desk_tasks.viewed", {"open": len(waiting)}, now)
        return tasks_view.build(waiting, failed, done, kind, ZoneInfo(user.zone), now)

    return desk.database.write(look)


def _changed(
    desk: Desk,
    task_id: UUID,
    action: str,
    change: Callable[[Session], bool],
    said: tuple[str, str],
) -> ResponseReturnValue:
    """Do what a button says and go back to the list. said: where it changed anything, and not."""
    user, now = signed_in(), desk.clock()

    def act(session: Session) -> bool:
        changed = change(session)
        if changed:
            work.note(session, user, action, {"task": str(task_id)}, now)
        return changed

    flash(said[0] if desk.database.write(act) else said[1])
    kind = request.form.get("kind") or None
    return redirect(url_for("frontdesk.tasks", kind=kind), code=303)
