"""The visits that stand in closed time: each is to be planned again, refills first."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import settings_view, work
from ivr.frontdesk.access import Desk, signed_in
from scheduling.stranded import stranded_visits


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page. It is worked out from the book each time, so that no visit can be missed."""

    @blueprint.get("/plan-again")
    def plan_again() -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()

        def look(session: Session) -> tuple[settings_view.StrandedRow, ...]:
            visits = stranded_visits(session, user.clinic_id, now)
            work.note(session, user, "plan_again.viewed", {"visits": len(visits)}, now)
            return settings_view.stranded(visits, ZoneInfo(user.zone), now)

        rows = desk.database.write(look)
        return render_template("frontdesk/plan_again.html", rows=rows, user=user)
