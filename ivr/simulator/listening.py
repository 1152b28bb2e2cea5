"""One <Gather>: prompts, keys, words and silence, to what is sent to its action."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from ivr.simulator.playback import Playback
from ivr.simulator.timeline import Appointment
from ivr.simulator.verbs import Gather

if TYPE_CHECKING:
    from ivr.simulator.execution import Execution

Result = dict[str, str]


class Listening:
    """Listens once. ``done`` gets the fields for the action; for silence, empty Digits."""

    def __init__(
        self, execution: "Execution", gather: Gather, done: Callable[[Result], None]
    ) -> None:
        self._exchange = execution.exchange
        self._idles = execution.place.idles
        self.gather = gather
        self._done = done
        self._playback = Playback(execution, gather.prompts, self._wait)
        self.digits = ""
        self.silence: Appointment | None = None
        """When the caller's silence will have lasted too long; None while prompts play."""

    def start(self) -> None:
        self._playback.start()

    def stop(self) -> None:
        self._playback.stop()
        if self.silence:
            self.silence.cancel()
            self.silence = None

    def press(self, key: str) -> bool:
        """Take a key; False where nobody listens for it now."""
        if "dtmf" not in self.gather.input or not self._may_interrupt():
            return False
        self.stop()
        if key == self.gather.finish_on_key:
            self._finish_digits(key)
            return True
        self.digits += key
        if len(self.digits) == self.gather.num_digits:
            self._finish_digits("")
        else:
            self._wait()
        return True

    def hear_words(self, words: str, confidence: float) -> bool:
        """Take spoken words; False where nobody listens for them now."""
        if "speech" not in self.gather.input or self.digits or not self._may_interrupt():
            return False
        self.stop()
        self._done({"SpeechResult": words, "Confidence": str(confidence)})
        return True

    def _may_interrupt(self) -> bool:
        return self._playback.is_over or self.gather.barge_in

    def _wait(self) -> None:
        self.silence = self._exchange.later(
            timedelta(seconds=self.gather.timeout),
            self._fell_silent,
            waits=not self._idles,
            idle=self._idles,
        )
        self._exchange.changed()

    def _fell_silent(self) -> None:
        self.silence = None
        self._finish_digits("")

    def _finish_digits(self, key: str) -> None:
        self.stop()
        self._done({"Digits": self.digits, "FinishedOnKey": key, "msg": "Gather End"})
