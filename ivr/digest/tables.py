"""The digests that were made: nothing in them says who anybody is."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import Instant, OwningClinicKey


class DeskDigest(Base):
    """One morning's.

    day: of the clinic's calendar. since: from when on things were counted, UTC; until `made_at`,
    UTC. counts: see counting.Counts.
    """

    __tablename__ = "desk_digest"

    clinic_id: Mapped[OwningClinicKey]
    day: Mapped[date] = mapped_column(primary_key=True)
    since: Mapped[Instant]
    made_at: Mapped[Instant]
    counts: Mapped[dict[str, Any]] = mapped_column(JSON)
