"""Answers open pages that ask for news while there is none, before Flask has its part.

Every open board asks all day, and nearly always nothing has happened. Whatever is not plainly
that (another path, a form, somebody who touched the page, a cookie not seen a moment ago) goes the
ordinary way, with every check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flask import Flask
from werkzeug.http import parse_cookie

from ivr.frontdesk.access import LIVE, SESSION_COOKIE
from ivr.frontdesk.pulse import Pulse
from scheduling.database import DatabaseUnavailable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class QuietAnswers:
    """Stands in front of an application. paths: what pages ask for news; headers: of any page."""

    def __init__(
        self, app: WSGIApplication, pulse: Pulse, paths: Iterable[str], headers: Mapping[str, str]
    ) -> None:
        self._app = app
        self._pulse = pulse
        self._paths = frozenset(paths)
        self._headers = list(headers.items())

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """A WSGI application."""
        if environ.get("PATH_INFO") not in self._paths or not self._is_quiet(environ):
            return self._app(environ, start)
        start("204 NO CONTENT", list(self._headers))
        return ()

    def _is_quiet(self, environ: WSGIEnvironment) -> bool:
        if environ["REQUEST_METHOD"] != "GET":
            return False
        asked = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        cookie = parse_cookie(environ.get("HTTP_COOKIE")).get(SESSION_COOKIE)
        if cookie is None or "seen" not in asked or asked.get("active") == "1":
            return False
        try:
            return self._pulse.is_quiet(cookie, environ["PATH_INFO"], asked["seen"])
        except DatabaseUnavailable:
            # The page is to say so, in its reader's language.
            return False


def answer_early(app: Flask, pulse: Pulse, headers: Mapping[str, str]) -> None:
    """Put it in front of `app`, once all its routes are there."""
    live = {f"frontdesk.{one}" for one in LIVE}
    paths = [one.rule for one in app.url_map.iter_rules() if one.endpoint in live]
    app.wsgi_app = QuietAnswers(app.wsgi_app, pulse, paths, headers)  # type: ignore[assignment, method-assign]  # Flask's documented way
