"""What a call looks for a time for: a new consultation, a patient's refill, a visit to be moved.

Whoever leads a caller to the slots says so in the facts; the slot menus are the same for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from ivr.call.session import Session

CONSULTATION = "consultation"


@dataclass(frozen=True)
class Sought:
    """patient_id: a verified patient, whose own visits are in the way; None for anybody.

    moving: the visit that another time is looked for, with the version that was heard.
    """

    visit_type_key: str = CONSULTATION
    patient_id: UUID | None = None
    pump_id: UUID | None = None
    moving: UUID | None = None
    version: int | None = None

    @classmethod
    def by(cls, session: Session) -> Self:
        """What this call looks for."""
        facts = session.facts
        if "sought_type" not in facts:
            return cls()
        return cls(
            visit_type_key=facts["sought_type"],
            patient_id=_id(facts, "patient_id"),
            pump_id=_id(facts, "sought_pump"),
            moving=_id(facts, "moving"),
            version=int(facts["visit_version"]) if "moving" in facts else None,
        )


def _id(facts: Mapping[str, str], name: str) -> UUID | None:
    return UUID(facts[name]) if name in facts else None
