"""Who may pass: the one guard in front of everything under /frontdesk.

It stands before the routes rather than on them, so a route added later is guarded without
anybody having to remember it; which roles may use it stands in permissions.MAY.
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

from ivr.frontdesk import errors, permissions, sessions, wording
from ivr.frontdesk.pulse import Pulse
from ivr.frontdesk.sessions import Locked, SignedIn, SignedOut
from ivr.frontdesk.wording import say
from scheduling.database import Database

PREFIX: Final = "/frontdesk"

SESSION_COOKIE: Final = "callnow_desk"

LANGUAGE_COOKIE: Final = "callnow_language"

LIVE: Final = frozenset({"board_fragment", "day_fragment", "week_fragment"})
"""What an open page asks all day: is there news?"""

POLL_ENDPOINTS: Final = LIVE | {"lock_state"}
"""What pages ask by themselves. It counts as activity only where it says active=1."""


@dataclass(frozen=True)
class Desk:
    """What the desk's routes work with. link_base: PUBLIC_BASE_URL."""

    database: Database
    clock: Callable[[], datetime]
    pulse: Pulse
    secure_cookies: bool
    link_base: str
    secret_key: str


def is_desk_request() -> bool:
    """Whether the present request is for the desk, matched to a route or not."""
    return (
        request.blueprint == "frontdesk"
        or request.path == PREFIX
        or request.path.startswith(PREFIX + "/")
    )


def signed_in() -> SignedIn:
    """The person behind the present request; the guard has made sure there is one."""
    # Not the proxy, which looks the person up at each touch and may outlive its request.
    user = flask_login.current_user._get_current_object()  # noqa: SLF001  # documented for this
    if not user.is_authenticated:
        raise RuntimeError("a route of the desk was reached without passing its guard")
    return cast("SignedIn", user)


def locked_or_signed_in() -> tuple[SignedIn, bool]:
    """The same where a locked session may come too, and whether it is locked."""
    locked: Locked | None = g.get("locked")
    return (locked.who, True) if locked else (signed_in(), False)


def guard(app: Flask, desk: Desk, keep_form: Callable[[], ResponseReturnValue]) -> None:
    """Refuse requests without a log-in or role or, where they change something, a CSRF token.

    keep_form: the lock's answer to a form that a locked session sends, so that it is not lost.
    """
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

    # Globals rather than context: macros that are imported see no context.
    app.jinja_env.globals.update(say=say, say_number=wording.say_number)

    def load(token: str) -> SignedIn | None:
        now = desk.clock()
        found = desk.database.read(lambda s: sessions.find_session(s, token=token, now=now))
        if isinstance(found, SignedIn):
            return found
        if isinstance(found, Locked):
            g.locked = found
        else:
            g.signed_out = found
        return None

    logins.user_loader(load)

    @app.before_request
    def check() -> ResponseReturnValue | None:
        if not is_desk_request():
            return None
        return _admit(desk, csrf, keep_form)

    @app.teardown_request
    def fall_silent(_: BaseException | None) -> None:
        # A thread serves many people, and what it says outside of their requests is English.
        wording.speak("en")


def _admit(
    desk: Desk, csrf: CSRFProtect, keep_form: Callable[[], ResponseReturnValue]
) -> ResponseReturnValue | None:
    endpoint = permissions.short(request.endpoint)
    if endpoint in permissions.LARGE:
        request.max_content_length = permissions.LARGE[endpoint]
    wording.speak(_language_of_the_browser())
    if endpoint in permissions.OPEN:
        csrf.protect()
        return None
    known = flask_login.current_user.is_authenticated
    if not known and "locked" not in g:
        return _to_login()
    user, locked = locked_or_signed_in()
    wording.speak(user.language or wording.language())
    csrf.protect()
    if locked:
        return None if endpoint in permissions.LOCKED else _to_lock(keep_form)
    g.desk_user = user
    _note_activity(desk, user, endpoint)
    refusal = _refusal(user, endpoint)
    if refusal is None and endpoint in LIVE:
        cookie = request.cookies.get(SESSION_COOKIE)
        if cookie is not None:
            desk.pulse.remember(cookie, user, request.path)
    return refusal


def _language_of_the_browser() -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in wording.LANGUAGES:
        return chosen
    return request.accept_languages.best_match(list(wording.LANGUAGES)) or "en"


def _refusal(user: SignedIn, endpoint: str) -> ResponseReturnValue | None:
    unmatched = request.routing_exception
    if isinstance(unmatched, HTTPException):
        return None if isinstance(unmatched, RequestRedirect) else errors.http_problem(unmatched)
    if not permissions.may(user.role, request.endpoint or ""):
        return errors.problem(
            403,
            say("Your account may not do this"),
            say("Ask a colleague, or your clinic's administrator for another role."),
        )
    if user.must_change_password and endpoint not in permissions.BEFORE_A_NEW_PASSWORD:
        return redirect(url_for("frontdesk.account"), code=303)
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
    return redirect(url_for("frontdesk.login", ended=reason, next=_wanted()), code=303)


def _to_lock(keep_form: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    if "HX-Request" in request.headers:
        # The open page lays its lock over itself (static/lock.js), and keeps what is typed in it.
        return Response(status=401, headers={"X-Desk-Locked": "1"})
    if request.method == "POST":
        return keep_form()
    return redirect(url_for("frontdesk.lock", next=_wanted()), code=303)


def _wanted() -> str | None:
    return request.path if request.method == "GET" and request.path != PREFIX else None


def _note_activity(desk: Desk, user: SignedIn, endpoint: str) -> None:
    # The board asks for news by itself; only what a person did keeps a session.
    if endpoint in POLL_ENDPOINTS and request.args.get("active") != "1":
        return
    now = desk.clock()
    if sessions.wants_touch(user, now):
        desk.database.write(lambda s: sessions.touch(s, token=user.token, now=now))
