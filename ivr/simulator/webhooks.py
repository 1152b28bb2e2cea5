"""Webhook requests, made as Twilio makes them: signed, retried, redirected, limited to 15 s."""

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit, urlunsplit

import httpx

from ivr.simulator.signature import sign
from ivr.simulator.timeline import Clock

Form = tuple[tuple[str, str], ...]
Mishap = Literal["connection lost", "answer lost", "time out", "delivered twice"]

TIME_LIMIT_S = 15.0
"""The whole webhook, connection included. Twilio, connection overrides: ``tt``."""
_CONNECT_S = 5.0
_REDIRECTS = frozenset({301, 302, 303, 307})
_MAX_REDIRECTS = 10


@dataclass(frozen=True)
class Request:
    """A webhook to be made. ``purpose`` is for people; ``call_sid`` may be a message's sid."""

    purpose: str
    url: str
    form: Form
    method: str = "POST"
    call_sid: str = ""


@dataclass(frozen=True)
class Webhook:
    """One attempt at a webhook, as it happened: enough to send it again."""

    at: datetime
    purpose: str
    url: str
    method: str
    form: Form
    headers: dict[str, str]
    call_sid: str
    attempt: int
    took_s: float
    status: int | None = None
    """The HTTP status; None where no answer came."""
    content_type: str = ""
    body: bytes = b""
    location: str = ""
    failure: str = ""
    """Why no answer came."""
    failure_kind: Literal["", "connect", "timeout"] = ""

    @property
    def params(self) -> dict[str, str]:
        """The form's fields, or the query's where the method is GET; the last of each name."""
        return dict(self.form) if self.method == "POST" else dict(_query_of(self.url))

    @property
    def signature(self) -> str:
        return self.headers["X-Twilio-Signature"]

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True)
class Answer:
    """What came of a webhook: a body, or an error in Twilio's numbers."""

    url: str
    """Where the answer came from, after redirects, without connection overrides."""
    body: bytes = b""
    content_type: str = ""
    error_code: int = 0
    reason: str = ""


@dataclass(frozen=True)
class _Overrides:
    """Twilio's connection overrides, from the URL's fragment: ``#rc=2&rp=ct,rt``."""

    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})
    connect_s: float = _CONNECT_S
    read_s: float = TIME_LIMIT_S
    total_s: float = TIME_LIMIT_S

    @classmethod
    def of(cls, fragment: str) -> "_Overrides":
        given = dict(parse_qsl(fragment))

        def number(name: str, default: int, least: int, most: int) -> int:
            text = given.get(name, "")
            return min(most, max(least, int(text))) if text.isdecimal() else default

        return cls(
            retries=number("rc", 1, 0, 5),
            retry_on=frozenset(given.get("rp", "ct").split(",")),
            connect_s=number("ct", 5_000, 100, 10_000) / 1000,
            read_s=number("rt", 15_000, 100, 15_000) / 1000,
            total_s=number("tt", 15_000, 100, 15_000) / 1000,
        )

    def wants_another(self, attempt: Webhook) -> bool:
        reasons = {"all"}
        if attempt.failure_kind == "connect":
            reasons.add("ct")
        elif attempt.failure_kind == "timeout":
            reasons.add("rt")
        elif attempt.status is not None and attempt.status >= 400:
            reasons.add(f"{attempt.status // 100}xx")
        else:
            return False
        return bool(reasons & self.retry_on)


