"""The waitlist's page: who waits for what, whose answer is awaited, and answering for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.frontdesk import numbers_on_file, waitlist_view, wording, work
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.waitlist_view import WaitingRow
from ivr.frontdesk.wording import say
from ivr.messages.patients import notices, offers
from ivr.messages.patients.wording import Occasion
from scheduling.errors import SchedulingError
from scheduling.requests import Request
from scheduling.tables import Provider
from scheduling.waitlist import answering, joining
from scheduling.waitlist.waiting import queue

Change = Callable[[Session, SignedIn, UUID, Request], str]
"""What a button does to the offer or the entry of this id; what to say of it."""


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page, and what its buttons do."""

    @blueprint.get("/waitlist")
    def waitlist() -> ResponseReturnValue:
        user = signed_in()
        return _page(desk, user)

    @blueprint.post("/waitlist/offers/<uuid:offer_id>/accept")
    def accept_offer(offer_id: UUID) -> ResponseReturnValue:
        return _changed(desk, "waitlist.accepted", offer_id, partial(_accept, desk.link_base))

    @blueprint.post("/waitlist/offers/<uuid:offer_id>/decline")
    def decline_offer(offer_id: UUID) -> ResponseReturnValue:
        return _changed(desk, "waitlist.declined", offer_id, _decline)

    @blueprint.post("/waitlist/<uuid:entry_id>/leave")
    def leave_waitlist(entry_id: UUID) -> ResponseReturnValue:
        return _changed(desk, "waitlist.left", entry_id, _leave)


def _accept(base: str, session: Session, user: SignedIn, offer_id: UUID, asked: Request) -> str:
    visit = answering.accept(
        session, clinic_id=user.clinic_id, offer_id=offer_id, callback_number=None, request=asked
    )
    occasion = Occasion.BOOKED if visit.version == 1 else Occasion.MOVED
    notices.tell(session, visit=visit, occasion=occasion, base=base, now=asked.now)
    starts = wording.moment(visit.starts_at, ZoneInfo(user.zone))
    return say("Booked for {moment}. Tell the patient, and read the time back.", moment=starts)


def _decline(session: Session, user: SignedIn, offer_id: UUID, asked: Request) -> str:
    answering.decline(session, clinic_id=user.clinic_id, offer_id=offer_id, request=asked)
    return say("Declined for them: the time goes to the next in line, and they keep their place.")


def _leave(session: Session, user: SignedIn, entry_id: UUID, asked: Request) -> str:
    joining.leave(session, clinic_id=user.clinic_id, entry_id=entry_id, request=asked)
    return say("Taken off the waitlist. A visit that they have already stands.")


def _changed(desk: Desk, action: str, about: UUID, change: Change) -> ResponseReturnValue:
    """Do what a button says; back to the list, or the list with why it was refused."""
    user, now = signed_in(), desk.clock()
    asked = work.request_of(user, now)

    def act(session: Session) -> str:
        said = change(session, user, about, asked)
        work.note(session, user, action, {"about": str(about)}, now)
        return said

    try:
        flash(desk.database.write(act))
    except SchedulingError as error:
        return _page(desk, user, work.in_words(error))
    return redirect(url_for("frontdesk.waitlist"), code=303)


def _page(desk: Desk, user: SignedIn, problem: str | None = None) -> ResponseReturnValue:
    now = desk.clock()
    rows = desk.database.write(lambda session: _look(session, user, now))
    page = render_template(
        "frontdesk/waitlist.html", rows=rows, user=user, problem=problem, new_key=work.new_key
    )
    return page, 409 if problem else 200


def _look(session: Session, user: SignedIn, now: datetime) -> tuple[WaitingRow, ...]:
    line = queue(session, user.clinic_id, now)
    phones = numbers_on_file.of_patients(session, user.clinic_id, {one.patient_id for one in line})
    providers = session.execute(
        select(Provider.id, Provider.name).where(Provider.clinic_id == user.clinic_id)
    )
    names = {row.id: row.name for row in providers}
    work.note(session, user, "waitlist.viewed", {"waiting": len(line)}, now)
    held = [one.offer for one in line if one.offer is not None]
    told = offers.standing_of(session, user.clinic_id, held)
    return waitlist_view.build(line, phones, names, told, ZoneInfo(user.zone), now)
