"""The rows of a call: one per call, one per turn of it; and how far the carrier's list was read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base, UtcDateTime
from scheduling.tables.columns import Slug


class CallRow(Base):
    """One phone call. Numbers are E.164; None where the caller withheld theirs.

    language: what was spoken in it last; None until its stored answers are emptied, which tell.
    """

    __tablename__ = "call"

    clinic_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    call_sid: Mapped[str] = mapped_column(String(64), primary_key=True)
    from_number: Mapped[str | None] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_as: Mapped[str | None] = mapped_column(String(20))
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    language: Mapped[Slug | None]

    __table_args__ = (Index(None, "clinic_id", "started_at"),)


class CallTurnRow(Base):
    """One answered webhook: where the call stood after it, and the answer itself.

    The primary key is what makes a repeated webhook harmless. `state` and `answer` hold what the
    caller gave and are emptied an hour after the call; `node` stays, as the path the call took.
    """

    __tablename__ = "call_turn"

    clinic_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    call_sid: Mapped[str] = mapped_column(String(64), primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    node: Mapped[str] = mapped_column(String(64))
    state: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)
