"""The settings' page of calendars: an address is made, shown once, and revoked."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.frontdesk import calendar_feed, calendars, errors, wording, work
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.calendars import Listed
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.wording import say
from scheduling.errors import InvalidInput, SchedulingError
from scheduling.tables import Provider


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page, and what its forms do."""
    _add_making(blueprint, desk)
    _add_revoking(blueprint, desk)


def _add_making(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("/settings/calendars")
    def calendar_list() -> ResponseReturnValue:
        return _page(desk, signed_in())

    @blueprint.post("/settings/calendars")
    def add_calendar() -> ResponseReturnValue:
        user, now, secret = signed_in(), desk.clock(), calendars.new_secret()

        def work_it(session: Session) -> bool:
            feed_id = _asked_for()
            added = calendars.add(
                session,
                clinic_id=user.clinic_id,
                feed_id=feed_id,
                provider_key=request.form.get("provider", ""),
                secret=secret,
                language=wording.language(),
                by=user.name,
                now=now,
            )
            if added:
                work.note(session, user, "calendar.made", {"calendar": str(feed_id)}, now)
            return added

        try:
            added = desk.database.write(work_it)
        except SchedulingError as error:
            return _page(desk, user, problem=work.in_words(error)), 409
        if not added:
            said = say("This address was shown already, and is shown only once: make another.")
            return _page(desk, user, problem=said), 409
        return _page(desk, user, fresh=calendar_feed.address(desk, secret))


def _add_revoking(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.post("/settings/calendars/<uuid:feed_id>/revoke")
    def revoke_calendar(feed_id: UUID) -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()

        def work_it(session: Session) -> bool:
            gone = calendars.revoke(session, user.clinic_id, feed_id, by=user.name, now=now)
            if gone:
                work.note(session, user, "calendar.revoked", {"calendar": str(feed_id)}, now)
            return gone

        if not desk.database.write(work_it):
            return errors.problem(
                404,
                say("There is no such address"),
                say("It was revoked already: the page of calendars shows those that are open."),
            )
        flash(say("Revoked: the address answers nobody any more."))
        return redirect(url_for("frontdesk.calendar_list"), code=303)


def _asked_for() -> UUID:
    try:
        return UUID(request.form.get("key", ""))
    except ValueError as error:
        raise InvalidInput(say("this form is incomplete: load the page again")) from error


def _page(
    desk: Desk, user: SignedIn, *, problem: str | None = None, fresh: str | None = None
) -> str:
    """fresh: an address that is shown this once."""
    zone = ZoneInfo(user.zone)

    def look(session: Session) -> dict[str, Any]:
        rows = session.execute(
            select(Provider.key, Provider.name)
            .where(Provider.clinic_id == user.clinic_id, Provider.active)
            .order_by(Provider.key)
        )
        return {
            "providers": [(row.key, row.name) for row in rows],
            "rows": [_row(one, zone) for one in calendars.open_ones(session, user.clinic_id)],
        }

    return render_template(
        "frontdesk/calendars.html",
        user=user,
        problem=problem,
        fresh=fresh,
        key=work.new_key(),
        **desk.database.read(look),
    )


def _row(one: Listed, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": one.id,
        "provider": one.provider_name,
        "made": say("{moment} by {name}", moment=wording.moment(one.made_at, zone), name=one.by),
        "read": say("never read yet")
        if one.last_read_at is None
        else say("last read {moment}", moment=wording.moment(one.last_read_at, zone)),
    }
