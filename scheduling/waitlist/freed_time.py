"""A time that has become free, compared with what those in line want and with the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduling.availability import GRID
from scheduling.hours import local_day
from scheduling.occupancy import occupied_granules, patient_resource
from scheduling.offers import OfferRule
from scheduling.preferences import Wishes
from scheduling.searching import Search
from scheduling.waitlist.given_up import times_given_up
from scheduling.waitlist.matching import suiting_starts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.intervals import Interval
    from scheduling.slots import Slot
    from scheduling.waitlist.waiting import Waiting


class FreedTime:
    """One freed time, for one walk along the line.

    However long the line is, the book is looked up once for each visit type, wished provider and
    free start. Each person costs a little arithmetic, and two small look-ups more where a free
    slot suits them.
    """

    def __init__(
        self,
        session: Session,
        clinic_id: str,
        freed: Interval,
        *,
        now: datetime,
        earliest: datetime,
        line: Iterable[Waiting],
    ) -> None:
        """Instants are UTC. earliest: the first start to consider. line: who may be asked about."""
        self._session = session
        self._clinic_id = clinic_id
        self._freed = freed
        self._now = now
        self._earliest = max(freed[0], earliest)
        patients = {one.patient_id for one in line}
        self._given_up = times_given_up(session, clinic_id, patients, freed, now)
        self._rules: dict[str, OfferRule] = {}
        self._free: dict[tuple[str, UUID | None], list[Slot]] = {}

    def slot_for(self, person: Waiting) -> Slot | None:
        """The first free slot in it that suits `person`, if any."""
        rule = self._rule(person.visit_type_key)
        starts = self._suiting_starts(rule, person)
        if not starts:
            return None
        for slot in self._free_slots(rule, person.wishes.provider_id):
            if slot.starts_at in starts and self._can_take(rule, person, slot):
                return slot
        return None

    def _rule(self, visit_type_key: str) -> OfferRule:
        if visit_type_key not in self._rules:
            self._rules[visit_type_key] = OfferRule(self._session, self._clinic_id, visit_type_key)
        return self._rules[visit_type_key]

    def _suiting_starts(self, rule: OfferRule, person: Waiting) -> list[datetime]:
        starts = suiting_starts(
            person.wishes,
            self._freed,
            rule.shape,
            rule.zone,
            earliest=self._earliest,
            before=person.visit_at,
            given_up=self._given_up[person.patient_id],
        )
        refill = person.place.refill
        if refill is None:
            return starts
        today = local_day(self._now, rule.zone)
        return [one for one in starts if refill.may_be_on(local_day(one, rule.zone), today)]

    def _free_slots(self, rule: OfferRule, provider_id: UUID | None) -> list[Slot]:
        """Every free slot of a type with this provider, or with whoever is free."""
        key = (rule.visit_type.key, provider_id)
        if key not in self._free:
            self._free[key] = list(self._look_up(rule, provider_id))
        return self._free[key]

    def _look_up(self, rule: OfferRule, provider_id: UUID | None) -> Iterator[Slot]:
        earliest = self._earliest
        while earliest < self._freed[1]:
            search = Search(
                now=self._now,
                earliest=earliest,
                limit=1,
                wishes=Wishes(provider_id=provider_id),
                inside=self._freed,
            )
            found = rule.free_slots(self._session, search)
            if not found:
                return
            yield found[0]
            earliest = found[0].starts_at + GRID

    def _can_take(self, rule: OfferRule, person: Waiting, slot: Slot) -> bool:
        """Whether the visit type's rules admit them then, and they have no other visit."""
        resource = patient_resource(person.patient_id)
        taken = occupied_granules(
            self._session,
            self._clinic_id,
            [resource],
            (slot.starts_at, slot.ends_at),
            self._now,
            moving=person.visit_id,
        )
        # The desk may answer for them; accept() says whether they may do so alone.
        refused = rule.refusal_of_patient(
            self._session, slot, person.patient_id, now=self._now, by_staff=True
        )
        return not taken[resource] and refused is None
