"""What is to be sent, what the desk has to do, and which workers are alive."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.database import Base
from scheduling.tables.columns import Holder, Instant, OwningClinicKey, Phone, RowId, Slug

_PENDING = text("state = 'pending'")
_UNDECIDED = text("state = 'pending' AND handed_at IS NOT NULL")
_OPEN = text("done_at IS NULL")


class OutboxMessage(Base):
    """One message, stored in the same transaction as what caused it, sent by a worker later.

    kind: what it is for ("page_sms", "page_call", "trial_call", "hang_up", "link_sms", "visit_sms",
        "answer_sms", "reminder_sms", "reminder_call", "offer_sms", "offer_call", "recall_sms",
        "recall_call", "delete_recording").
    body: what a text says; of a call, the URL that answers what is heard; of a hang-up or a
        deletion, the carrier's id of the call or the recording.
    lane: urgent ones are claimed first.
    subject: what it is about ("ticket:<uuid>"), so that it can be hurried or cancelled with it.
    due_at: not before this; after a failed attempt, when to try again.
    claimed_until: until then one worker has it in hand; a worker that died frees it by this.
    attempts: claims so far. It also tells a worker that came back late from the one that has
        the message now.
    provider_id: the carrier's own id, once it has taken the message.
    last_error: why the last attempt failed, as a kind ("unreachable") and the carrier's code.
    handed_at: of what must not go out twice: when a worker began to hand it to the carrier. Set
        while pending, the worker has it in hand, or died and left open whether it went out.
    delivery: what the carrier last reported of it once taken ("delivered", "no-answer", …); see
        ivr.messages.delivery.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint("lane IN ('urgent', 'ordinary')", name="lane"),
        CheckConstraint("state IN ('pending', 'sent', 'failed', 'cancelled')", name="state"),
        # Only what is still to be sent: the index stays small however long the history grows.
        Index(
            "ix_outbox_message_pending",
            "lane",
            "due_at",
            postgresql_where=_PENDING,
            sqlite_where=_PENDING,
        ),
        Index(
            "ix_outbox_message_undecided",
            "handed_at",
            postgresql_where=_UNDECIDED,
            sqlite_where=_UNDECIDED,
        ),
        Index(None, "clinic_id", "subject"),
        Index(None, "clinic_id", "to_number", "created_at"),
    )

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    kind: Mapped[Slug]
    lane: Mapped[Slug]
    subject: Mapped[Holder]
    to_number: Mapped[Phone]
    body: Mapped[str] = mapped_column(Text)
    due_at: Mapped[Instant]
    claimed_until: Mapped[Instant | None]
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[Slug] = mapped_column(default="pending")
    provider_id: Mapped[str | None] = mapped_column(String(64))
    last_error: Mapped[str | None] = mapped_column(String(64))
    last_error_code: Mapped[int | None]
    sent_at: Mapped[Instant | None]
    handed_at: Mapped[Instant | None]
    delivery: Mapped[Slug | None]
    delivered_at: Mapped[Instant | None]
    created_at: Mapped[Instant]


class DeskTask(Base):
    """Something a person at the front desk has to do.

    kind: "callback", "message", "text_message", "opt_out", "page_failed", "text_failed",
        "reminder_failed", …
    callback_number: E.164; None where nobody gave one.
    source: what brought it in (a CallSid, a MessageSid), so that a repeated webhook makes one.
    recording_sid: the carrier's id of the message that a caller spoke; None for every other task.
    recording_seconds: its length. transcript: what the carrier understood of it, once it says so.
    listen_by: a spoken message of which there is no transcript by then has to be listened to: no
        urgent word was looked for in it. None where there is one, and for every other task.
    done_at: None while it waits. done_by: the account that ticked it off.
    """

    __tablename__ = "desk_task"
    __table_args__ = (
        UniqueConstraint("clinic_id", "source"),
        # What was done of late, however long the history is.
        Index(None, "clinic_id", "done_at"),
        Index(
            "ix_desk_task_open",
            "clinic_id",
            "created_at",
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
    )

    clinic_id: Mapped[OwningClinicKey]
    id: Mapped[RowId]
    kind: Mapped[Slug]
    callback_number: Mapped[Phone | None]
    language: Mapped[Slug]
    note: Mapped[str] = mapped_column(Text)
    source: Mapped[Holder | None]
    recording_sid: Mapped[str | None] = mapped_column(String(64))
    recording_seconds: Mapped[int | None]
    transcript: Mapped[str | None] = mapped_column(Text)
    listen_by: Mapped[Instant | None]
    created_at: Mapped[Instant]
    done_at: Mapped[Instant | None]
    done_by: Mapped[Holder | None]


class SendingPace(Base):
    """When a sender may send something ordinary again; see ivr.messages.pace.

    sender: "calls" or "account", which are the whole account's, so without a clinic, or
        "texts:<clinic>".
    """

    __tablename__ = "sending_pace"

    sender: Mapped[Holder] = mapped_column(primary_key=True)
    free_at: Mapped[Instant]


class WorkerHeartbeat(Base):
    """When a worker last said that it lives, and what it has done since it began.

    A table without a clinic: a worker serves them all. counts: see Tally; None of a worker of
    an earlier version.
    """

    __tablename__ = "worker_heartbeat"

    worker_id: Mapped[Holder] = mapped_column(primary_key=True)
    started_at: Mapped[Instant]
    beat_at: Mapped[Instant]
    counts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
