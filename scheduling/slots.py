"""A slot: one concrete time with one provider that a visit could take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from scheduling import checked_input

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Slot:
    """Times are aware UTC; `ends_at` is the end of the patient's time, without buffers."""

    clinic_id: str
    visit_type_key: str
    provider_id: UUID
    provider_name: str
    room_id: UUID | None
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        start, end = checked_input.span(self.starts_at, self.ends_at, "a slot")
        object.__setattr__(self, "starts_at", start)
        object.__setattr__(self, "ends_at", end)

    def to_json(self) -> dict[str, str]:
        """Plain strings, for a call's stored state."""
        return {
            "clinic_id": self.clinic_id,
            "visit_type_key": self.visit_type_key,
            "provider_id": str(self.provider_id),
            "provider_name": self.provider_name,
            "room_id": "" if self.room_id is None else str(self.room_id),
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, str]) -> Self:
        """What to_json() wrote. Raises KeyError or ValueError for anything else."""
        return cls(
            clinic_id=stored["clinic_id"],
            visit_type_key=stored["visit_type_key"],
            provider_id=UUID(stored["provider_id"]),
            provider_name=stored["provider_name"],
            room_id=UUID(stored["room_id"]) if stored["room_id"] else None,
            starts_at=datetime.fromisoformat(stored["starts_at"]),
            ends_at=datetime.fromisoformat(stored["ends_at"]),
        )
