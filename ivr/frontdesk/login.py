"""Logging in and out: a password, then a code where the person has a second factor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import flask_login
import structlog
from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import (
    accounts,
    audit,
    devices,
    half_login,
    second_factor,
    sessions,
    throttle,
    wording,
)
from ivr.frontdesk.access import LANGUAGE_COOKIE, PREFIX, Desk, locked_or_signed_in
from ivr.frontdesk.half_login import Half, half_of, mark_of
from ivr.frontdesk.second_factor import Taken
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.tables import StaffUser
from ivr.frontdesk.throttle import Limits, Source
from ivr.frontdesk.wording import Words, say, say_number

_YEAR: Final = 365 * 24 * 3600

_ENDED: Final[Words] = {
    "absolute": "You were logged out because 12 hours had passed. Log in to go on.",
    "everywhere": "You are logged out everywhere.",
    "logout": "You are logged out.",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Refused:
    """Nobody is signed in. `until` (UTC) is set when further attempts are refused until then."""

    until: datetime | None = None


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add /login, its second step, and /logout."""
    _add_password_step(blueprint, desk)
    _add_code_step(blueprint, desk)
    _add_logout(blueprint, desk)


def _add_password_step(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("/login")
    def login() -> ResponseReturnValue:
        chosen = _chosen_language(request.args)
        if not chosen and flask_login.current_user.is_authenticated:
            return redirect(url_for("frontdesk.board"), code=303)
        if not chosen:
            ended = request.args.get("ended", "")
            return _form(notice=wording.in_words(_ENDED, ended) if ended in _ENDED else None)
        wording.speak(chosen)
        answer = make_response(_form())
        _remember_language(answer, desk, chosen)
        return answer

    @blueprint.post("/login")
    def log_in() -> ResponseReturnValue:
        wording.speak(_chosen_language(request.form) or wording.language())
        typed = request.form.get("login", "")
        name = accounts.normal_login(typed)
        password = request.form.get("password", "")
        if not name or not password:
            return _form(login=typed, problem=say("Give your login and your password.")), 400
        outcome = _check_password(desk, name, password, devices.source_of(name))
        if isinstance(outcome, _Refused):
            if outcome.until is None:
                problem = say("Login and password do not match. Check both and try again.")
                return _form(login=typed, problem=problem), 401
            said, headers = locked_out(outcome.until, desk.clock())
            return _form(login=typed, problem=said), 429, headers
        if isinstance(outcome, Half):
            half_login.keep(outcome, desk.clock())
            where = url_for("frontdesk.login_code", next=request.form.get("next") or None)
            return redirect(where, code=303)
        return _welcome(desk, outcome, name)


def _add_code_step(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("/login/code")
    def login_code() -> ResponseReturnValue:
        if half_of(desk) is None:
            return redirect(url_for("frontdesk.login"), code=303)
        return _code_form()

    @blueprint.post("/login/code")
    def check_login_code() -> ResponseReturnValue:
        half = half_of(desk)
        if half is None:
            return _form(problem=say("That took too long. Give your password again.")), 401
        source = devices.source_of(half.login)
        outcome = _check_code(desk, half, request.form.get("code", ""), source)
        if isinstance(outcome, _Refused):
            if outcome.until is None:
                said = say("That code is wrong or was used already. Wait for the next one.")
                return _code_form(problem=said), 401
            said, headers = locked_out(outcome.until, desk.clock())
            return _code_form(problem=said), 429, headers
        return _welcome(desk, outcome, half.login)


def _add_logout(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.post("/logout")
    def logout() -> ResponseReturnValue:
        (user, _), now = locked_or_signed_in(), desk.clock()

        def work(db: Session) -> None:
            if sessions.close_session(db, token=user.token):
                audit.of_oneself(db, user, "staff.logged_out", now)

        desk.database.write(work)
        return leave("logout")


def leave(reason: str) -> ResponseReturnValue:
    """Forget who was signed in in this browser, and say at the door why."""
    flask_login.logout_user()
    session.clear()
    return redirect(url_for("frontdesk.login", ended=reason), code=303)


def locked_out(until: datetime, now: datetime) -> tuple[str, dict[str, str]]:
    """What to tell whoever has tried too often, and the header that says it to programs."""
    seconds = max(1, round((until - now).total_seconds()))
    wait = say_number(-(-seconds // 60), "{n} minute", "{n} minutes")
    told = say(
        "Too many attempts from here. Wait {wait} and try again. If you forgot your password, ask"
        " your clinic's administrator for a new one.",
        wait=wait,
    )
    return told, {"Retry-After": str(seconds)}


def admitted(
    desk: Desk, login: str, source: Source, limits: Limits = throttle.PASSWORD
) -> datetime | None:
    """Count one attempt. None lets it proceed; a time (UTC) is when to try again."""
    now = desk.clock()
    until = desk.database.write(
        lambda s: throttle.admit(s, login=login, source=source, now=now, limits=limits)
    )
    if until is not None:
        log.warning("login_throttled", known_device=source.device is not None)
    return until


def _check_password(
    desk: Desk, login: str, password: str, source: Source
) -> SignedIn | Half | _Refused:
    """Check a password and open a session. Hashing happens outside any transaction."""
    refused_until = admitted(desk, login, source)
    if refused_until is not None:
        return _Refused(refused_until)
    user = desk.database.read(lambda s: accounts.find_user(s, login))
    if not accounts.check_password(user, password) or user is None:
        log.info("login_refused")
        return _Refused()
    language = _chosen_language(request.form)
    if user.factor_salt is not None:
        return Half(user.clinic_id, user.id, login, language, mark_of(user))
    now = desk.clock()

    def work(db: Session) -> SignedIn | _Refused:
        throttle.forgive(db, login=login, source=source)
        accounts.renew_hash(db, clinic_id=user.clinic_id, staff_id=user.id, password=password)
        return _open(db, user.clinic_id, user.id, token, language, now)

    token = sessions.new_token(user.clinic_id)
    return desk.database.write(work)


def _check_code(desk: Desk, half: Half, code: str, source: Source) -> SignedIn | _Refused:
    refused_until = admitted(desk, half.login, source, throttle.CODE)
    if refused_until is not None:
        return _Refused(refused_until)
    now = desk.clock()
    token = sessions.new_token(half.clinic_id)

    def work(db: Session) -> SignedIn | _Refused:
        taken = second_factor.take(
            db,
            secret_key=desk.secret_key,
            clinic_id=half.clinic_id,
            staff_id=half.staff_id,
            code=code,
            now=now,
        )
        if taken is None:
            return _Refused()
        for limits in (throttle.PASSWORD, throttle.CODE):
            throttle.forgive(db, login=half.login, source=source, limits=limits)
        opened = _open(db, half.clinic_id, half.staff_id, token, half.language, now)
        if isinstance(opened, SignedIn) and taken is Taken.RECOVERY:
            audit.of_oneself(db, opened, "staff.recovery_code_used", now)
        return opened

    outcome = desk.database.write(work)
    if isinstance(outcome, _Refused):
        log.info("login_code_refused")
    return outcome


def _open(
    db: Session, clinic_id: str, staff_id: UUID, token: str, language: str, now: datetime
) -> SignedIn | _Refused:
    throttle.forget_past(db, now=now)
    user = db.get_one(StaffUser, (clinic_id, staff_id))
    user.language = language or user.language
    sessions.open_session(db, user=user, token=token, now=now)
    db.flush()
    opened = sessions.find_session(db, token=token, now=now)
    if not isinstance(opened, SignedIn):
        # The account was closed while its password was being checked.
        return _Refused()
    audit.of_oneself(db, opened, "staff.logged_in", now)
    return opened


def _welcome(desk: Desk, user: SignedIn, login: str) -> ResponseReturnValue:
    session.clear()
    flask_login.login_user(user)
    answer = make_response(redirect(safe_next(), code=303))
    devices.remember(answer, desk, login)
    return answer


def _form(*, login: str = "", problem: str | None = None, notice: str | None = None) -> str:
    return render_template(
        "frontdesk/login.html",
        login=login,
        problem=problem,
        notice=notice,
        next=request.values.get("next", ""),
        chosen=_chosen_language(request.values),
        languages=wording.LANGUAGES,
    )


def _code_form(*, problem: str | None = None) -> str:
    return render_template(
        "frontdesk/login_code.html", problem=problem, next=request.values.get("next", "")
    )


def _chosen_language(given: Mapping[str, str]) -> str:
    """The language that was asked for in so many words; "" for none."""
    chosen = given.get("language", "")
    return chosen if chosen in wording.LANGUAGES else ""


def _remember_language(answer: Response, desk: Desk, chosen: str) -> None:
    answer.set_cookie(
        LANGUAGE_COOKIE,
        chosen,
        max_age=_YEAR,
        path=PREFIX,
        httponly=True,
        samesite="Lax",
        secure=desk.secure_cookies,
    )


def safe_next() -> str:
    """Where to go after logging in: only ever a page of the desk."""
    wanted = request.form.get("next", "")
    parts = urlsplit(wanted)
    inside = wanted.startswith(f"{PREFIX}/") and not parts.scheme and not parts.netloc
    if inside and "\\" not in wanted and wanted.isprintable():
        return wanted
    return url_for("frontdesk.board")
