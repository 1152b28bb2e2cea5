"""Logging in and out."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import flask_login
import structlog
from flask import (
    Blueprint,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from ivr.frontdesk import accounts, audit, sessions, throttle
from ivr.frontdesk.access import PREFIX, Desk, signed_in
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.throttle import Source

_DEVICE_COOKIE: Final = "callnow_device"
_DEVICE_COOKIE_SECONDS: Final = 180 * 24 * 3600

_ENDED: Final = {
    "idle": "You were logged out after 15 minutes without activity. Log in to go on.",
    "absolute": "You were logged out because 12 hours had passed. Log in to go on.",
    "logout": "You are logged out.",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Refused:
    """Nobody is signed in. `until` (UTC) is set when further attempts are refused until then."""

    until: datetime | None = None


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add /login and /logout."""

    @blueprint.get("/login")
    def login() -> ResponseReturnValue:
        if flask_login.current_user.is_authenticated:
            return redirect(url_for("frontdesk.board"), code=303)
        return _form(notice=_ENDED.get(request.args.get("ended", "")))

    @blueprint.post("/login")
    def log_in() -> ResponseReturnValue:
        typed = request.form.get("login", "")
        name = accounts.normal_login(typed)
        password = request.form.get("password", "")
        if not name or not password:
            return _form(login=typed, problem="Give your login and your password."), 400
        outcome = _sign_in(desk, name, password, _source(name))
        if isinstance(outcome, _Refused):
            if outcome.until is None:
                problem = "Login and password do not match. Check both and try again."
                return _form(login=typed, problem=problem), 401
            return _locked_out(typed, outcome.until, desk.clock())
        session.clear()
        flask_login.login_user(outcome)
        answer = make_response(redirect(_safe_next(), code=303))
        answer.set_cookie(
            _DEVICE_COOKIE,
            _device_signer().dumps([_login_digest(name), secrets.token_hex(16)]),
            max_age=_DEVICE_COOKIE_SECONDS,
            path=f"{PREFIX}/login",
            httponly=True,
            samesite="Lax",
            secure=desk.secure_cookies,
        )
        return answer

    @blueprint.post("/logout")
    def logout() -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()

        def work(db: Session) -> None:
            if sessions.close_session(db, token=user.token):
                _audit(db, user.clinic_id, user, "staff.logged_out", now)

        desk.database.write(work)
        flask_login.logout_user()
        session.clear()
        return redirect(url_for("frontdesk.login", ended="logout"), code=303)


def _sign_in(desk: Desk, login: str, password: str, source: Source) -> SignedIn | _Refused:
    """Check a password and open a session. Hashing happens outside any transaction."""
    now = desk.clock()
    refused_until = desk.database.write(
        lambda s: throttle.admit(s, login=login, source=source, now=now)
    )
    if refused_until is not None:
        log.warning("login_throttled", known_device=source.device is not None)
        return _Refused(refused_until)
    user = desk.database.read(lambda s: accounts.find_user(s, login))
    if not accounts.check_password(user, password) or user is None:
        log.info("login_refused")
        return _Refused()
    token = sessions.new_token(user.clinic_id)

    def work(db: Session) -> SignedIn | _Refused:
        throttle.forgive(db, login=login, source=source)
        throttle.forget_past(db, now=now)
        accounts.renew_hash(db, clinic_id=user.clinic_id, staff_id=user.id, password=password)
        sessions.open_session(db, user=user, token=token, now=now)
        db.flush()
        opened = sessions.find_session(db, token=token, now=now)
        if not isinstance(opened, SignedIn):
            # The account was closed while its password was being checked.
            return _Refused()
        _audit(db, user.clinic_id, opened, "staff.logged_in", now)
        return opened

    return desk.database.write(work)


def _audit(db: Session, clinic_id: str, user: SignedIn, action: str, now: datetime) -> None:
    audit.record(db, clinic_id=clinic_id, staff_id=user.staff_id, action=action, detail={}, now=now)


def _form(*, login: str = "", problem: str | None = None, notice: str | None = None) -> str:
    return render_template(
        "frontdesk/login.html",
        login=login,
        problem=problem,
        notice=notice,
        next=request.values.get("next", ""),
    )


def _locked_out(login: str, until: datetime, now: datetime) -> ResponseReturnValue:
    seconds = max(1, round((until - now).total_seconds()))
    minutes = -(-seconds // 60)
    wait = "1 minute" if minutes == 1 else f"{minutes} minutes"
    problem = (
        f"Too many attempts from here. Wait {wait} and try again."
        " If you forgot your password, ask your clinic's administrator for a new one."
    )
    return _form(login=login, problem=problem), 429, {"Retry-After": str(seconds)}


def _safe_next() -> str:
    """Where to go after logging in: only ever a page of the desk."""
    wanted = request.form.get("next", "")
    parts = urlsplit(wanted)
    inside = wanted.startswith(f"{PREFIX}/") and not parts.scheme and not parts.netloc
    if inside and "\\" not in wanted and wanted.isprintable():
        return wanted
    return url_for("frontdesk.board")


def _source(login: str) -> Source:
    address = request.remote_addr or "unknown"
    try:
        owner, device = _device_signer().loads(request.cookies.get(_DEVICE_COOKIE, ""))
    except (BadSignature, ValueError, TypeError):
        return Source(address)
    return Source(address, device) if owner == _login_digest(login) else Source(address)


def _device_signer() -> URLSafeSerializer:
    secret = current_app.secret_key
    if secret is None:
        raise RuntimeError("SECRET_KEY went missing after start-up")
    return URLSafeSerializer(secret, salt="callnow-desk-device")


def _login_digest(login: str) -> str:
    return hashlib.sha256(login.encode()).hexdigest()
