"""Everybody in a storm who has a telephone: callers, on-call staff, and what they do with it."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.simulator.exchange import Exchange
from ivr.simulator.faults import NothingToDoError
from ivr.simulator.leg import Leg
from ivr.simulator.phone import Phone
from ivr.simulator.transcript import longest_silence
from tests.product import LINE

TALKS_FOR = timedelta(seconds=35)
"""Longer than the 30 s below which nobody counts as helped."""

LOOKS_EVERY = 0.02
"""Seconds between two looks at all the telephones."""


@dataclass
class Person:
    """One telephone's owner.

    sleeps_through: the ringing call that they will not hear. in_call, heard: how much of a call's
    transcript they had heard at their last key.
    """

    phone: Phone
    talks_since: datetime | None = None
    sleeps_through: Leg | None = None
    in_call: Leg | None = None
    heard: int = 0

    def new_words(self) -> str:
        """What was said since their last key."""
        leg = self.phone.leg
        if leg is not self.in_call:
            self.in_call, self.heard = leg, 0
        if leg is None:
            return ""
        return " ".join(one.text for one in leg.transcript[self.heard :] if one.kind == "speech")

    def press(self, key: str) -> None:
        """Having heard all there is."""
        leg = self.phone.leg
        if leg is not None:
            self.heard = len(leg.transcript)
            self.phone.press(key)


CALLERS_KEYS = (
    ("For an urgent symptom or pump alarm, press 1", "1"),
    ("For a pump alarm or a missed refill, press 2", "2"),
)
STAFFS_KEYS = (
    ("Press 1 to accept", "1"),
    ("Press 1 and I connect you now", "1"),
)


class People:
    """They act on a thread of their own until told to stop."""

    def __init__(self, exchange: Exchange, staff: list[str], seed: int) -> None:
        self._exchange = exchange
        self._draw = random.Random(seed)
        self._staff = [Person(exchange.phones[number]) for number in staff]
        self._callers: list[Person] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, name="people", daemon=True)

    def __enter__(self) -> People:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def call_all_at_once(self, numbers: list[str]) -> None:
        """Every one of them dials the clinic at this moment."""
        with self._exchange.lock:
            for number in numbers:
                phone = self._exchange.add_phone(number, number, "patient")
                self._callers.append(Person(phone))
                self._exchange.place_call(phone, LINE)

    def longest_silence(self) -> tuple[float, str]:
        """In seconds, of all callers, talks with staff not counted; and what that caller heard."""
        with self._exchange.lock:
            legs = [leg for leg in self._exchange.legs.values() if leg.direction == "inbound"]
            worst = max(legs, key=self._silence_before_the_talk)
            heard = "\n".join(f"{one.at:%H:%M:%S.%f} {one.text}" for one in worst.transcript)
            return self._silence_before_the_talk(worst).total_seconds(), heard

    def first_rings(self) -> list[float]:
        """Seconds from each caller's last key to the first ring of an on-call phone in that call.

        Of the calls in which one rang: the first ring needs somebody who is free. Those with the
        database as well as those without; in the storm's own time.
        """
        with self._exchange.lock:
            legs = list(self._exchange.legs.values())
        first: dict[str, float] = {}
        for leg in legs:
            caller = leg.parent
            if caller is None or caller.direction != "inbound":
                continue
            keyed = [one.at for one in caller.transcript if one.kind == "key"]
            since = max((at for at in keyed if at <= leg.created_at), default=caller.created_at)
            waited = (leg.created_at - since).total_seconds()
            first[caller.sid] = min(waited, first.get(caller.sid, waited))
        return list(first.values())

    @staticmethod
    def _silence_before_the_talk(leg: Leg) -> timedelta:
        heard = list(leg.transcript)
        talks = [one.at for one in heard if one.text.startswith("Connected with")]
        until = min([*talks, leg.ended_at or leg.exchange.clock.now()])
        return longest_silence([one for one in heard if one.at < until], until=until)

    def _live(self) -> None:
        while not self._stop.wait(LOOKS_EVERY):
            with self._exchange.lock:
                for person in self._staff:
                    self._as_staff(person)
                for person in self._callers:
                    self._as_caller(person)

    def _as_staff(self, person: Person) -> None:
        phone = person.phone
        try:
            if phone.ringing is not None:
                self._take_or_leave(person, phone.ringing)
            elif phone.leg is not None:
                self._talk_or_listen(person, STAFFS_KEYS, hangs_up=True)
            else:
                person.talks_since = None
        except NothingToDoError:
            # The call ended at this very moment.
            return

    def _take_or_leave(self, person: Person, ringing: Leg) -> None:
        if person.sleeps_through is ringing:
            return
        phone = person.phone
        match self._draw.choices(["answers", "sleeps", "rejects", "voicemail"], [80, 10, 5, 5])[0]:
            case "answers":
                phone.answer()
            case "rejects":
                phone.reject()
            case "voicemail":
                phone.is_machine = True
                phone.answer()
            case _:
                person.sleeps_through = ringing

    def _as_caller(self, person: Person) -> None:
        try:
            if person.phone.ringing is not None:
                person.phone.answer()
            elif person.phone.leg is not None:
                self._talk_or_listen(person, CALLERS_KEYS, hangs_up=False)
        except NothingToDoError:
            return

    def _talk_or_listen(
        self, person: Person, keys: tuple[tuple[str, str], ...], *, hangs_up: bool
    ) -> None:
        leg = person.phone.leg
        assert leg is not None
        if leg.bridged_with is not None:
            now = self._exchange.clock.now()
            person.talks_since = person.talks_since or now
            if hangs_up and now - person.talks_since > TALKS_FOR:
                person.talks_since = None
                person.phone.hang_up()
            return
        if person.phone.is_machine or leg.execution is None or leg.execution.listening is None:
            return
        words = person.new_words()
        for said, key in keys:
            if said in words:
                person.press(key)
                return
