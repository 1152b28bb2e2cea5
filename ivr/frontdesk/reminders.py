"""The page of reminders: who was told of their visit, and whom somebody has to call."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import reminders_view
from ivr.frontdesk.access import Desk
from ivr.frontdesk.errand import Errand
from ivr.frontdesk.reminders_view import RemindersPage
from ivr.messages.patients import reminder_list

AHEAD: Final = timedelta(days=7)
"""How far ahead the page looks."""


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page."""

    @blueprint.get("/reminders")
    def reminders() -> ResponseReturnValue:
        mine = Errand.begin(desk)
        page = mine.write(lambda session: _look(session, mine))
        return render_template("frontdesk/reminders.html", page=page, user=mine.user)


def _look(session: Session, mine: Errand) -> RemindersPage:
    told = reminder_list.told_visits(session, mine.clinic_id, now=mine.now, until=mine.now + AHEAD)
    mine.note(session, "reminders.viewed", visits=len(told))
    return reminders_view.build(told, mine.zone)
