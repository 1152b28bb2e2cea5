"""A carrier that fails before and after it has taken a message, and reports late, again, unordered.

Requests that it takes are counted with the moment at which they began.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

import httpx

from ivr.simulator.exchange import Exchange
from ivr.simulator.server import create_app

NEVER_TAKEN = {
    "500 Internal Server Error": b'{"status": 500, "code": 20500, "message": "Oops"}',
    "429 Too Many Requests": b'{"status": 429, "code": 20429, "message": "Too many"}',
}

UNDELIVERED = (30003, 30004, 30005, 30006, 30007, 30008)


class FaultyCarrier:
    """The WSGI application of an exchange. share: of requests that fail, 0 to 1."""

    def __init__(self, exchange: Exchange, share: float, seed: int) -> None:
        self.app = create_app(exchange)
        self._inner = self.app.wsgi_app
        self.app.wsgi_app = self  # type: ignore[method-assign]  # how Flask documents it
        self._draw = random.Random(seed)
        self._lock = threading.Lock()
        self.share = share
        self.failed = {"before it took it": 0, "after it took it": 0}
        self.in_flight = self.asked = 0
        self.began: dict[str, float] = {}
        """The carrier's id of a message or call -> when its request began, of time.monotonic()."""

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer, or fail in one of four ways."""
        began = time.monotonic()
        with self._lock:
            self.in_flight += 1
            self.asked += 1
            fails = self._draw.random() < self.share
            how = self._draw.choice(["refused", "refused", "broken", "lost", "500"])
            status = self._draw.choice(sorted(NEVER_TAKEN))
        try:
            if fails and how == "refused":
                self._count("before it took it")
                return _answer(start_response, status, NEVER_TAKEN[status])
            if fails and how == "broken":
                self._count("before it took it")
                return self._hang_up(environ, start_response)
            answer = self._obey(environ, began)
            if not fails:
                start_response(answer.status, answer.headers)
                return [answer.body]
            self._count("after it took it")
            if how == "500":
                status = "500 Internal Server Error"
                return _answer(start_response, status, NEVER_TAKEN[status])
            return self._hang_up(environ, start_response)
        finally:
            with self._lock:
                self.in_flight -= 1

    def _obey(self, environ: dict[str, Any], began: float) -> _Answer:
        answer = _Answer()
        answer.body = b"".join(self._inner(environ, answer.start))
        if answer.status.startswith("201"):
            sid = answer.body.decode().split('"sid":"')[1][:34]
            self.began[sid] = began
        return answer

    def _count(self, which: str) -> None:
        with self._lock:
            self.failed[which] += 1

    @staticmethod
    def _hang_up(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The connection breaks: nobody can tell whether the request was obeyed."""
        connection: socket.socket = environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
        start_response("500 Gone", [])
        return [b""]


class _Answer:
    """What the application would have said."""

    status = ""
    headers: list[tuple[str, str]]
    body = b""

    def start(self, status: str, headers: list[tuple[str, str]], *_: object) -> Callable[..., Any]:
        """As WSGI wants it."""
        self.status, self.headers = status, headers
        return lambda _data: None


def _answer(start_response: Callable[..., Any], status: str, body: bytes) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json")])
    return [body]


class DisorderlyReports(httpx.BaseTransport):
    """Brings webhooks to the product; some reports late, some again, and not in their order.

    Of a third of the texts nobody hears that they were sent or delivered; that they were not is
    told in the end.
    """

    def __init__(self, inner: httpx.BaseTransport, seed: int) -> None:
        self._inner = inner
        self._draw = random.Random(seed)
        self._lock = threading.Lock()
        self._held: list[httpx.Request] = []
        self.late = self.repeated = self.lost = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One webhook."""
        if not request.url.path.startswith("/sms/status"):
            return self._inner.handle_request(request)
        form = dict(parse_qsl(request.content.decode()))
        if form["MessageStatus"] != "undelivered" and int(form["MessageSid"][-2:], 16) % 3 == 0:
            self.lost += 1
            return httpx.Response(204)
        with self._lock:
            held, again = self._draw.random() < 0.2, self._draw.random() < 0.2
            self.late += held
            self.repeated += again
            if held:
                self._held.append(request)
        if held:
            return httpx.Response(204)
        if again:
            self._inner.handle_request(request)
        return self._inner.handle_request(request)

    def bring_the_late(self) -> None:
        """Now, the last first."""
        with self._lock:
            late, self._held = self._held, []
        self._draw.shuffle(late)
        for request in late:
            self._inner.handle_request(request)
