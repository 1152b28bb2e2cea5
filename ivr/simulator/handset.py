"""A telephone and a call as a test handles them: every command runs all that it causes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from threading import Condition
from typing import TypeVar

from ivr.simulator.driver import ManualDriver
from ivr.simulator.faults import NothingToDoError
from ivr.simulator.leg import Leg
from ivr.simulator.phone import Phone, Text
from ivr.simulator.transcript import Heard, longest_silence
from ivr.simulator.verbs import Gather

_T = TypeVar("_T")
_AUDIBLE = frozenset({"speech", "audio", "person", "tone"})


def _spoken(transcript: list[Heard]) -> str:
    return "\n".join(heard.text for heard in transcript if heard.kind in _AUDIBLE)


class PlacedCall:
    """One leg of a call. Commands raise NothingToDoError where they make no sense now."""

    def __init__(self, leg: Leg, driver: ManualDriver) -> None:
        self._leg = leg
        self._driver = driver

    def __repr__(self) -> str:
        leg = self._leg
        return f"<call {leg.from_number} to {leg.to_number}: {leg.status}>"

    @property
    def sid(self) -> str:
        return self._leg.sid

    @property
    def from_number(self) -> str:
        return self._leg.from_number

    @property
    def to_number(self) -> str:
        return self._leg.to_number

    @property
    def direction(self) -> str:
        return self._leg.direction

    @property
    def status(self) -> str:
        """Twilio's CallStatus."""
        self._driver.settle()
        return self._leg.status

    @property
    def is_over(self) -> bool:
        self._driver.settle()
        return self._leg.is_over

    @property
    def transcript(self) -> list[Heard]:
        """Everything heard and done at this telephone in this call, with the clock's times."""
        self._driver.settle()
        return list(self._leg.transcript)

    @property
    def heard(self) -> str:
        """What was said since the person last did something, a line for each prompt."""
        self._driver.settle()
        return _spoken(self._leg.transcript[self._leg.last_input :])

    @property
    def heard_in_all(self) -> str:
        """What was said since the call began, a line for each prompt."""
        return _spoken(self.transcript)

    @property
    def longest_silence(self) -> timedelta:
        """The longest time in this call without speech, recording, ringing or a voice."""
        self._driver.settle()
        leg = self._leg
        until: datetime = leg.ended_at or leg.exchange.clock.now()
        return longest_silence(leg.transcript, until=until)

    @property
    def expects(self) -> Gather | None:
        """What the current <Gather> accepts; None where nobody listens."""
        self._driver.settle()
        execution = self._leg.execution
        return execution.listening.gather if execution and execution.listening else None

    @property
    def is_recorded(self) -> bool:
        """Whether what is said now goes onto a recording."""
        self._driver.settle()
        execution = self._leg.execution
        return execution is not None and execution.recording is not None

    @property
    def waits_in(self) -> str | None:
        """The queue that this caller waits in; None where they are in none."""
        self._driver.settle()
        queues = self._leg.exchange.queues.values()
        legs = {caller.leg.sid: queue.name for queue in queues for caller in queue.callers}
        return legs.get(self.sid)

    @property
    def bridged_with(self) -> str | None:
        """The number at the other end; None while no person is connected."""
        self._driver.settle()
        other = self._leg.bridged_with
        if other is None:
            return None
        return other.phone.number if other.phone else other.from_number

    def press(self, *keys: str) -> None:
        """Press keys; each argument waits until all that the one before it caused is done."""
        for some in keys:
            self._act(partial(self._press, some))

    def say(self, words: str, confidence: float = 0.9) -> None:
        """Speak; ``confidence`` is the recogniser's, 0 to 1."""
        self._act(lambda: self._mine().say(words, confidence))

    def stay_silent(self) -> None:
        """Let the timeout of the current <Gather> or <Record> pass without a key or a word."""
        self._driver.settle()
        execution = self._leg.execution
        silence = execution.silence if execution else None
        if silence is None:
            raise NothingToDoError(f"Nobody waits for input in {self!r}.")
        with self._leg.exchange.lock:
            self._leg.last_input = len(self._leg.transcript)
        self._driver.fire(silence)

    def hang_up(self) -> None:
        self._act(lambda: self._mine().hang_up())

    def _press(self, keys: str) -> None:
        self._mine().press(keys)

    def _mine(self) -> Phone:
        phone = self._leg.phone
        if phone is None or phone.leg is not self._leg:
            raise NothingToDoError(f"{self!r} is not in anybody's hand.")
        return phone

    def _act(self, action: Callable[[], _T]) -> _T:
        return act(self._leg.exchange.lock, self._driver, action)


