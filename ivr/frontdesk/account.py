"""One's own account: password, language, second factor, and being signed in elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import accounts, audit, devices, second_factor, sessions, throttle, wording
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.accounts import AccountRefused
from ivr.frontdesk.login import admitted, leave, locked_out
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.tables import StaffUser
from ivr.frontdesk.wording import Words, say

DONE: Words = {
    "password": "Your password is changed. Every other browser is logged out.",
    "language": "Your language is changed.",
    "factor-off": "The second factor is off: your password alone opens the desk.",
}
"""What a redirect's ?done= says."""


@dataclass(frozen=True)
class Refusal:
    """What to tell, with what status and headers."""

    said: str
    status: int
    headers: Mapping[str, str]


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page and what its forms do."""
    _add_page(blueprint, desk)
    _add_password(blueprint, desk)
    _add_language(blueprint, desk)
    _add_logout_everywhere(blueprint, desk)


def _add_page(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("/account")
    def account() -> ResponseReturnValue:
        return page(desk, signed_in())


def _add_password(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.post("/account/password")
    def change_password() -> ResponseReturnValue:
        user = signed_in()
        fresh = request.form.get("new_password", "")
        try:
            accounts.require_usable(fresh)
        except AccountRefused as error:
            return page(desk, user, problem=str(error)), 400
        if fresh != request.form.get("new_password_again"):
            problem = say("The new password was not typed the same twice. Type it again.")
            return page(desk, user, problem=problem), 400
        if fresh == request.form.get("password"):
            problem = say("That is the password you have. Choose another.")
            return page(desk, user, problem=problem), 400
        refusal = check_own_password(desk, user, request.form.get("password", ""))
        if refusal is not None:
            return page(desk, user, problem=refusal.said), refusal.status, refusal.headers
        now, hashed = desk.clock(), accounts.hash_of(fresh)

        def work(db: Session) -> None:
            stored = db.get_one(StaffUser, (user.clinic_id, user.staff_id))
            stored.password_hash = hashed
            stored.must_change_password = False
            sessions.close_all(db, clinic_id=user.clinic_id, staff_id=user.staff_id, but=user.token)
            audit.of_oneself(db, user, "staff.password_changed", now)

        desk.database.write(work)
        return redirect(url_for("frontdesk.account", done="password"), code=303)


def _add_language(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.post("/account/language")
    def choose_language() -> ResponseReturnValue:
        user, chosen = signed_in(), request.form.get("language", "")
        if chosen not in wording.LANGUAGES:
            return page(desk, user, problem=say("Choose one of the languages.")), 400

        def work(db: Session) -> None:
            db.get_one(StaffUser, (user.clinic_id, user.staff_id)).language = chosen

        desk.database.write(work)
        return redirect(url_for("frontdesk.account", done="language"), code=303)


def _add_logout_everywhere(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.post("/account/logout-everywhere")
    def logout_everywhere() -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()

        def work(db: Session) -> None:
            sessions.close_all(db, clinic_id=user.clinic_id, staff_id=user.staff_id)
            audit.of_oneself(db, user, "staff.logged_out_everywhere", now)

        desk.database.write(work)
        return leave("everywhere")


def page(desk: Desk, user: SignedIn, *, problem: str | None = None) -> str:
    """The page of one's own account."""
    now = desk.clock()

    def look(db: Session) -> tuple[int, int]:
        return (
            sessions.count(db, clinic_id=user.clinic_id, staff_id=user.staff_id, now=now),
            second_factor.recovery_codes_left(db, user.clinic_id, user.staff_id),
        )

    browsers, codes_left = desk.database.read(look)
    done = request.args.get("done", "")
    return render_template(
        "frontdesk/account.html",
        user=user,
        browsers=browsers,
        codes_left=codes_left,
        languages=wording.LANGUAGES,
        password_min=accounts.PASSWORD_MIN,
        problem=problem,
        notice=wording.in_words(DONE, done) if done in DONE else None,
    )


def check_own_password(desk: Desk, user: SignedIn, password: str) -> Refusal | None:
    """Ask a signed-in person for the password again, before what a stolen session must not do.

    None where it is right.
    """
    source = devices.source_of(user.login)
    until = admitted(desk, user.login, source)
    if until is not None:
        said, headers = locked_out(until, desk.clock())
        return Refusal(said, 429, headers)
    stored = desk.database.read(lambda s: s.get(StaffUser, (user.clinic_id, user.staff_id)))
    if not accounts.check_password(stored, password):
        return Refusal(
            say("Nothing was changed: that is not your present password. Type it again."), 401, {}
        )
    desk.database.write(lambda s: throttle.forgive(s, login=user.login, source=source))
    return None
