"""Queues, and one <Enqueue>: what a caller hears while waiting, and how it ended."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ivr.simulator.leg import new_sid
from ivr.simulator.listening import Listening
from ivr.simulator.places import ANNOUNCEMENT, QUEUE
from ivr.simulator.timeline import Appointment
from ivr.simulator.transcript import Heard
from ivr.simulator.verbs import Enqueue
from ivr.simulator.verbs import Queue as QueueNoun

if TYPE_CHECKING:
    from ivr.simulator.dequeueing import Dequeueing
    from ivr.simulator.execution import Execution

Outcome = dict[str, str]

MAX_CALLERS = 1000
"""In one queue. Twilio, TwiML <Enqueue>."""
SHORTEST_ROUND = timedelta(seconds=1)
"""A waitUrl document that takes no time is asked for again after this long, not at once."""


class Queue:
    """Callers, first come, first served, and who dialled while there was none."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sid = new_sid("QU")
        self.max_callers = MAX_CALLERS
        self.callers: list[Waiting] = []
        self.takers: list[Dequeueing] = []

    @property
    def is_full(self) -> bool:
        return len(self.callers) >= self.max_callers

    def match(self) -> None:
        """Bring the first caller and the first taker together, while there are both."""
        while self.callers and self.takers:
            self.takers.pop(0).take(self.callers.pop(0))


class Waiting:
    """One caller's <Enqueue>, from joining the queue to the end of the talk that follows.

    ``done`` gets Twilio's Queue… fields, unless the leg is gone or sent elsewhere first.
    """

    def __init__(
        self, execution: "Execution", enqueue: Enqueue, done: Callable[[Outcome], None]
    ) -> None:
        self.enqueue = enqueue
        self.leg = execution.leg
        self.is_bridged = False
        self._execution = execution
        self._exchange = execution.exchange
        self._queue = self._exchange.queue(enqueue.name)
        self._done = done
        self._joined_at: datetime | None = None
        self._taken_at: datetime | None = None
        self._taker: Dequeueing | None = None
        self._document: Execution | None = None
        self._asked_at = self._exchange.clock.now()
        self._next_round: Appointment | None = None
        self._music: Heard | None = None

    @property
    def listening(self) -> Listening | None:
        return self._document.listening if self._document else None

    @property
    def in_words(self) -> str:
        """What the caller waits for, for people to read."""
        if self.is_bridged:
            return ""
        if self._taker is not None:
            return "About to be connected"
        return f"Waiting in the queue {self._queue.name}"

    @property
    def queue_time_s(self) -> int:
        """Whole seconds in the queue, until taken out of it."""
        if self._joined_at is None:
            return 0
        until = self._taken_at or self._exchange.clock.now()
        return (until - self._joined_at) // timedelta(seconds=1)

    def start(self) -> None:
        self.leg.answer()
        if self._queue.is_full:
            self._finish("queue-full")
            return
        self._joined_at = now = self._exchange.clock.now()
        self.leg.hear("notice", f"{self.in_words}.", until=now)
        self._queue.callers.append(self)
        self._queue.match()
        if self._taker is None:
            self._entertain()

    def stop(self) -> Outcome:
        """The leg is over or was sent elsewhere: leave, and say how it ended."""
        self._step_out()
        taker, self._taker = self._taker, None
        if taker is not None:
            taker.caller_gone()
        if self.is_bridged:
            return self._outcome("bridged" if self.leg.is_over else "redirected-from-bridged")
        return self._outcome("hangup" if self.leg.is_over else "redirected")

    def be_taken(
        self, taker: "Dequeueing", noun: QueueNoun, url: str, *, then: Callable[[], None]
    ) -> None:
        """Leave the queue for somebody; ``then`` when the announcement, if any, was heard."""
        self._taken_at = self._exchange.clock.now()
        self._taker = taker
        self._step_out()
        if not url:
            then()
            return
        self._document = self._execution.nested(
            ANNOUNCEMENT, at_end=then, at_fault=lambda: self._fall_out("error")
        )
        self._document.start(
            "queue announcement",
            url,
            method=noun.method,
            extra=(
                ("QueueSid", self._queue.sid),
                ("QueueTime", str(self.queue_time_s)),
                ("DequeingCallSid", taker.leg.sid),
            ),
        )

    def be_released(self) -> None:
        """The taker is gone: the caller's own document goes on."""
        self._taker = None
        self._finish("bridged" if self.is_bridged else "bridging-in-process")

    def _entertain(self) -> None:
        if self.enqueue.wait_url is None:
            self._music = self.leg.hear("audio", "Hold music")
        elif self.enqueue.wait_url:
            self._ask()

    def _ask(self) -> None:
        self._next_round = None
        self._asked_at = self._exchange.clock.now()
        self._document = self._execution.nested(
            QUEUE,
            at_end=self._round_over,
            at_fault=lambda: self._fall_out("error"),
            at_leave=lambda: self._fall_out("leave"),
        )
        self._document.start(
            "queue wait",
            self._execution.absolute(self.enqueue.wait_url or ""),
            method=self.enqueue.wait_url_method,
            extra=tuple(self._standing().items()),
        )

    def _round_over(self) -> None:
        earliest = self._asked_at + SHORTEST_ROUND
        pause = max(earliest - self._exchange.clock.now(), timedelta(0))
        self._next_round = self._exchange.later(pause, self._ask, idle=True)

    def _standing(self) -> Outcome:
        callers = self._queue.callers
        times = [caller.queue_time_s for caller in callers]
        return {
            "QueueSid": self._queue.sid,
            "QueueTime": str(self.queue_time_s),
            "AvgQueueTime": str(sum(times) // len(times)),
            "QueuePosition": str(callers.index(self) + 1),
            "CurrentQueueSize": str(len(callers)),
            "MaxQueueSize": str(self._queue.max_callers),
        }

    def _step_out(self) -> None:
        """Stand in the queue no longer, and hear nothing of it."""
        if self in self._queue.callers:
            self._queue.callers.remove(self)
        if self._document:
            self._document.stop()
            self._document = None
        if self._next_round:
            self._next_round.cancel()
        if self._music:
            self._music.until = self._exchange.clock.now()
            self._music = None

    def _fall_out(self, result: str) -> None:
        taker, self._taker = self._taker, None
        if taker is not None:
            taker.caller_gone()
        self._finish(result)

    def _finish(self, result: str) -> None:
        self._step_out()
        self._done(self._outcome(result))

    def _outcome(self, result: str) -> Outcome:
        fields = {"QueueResult": result}
        if self._joined_at is not None:
            fields |= {"QueueSid": self._queue.sid, "QueueTime": str(self.queue_time_s)}
        return fields
