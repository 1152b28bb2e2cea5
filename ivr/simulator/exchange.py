"""The exchange: the account, its numbers, every telephone, every call, and what happens next.

One lock guards everything. Nothing here waits and nothing here speaks HTTP: what is to happen
later goes on the timeline, what is to be asked of the product goes on the list of jobs, and a
driver (see ``driver``) works both off, on a manual clock for tests or in real time.
"""

import itertools
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import httpx

from ivr.simulator.config import CompanyConfig, NumberConfig
from ivr.simulator.execution import Execution
from ivr.simulator.faults import NothingToDoError
from ivr.simulator.leg import Direction, Leg, Subscription
from ivr.simulator.messaging import Messaging
from ivr.simulator.phone import Phone
from ivr.simulator.planned import PlannedFailure
from ivr.simulator.queueing import Queue
from ivr.simulator.recording import KeptRecording
from ivr.simulator.timeline import Appointment, Clock, Timeline
from ivr.simulator.transcript import WORDS_PER_MINUTE, duration_of
from ivr.simulator.webhooks import Answer, Request, Webhook, WebhookSender

LIST_LAG = timedelta(seconds=30)
"""A judgement: Twilio says of its lists that they lag, and not by how much."""

_KEPT = 4000
"""Log lines and webhooks kept: enough for a demonstration that runs all day."""


@dataclass(frozen=True)
class LogLine:
    """What the phone company saw. Time aware, in UTC; ``code`` is Twilio's, 0 where none."""

    at: datetime
    level: Literal["note", "refused"]
    text: str
    code: int = 0
    call_sid: str = ""


@dataclass(frozen=True)
class Job:
    """A webhook to make without holding the lock, and what to do with its answer."""

    request: Request
    then: Callable[[Answer], None]


