"""A ticket's plan, frozen when it opens: a change of the rota never changes a running ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ivr.oncall.escalation import Person


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to ring, first to last, and what the text that pages them says.

    base: PUBLIC_BASE_URL, where the calls that page them get their words.
    supervisor: who is paged, too, when nobody accepts.
    """

    people: tuple[Person, ...]
    page: str
    base: str = ""
    supervisor: Person | None = None

    def to_json(self) -> dict[str, Any]:
        """For the ticket's row."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plan:
        """The inverse of to_json."""
        supervisor = value.get("supervisor")
        return cls(
            people=tuple(Person(**person) for person in value["people"]),
            page=value["page"],
            base=value.get("base", ""),
            supervisor=Person(**supervisor) if supervisor else None,
        )
