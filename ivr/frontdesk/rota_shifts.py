"""The page of the rota's weekly shifts: a calendar of the coming weeks, and the form behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import rota_view, settings_forms, wording
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.settings_changes import LOOKED_AHEAD, gaps_ahead, marker
from ivr.frontdesk.settings_submit import submit
from ivr.frontdesk.settings_values import KINDS
from ivr.oncall.rota import stored_rota

_EMPTY = {"days": [], "every_weeks": 1, "week": 0}


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page and what its form does."""

    @blueprint.get("/rota/shifts")
    def shifts() -> ResponseReturnValue:
        return _page(desk, None)

    @blueprint.post("/rota/shifts")
    def change_shifts() -> ResponseReturnValue:
        return submit(
            desk,
            "shifts",
            "clinic",
            lambda _: settings_forms.shifts(request.form),
            lambda problem: _page(desk, problem),
            "frontdesk.shifts",
        )


def _page(desk: Desk, problem: str | None) -> str:
    user, now = signed_in(), desk.clock()

    def look(session: Session) -> dict[str, Any]:
        value = KINDS["shifts"].read(session, user.clinic_id, "clinic")
        # The calendar's last week may end after what is looked at for gaps.
        end = now + LOOKED_AHEAD + timedelta(days=7)
        rota = stored_rota(session, user.clinic_id, now, end)
        rows = [*(value or []), _EMPTY, _EMPTY]
        return {
            "rows": [{**one, "week": one["week"] + 1} for one in rows if isinstance(one, dict)],
            "seen": marker(value),
            "weeks": rota_view.weeks(rota, now),
            "gaps": rota_view.gaps_in_words(gaps_ahead(session, user.clinic_id, now), rota.zone),
            "names": [(one.key, one.name) for one in rota.people],
        }

    shown = desk.database.read(look)
    if problem:
        shown["rows"] = settings_forms.shift_rows(request.form)
    # A shift of somebody who has left the list still says whose it is.
    listed = {key for key, _ in shown["names"]}
    shown["names"] += sorted(
        {(row["person"], row["person"]) for row in shown["rows"] if row.get("person")}
        - {(key, key) for key in listed}
    )
    return render_template(
        "frontdesk/shifts.html",
        user=user,
        problem=problem,
        weekdays=[wording.weekday(number) for number in range(7)],
        weekdays_in_full=[wording.weekday_in_full(number) for number in range(7)],
        duties=wording.choices(rota_view.DUTY),
        **shown,
    )