def act(lock: Condition, driver: ManualDriver, action: Callable[[], _T]) -> _T:
    """Settle, do it, settle."""
    driver.settle()
    with lock:
        result = action()
    driver.settle()
    return result


class Handset:
    """A telephone in a test's hand. Commands raise NothingToDoError where they cannot be done."""

    def __init__(self, phone: Phone, driver: ManualDriver) -> None:
        self._phone = phone
        self._driver = driver

    def __repr__(self) -> str:
        return f"<phone {self._phone.number}>"

    @property
    def number(self) -> str:
        return self._phone.number

    @property
    def ringing(self) -> bool:
        self._driver.settle()
        return self._phone.ringing is not None

    @property
    def ringing_from(self) -> str | None:
        """The caller's number on the display; None while it does not ring."""
        self._driver.settle()
        return self._phone.ringing.from_number if self._phone.ringing else None

    @property
    def current_call(self) -> PlacedCall | None:
        """The call this telephone is in, or was in last."""
        self._driver.settle()
        leg = self._phone.leg or self._phone.last_leg
        return PlacedCall(leg, self._driver) if leg else None

    @property
    def in_call(self) -> bool:
        self._driver.settle()
        return self._phone.leg is not None

    @property
    def heard(self) -> str:
        """What was said in the current or last call since this person last did something."""
        call = self.current_call
        return call.heard if call else ""

    @property
    def transcript(self) -> list[Heard]:
        call = self.current_call
        return call.transcript if call else []

    @property
    def expects(self) -> Gather | None:
        call = self.current_call
        return call.expects if call else None

    @property
    def bridged_with(self) -> str | None:
        """The number at the other end; None while no person is connected."""
        call = self.current_call
        return call.bridged_with if call else None

    @property
    def texts(self) -> list[Text]:
        """Text messages received, oldest first."""
        self._driver.settle()
        return [text for text in self._phone.texts if text.direction == "in"]

    def call(self, to: str, *, withhold_number: bool = False) -> PlacedCall:
        """Dial one of the account's numbers."""
        exchange = self._phone.exchange
        leg = self._act(
            lambda: exchange.place_call(self._phone, to, withhold_number=withhold_number)
        )
        return PlacedCall(leg, self._driver)

    def answer(self) -> PlacedCall:
        return PlacedCall(self._act(self._phone.answer), self._driver)

    def let_ring(self) -> None:
        """Do not answer: the caller's time-out passes."""
        self._driver.settle()
        timer = self._phone.ringing_leg().ring_timer
        if timer is None:
            raise NothingToDoError(f"{self.number} does not ring.")
        self._driver.fire(timer)

    def reject(self) -> None:
        """Turn the ringing call away."""
        self._act(self._phone.reject)

    def go_busy(self) -> None:
        """Be engaged elsewhere until ``be_free``: the ringing call and later ones find it busy."""

        def engage() -> None:
            if self._phone.ringing:
                self._phone.reject()
            self._phone.busy = True

        self._act(engage)

    def be_free(self) -> None:
        with self._phone.exchange.lock:
            self._phone.busy = False
            self._phone.reachable = True

    def switch_off(self) -> None:
        """Be unreachable until ``be_free``: calls to it fail."""
        with self._phone.exchange.lock:
            self._phone.reachable = False

    def voicemail_picks_up(
        self, greeting: str = "Please leave a message after the tone."
    ) -> PlacedCall:
        """A machine answers: it speaks, presses nothing, and whatever listens to it times out."""

        def pick_up() -> Leg:
            self._phone.ringing_leg()
            self._phone.greeting, self._phone.is_machine = greeting, True
            return self._phone.answer()

        call = PlacedCall(self._act(pick_up), self._driver)
        while call.expects is not None:
            call.stay_silent()
        return call

    def press(self, *keys: str) -> None:
        """Press keys; each argument waits until all that the one before it caused is done."""
        for some in keys:
            self._act(partial(self._phone.press, some))

    def say(self, words: str, confidence: float = 0.9) -> None:
        self._act(lambda: self._phone.say(words, confidence))

    def stay_silent(self) -> None:
        call = self.current_call
        if call is None:
            raise NothingToDoError(f"{self.number} is not in a call.")
        call.stay_silent()

    def hang_up(self) -> None:
        self._act(self._phone.hang_up)

    def send_sms(self, to: str, body: str) -> str:
        """Send a text message to one of the account's numbers; gives its sid."""
        exchange = self._phone.exchange
        return self._act(lambda: exchange.messaging.receive(self._phone, to, body)).sid

    def _act(self, action: Callable[[], _T]) -> _T:
        return act(self._phone.exchange.lock, self._driver, action)
