"""The PINs of people on call, apart from their rows: who reads the rota reads no hash."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import ClinicKey, Instant, refers_to


class OnCallPin(Base):
    """One person's PIN.

    pin_hash: argon2id, with its parameters and salt. failures: wrong PINs on failed_on, a date of
    the clinic's calendar; those of an earlier day count no more.
    """

    __tablename__ = "on_call_pin"
    __table_args__ = (refers_to("on_call_person", by="person_id"),)

    clinic_id: Mapped[ClinicKey]
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    pin_hash: Mapped[str] = mapped_column(Text)
    set_at: Mapped[Instant]
    failures: Mapped[int]
    failed_on: Mapped[date | None]
