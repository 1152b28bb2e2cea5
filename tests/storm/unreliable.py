"""A carrier's REST interface that fails half of the time, in every way there is."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable
from typing import Any

from ivr.simulator.exchange import Exchange
from ivr.simulator.server import create_app

_ANSWERS = {
    "500 Internal Server Error": b'{"status": 500, "code": 20500, "message": "Oops"}',
    "429 Too Many Requests": b'{"status": 429, "code": 20429, "message": "Too many"}',
}


class Unreliable:
    """The WSGI application of an exchange. share: of requests that fail, 0 to 1."""

    def __init__(self, exchange: Exchange, share: float, seed: int) -> None:
        self.app = create_app(exchange)
        self._inner = self.app.wsgi_app
        self.app.wsgi_app = self  # type: ignore[method-assign]  # how Flask documents it
        self._draw = random.Random(seed)
        self._lock = threading.Lock()
        self.share = share
        self.failed = 0

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer, or fail: before the request is obeyed, or after it."""
        with self._lock:
            fails = self._draw.random() < self.share
            obeys = self._draw.random() < 0.3
            status = self._draw.choice(sorted(_ANSWERS))
            self.failed += fails
        if not fails:
            return self._inner(environ, start_response)
        if obeys:
            # The carrier did it; its answer is lost.
            for _ in self._inner(environ, lambda *_given: lambda _data: None):
                continue
        start_response(status, [("Content-Type", "application/json")])
        return [_ANSWERS[status]]
