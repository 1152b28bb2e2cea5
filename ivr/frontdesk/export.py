"""The book of a day or a week as a file, for whoever must work on without this page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import errors, export_cells, wording, work
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.wording import Words, say
from scheduling import agenda
from scheduling.agenda import AgendaVisit
from scheduling.hours import local_day, midnight

SPANS: Final[Words] = {"1": "One day", "7": "Seven days"}
HEAD: Final[Words] = {
    "date": "Date",
    "start": "Start",
    "end": "End",
    "patient": "Patient",
    "date_of_birth": "Date of birth",
    "phone": "Phone",
    "visit_type": "Visit type",
    "provider": "Provider",
    "room": "Room",
    "status": "Status",
}


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page that asks for the days, and the file."""

    @blueprint.get("/export")
    def export() -> ResponseReturnValue:
        user = signed_in()
        today = local_day(desk.clock(), ZoneInfo(user.zone))
        return render_template(
            "frontdesk/export.html",
            user=user,
            spans=wording.choices(SPANS),
            day=today.isoformat(),
        )

    # A POST, so that no link and no browser that fetches ahead can take patients out of here.
    @blueprint.post("/export")
    def export_file() -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()
        first, days = work.day_of(request.form.get("day", "")), request.form.get("days", "")
        if first is None or days not in SPANS:
            return errors.problem(
                400,
                say("Nothing was exported"),
                say("Go back, and choose the first day and how many."),
            )
        zone = ZoneInfo(user.zone)
        end = first + timedelta(days=int(days))

        def look(session: Session) -> list[AgendaVisit]:
            visits = agenda.visits_between(
                session, user.clinic_id, midnight(first, zone), midnight(end, zone)
            )
            work.note(
                session,
                user,
                "agenda.exported",
                {"from": first.isoformat(), "days": int(days), "visits": len(visits)},
                now,
            )
            return visits

        visits = desk.database.write(look)
        written = export_cells.as_csv(
            [wording.in_words(HEAD, one) for one in HEAD], (line(one, zone) for one in visits)
        )
        return Response(
            written,
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{_name(first, days)}"'},
        )


def line(visit: AgendaVisit, zone: ZoneInfo) -> tuple[str, ...]:
    """A visit's cells, its times by the clinic's clock."""
    starts, ends = visit.starts_at.astimezone(zone), visit.ends_at.astimezone(zone)
    return (
        starts.date().isoformat(),
        f"{starts:%H:%M}",
        f"{ends:%H:%M}",
        visit.patient_name or "",
        visit.date_of_birth.isoformat(),
        wording.phone(visit.phone) if visit.phone else "",
        wording.in_words(wording.VISIT_TYPE, visit.visit_type_key),
        visit.provider_name,
        visit.room_name or "",
        wording.in_words(wording.STATUS, visit.status),
    )


def _name(first: date, days: str) -> str:
    return f"visits-{first.isoformat()}{'' if days == '1' else f'-{days}-days'}.csv"
