"""A telephone in somebody's hand."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from ivr.simulator.faults import NothingToDoError

if TYPE_CHECKING:
    from ivr.simulator.exchange import Exchange
    from ivr.simulator.leg import Leg

KEYS = frozenset("0123456789*#")


@dataclass(frozen=True)
class Text:
    """A text message on a telephone. Time aware, in UTC."""

    at: datetime
    direction: Literal["in", "out"]
    other: str
    body: str
    sid: str


class Phone:
    """What a person can do with a telephone. Methods expect the exchange's lock to be held.

    Each raises NothingToDoError where the person could not do it now.
    """

    def __init__(self, exchange: "Exchange", number: str, label: str, kind: str) -> None:
        self.exchange = exchange
        self.number = number
        self.label = label
        self.kind = kind
        self.ringing: Leg | None = None
        self.leg: Leg | None = None
        self.last_leg: Leg | None = None
        self.texts: list[Text] = []
        self.busy = False
        """Engaged by something outside: every call finds it busy."""
        self.reachable = True
        self.greeting = ""
        """What a voicemail says to whoever is connected with it."""
        self.is_machine = False

    @property
    def engaged(self) -> bool:
        return self.busy or self.leg is not None or self.ringing is not None

    def ring(self, leg: "Leg") -> None:
        self.ringing = leg

    def release(self, leg: "Leg") -> None:
        """The leg is over: stop ringing, or put down."""
        if self.ringing is leg:
            self.ringing, self.last_leg = None, leg
        if self.leg is leg:
            self.leg, self.greeting, self.is_machine = None, "", False

    def take(self, leg: "Leg") -> None:
        """Be at this leg's end from now on."""
        self.ringing = None
        self.leg = self.last_leg = leg

    def answer(self) -> "Leg":
        leg = self.ringing_leg()
        if leg.ring_timer:
            leg.ring_timer.cancel()
        self.take(leg)
        leg.answer()
        leg.when_answered()
        return leg

    def ringing_leg(self) -> "Leg":
        if self.ringing is None:
            raise NothingToDoError(f"{self.number} is not ringing.")
        return self.ringing

    def current_leg(self) -> "Leg":
        if self.leg is None:
            raise NothingToDoError(f"{self.number} is not in a call.")
        return self.leg

    def press(self, keys: str) -> None:
        leg = self.current_leg()
        wrong = set(keys) - KEYS
        if wrong or not keys:
            raise NothingToDoError(f"{keys!r} are not keys of a telephone: 0-9, * and #.")
        for key in keys:
            leg.did("key", key)
            self._do_press(leg, key)

    def _do_press(self, leg: "Leg", key: str) -> None:
        if leg.bridged_with is not None:
            other = leg.bridged_with
            other.hear("tone", key, until=self.exchange.clock.now())
            if key == "*" and leg.execution:
                leg.execution.star_pressed()
        elif leg.execution is None or not leg.execution.press(key):
            self.exchange.note(f"Key {key} from {self.number}: nobody listened.", leg)

    def say(self, words: str, confidence: float = 0.9) -> None:
        leg = self.current_leg()
        leg.did("words", words)
        if leg.bridged_with is not None:
            self.exchange.speak_to(leg.bridged_with, words)
        elif leg.execution is None or not leg.execution.hear_words(words, confidence):
            self.exchange.note(f"Words from {self.number}: nobody listened.", leg)

    def hang_up(self) -> None:
        if self.leg is not None:
            self.leg.end()
        else:
            raise NothingToDoError(f"{self.number} is not in a call.")

    def stay_silent(self) -> None:
        """Say and press nothing, for as long as whoever listens has patience: that passes at once.

        Nothing else passes with it, so this is for a company in real time.
        """
        execution = self.current_leg().execution
        silence = execution.silence if execution else None
        if silence is None:
            raise NothingToDoError(f"Nobody waits for {self.number} to say or press anything.")
        silence.cancel()
        silence.action()

    def let_ring(self) -> None:
        """Do not answer: the caller's time-out passes at once, and nothing else with it."""
        timer = self.ringing_leg().ring_timer
        if timer is None:
            raise NothingToDoError(f"{self.number} does not ring.")
        timer.cancel()
        timer.action()

    def reject(self) -> None:
        """Turn a ringing call away: the caller finds the line busy."""
        self.ringing_leg().end("busy")
