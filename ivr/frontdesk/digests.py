"""The page of daily digests: what the desk found in the morning, of two weeks."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.digest import daily
from ivr.frontdesk import digest_view
from ivr.frontdesk.access import Desk
from ivr.frontdesk.digest_view import Morning
from ivr.frontdesk.errand import Errand

SHOWN: Final = 14
"""Mornings."""


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page."""

    @blueprint.get("/digests")
    def digests() -> ResponseReturnValue:
        mine = Errand.begin(desk)
        mornings = desk.database.read(lambda session: _look(session, mine))
        return render_template("frontdesk/digests.html", mornings=mornings, user=mine.user)


def _look(session: Session, mine: Errand) -> list[Morning]:
    found = daily.latest(session, mine.clinic_id, SHOWN)
    return [digest_view.morning(one, mine.zone) for one in found]
