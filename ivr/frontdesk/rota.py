"""The rota's page: who is on call now and in the coming week, its gaps, and test calls."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import audit, errors, permissions, rota_view
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.rota_view import RotaPage
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.wording import say
from ivr.oncall import rota_changes, trial_rings
from ivr.oncall.rota import UnknownPerson, stored_rota
from scheduling import directory


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page, and what its buttons do."""

    @blueprint.get("/rota")
    def rota() -> ResponseReturnValue:
        return page(desk, signed_in())

    @blueprint.post("/rota/<person_key>/ring")
    def ring_to_try(person_key: str) -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()

        def ring(session: Session) -> None:
            ring_id = trial_rings.ring(
                session,
                clinic_id=user.clinic_id,
                person_key=person_key,
                link_base=desk.link_base,
                by=user.name,
                now=now,
            )
            if ring_id is not None:
                audit.record(
                    session,
                    clinic_id=user.clinic_id,
                    staff_id=user.staff_id,
                    action="trial_ring.asked",
                    detail={"ring": str(ring_id)},
                    now=now,
                )

        try:
            desk.database.write(ring)
        except UnknownPerson:
            return errors.problem(
                404,
                say("Nobody on call has this key"),
                say("They have left the list since. The rota's page shows who is on it."),
            )
        return redirect(url_for("frontdesk.rota"), code=303)


def page(desk: Desk, user: SignedIn, problem: str | None = None) -> str:
    """The page; problem: why a form of it was refused, and then with what was typed."""
    now = desk.clock()

    def look(session: Session) -> RotaPage:
        stored = stored_rota(session, user.clinic_id, now, now + rota_view.AHEAD)
        line = directory.clinic(session, user.clinic_id).phone_number
        trials = trial_rings.latest(session, user.clinic_id)
        standing = rota_changes.standing(session, user.clinic_id, now)
        return rota_view.build(stored, now, line=line, trials=trials, standing=standing)

    return render_template(
        "frontdesk/rota.html",
        page=desk.database.read(look),
        user=user,
        may_ring=permissions.may(user.role, "frontdesk.ring_to_try"),
        may_change=permissions.may(user.role, "frontdesk.rota_away"),
        problem=problem,
        typed=request.form if problem else {},
    )