class Exchange:
    """A local phone company's state. Every method but ``record`` expects ``lock`` to be held."""

    def __init__(
        self,
        config: CompanyConfig,
        *,
        clock: Clock,
        http: httpx.Client,
        words_per_minute: float = WORDS_PER_MINUTE,
    ) -> None:
        self.config = config
        self.clock = clock
        self.words_per_minute = words_per_minute
        self.lock = threading.Condition()
        self.timeline = Timeline()
        self.jobs: deque[Job] = deque()
        self.sender = WebhookSender(http, config.auth_token.get_secret_value(), clock, self.record)
        self.numbers: dict[str, NumberConfig] = {n.phone_number: n for n in config.numbers}
        self.phones: dict[str, Phone] = {}
        self.legs: dict[str, Leg] = {}
        self.queues: dict[str, Queue] = {}
        """By name; an empty queue stays, as with Twilio."""
        self.recordings: dict[str, KeptRecording] = {}
        """By sid."""
        self.seen: deque[tuple[int, LogLine | Webhook]] = deque(maxlen=_KEPT)
        """Everything the company saw, numbered from 1, oldest first."""
        self._numbers = itertools.count(1)
        self.messaging = Messaging(self)
        self.planned: deque[PlannedFailure] = deque()
        """How the next REST requests are to fail: for tests."""
        self.list_lag = LIST_LAG
        """How long after it was taken a text, or a call asked for over REST, is not listed yet."""
        self.clock_ahead = timedelta()
        """By how much the Date of REST answers is ahead of this machine's clock: for tests."""
        self.version = 0
        """Grows with every change, so that a watcher knows when to look again."""
        with self.lock:
            for phone in config.phones:
                self.add_phone(phone.number, phone.label, phone.kind)

    def changed(self) -> None:
        self.version += 1
        self.lock.notify_all()

    def later(
        self,
        delay: timedelta,
        action: Callable[[], None],
        *,
        waits: bool = False,
        idle: bool = False,
    ) -> Appointment:
        """Do something after a delay; ``waits`` and ``idle`` as in timeline.Appointment."""
        self.lock.notify_all()
        return self.timeline.add(self.clock.now() + delay, action, waits=waits, idle=idle)

    def fetch(self, request: Request, then: Callable[[Answer], None]) -> None:
        """Make a webhook; its answer comes back under the lock."""
        self.jobs.append(Job(request, then))
        self.lock.notify_all()

    def notify(self, request: Request) -> None:
        """Make a webhook whose answer does not matter, except to complain when it is an error."""

        def arrived(answer: Answer) -> None:
            if answer.error_code:
                self.refuse(answer.error_code, f"{request.purpose}: {answer.reason}")

        self.fetch(request, arrived)

    def record(self, webhook: Webhook) -> None:
        with self.lock:
            self._see(webhook)

    def note(self, text: str, leg: Leg | None = None) -> None:
        self._write("note", text, 0, leg)

    def refuse(self, code: int, reason: str, leg: Leg | None = None) -> None:
        """Write down loudly what was refused and why, with Twilio's error code."""
        self._write("refused", reason, code, leg)

    def _write(
        self, level: Literal["note", "refused"], text: str, code: int, leg: Leg | None
    ) -> None:
        self._see(LogLine(self.clock.now(), level, text, code, leg.sid if leg else ""))

    def _see(self, thing: LogLine | Webhook) -> None:
        self.seen.append((next(self._numbers), thing))
        self.changed()

    def add_phone(self, number: str, label: str, kind: str) -> Phone:
        """Hand out a telephone. Raises NothingToDoError where the number is taken."""
        if number in self.phones or number in self.numbers:
            raise NothingToDoError(f"{number} is in use: choose another number.")
        self.phones[number] = Phone(self, number, label or number, kind)
        self.changed()
        return self.phones[number]

    def new_leg(
        self,
        *,
        from_number: str,
        to_number: str,
        direction: Direction,
        parent: Leg | None = None,
        subscription: Subscription | None = None,
    ) -> Leg:
        at = from_number if direction == "inbound" else to_number
        leg = Leg(
            self,
            from_number=from_number,
            to_number=to_number,
            direction=direction,
            phone=self.phones.get(at),
            parent=parent,
            subscription=subscription,
        )
        self.legs[leg.sid] = leg
        return leg

    def queue(self, name: str) -> Queue:
        """The queue of this name, made where there is none yet."""
        return self.queues.setdefault(name, Queue(name))

    def place_call(self, phone: Phone, to: str, *, withhold_number: bool = False) -> Leg:
        """Somebody dials one of the account's numbers.

        Raises NothingToDoError where the phone is engaged or nobody answers that number.
        """
        number = self.numbers.get(to)
        if number is None:
            raise NothingToDoError(
                f"{to} is not a number of this account: it has {', '.join(self.numbers)}."
            )
        if phone.leg is not None or phone.ringing is not None:
            raise NothingToDoError(f"{phone.number} is in a call: hang up first.")
        leg = self.new_leg(
            from_number="anonymous" if withhold_number else phone.number,
            to_number=to,
            direction="inbound",
            subscription=Subscription(number.status_callback, number.status_callback_method)
            if number.status_callback
            else None,
        )
        leg.phone = phone
        phone.take(leg)
        leg.advance("ringing")
        execution = Execution(leg, fallback_url=number.voice_fallback_url or "")
        if number.voice_url:
            execution.start("incoming call", number.voice_url, method=number.voice_method)
        else:
            execution.fail(11200, f"{to} has no voice_url.", "")
        return leg

    def ring(self, leg: Leg, timeout_s: int) -> None:
        """Ring the telephone that a leg leads to, for at most ``timeout_s`` seconds."""
        leg.advance("initiated")
        phone = leg.phone
        if phone is None or not phone.reachable:
            self.note(f"{leg.to_number}: no such telephone here, or it is switched off.", leg)
            leg.end("failed")
        elif phone.engaged:
            leg.end("busy")
        else:
            phone.ring(leg)
            leg.advance("ringing")
            leg.ring_timer = self.later(
                timedelta(seconds=timeout_s), lambda: leg.end("no-answer"), waits=True
            )

    def speak_to(self, leg: Leg, words: str) -> None:
        """Let a person at a leg hear another person's words."""
        until = self.clock.now() + duration_of(words, self.words_per_minute)
        leg.hear("person", words, until=until)
