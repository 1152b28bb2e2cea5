"""The settings: closures, hours, visit types, who and what is there, and undoing."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.frontdesk import settings_changes, settings_forms, settings_view, wording, work
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.settings_changes import Done, marker
from ivr.frontdesk.settings_resources import FIGURES, REFILL_FIGURES, keyed
from ivr.frontdesk.settings_shapes import Value
from ivr.frontdesk.settings_submit import (
    problem_page,
    submit,
    visits_said,
    within_reason,
)
from ivr.frontdesk.settings_values import DESK, KINDS
from ivr.frontdesk.wording import say
from scheduling import directory
from scheduling.database import new_id
from scheduling.errors import SchedulingError
from scheduling.tables import Closure, Provider, Room, VisitType


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the pages, and what their forms do."""
    _add_overview(blueprint, desk)
    _add_closures(blueprint, desk)
    _add_hours(blueprint, desk)
    _add_visit_types(blueprint, desk)


def _add_overview(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("/settings")
    def settings() -> ResponseReturnValue:
        user = signed_in()

        def look(session: Session) -> dict[str, Any]:
            return {
                **_keys(session, user.clinic_id),
                "holidays": KINDS["holidays"].read(session, user.clinic_id, "clinic"),
                "changes": settings_view.changes(
                    settings_changes.latest(session, user.clinic_id), ZoneInfo(user.zone)
                ),
            }

        shown = desk.database.read(look)
        return render_template("frontdesk/settings.html", user=user, marker=marker, **shown)

    @blueprint.post("/settings/holidays")
    def change_holidays() -> ResponseReturnValue:
        return submit(
            desk,
            "holidays",
            "clinic",
            lambda _: {"observes_holidays": request.form.get("observes_holidays") == "yes"},
            problem_page,
            "frontdesk.settings",
        )

    @blueprint.post("/settings/changes/<uuid:change_id>/undo")
    def undo_change(change_id: UUID) -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()

        def work_it(session: Session) -> Done:
            done = settings_changes.undo(session, user, change_id, now=now)
            work.note(
                session,
                user,
                "settings.undone",
                {"change": str(change_id), "visits": len(done.visits)},
                now,
            )
            return done

        try:
            done = desk.database.write(work_it)
        except SchedulingError as error:
            return problem_page(work.in_words(error)), 409
        flash(say("Undone.") + visits_said(done))
        return redirect(url_for("frontdesk.settings"), code=303)


def _add_closures(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("/settings/closures")
    def closures() -> ResponseReturnValue:
        return _closures_page(desk, None)

    @blueprint.post("/settings/closures")
    def add_closure() -> ResponseReturnValue:
        try:
            subject = str(UUID(request.form.get("subject", "")))
        except ValueError:
            subject = str(new_id())
        return submit(
            desk,
            "closure",
            subject,
            lambda zone: settings_forms.closure(request.form, zone),
            lambda problem: _closures_page(desk, problem),
            "frontdesk.closures",
        )

    @blueprint.post("/settings/closures/<uuid:closure_id>/remove")
    def remove_closure(closure_id: UUID) -> ResponseReturnValue:
        return submit(
            desk,
            "closure",
            str(closure_id),
            lambda _: None,
            lambda problem: _closures_page(desk, problem),
            "frontdesk.closures",
        )


def _add_hours(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("/settings/hours/<owner>")
    def hours(owner: str) -> ResponseReturnValue:
        return within_reason(lambda: _hours_page(desk, owner, None))

    @blueprint.post("/settings/hours/<owner>")
    def change_hours(owner: str) -> ResponseReturnValue:
        return submit(
            desk,
            "hours",
            _subject(owner),
            lambda _: settings_forms.hours(request.form),
            lambda problem: _hours_page(desk, owner, problem),
            "frontdesk.settings",
        )

    @blueprint.post("/settings/people/<owner>")
    def change_keyed(owner: str) -> ResponseReturnValue:
        kind, _, key = _subject(owner).partition(" ")
        if kind not in ("provider", "room"):
            return problem_page(say("Only a provider or a room has a name here.")), 404
        return submit(
            desk,
            kind,
            key,
            lambda _: settings_forms.keyed(request.form),
            lambda problem: _hours_page(desk, owner, problem),
            "frontdesk.settings",
        )


def _add_visit_types(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("/settings/visit-types/<key>")
    def visit_type(key: str) -> ResponseReturnValue:
        return within_reason(lambda: _visit_type_page(desk, key, None))

    @blueprint.post("/settings/visit-types/<key>")
    def change_visit_type(key: str) -> ResponseReturnValue:
        refills = "refill_margin_days" in request.form
        return submit(
            desk,
            "visit_type",
            key,
            lambda _: settings_forms.visit_type(request.form, refills_pump=refills),
            lambda problem: _visit_type_page(desk, key, problem),
            "frontdesk.settings",
        )


def _closures_page(desk: Desk, problem: str | None) -> str:
    user, now = signed_in(), desk.clock()
    zone = ZoneInfo(user.zone)

    def look(session: Session) -> dict[str, Any]:
        rows = session.scalars(
            select(Closure)
            .where(Closure.clinic_id == user.clinic_id, Closure.ends_at > now)
            .order_by(Closure.starts_at, Closure.id)
        )
        values = [
            (row.id, KINDS["closure"].read(session, user.clinic_id, str(row.id))) for row in rows
        ]
        return {
            **_keys(session, user.clinic_id),
            "closures": [
                (row_id, settings_view.closure_in_words(value, zone), marker(value))
                for row_id, value in values
            ],
        }

    return render_template(
        "frontdesk/closures.html",
        user=user,
        problem=problem,
        typed=request.form if problem else {},
        subject=request.form.get("subject") or str(new_id()),
        nothing=marker(None),
        **desk.database.read(look),
    )


def _hours_page(desk: Desk, owner: str, problem: str | None) -> str:
    user, subject = signed_in(), _subject(owner)
    kind, _, key = subject.partition(" ")

    def look(session: Session) -> tuple[Value, Value]:
        # First the hours: they refuse whatever is neither the desk nor a provider or room.
        value = KINDS["hours"].read(session, user.clinic_id, subject)
        named = KINDS[kind].read(session, user.clinic_id, key) if subject != DESK else None
        return value, named

    value, named = desk.database.read(look)
    typed = settings_forms.hours_rows(request.form) if problem else []
    return render_template(
        "frontdesk/hours.html",
        user=user,
        problem=problem,
        owner=owner,
        title=named["name"] if isinstance(named, dict) else say("The desk"),
        rows=typed or [*(value or []), {}, {}, {}],
        named=named,
        seen=marker(value),
        seen_named=marker(named),
        weekdays=[wording.weekday_in_full(number) for number in range(7)],
    )


def _visit_type_page(desk: Desk, key: str, problem: str | None) -> str:
    user = signed_in()

    def look(session: Session) -> tuple[Value, dict[str, Any]]:
        # First the row: it refuses a key that the clinic does not have.
        keyed(session, VisitType, user.clinic_id, key)
        return KINDS["visit_type"].read(session, user.clinic_id, key), _keys(
            session, user.clinic_id
        )

    value, keys = desk.database.read(look)
    return render_template(
        "frontdesk/visit_type.html",
        user=user,
        problem=problem,
        key=key,
        title=wording.in_words(wording.VISIT_TYPE, key),
        value=value,
        typed=request.form if problem else {},
        figures=(*FIGURES, *REFILL_FIGURES),
        providers=[one for one in keys["providers"] if one[2]],
        rooms=[one for one in keys["rooms"] if one[2]],
        seen=marker(value),
        words=dict(wording.choices(settings_view.FIELD)),
        bookers=wording.choices(settings_view.BOOKED_BY),
    )


def _keys(session: Session, clinic_id: str) -> dict[str, Any]:
    """Key and name of all providers, rooms and visit types."""

    def listed(table: type[Provider | Room]) -> list[tuple[str, str, bool]]:
        rows = session.execute(
            select(table.key, table.name, table.active)
            .where(table.clinic_id == clinic_id)
            .order_by(table.key)
        )
        return [(key, name, active) for key, name, active in rows]

    types = select(VisitType.key, VisitType.active).where(VisitType.clinic_id == clinic_id)
    return {
        "clinic_name": directory.clinic(session, clinic_id).name,
        "providers": listed(Provider),
        "rooms": listed(Room),
        "visit_types": [
            (key, wording.in_words(wording.VISIT_TYPE, key), active)
            for key, active in session.execute(types.order_by(VisitType.key))
        ],
    }


def _subject(owner: str) -> str:
    """An owner as an address has it, "provider-fura", as settings have it: "provider fura"."""
    return owner.replace("-", " ", 1)
