"""The local phone company for tests: every command runs all that it causes, nothing sleeps.

A test holds telephones and looks at what they hear::

    company = PhoneCompany(config, http=httpx.Client(transport=httpx.WSGITransport(app=app)))
    patient, nurse = company.phone("+15125550142"), company.phone("+15125550111")
    call = patient.call("+15125550100")     # rings, fetches, speaks, until somebody must act
    assert "press 1" in call.heard
    call.press("1")
    nurse.answer()
    nurse.press("1")
    assert call.bridged_with == nurse.number

Time is a manual clock. Speech (150 words a minute), pauses and webhooks pass by themselves and
move the clock; a caller's silence, a phone that rings on and Dial's timeLimit pass only by
``stay_silent``, ``let_ring`` and ``elapse``. Inside ``company.time_held()`` nothing passes by
itself, so that a key can be pressed in the middle of a sentence.

A caller in a queue hears the waitUrl over and over, so that by itself it would never end: what
they hear goes on while time passes for others (a nurse listens to a whisper), and by ``elapse``.

Where the product reaches the REST API, it does so over HTTP, on a thread of a small server::

    with company.serve() as base_url:      # TWILIO_API_BASE_URL
        worker.tick()                      # the product asks for a call or a message
        nurse.answer()                     # every look and every command settles first

mypy remembers what an assertion saw of a property: compare where it changes within one test, as in
``assert [nurse.ringing, backup.ringing] == [True, False]``.

What a REST request sets off (ringing, webhooks, delivery of a message) happens on the test's
own thread: at the next command or look at anything of the company's, or at ``company.settle()``.
With a product in another process, ``company.wait_for(lambda: nurse.ringing)`` waits for it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

import httpx

from ivr.simulator.config import CompanyConfig, as_config
from ivr.simulator.driver import ManualDriver
from ivr.simulator.exchange import Exchange, LogLine
from ivr.simulator.faults import NothingToDoError
from ivr.simulator.handset import Handset, PlacedCall
from ivr.simulator.phone import Text
from ivr.simulator.planned import PlannedFailure
from ivr.simulator.server import Server
from ivr.simulator.timeline import ManualClock
from ivr.simulator.transcript import WORDS_PER_MINUTE
from ivr.simulator.webhooks import Mishap, Webhook

__all__ = ["Handset", "NothingToDoError", "PhoneCompany", "PlacedCall", "PlannedFailure"]

_T = TypeVar("_T")
_START = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


class PhoneCompany:
    """A local phone company in this process.

    ``start`` is the manual clock's first moment (aware); ``words_per_minute`` 0 makes speech
    take no time. Raises ConfigError where the configuration has faults.
    """

    def __init__(
        self,
        config: CompanyConfig | dict[str, object],
        *,
        http: httpx.Client,
        start: datetime = _START,
        words_per_minute: float = WORDS_PER_MINUTE,
    ) -> None:
        self.clock = ManualClock(start)
        self.exchange = Exchange(
            as_config(config), clock=self.clock, http=http, words_per_minute=words_per_minute
        )
        self._driver = ManualDriver(self.exchange, self.clock)

    def phone(self, number: str) -> Handset:
        """The telephone with this number; where there is none, a new one is handed out."""
        with self.exchange.lock:
            phone = self.exchange.phones.get(number) or self.exchange.add_phone(
                number, number, "patient"
            )
        return Handset(phone, self._driver)

    def settle(self) -> None:
        """Let everything happen that needs no person."""
        self._driver.settle()

    def elapse(self, seconds: float) -> None:
        """Let time pass for everybody at once, silences and ringing included."""
        self._driver.elapse(seconds)

    @contextmanager
    def time_held(self) -> Iterator[None]:
        """Inside, time passes by ``elapse`` alone, so that speech can be interrupted."""
        self._driver.held = True
        try:
            yield
        finally:
            self._driver.held = False
            self.settle()

    def wait_for(self, look: Callable[[], _T], *, timeout_s: float = 10) -> _T:
        """Wait in real time until ``look`` gives something true, and return it.

        For products in another process, whose REST requests come when they come. Raises
        TimeoutError after ``timeout_s`` seconds.
        """
        remaining = datetime.now(UTC) + timedelta(seconds=timeout_s)
        while True:
            with self.exchange.lock:
                version = self.exchange.version
            if found := look():
                return found
            left = (remaining - datetime.now(UTC)).total_seconds()
            with self.exchange.lock:
                if left <= 0 or (
                    self.exchange.version == version and not self.exchange.lock.wait(left)
                ):
                    raise TimeoutError(f"Waited {timeout_s} s for the product in vain.")

    @property
    def calls(self) -> list[PlacedCall]:
        """Every leg there was, oldest first."""
        self.settle()
        return [PlacedCall(leg, self._driver) for leg in self.exchange.legs.values()]

    @property
    def log(self) -> list[LogLine]:
        self.settle()
        return [thing for _, thing in self.exchange.seen if isinstance(thing, LogLine)]

    @property
    def refused(self) -> list[LogLine]:
        """What was refused, with Twilio's codes and the reasons."""
        return [line for line in self.log if line.level == "refused"]

    @property
    def webhooks(self) -> list[Webhook]:
        """Every request made to the product, oldest first, retries included."""
        self.settle()
        return [thing for _, thing in self.exchange.seen if isinstance(thing, Webhook)]

    def replay(self, webhook: Webhook) -> httpx.Response:
        """Send a webhook again exactly as it was, signature and idempotency token included."""
        return self.exchange.sender.http.request(
            webhook.method,
            webhook.url,
            content=urlencode(webhook.form).encode() if webhook.method == "POST" else None,
            headers=webhook.headers,
            follow_redirects=False,
        )

    def sms_inbox(self, number: str) -> list[Text]:
        """The text messages that arrived at a telephone, oldest first."""
        return self.phone(number).texts

    def next_webhook(self, *mishaps: Mishap) -> None:
        """Plan what goes wrong with the next webhooks, first one first."""
        self.exchange.sender.mishaps.extend(mishaps)

    def fail_rest(self, failure: PlannedFailure, *, times: int = 1) -> None:
        """Plan how the next REST requests that it fits are answered."""
        with self.exchange.lock:
            self.exchange.planned.extend([failure] * times)

    def next_message_fails(self, error_code: int, status: str = "undelivered") -> None:
        """Plan that the next accepted message never arrives, with Twilio's error code."""
        with self.exchange.lock:
            self.exchange.messaging.planned.append((status, error_code))

    @contextmanager
    def serve(self, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
        """Answer REST requests over HTTP while inside; gives the base URL."""
        server = Server(self.exchange, host=host, port=port)
        try:
            yield server.base_url
        finally:
            server.close()
