"""The texts that came in: which ones, when, and what each was answered with."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import Holder, Instant, OwningClinicKey, Phone, Slug


class ReceivedText(Base):
    """One text that somebody sent to the line, stored with all that it did.

    So the same text delivered again does nothing more. What it said is not kept here.

    source: the carrier's id of it. number: who sent it, E.164; None where it was withheld, or has
        been forgotten since. received_at: when it was stored, UTC.
    reply: which answer it got, see reply_wording.Reply. answer: its words. None, both, for none.
    asked: what the answer asked back, see which_visit.Asked; None where it asked nothing.
    """

    __tablename__ = "received_text"
    __table_args__ = (
        Index(None, "clinic_id", "number", "received_at"),
        Index(None, "received_at"),
    )

    clinic_id: Mapped[OwningClinicKey]
    source: Mapped[Holder] = mapped_column(primary_key=True)
    number: Mapped[Phone | None]
    received_at: Mapped[Instant]
    reply: Mapped[Slug | None]
    answer: Mapped[str | None] = mapped_column(Text)
    asked: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
