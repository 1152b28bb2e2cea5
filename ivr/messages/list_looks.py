"""How far each of the carrier's lists has been compared with what is stored here."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from scheduling.database import Base
from scheduling.tables.columns import Instant, OwningClinicKey


class ListLook(Base):
    """One clinic's mark in a list.

    began_at: when the first comparison was; what came before it is none of the line's. UTC.
    looked_at: when the latest one was that left nothing over, UTC.
    """

    __abstract__ = True

    clinic_id: Mapped[OwningClinicKey]
    began_at: Mapped[Instant]
    looked_at: Mapped[Instant]


class CallListLook(ListLook):
    """Of the list of calls."""

    __tablename__ = "call_list_look"


class TextListLook(ListLook):
    """Of the list of texts."""

    __tablename__ = "text_list_look"
