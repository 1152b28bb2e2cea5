"""The lock of a session in which nobody did anything for 15 minutes.

What is open stays open behind it: static/lock.js lays the lock over the page and keeps what was
typed there. Without JavaScript the lock is a page of its own, and a form that was sent while locked
is kept in it until it is unlocked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import accounts, audit, devices, second_factor, sessions, throttle
from ivr.frontdesk.access import PREFIX, Desk, locked_or_signed_in
from ivr.frontdesk.login import admitted, locked_out, safe_next
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.tables import StaffUser
from ivr.frontdesk.wording import say, say_number
from ivr.oncall import board as tickets

_KEPT: Final = "kept."
"""Before the names of a kept form's fields, and "kept_for" where it goes."""

_NEVER_KEPT: Final = ("csrf_token", "password", "code", "secret")


@dataclass(frozen=True)
class KeptForm:
    """A form that was sent to a locked session. `action`: where it goes, inside of the desk."""

    action: str
    fields: Sequence[tuple[str, str]]


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the lock, what an open page asks about it, and how it is opened."""
    _add_lock(blueprint, desk)
    _add_unlock(blueprint, desk)


def _add_lock(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("/lock")
    def lock() -> ResponseReturnValue:
        user, locked = locked_or_signed_in()
        if not locked:
            return redirect(url_for("frontdesk.board"), code=303)
        return _page(desk, user)

    @blueprint.get("/lock/state")
    def lock_state() -> Response:
        user, locked = locked_or_signed_in()
        return jsonify(locked=locked, urgent=_urgent(desk, user) if locked else "")

    @blueprint.post("/lock")
    def lock_now() -> ResponseReturnValue:
        (user, _), now = locked_or_signed_in(), desk.clock()
        desk.database.write(lambda s: sessions.lock(s, token=user.token, now=now))
        if _is_scripted():
            return "", 204
        return redirect(url_for("frontdesk.lock"), code=303)


def _add_unlock(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.post("/lock/open")
    def unlock() -> ResponseReturnValue:
        user, _ = locked_or_signed_in()
        refused = _try_to_unlock(desk, user, request.form.get("password", ""))
        if refused is not None:
            said, status, headers = refused
            if _is_scripted():
                return jsonify(problem=said), status, headers
            return _page(desk, user, problem=said), status, headers
        if _is_scripted():
            return "", 204
        kept = _kept_before()
        if kept is not None:
            return render_template("frontdesk/kept_form.html", kept=kept)
        return redirect(safe_next(), code=303)


def keep_form() -> ResponseReturnValue:
    """The lock, with the form in it that was sent to a locked session. Its guard calls it."""
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if not any(word in name for word in _NEVER_KEPT)
    ]
    return _lock_page(None, KeptForm(request.path, fields)), 401


def _kept_before() -> KeptForm | None:
    action = request.form.get("kept_for", "")
    if not action.startswith(f"{PREFIX}/"):
        return None
    fields = [
        (name.removeprefix(_KEPT), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(_KEPT)
    ]
    return KeptForm(action, fields)


def _page(desk: Desk, user: SignedIn, *, problem: str | None = None) -> str:
    return _lock_page(_urgent(desk, user), _kept_before(), problem=problem)


def _lock_page(urgent: str | None, kept: KeptForm | None, *, problem: str | None = None) -> str:
    return render_template(
        "frontdesk/lock.html",
        urgent=urgent,
        kept=kept,
        problem=problem,
        next=request.values.get("next", ""),
    )


def _urgent(desk: Desk, user: SignedIn) -> str:
    """How many urgent calls are open: all that a locked desk tells."""
    found = desk.database.read(lambda s: tickets.open_tickets(s, user.clinic_id))
    if not found:
        return say("No urgent call is open")
    told = say_number(len(found), "{n} urgent call is open", "{n} urgent calls are open")
    waiting = sum(one.accepted_by_name is None for one in found)
    if not waiting:
        return told
    waits = say_number(
        waiting, "{n} waits for somebody to accept it", "{n} wait for somebody to accept them"
    )
    return f"{told}, {waits}"


def _try_to_unlock(
    desk: Desk, user: SignedIn, given: str
) -> tuple[str, int, dict[str, str]] | None:
    """None where it is open now; else what to tell, with what status and headers."""
    by_code = user.has_second_factor and second_factor.looks_like_code(given)
    limits = throttle.CODE if by_code else throttle.PASSWORD
    source = devices.source_of(user.login)
    until = admitted(desk, user.login, source, limits)
    if until is not None:
        said, headers = locked_out(until, desk.clock())
        return said, 429, headers
    now = desk.clock()
    if not by_code:
        stored = desk.database.read(lambda s: s.get(StaffUser, (user.clinic_id, user.staff_id)))
        if not accounts.check_password(stored, given):
            return say("That is not your password. Try again."), 401, {}

    def work(db: Session) -> bool:
        if by_code and not _takes(db, desk, user, given, now):
            return False
        throttle.forgive(db, login=user.login, source=source, limits=limits)
        sessions.touch(db, token=user.token, now=now)
        audit.record(
            db,
            clinic_id=user.clinic_id,
            staff_id=user.staff_id,
            action="staff.unlocked",
            detail={},
            now=now,
        )
        return True

    if desk.database.write(work):
        return None
    return say("That code is wrong or was used already. Wait for the next one."), 401, {}


def _takes(db: Session, desk: Desk, user: SignedIn, code: str, now: datetime) -> bool:
    taken = second_factor.take(
        db,
        secret_key=desk.secret_key,
        clinic_id=user.clinic_id,
        staff_id=user.staff_id,
        code=code,
        now=now,
    )
    return taken is not None


def _is_scripted() -> bool:
    return request.headers.get("X-Requested-With") == "lock.js"
