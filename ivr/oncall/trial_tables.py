"""Rings that try whether a person on call is reached by the number on the list."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from scheduling.database import Base
from scheduling.tables.columns import ClinicKey, Holder, Instant, Reference, RowId, refers_to


class TrialRing(Base):
    """One such ring. The call itself stands in the outbox, with "trial:<id>" as its subject.

    asked_by: the member of staff who asked for it. confirmed_at: when the key was pressed; None
    where it was not.
    """

    __tablename__ = "trial_ring"
    __table_args__ = (
        refers_to("on_call_person", by="person_id"),
        Index(None, "clinic_id", "person_id", "asked_at"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    person_id: Mapped[Reference]
    asked_by: Mapped[Holder]
    asked_at: Mapped[Instant]
    confirmed_at: Mapped[Instant | None]
