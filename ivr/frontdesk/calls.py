"""The log of calls, day by day: when, how long, which way through the line, how it ended."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.call.call_log import LoggedCall, calls_between
from ivr.call.flow import FLOW
from ivr.frontdesk import call_log_view, work
from ivr.frontdesk.access import Desk, signed_in
from scheduling.hours import local_day, midnight


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page of one day; today's where none is asked for."""

    @blueprint.get("/calls")
    def calls() -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()
        zone = ZoneInfo(user.zone)
        today = local_day(now, zone)
        day = min(work.day_of(request.args.get("day", "")) or today, today)

        def look(session: Session) -> list[LoggedCall]:
            start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
            found = calls_between(session, user.clinic_id, start, end)
            work.note(
                session,
                user,
                "calls.viewed",
                {"day": day.isoformat(), "calls": len(found)},
                now,
            )
            return found

        page = call_log_view.build(desk.database.write(look), FLOW, day, zone, today)
        return render_template("frontdesk/calls.html", page=page, user=user)
