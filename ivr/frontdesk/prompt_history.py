"""The changes of what the line says, and who made and decided on them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from ivr.frontdesk.prompt_tables import PENDING, PromptChange
from ivr.frontdesk.tables import StaffUser


@dataclass(frozen=True)
class Past:
    """One change, as lists have it. by, decided_by: names."""

    row: PromptChange
    by: str
    decided_by: str | None


def listed(
    session: Session,
    clinic_id: str,
    *,
    key: str | None = None,
    waiting: bool = False,
    at_most: int = 30,
) -> list[Past]:
    """The latest changes, the last one first. key: of this prompt alone."""
    decider = aliased(StaffUser)
    query = (
        select(PromptChange, StaffUser.name, decider.name)
        .join(
            StaffUser,
            and_(
                StaffUser.clinic_id == PromptChange.clinic_id,
                StaffUser.id == PromptChange.staff_id,
            ),
        )
        .outerjoin(
            decider,
            and_(
                decider.clinic_id == PromptChange.clinic_id, decider.id == PromptChange.decided_by
            ),
        )
        .where(PromptChange.clinic_id == clinic_id)
        .order_by(PromptChange.at.desc(), PromptChange.id.desc())
    )
    if key is not None:
        query = query.where(PromptChange.prompt_key == key)
    query = query.where(PromptChange.state == PENDING) if waiting else query.limit(at_most)
    return [Past(row, by, decided_by) for row, by, decided_by in session.execute(query)]
