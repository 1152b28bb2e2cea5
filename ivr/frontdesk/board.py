"""The board: today's and coming visits, what is urgent, who waits for a call. Live."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.digest import daily
from ivr.frontdesk import audit, board_view, pulse
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.board_view import Board
from ivr.frontdesk.sessions import SignedIn
from ivr.messages import desk_tasks, failures, heartbeat
from ivr.oncall import board as tickets
from scheduling import agenda, directory


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the board, the fragment its page polls, and what its buttons do."""

    @blueprint.get("")
    def board() -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()
        shown = desk.database.write(lambda s: _show(s, user, now))
        return render_template("frontdesk/board.html", board=shown, user=user)

    @blueprint.get("/board")
    def board_fragment() -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()
        if request.args.get("seen") == desk.pulse.version(user.clinic_id, user.zone):
            return "", 204
        return fragment(desk, user, now)

    @blueprint.post("/tasks/<uuid:task_id>/done")
    def task_done(task_id: UUID) -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()

        def work(session: Session) -> bool:
            done = desk_tasks.mark_done(session, user.clinic_id, task_id, by=user.name, now=now)
            if done:
                audit.record(
                    session,
                    clinic_id=user.clinic_id,
                    staff_id=user.staff_id,
                    action="desk_task.done",
                    detail={"task": str(task_id)},
                    now=now,
                )
            return done

        # Done by somebody else a moment ago is done all the same: the board shows it gone.
        desk.database.write(work)
        if "HX-Request" in request.headers:
            return fragment(desk, user, now)
        return redirect(url_for("frontdesk.board"), code=303)


def fragment(desk: Desk, user: SignedIn, now: datetime, *, notice: str | None = None) -> str:
    """The board as the open page takes it in; notice: what its button came to, if not the usual."""
    shown = desk.database.write(lambda s: _show(s, user, now))
    return render_template("frontdesk/_board.html", board=shown, notice=notice)


def _show(session: Session, user: SignedIn, now: datetime) -> Board:
    clinic = directory.clinic(session, user.clinic_id)
    zone = ZoneInfo(user.zone)
    # First the version, then the rows: a change in between is fetched by the next poll, where
    # the other way round it would never be.
    present = pulse.version(session, user.clinic_id, user.zone, now)
    start, tomorrow, end = board_view.shown_span(now, zone)
    ahead, until = board_view.whole_days(
        agenda.visits_between(session, clinic.id, tomorrow, end, limit=board_view.MOST_AHEAD + 1),
        now,
        zone,
    )
    visits = [*agenda.visits_between(session, clinic.id, start, tomorrow), *ahead]
    open_tickets = tickets.open_tickets(session, clinic.id)
    tasks = desk_tasks.open_tasks(session, clinic.id)
    failed = failures.of_tasks(session, clinic.id, tasks)
    silence = board_view.silence(heartbeat.last_beat(session), now)
    audit.record(
        session,
        clinic_id=user.clinic_id,
        staff_id=user.staff_id,
        action="board.viewed",
        detail={
            "from": start.isoformat(),
            "until": end.isoformat(),
            "agenda_version": agenda.version(session, clinic.id),
            "visits": len(visits),
            "tickets": len(open_tickets),
            "tasks": len(tasks),
        },
        now=now,
    )
    return board_view.build(
        version=present,
        clinic_name=clinic.name,
        zone=zone,
        now=now,
        visits=visits,
        until=until,
        tickets=open_tickets,
        tasks=tasks,
        failures=failed,
        silence=silence,
        digest=next(iter(daily.latest(session, clinic.id, 1)), None),
    )
