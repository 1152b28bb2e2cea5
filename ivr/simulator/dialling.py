"""One <Dial>: who is rung, who takes it, what they hear first, and how it ended."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from ivr.simulator.config import is_phone_number
from ivr.simulator.leg import Leg, Subscription
from ivr.simulator.timeline import Appointment
from ivr.simulator.transcript import Heard
from ivr.simulator.verbs import Dial, Number

if TYPE_CHECKING:
    from ivr.simulator.execution import Execution

Outcome = dict[str, str]
# Where several were rung and nobody took it, the outcome that promises most is reported.
_BEST_FIRST = ("no-answer", "busy", "failed", "canceled")


class Dialling:
    """Rings the numbers for the caller's leg; ``done`` gets Twilio's Dial… fields."""

    def __init__(self, execution: "Execution", dial: Dial, done: Callable[[Outcome], None]) -> None:
        self.dial = dial
        self.children: list[Leg] = []
        self._execution = execution
        self._exchange = execution.exchange
        self._caller = execution.leg
        self._done = done
        self._taken: Leg | None = None
        self._bridged = False
        self._is_over = False
        self._ringing: Heard | None = None
        self._limit: Appointment | None = None

    def start(self) -> None:
        if not self.dial.answer_on_bridge:
            self._caller.answer()
        if not self._caller_id_is_ours():
            self._finish()
            return
        self._ringing = self._caller.hear("ringing", "Ringing")
        for number in self.dial.numbers:
            if is_phone_number(number.number):
                self.children.append(self._child(number))
            else:
                self._exchange.refuse(
                    13224, f"Dial: Invalid phone number: {number.number}.", self._caller
                )
        for child in list(self.children):
            self._exchange.ring(child, self.dial.timeout)
        if not self.children:
            self._finish()

    def stop(self) -> None:
        """The caller is gone or was sent elsewhere: everybody stops ringing and talking."""
        self._is_over = True
        self._fall_silent()
        if self._limit:
            self._limit.cancel()
        for child in self.children:
            child.end()

    def hang_up_called_party(self) -> None:
        if self._taken is not None:
            self._taken.end()

    def release(self, child: Leg) -> None:
        """A called party is sent elsewhere by REST: the dial is over, their call is not."""
        child.when_over = lambda: None
        self.children.remove(child)
        self._finish()

    def outcome(self) -> Outcome:
        """The fields for the action: DialCallStatus and what goes with it."""
        leg, status = self._leading()
        if leg is None:
            return {"DialCallStatus": "failed", "DialBridged": "false"}
        fields = {
            "DialCallSid": leg.sid,
            "DialCallStatus": status,
            "DialBridged": "true" if self._bridged else "false",
        }
        if self._taken is not None:
            fields["DialCallDuration"] = str(leg.duration_s)
        return fields

    def _leading(self) -> tuple[Leg | None, str]:
        """The leg to report and how it ended; a leg that still rings counts as no answer."""
        if self._taken is not None:
            return self._taken, "completed"
        ended = {leg.status if leg.is_over else "no-answer": leg for leg in self.children}
        for status in _BEST_FIRST:
            if status in ended:
                return ended[status], status
        return None, "failed"

    def _caller_id_is_ours(self) -> bool:
        caller_id = self.dial.caller_id
        allowed = {"", self._caller.from_number, self._caller.to_number, *self._exchange.numbers}
        if caller_id in allowed:
            return True
        self._exchange.refuse(
            13214,
            f"Dial: Invalid callerId value: {caller_id} is neither the caller's number nor one"
            " that the account owns.",
            self._caller,
        )
        return False

    def _child(self, number: Number) -> Leg:
        subscription = (
            Subscription(
                self._execution.absolute(number.status_callback),
                number.status_callback_method,
                frozenset(number.status_callback_events),
            )
            if number.status_callback
            else None
        )
        child = self._exchange.new_leg(
            from_number=self.dial.caller_id or self._caller.from_number,
            to_number=number.number,
            direction="outbound-dial",
            parent=self._caller,
            subscription=subscription,
        )
        child.when_answered = lambda: self._answered(child, number)
        child.when_over = lambda: self._child_over(child)
        return child

    def _answered(self, child: Leg, number: Number) -> None:
        self._taken = child
        for other in self.children:
            if other is not child:
                other.end("no-answer")
        if not number.url:
            self._bridge(child)
            return
        if not self.dial.answer_on_bridge:
            # Twilio lets the caller hear ringing during the whisper with answerOnBridge only.
            self._fall_silent()
        self._execution.whisper_to(
            child, number.url, number.method, then=lambda: self._bridge(child)
        )

    def _bridge(self, child: Leg) -> None:
        self._bridged = True
        self._fall_silent()
        self._caller.answer()
        self._caller.connect(child)
        self._limit = self._exchange.later(
            timedelta(seconds=self.dial.time_limit), child.end, waits=True
        )

    def _child_over(self, child: Leg) -> None:
        if self._is_over:
            return
        if child is self._taken or all(each.is_over for each in self.children):
            self._finish()

    def _finish(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._fall_silent()
        if self._limit:
            self._limit.cancel()
        self._done(self.outcome())

    def _fall_silent(self) -> None:
        if self._ringing and self._ringing.until is None:
            self._ringing.until = self._exchange.clock.now()
