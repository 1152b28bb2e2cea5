"""What people have said about texts to a telephone number, whoever they are."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from scheduling.database import Base
from scheduling.tables.columns import Holder, Instant, OwningClinicKey, Phone, RowId


class TextConsent(Base):
    """One yes or no to texts to a number; rows are only added, and the latest counts.

    Of a number rather than of a patient: whoever asks to be texted may be nobody's patient yet, and
    STOP comes from a telephone. What a patient on file agreed to stands in PatientConsent.
    source: the CallSid of the call in which they said yes, the MessageSid of their STOP or START.
    """

    __tablename__ = "text_consent"
    __table_args__ = (
        # A call or text that arrives twice says it once.
        UniqueConstraint("clinic_id", "number", "source"),
        Index(None, "clinic_id", "number", "at"),
    )

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    number: Mapped[Phone]
    granted: Mapped[bool]
    at: Mapped[Instant]
    source: Mapped[Holder]
