"""The next free times for a patient, as the forms for booking and moving offer them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy.orm import Session

from ivr.frontdesk import fields, visit_view, wording
from ivr.frontdesk.errand import Errand
from ivr.frontdesk.visit_view import FreeTime
from scheduling import offers, pumps
from scheduling.clinic_rules import clinic_rules
from scheduling.errors import UnknownVisitType
from scheduling.preferences import Wishes
from scheduling.slots import Slot
from scheduling.tables import VisitType

OFFERED: Final = 12
"""Free times shown at once: a screen's worth."""


@dataclass(frozen=True)
class Choice:
    """What can be chosen from. `key`: stored, `words`: shown."""

    key: str
    words: str


@dataclass(frozen=True)
class Times:
    """Free times as they were asked for, and what can be asked for instead.

    first_day: from which day on. later: what to ask for next; None where that is all.
    """

    visit_type: str
    types: tuple[Choice, ...]
    provider: str
    providers: tuple[Choice, ...]
    first_day: str
    free: tuple[FreeTime, ...]
    later: str | None
    due: str | None
    """Until when the refill is due, in words; None for every other visit."""


Moving: TypeAlias = tuple[UUID, UUID | None]
"""A visit that is to be moved, and the pump that it fills."""


def look(
    session: Session,
    mine: Errand,
    patient_id: UUID,
    asked: Mapping[str, str],
    moving: Moving | None = None,
) -> Times:
    """Free times for the patient. asked: type, provider, from, after. Raises InvalidInput."""
    rules = clinic_rules(session, mine.clinic_id)
    types = [key for key, one in rules.visit_types.items() if one.active]
    key = asked.get("type", "")
    if key not in types:
        key = _usual(session, mine, patient_id, types)
    provider_id = fields.an_id(asked.get("provider", ""))
    doing = rules.resources[key].providers if key in rules.resources else {}
    if provider_id not in doing:
        provider_id = None
    first_day = fields.optional_day(asked, "from", "the first day") or mine.today
    wishes = Wishes(from_on=max(first_day, mine.today), provider_id=provider_id)
    free = _free(session, mine, patient_id, key, wishes, asked, moving)
    return Times(
        visit_type=key,
        types=tuple(
            Choice(one, wording.in_words(wording.VISIT_TYPE, one)) for one in sorted(types)
        ),
        provider="" if provider_id is None else str(provider_id),
        providers=tuple(Choice(str(one), name) for one, name in doing.items()),
        first_day=first_day.isoformat(),
        free=tuple(visit_view.free_time(slot, mine.zone) for slot in free),
        later=free[-1].starts_at.isoformat() if len(free) == OFFERED else None,
        due=_due(session, mine, patient_id, moving) if _refills(rules.visit_types, key) else None,
    )


def _free(
    session: Session,
    mine: Errand,
    patient_id: UUID,
    key: str,
    wishes: Wishes,
    asked: Mapping[str, str],
    moving: Moving | None,
) -> Sequence[Slot]:
    visit_id, pump_id = moving or (None, fields.an_id(asked.get("pump", "")))
    try:
        return offers.find_slots(
            session,
            clinic_id=mine.clinic_id,
            visit_type_key=key,
            now=mine.now,
            after=_instant(asked.get("after", "")),
            limit=OFFERED,
            wishes=wishes,
            patient_id=patient_id,
            by_staff=True,
            moving=visit_id,
            pump_id=pump_id,
        )
    except UnknownVisitType:
        return []


def _instant(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _usual(session: Session, mine: Errand, patient_id: UUID, types: Sequence[str]) -> str:
    """What the patient most likely comes for: their pump, else the first kind there is."""
    rules = clinic_rules(session, mine.clinic_id)
    refill = next((key for key in types if rules.visit_types[key].refills_pump), None)
    if refill and pumps.active_pumps(session, mine.clinic_id, patient_id):
        return refill
    return next((key for key in sorted(types) if key != refill), types[0] if types else "")


def _refills(types: Mapping[str, VisitType], key: str) -> bool:
    return key in types and types[key].refills_pump


def _due(session: Session, mine: Errand, patient_id: UUID, moving: Moving | None) -> str | None:
    pump = pumps.pump_to_refill(
        session, mine.clinic_id, patient_id, moving[1] if moving is not None else None
    )
    return None if pump is None else wording.birth_date(pumps.due_date(pump))
