"""Turning one's own second factor on and off, and fresh recovery codes."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import account, audit, devices, qr_code, second_factor, throttle
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.account import Refusal, check_own_password
from ivr.frontdesk.login import admitted, locked_out
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.wording import say

_SALT: Final = "second_factor_salt"
"""In the signed cookie: of the secret that is shown and not yet confirmed. It is no secret."""


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page that sets an app up, and what its forms do."""
    _add_set_up(blueprint, desk)
    _add_off(blueprint, desk)
    _add_recovery_codes(blueprint, desk)


def _add_set_up(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("/account/second-factor")
    def second_factor_setup() -> ResponseReturnValue:
        return _set_up(desk, signed_in())

    @blueprint.post("/account/second-factor")
    def turn_on_second_factor() -> ResponseReturnValue:
        user = signed_in()
        salt = session.get(_SALT)
        if not salt:
            return redirect(url_for("frontdesk.second_factor_setup"), code=303)
        refusal = _both_factors(desk, user, code="present_code")
        if refusal is not None:
            return _refused(_set_up(desk, user, problem=refusal.said), refusal)
        now = desk.clock()

        def work(db: Session) -> list[str] | None:
            codes = second_factor.turn_on(
                db,
                secret_key=desk.secret_key,
                clinic_id=user.clinic_id,
                staff_id=user.staff_id,
                salt=salt,
                code=request.form.get("code", ""),
                now=now,
            )
            if codes is not None:
                audit.of_oneself(db, user, "staff.second_factor_on", now)
            return codes

        codes = desk.database.write(work)
        if codes is None:
            problem = say(
                "That code does not fit this key. Wait for the next one and type it, and check that"
                " your phone's clock is right."
            )
            return _set_up(desk, user, problem=problem), 400
        session.pop(_SALT)
        return _show_codes(codes)


def _add_off(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.post("/account/second-factor/off")
    def turn_off_second_factor() -> ResponseReturnValue:
        user = signed_in()
        if user.role == "admin":
            problem = say(
                "An administrator's account keeps its second factor. You can move it to another"
                " phone."
            )
            return account.page(desk, user, problem=problem), 403
        refusal = _both_factors(desk, user)
        if refusal is not None:
            return _refused(account.page(desk, user, problem=refusal.said), refusal)
        now = desk.clock()

        def work(db: Session) -> None:
            if second_factor.turn_off(db, clinic_id=user.clinic_id, staff_id=user.staff_id):
                audit.of_oneself(db, user, "staff.second_factor_off", now)

        desk.database.write(work)
        return redirect(url_for("frontdesk.account", done="factor-off"), code=303)


def _add_recovery_codes(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.post("/account/recovery-codes")
    def renew_recovery_codes() -> ResponseReturnValue:
        user = signed_in()
        if not user.has_second_factor:
            return redirect(url_for("frontdesk.second_factor_setup"), code=303)
        refusal = _both_factors(desk, user)
        if refusal is not None:
            return _refused(account.page(desk, user, problem=refusal.said), refusal)
        now = desk.clock()

        def work(db: Session) -> list[str]:
            audit.of_oneself(db, user, "staff.recovery_codes_renewed", now)
            return second_factor.renew_recovery_codes(
                db, clinic_id=user.clinic_id, staff_id=user.staff_id
            )

        return _show_codes(desk.database.write(work))


def _set_up(desk: Desk, user: SignedIn, *, problem: str | None = None) -> str:
    salt = session.setdefault(_SALT, second_factor.new_salt())
    shown = second_factor.enrolment(desk.secret_key, login=user.login, salt=salt)
    return render_template(
        "frontdesk/second_factor.html",
        user=user,
        shown=shown,
        picture=qr_code.drawn(shown.uri),
        problem=problem,
    )


def _show_codes(codes: list[str]) -> str:
    return render_template("frontdesk/recovery_codes.html", codes=codes)


def _both_factors(desk: Desk, user: SignedIn, *, code: str = "code") -> Refusal | None:
    """Ask for password and code again. code: the name of the field that the code is typed in."""
    refusal = check_own_password(desk, user, request.form.get("password", ""))
    if refusal is not None or not user.has_second_factor:
        return refusal
    source = devices.source_of(user.login)
    until = admitted(desk, user.login, source, throttle.CODE)
    if until is not None:
        said, headers = locked_out(until, desk.clock())
        return Refusal(said, 429, headers)
    now = desk.clock()

    def work(db: Session) -> bool:
        taken = second_factor.take(
            db,
            secret_key=desk.secret_key,
            clinic_id=user.clinic_id,
            staff_id=user.staff_id,
            code=request.form.get(code, ""),
            now=now,
        )
        if taken:
            throttle.forgive(db, login=user.login, source=source, limits=throttle.CODE)
        return taken is not None

    if desk.database.write(work):
        return None
    said = say("Nothing was changed: that code is wrong or was used already.")
    return Refusal(said, 401, {})


def _refused(page: str, refusal: Refusal) -> ResponseReturnValue:
    return page, refusal.status, dict(refusal.headers)
