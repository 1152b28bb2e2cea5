"""Puts the front desk into a Flask app. Everything of the desk lives under /frontdesk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Flask

from ivr.frontdesk import (
    access,
    account,
    audit_log,
    board,
    errors,
    headers,
    lock,
    login,
    messages,
    navigation,
    own_second_factor,
    rota,
    ticket,
    users,
)
from ivr.frontdesk.access import Desk
from ivr.messages.telephony import Recordings
from scheduling.database import Database


def attach(
    app: Flask,
    *,
    recordings: Recordings,
    database: Database,
    clock: Callable[[], datetime],
    secure_cookies: bool,
    link_base: str,
) -> None:
    """Add the desk's pages, log-in, CSRF guard and security headers to `app`.

    app: with SECRET_KEY set. Its session cookie becomes the desk's alone (path /frontdesk).
    recordings: the carrier, which keeps the messages that callers spoke.
    clock: returns the present instant, aware.
    link_base: PUBLIC_BASE_URL, where calls to staff get their words.
    secure_cookies: True where the public address is https.
    Raises ValueError when SECRET_KEY is missing.
    """
    if not app.secret_key:
        raise ValueError("SECRET_KEY is not set: the desk cannot sign its cookies without it.")
    app.config.update(
        SESSION_COOKIE_NAME="callnow_desk",
        SESSION_COOKIE_PATH=access.PREFIX,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure_cookies,
    )
    desk = Desk(
        database=database,
        clock=clock,
        secure_cookies=secure_cookies,
        link_base=link_base,
        secret_key=str(app.secret_key),
    )
    blueprint = Blueprint(
        "frontdesk",
        __name__,
        url_prefix=access.PREFIX,
        template_folder="templates",
        static_folder="static",
        static_url_path="/static",
    )
    login.add_routes(blueprint, desk)
    board.add_routes(blueprint, desk)
    ticket.add_routes(blueprint, desk)
    rota.add_routes(blueprint, desk)
    messages.add_routes(blueprint, desk, recordings)
    lock.add_routes(blueprint, desk)
    account.add_routes(blueprint, desk)
    own_second_factor.add_routes(blueprint, desk)
    users.add_routes(blueprint, desk)
    audit_log.add_routes(blueprint, desk)
    navigation.show(app)
    access.guard(app, desk, lock.keep_form)
    headers.harden(app, secure_cookies=secure_cookies)
    errors.handle(app, blueprint)
    app.register_blueprint(blueprint)
