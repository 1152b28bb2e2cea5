"""The rota's page: who is on call now and in the coming week, and what is to be put right."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import rota_view
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.rota_view import RotaPage
from ivr.oncall.rota import stored_rota
from scheduling import directory


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page."""

    @blueprint.get("/rota")
    def rota() -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()

        def look(session: Session) -> RotaPage:
            stored = stored_rota(session, user.clinic_id, now, now + rota_view.AHEAD)
            line = directory.clinic(session, user.clinic_id).phone_number
            return rota_view.build(stored, now, line=line)

        return render_template("frontdesk/rota.html", page=desk.database.read(look), user=user)
