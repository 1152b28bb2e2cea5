"""One <Dial><Queue>: taking the first caller of a queue, and talking with them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ivr.simulator.queueing import Outcome, Waiting
from ivr.simulator.timeline import Appointment, seconds_between
from ivr.simulator.verbs import Dial
from ivr.simulator.verbs import Queue as QueueNoun

if TYPE_CHECKING:
    from ivr.simulator.execution import Execution


class Dequeueing:
    """Waits for a caller; ``done`` gets Twilio's Dial… fields. Used as a Dialling is."""

    def __init__(self, execution: "Execution", dial: Dial, done: Callable[[Outcome], None]) -> None:
        self.dial = dial
        self.noun = dial.queue or QueueNoun("")
        self.leg = execution.leg
        self._execution = execution
        self._exchange = execution.exchange
        self._queue = self._exchange.queues.get(self.noun.name)
        self._done = done
        self._caller: Waiting | None = None
        self._is_over = False
        self._bridged_at: datetime | None = None
        self._timer: Appointment | None = None
        """When it will have waited too long for a caller, later when it will have talked so."""

    @property
    def in_words(self) -> str:
        """What the dialling party waits for, for people to read."""
        if self._bridged_at is not None:
            return ""
        if self._caller is not None:
            return "About to be connected"
        return f"Waiting for a caller in the queue {self.noun.name}"

    def start(self) -> None:
        if not self.dial.answer_on_bridge:
            self.leg.answer()
        if self._queue is None:
            self._exchange.note(
                f"There is no queue {self.noun.name}: nobody was ever enqueued in it.", self.leg
            )
            self._finish()
            return
        if not self._queue.callers:
            self.leg.hear("notice", f"{self.in_words}.", until=self._exchange.clock.now())
        self._wait_at_most(self.dial.timeout, self._finish)
        self._queue.takers.append(self)
        self._queue.match()

    def take(self, caller: Waiting) -> None:
        """The first of the queue is this party's now."""
        self._stop_waiting()
        self._caller = caller
        url = self._execution.absolute(self.noun.url) if self.noun.url else ""
        caller.be_taken(self, self.noun, url, then=lambda: self._bridge(caller))

    def caller_gone(self) -> None:
        """The caller hung up, was sent elsewhere or could not be connected."""
        self._finish()

    def hang_up_called_party(self) -> None:
        """End the talk: each goes on with their own document."""
        self._let_go()
        self._finish()

    def stop(self) -> None:
        """The dialling party is gone or was sent elsewhere: the caller's document goes on."""
        self._is_over = True
        self._stop_waiting()
        self._let_go()

    def outcome(self) -> Outcome:
        """The fields for the action: DialCallStatus and what goes with it.

        Twilio's reference is silent on the Queue… and Dequeue… fields; they are as applications
        report them. There is no DialCallSid, since no leg was dialled.
        """
        fields = {
            "DialCallStatus": "failed" if self._queue is None else "no-answer",
            "DialBridged": "true" if self._bridged_at else "false",
        }
        if self._queue is not None:
            fields["QueueSid"] = self._queue.sid
        if self._caller is not None:
            fields["DialCallStatus"] = "completed"
            fields["DequeuedCallSid"] = self._caller.leg.sid
            fields["DequeuedCallQueueTime"] = str(self._caller.queue_time_s)
        if self._bridged_at is not None:
            talked = seconds_between(self._bridged_at, self._exchange.clock.now())
            fields |= {"DequeueResult": "bridged", "DequeuedCallDuration": str(talked)}
        return fields

    def _bridge(self, caller: Waiting) -> None:
        self._bridged_at = self._exchange.clock.now()
        caller.is_bridged = True
        self.leg.answer()
        self.leg.connect(caller.leg)
        self._wait_at_most(self.dial.time_limit, self.hang_up_called_party)

    def _wait_at_most(self, seconds: int, then: Callable[[], None]) -> None:
        self._timer = self._exchange.later(timedelta(seconds=seconds), then, waits=True)

    def _stop_waiting(self) -> None:
        if self._timer:
            self._timer.cancel()
        if self._queue and self in self._queue.takers:
            self._queue.takers.remove(self)

    def _let_go(self) -> None:
        if self._caller is not None:
            self.leg.part()
            self._caller.be_released()

    def _finish(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._stop_waiting()
        self._done(self.outcome())