@dataclass
class WebhookSender:
    """Makes webhook requests and keeps a record of every attempt. Safe to use from threads."""

    http: httpx.Client
    auth_token: str
    clock: Clock
    recorded: Callable[[Webhook], None]
    mishaps: deque[Mishap] = field(default_factory=deque)
    """What goes wrong with the next attempts, first one first: for tests."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, request: Request) -> Answer:
        """Make the request, following redirects and retrying as Twilio does."""
        token = secrets.token_hex(16)
        url, fragment = urldefrag(request.url)
        overrides = _Overrides.of(fragment)
        method, form = request.method, request.form
        if method == "GET":
            url, form = _with_query(url, form), ()
        for _ in range(_MAX_REDIRECTS):
            attempt = self._persist(request, url, method, form, token, overrides)
            if attempt.status not in _REDIRECTS:
                return _answer(attempt)
            if not attempt.location:
                return Answer(url, error_code=11200, reason=f"{attempt.status} without Location.")
            url = urldefrag(urljoin(url, attempt.location))[0]
            if attempt.status != 307 and method == "POST":
                method, url, form = "GET", _with_query(url, form), ()
        return Answer(url, error_code=11215, reason=f"More than {_MAX_REDIRECTS} redirects.")

    def _persist(
        self, request: Request, url: str, method: str, form: Form, token: str, limits: _Overrides
    ) -> Webhook:
        started = time.monotonic()
        number = 0
        while True:
            number += 1
            attempt = self._attempt(request, url, method, form, token, limits, number)
            spent = time.monotonic() - started
            if number > limits.retries or spent >= limits.total_s:
                return attempt
            if not limits.wants_another(attempt):
                return attempt

    def _attempt(
        self,
        request: Request,
        url: str,
        method: str,
        form: Form,
        token: str,
        limits: _Overrides,
        number: int,
    ) -> Webhook:
        headers = {
            "X-Twilio-Signature": sign(self.auth_token, url, form),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        with self._lock:
            mishap = self.mishaps.popleft() if self.mishaps else None
        at, started = self.clock.now(), time.monotonic()
        outcome = self._exchange(url, method, form, headers, limits, mishap)
        record = Webhook(
            at=at,
            purpose=request.purpose,
            url=url,
            method=method,
            form=form,
            headers=headers,
            call_sid=request.call_sid,
            attempt=number,
            took_s=time.monotonic() - started,
            **outcome,  # type: ignore[arg-type]  # _exchange's keys are Webhook's own fields
        )
        self.recorded(record)
        return record

    def _exchange(
        self,
        url: str,
        method: str,
        form: Form,
        headers: dict[str, str],
        limits: _Overrides,
        mishap: Mishap | None,
    ) -> dict[str, object]:
        if mishap == "connection lost":
            return {"failure": "The connection failed (planned).", "failure_kind": "connect"}
        try:
            response = self._post(url, method, form, headers, limits)
            if mishap == "delivered twice":
                response = self._post(url, method, form, headers, limits)
        except httpx.TimeoutException as error:
            kind = "connect" if isinstance(error, httpx.ConnectTimeout) else "timeout"
            return {"failure": f"No answer in time: {error!r}", "failure_kind": kind}
        except httpx.HTTPError as error:
            return {"failure": f"The connection failed: {error!r}", "failure_kind": "connect"}
        if mishap == "answer lost":
            return {"failure": "The answer was lost (planned).", "failure_kind": "connect"}
        if mishap == "time out":
            return {"failure": "No answer in 15 s (planned).", "failure_kind": "timeout"}
        return {
            "status": response.status_code,
            "content_type": response.headers.get("Content-Type", ""),
            "body": response.content,
            "location": response.headers.get("Location", ""),
        }

    def _post(
        self, url: str, method: str, form: Form, headers: dict[str, str], limits: _Overrides
    ) -> httpx.Response:
        return self.http.request(
            method,
            url,
            content=urlencode(form).encode() if method == "POST" else None,
            headers=headers,
            follow_redirects=False,
            timeout=httpx.Timeout(
                limits.read_s, connect=limits.connect_s, read=min(limits.read_s, limits.total_s)
            ),
        )


def _answer(attempt: Webhook) -> Answer:
    if attempt.status is None:
        return Answer(attempt.url, error_code=11205, reason=attempt.failure)
    if 200 <= attempt.status < 300:
        return Answer(attempt.url, attempt.body, attempt.content_type)
    why = f"{attempt.url} answered with status {attempt.status}"
    if 300 <= attempt.status < 400:
        why += ", which Twilio does not follow (only 301, 302, 303 and 307)"
    return Answer(attempt.url, error_code=11200, reason=why + ".")


def _query_of(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


def _with_query(url: str, form: Form) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(form)) if part)
    return urlunsplit(parts._replace(query=query))
