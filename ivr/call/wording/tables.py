"""What a clinic's line says otherwise than the files, and the recordings that stand in for speech.

What is in force stands here; who changed it and who signed it, in ivr/frontdesk/prompt_tables.py.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Double, ForeignKeyConstraint, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import Instant, OwningClinicKey

PROMPT_KEY_LENGTH = 128


class PromptRecording(Base):
    """The bytes of one recording. digest: SHA-256 (hex) of them, and its name in addresses."""

    __tablename__ = "prompt_recording"
    __table_args__ = (
        CheckConstraint("content_type IN ('audio/wav', 'audio/mpeg')", name="known_type"),
    )

    clinic_id: Mapped[OwningClinicKey]
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    content_type: Mapped[str] = mapped_column(String(32))
    seconds: Mapped[float] = mapped_column(Double)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[Instant]


class PromptWording(Base):
    """One prompt in one language, where it is not spoken as the files have it.

    text: None where the files' wording is spoken. digest: the recording that is played instead, for
    as long as the wording is still recorded_text.
    """

    __tablename__ = "prompt_wording"
    __table_args__ = (
        ForeignKeyConstraint(
            ["clinic_id", "digest"], ["prompt_recording.clinic_id", "prompt_recording.digest"]
        ),
        CheckConstraint("(digest IS NULL) = (recorded_text IS NULL)", name="recorded"),
    )

    clinic_id: Mapped[OwningClinicKey]
    prompt_key: Mapped[str] = mapped_column(String(PROMPT_KEY_LENGTH), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    text: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(String(64))
    recorded_text: Mapped[str | None] = mapped_column(Text)


class PromptMark(Base):
    """A random value that the database itself renews with every change of prompt_wording."""

    __tablename__ = "prompt_mark"

    clinic_id: Mapped[OwningClinicKey]
    mark: Mapped[str] = mapped_column(String(64))
