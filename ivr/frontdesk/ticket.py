"""An urgent call's own page, where the text to on-call staff points; and closing one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import audit, board, errors, permissions, ticket_view
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.ticket_view import TicketPage
from ivr.frontdesk.wording import say
from ivr.oncall import board as tickets
from ivr.oncall import closing
from ivr.oncall.closing import Closed, NobodyHasIt
from ivr.oncall.dispositions import Disposition


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page of a ticket and the form that closes it."""

    # The number is all that a text to staff may carry.
    @blueprint.get("/tickets/<int:number>")
    def ticket(number: int) -> ResponseReturnValue:
        return _page(desk, signed_in(), number)

    @blueprint.post("/tickets/<int:number>/close")
    def close_ticket(number: int) -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()
        disposition = _disposition(request.form.get("disposition", ""))
        if disposition is None:
            refused = say("Nothing was closed: choose first what became of the call.")
            return _refused(desk, user, number, now, refused, 400)
        outcome = desk.database.write(lambda s: _close(s, user, number, disposition, now))
        if outcome is None:
            return _no_such_ticket(number)
        said = ticket_view.what_came_of_closing(outcome, number, ZoneInfo(user.zone))
        if not (isinstance(outcome, Closed) and outcome.first):
            return _refused(desk, user, number, now, said, 409)
        if "HX-Request" in request.headers:
            return board.fragment(desk, user, now, notice=said)
        return redirect(url_for("frontdesk.board"), code=303)


@dataclass(frozen=True)
class _Found:
    """A ticket and all that happened to it."""

    ticket: tickets.TicketSummary
    story: list[tickets.StoryEvent]


def _page(
    desk: Desk, user: SignedIn, number: int, *, problem: str | None = None
) -> ResponseReturnValue:
    now = desk.clock()
    found = desk.database.write(lambda s: _look(s, user, number, now))
    if found is None:
        return _no_such_ticket(number)
    shown: TicketPage = ticket_view.build(found.ticket, found.story, ZoneInfo(user.zone), now)
    may_close = permissions.may(user.role, "frontdesk.close_ticket")
    return render_template(
        "frontdesk/ticket.html", page=shown, user=user, problem=problem, may_close=may_close
    )


def _look(session: Session, user: SignedIn, number: int, now: datetime) -> _Found | None:
    ticket = tickets.ticket_of_number(session, user.clinic_id, number)
    if ticket is None:
        return None
    _audit(session, user, "ticket.viewed", {"ticket": str(ticket.id)}, now)
    return _Found(ticket, tickets.story(session, user.clinic_id, ticket.id))


def _close(
    session: Session, user: SignedIn, number: int, disposition: Disposition, now: datetime
) -> Closed | NobodyHasIt | None:
    ticket = tickets.ticket_of_number(session, user.clinic_id, number)
    if ticket is None:
        return None
    outcome = closing.close_at_desk(
        session,
        clinic_id=user.clinic_id,
        ticket_id=ticket.id,
        name=user.name,
        disposition=disposition,
        now=now,
    )
    if isinstance(outcome, Closed) and outcome.first:
        detail = {"ticket": str(ticket.id), "disposition": disposition.value}
        _audit(session, user, "ticket.closed", detail, now)
    return outcome


def _refused(
    desk: Desk, user: SignedIn, number: int, now: datetime, said: str, status: int
) -> ResponseReturnValue:
    if "HX-Request" in request.headers:
        # htmx takes in no page that came with an error, and the sentence must be read.
        return board.fragment(desk, user, now, notice=said)
    page = _page(desk, user, number, problem=said)
    return (page, status) if isinstance(page, str) else page


def _no_such_ticket(number: int) -> ResponseReturnValue:
    return errors.problem(
        404,
        say("There is no urgent call {number}", number=number),
        say("The number may be mistyped. The board shows what is open."),
    )


def _disposition(value: str) -> Disposition | None:
    return Disposition(value) if value in set(Disposition) else None


def _audit(
    session: Session, user: SignedIn, action: str, detail: Mapping[str, str | int], now: datetime
) -> None:
    audit.record(
        session,
        clinic_id=user.clinic_id,
        staff_id=user.staff_id,
        action=action,
        detail=detail,
        now=now,
    )
