"""What the webhook routes work with, and the guard that stands before every one of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from flask import Blueprint, Response, request

from ivr.call.turn import Line
from ivr.carrier import twiml
from ivr.carrier.signature import SignatureCheck
from ivr.carrier.twiml import Documents
from ivr.carrier.unrecorded import Unrecorded
from ivr.carrier.urls import Urls
from scheduling.database import Database

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]

LONGEST_SID = 64
"""Of a call. What is longer no carrier has sent."""


class LastKnownOnCall:
    """Whom to ring while the database is away: what this process last read, per clinic."""

    KEEP = timedelta(seconds=30)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[datetime, tuple[str, ...]]] = {}

    def is_stale(self, clinic_id: str, now: datetime) -> bool:
        """Whether it is time to read the rota again."""
        known = self._known.get(clinic_id)
        return known is None or now - known[0] > self.KEEP

    def remember(self, clinic_id: str, numbers: tuple[str, ...], now: datetime) -> None:
        """Keep what the rota says now."""
        with self._lock:
            self._known[clinic_id] = (now, numbers)

    def numbers(self, line: Line) -> tuple[str, ...]:
        """Numbers to try, in order; never empty: clinic.toml's fallback number comes last."""
        _, known = self._known.get(line.clinic.id, (None, ()))
        return tuple(dict.fromkeys((*known, line.clinic.numbers.fallback_on_call)))


@dataclass(frozen=True)
class Edge:
    """One process's wiring of the carrier's side. lines: E.164 number called → its line."""

    database: Database
    clock: Clock
    signature: SignatureCheck
    urls: Urls
    lines: Mapping[str, Line]
    unrecorded: Unrecorded
    last_known: LastKnownOnCall = field(default_factory=LastKnownOnCall)

    def line_called(self) -> Line | None:
        """The line of the number this request is about."""
        return self.lines.get(request.form.get("To", "")) or self.lines.get(
            request.form.get("From", "")
        )

    def any_line(self) -> Line:
        """A line to speak with where the request names none of ours: better than silence."""
        return next(iter(self.lines.values()))

    def documents(self, line: Line, *, recorded: bool = True) -> Documents:
        """The writer of this line's documents. recorded: recordings are played in them."""
        return Documents(line, self.urls, recorded)


def guard(blueprint: Blueprint, edge: Edge) -> None:
    """Refuse every request to the blueprint that the carrier did not sign."""

    @blueprint.before_request
    def _refuse_strangers() -> Response | None:
        if edge.signature.accepts_request(request):
            return None
        log.warning("signature_refused", route=str(request.url_rule))
        return Response("signature missing or wrong\n", status=403, mimetype="text/plain")


def document(text: str) -> Response:
    """A TwiML answer."""
    return Response(text, content_type=twiml.CONTENT_TYPE)


def nothing() -> Response:
    """What a status callback gets: noted."""
    return Response(status=204)
