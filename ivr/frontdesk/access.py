"""Who may pass: the one guard in front of everything under /frontdesk.

It stands before the routes rather than on them, so a route added later is guarded without
anybody having to remember it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

import flask_login
from flask import Flask, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from ivr.frontdesk import errors, sessions
from ivr.frontdesk.sessions import SignedIn, SignedOut
from scheduling.database import Database

PREFIX: Final = "/frontdesk"
OPEN_ENDPOINTS: Final = frozenset({"frontdesk.login", "frontdesk.log_in", "frontdesk.static"})
"""What an anonymous visitor may reach. Everything else under PREFIX needs a log-in."""

MAY_CLOSE_TICKETS: Final = frozenset({"front_desk", "on_call", "admin"})
"""Roles. All there are today, by name: one added later closes nothing until it is put here."""

MAY_RING_TO_TRY: Final = frozenset({"front_desk", "on_call", "admin"})
"""The same for ringing people on call to try."""

MAY_SEE_PATIENTS: Final = frozenset({"front_desk", "on_call", "admin"})
"""The same for reading patients' files and visits."""

MAY_CHANGE_BOOK: Final = frozenset({"front_desk", "admin"})
"""The same for booking and changing visits."""

MAY_CHANGE_PATIENTS: Final = frozenset({"front_desk", "admin"})
"""The same for registering, correcting and merging records, and for pumps."""

POLL_ENDPOINTS: Final = frozenset(
    {"frontdesk.board_fragment", "frontdesk.day_fragment", "frontdesk.week_fragment"}
)
"""What open pages ask by themselves."""


@dataclass(frozen=True)
class Desk:
    """What the desk's routes work with. link_base: PUBLIC_BASE_URL."""

    database: Database
    clock: Callable[[], datetime]
    secure_cookies: bool
    link_base: str


def is_desk_request() -> bool:
    """Whether the present request is for the desk, matched to a route or not."""
    return (
        request.blueprint == "frontdesk"
        or request.path == PREFIX
        or request.path.startswith(PREFIX + "/")
    )


def signed_in() -> SignedIn:
    """The person behind the present request; the guard has made sure there is one."""
    user = flask_login.current_user
    if not user.is_authenticated:
        raise RuntimeError("a route of the desk was reached without passing its guard")
    return cast("SignedIn", user)


def guard(app: Flask, desk: Desk) -> None:
    """Refuse requests without a log-in or, where they change something, without a CSRF token."""
    # The server's own session row decides who is signed in; an address that changes in
    # mid-session (a tablet moving between networks) is no reason to sign anybody out.
    logins = flask_login.LoginManager()
    logins.session_protection = None
    # Templates are given what they show; a page about a database that is away must not ask it
    # who is signed in.
    logins.init_app(app, add_context_processor=False)

    # Checked below for the desk and nowhere else: the carrier's webhooks are signed instead.
    # A token lasts as long as the session it is bound to: the board stays open all day.
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None)
    csrf = CSRFProtect(app)

    def load(token: str) -> SignedIn | None:
        now = desk.clock()
        found = desk.database.read(lambda s: sessions.find_session(s, token=token, now=now))
        if isinstance(found, SignedOut):
            g.signed_out = found
            return None
        return found

    logins.user_loader(load)

    @app.before_request
    def check() -> ResponseReturnValue | None:
        if not is_desk_request():
            return None
        if request.endpoint not in OPEN_ENDPOINTS and not flask_login.current_user.is_authenticated:
            return _to_login()
        csrf.protect()
        if request.endpoint in OPEN_ENDPOINTS:
            return None
        _note_activity(desk)
        unmatched = request.routing_exception
        if isinstance(unmatched, HTTPException) and not isinstance(unmatched, RequestRedirect):
            return errors.http_problem(unmatched)
        return None


def _to_login() -> ResponseReturnValue:
    ended: SignedOut | None = g.get("signed_out")
    reason = None if ended in (None, SignedOut.UNKNOWN) else ended.value
    if "HX-Request" in request.headers:
        # htmx would follow an ordinary redirect and put the log-in form into the middle of the
        # board; this header makes the browser itself go there.
        answer = Response(status=401)
        answer.headers["HX-Redirect"] = url_for("frontdesk.login", ended=reason)
        return answer
    wanted = request.path if request.method == "GET" and request.path != PREFIX else None
    return redirect(url_for("frontdesk.login", ended=reason, next=wanted), code=303)


def _note_activity(desk: Desk) -> None:
    # The board asks for news every second by itself; only what a person did keeps a session.
    if request.endpoint in POLL_ENDPOINTS and request.args.get("active") != "1":
        return
    user, now = signed_in(), desk.clock()
    if sessions.wants_touch(user, now):
        desk.database.write(lambda s: sessions.touch(s, token=user.token, now=now))
