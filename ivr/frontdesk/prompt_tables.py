"""Who asked for which change of what the line says, and who decided on it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from ivr.call.wording.tables import PROMPT_KEY_LENGTH
from scheduling.database import Base
from scheduling.tables.columns import ClinicKey, Instant, Reference, RowId, Slug, refers_to

WORDING: Final = "wording"
RECORDING: Final = "recording"

PENDING: Final = "pending"
"""It waits for a clinician's sign-off; the line speaks as before."""
STANDING: Final = "standing"
"""It came into force then, signed where it is a matter of safety."""
DECLINED: Final = "declined"
WITHDRAWN: Final = "withdrawn"


class PromptChange(Base):
    """One change. Nothing deletes one, so it tells who did what, and who signed it.

    kind: of the wording in both languages, or of the recording in one (`language`).
    before, after: what was spoken then and from then on, as JSON has it: see prompt_changes.
    safety: it needed a sign-off when it was made. The database stores none that its own author
    signed.
    decided_by: who signed, declined or withdrew it; its author, where nobody had to sign.
    """

    __tablename__ = "prompt_change"
    __table_args__ = (
        refers_to("staff_user", by="staff_id"),
        refers_to("staff_user", by="decided_by"),
        CheckConstraint("kind IN ('wording', 'recording')", name="known_kind"),
        CheckConstraint(
            "state IN ('pending', 'standing', 'declined', 'withdrawn')", name="known_state"
        ),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided"),
        CheckConstraint(
            "state <> 'standing' OR NOT safety OR decided_by <> staff_id", name="signed_by_another"
        ),
        Index(None, "clinic_id", "at"),
        Index(None, "clinic_id", "prompt_key", "at"),
        Index(None, "clinic_id", "state"),
    )

    clinic_id: Mapped[ClinicKey]
    id: Mapped[RowId]
    at: Mapped[Instant]
    staff_id: Mapped[Reference]
    prompt_key: Mapped[str] = mapped_column(String(PROMPT_KEY_LENGTH))
    kind: Mapped[Slug]
    language: Mapped[str | None] = mapped_column(String(8))
    before: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    safety: Mapped[bool]
    state: Mapped[Slug]
    decided_at: Mapped[Instant | None]
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
