"""What visits of a type take: whose time, where, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduling.availability import VisitShape

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from scheduling.tables import VisitType


@dataclass(frozen=True, slots=True)
class Resources:
    """Active providers and rooms fit for a visit type, id -> name, in the order of their keys.

    rooms: empty where the type needs none.
    """

    providers: Mapping[UUID, str]
    rooms: Mapping[UUID, str]
    needs_room: bool


def shape_of(visit_type: VisitType) -> VisitShape:
    """How long they take."""
    return VisitShape(
        timedelta(minutes=visit_type.duration_minutes),
        timedelta(minutes=visit_type.buffer_before_minutes),
        timedelta(minutes=visit_type.buffer_after_minutes),
    )


def fit(owners: Mapping[UUID, str], named: Collection[UUID]) -> Mapping[UUID, str]:
    """Those of `owners` (id -> name) whom a visit type names; where it names nobody, everybody.

    A type that names only such as are no longer among them has nobody.
    """
    return {one: name for one, name in owners.items() if one in named} if named else owners
