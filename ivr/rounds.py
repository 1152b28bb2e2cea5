"""What a worker looks for in the book now and then, beside sending: who is to be told of what.

Every look is cheap where nothing has changed, and any number of workers may look at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from ivr.digest import daily
from ivr.messages.patients import (
    call_list,
    offer_telling,
    planning,
    recall_texts,
    settled_offers,
)
from ivr.oncall import overdue_refills
from scheduling.database import Database
from scheduling.tables import Clinic
from scheduling.waitlist import answering

OVERDUE_EVERY = timedelta(minutes=1)
"""Between two looks at overdue refills: a due date passes at midnight, an office day at an hour."""

PLAN_EVERY = timedelta(seconds=10)
"""Between two looks whether it is time to plan a clinic's reminders; see planning.EVERY."""

OFFER_EVERY = timedelta(seconds=5)
"""Between two looks at the times that are kept for whoever waits."""

LIST_EVERY = timedelta(minutes=1)
"""Between two looks at who has to come back: it changes with the day and with a booking."""

Look = Callable[[], object]


class Rounds:
    """One worker's looks.

    clock: aware UTC. base: PUBLIC_BASE_URL; without it nobody is reminded, and no refill that is
    overdue is told of, since neither could be led anywhere.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime], base: str | None) -> None:
        self._database = database
        self._clock = clock
        self._base = base
        self._next: dict[str, datetime] = {}

    def due(self) -> Iterator[tuple[str, Look]]:
        """The looks to be made now, the most urgent first, each with what its failure is called."""
        now = self._clock()
        if self._base is not None and self._is_time("overdue", OVERDUE_EVERY, now):
            yield "overdue_refills_failed", partial(self._look_for_overdue, self._base, now)
        if self._base is not None and self._is_time("plan", PLAN_EVERY, now):
            yield "planning_failed", partial(self._plan, self._base, now)
        if self._is_time("offer", OFFER_EVERY, now):
            yield "offering_failed", partial(self._offer, now)
        if self._is_time("list", LIST_EVERY, now):
            yield "recalls_failed", partial(self._tell_of_recalls, now)
            yield "call_list_failed", partial(self._in_each, call_list.plan, now)
            yield "settled_offers_failed", partial(self._in_each, settled_offers.tick_off, now)
            yield "digest_failed", partial(self._make_digests, now)

    def _is_time(self, look: str, every: timedelta, now: datetime) -> bool:
        if now < self._next.get(look, now):
            return False
        self._next[look] = now + every
        return True

    def _look_for_overdue(self, base: str, now: datetime) -> None:
        """Put refills that are overdue before the desk, and before on-call staff."""
        for clinic_id in self._clinics():
            overdue_refills.look_over(self._database, clinic_id, base=base, now=now)

    def _plan(self, base: str, now: datetime) -> None:
        """Store the reminders that have fallen due. After a full round the next is made at once."""
        for clinic_id in self._clinics():
            unit = partial(planning.plan, clinic_id=clinic_id, base=base, now=now)
            if self._database.write(unit) >= planning.AT_ONCE:
                self._next["plan"] = now

    def _offer(self, now: datetime) -> None:
        """Tell of times that are kept for somebody, and pass on those that nobody answered."""
        for clinic_id in self._database.read(answering.clinics_with_offers):
            tell = partial(offer_telling.tell, clinic_id=clinic_id, base=self._base, now=now)
            self._database.write(tell)
            self._database.write(partial(answering.settle_lapsed, clinic_id=clinic_id, now=now))

    def _in_each(self, unit: Callable[..., object], now: datetime) -> None:
        """A unit of work in each clinic."""
        for clinic_id in self._clinics():
            self._database.write(partial(unit, clinic_id=clinic_id, now=now))

    def _tell_of_recalls(self, now: datetime) -> None:
        """Tell whoever has to come back."""
        self._in_each(partial(recall_texts.plan, base=self._base), now)

    def _make_digests(self, now: datetime) -> None:
        """Count what the desk reads in the morning."""
        for clinic_id in self._clinics():
            daily.make(self._database, clinic_id, now)

    def _clinics(self) -> list[str]:
        return self._database.read(lambda session: list(session.scalars(select(Clinic.id))))
