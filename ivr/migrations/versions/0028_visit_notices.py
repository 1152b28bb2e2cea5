"""What patients are told of their visits, by which way, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0031"
branch_labels = None
depends_on = None

_UNDECIDED = sa.text("state = 'pending' AND handed_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("patient", sa.Column("preferred_channel", sa.String(length=64), nullable=True))
    op.add_column("patient", sa.Column("timezone", sa.String(length=64), nullable=True))
    op.add_column("outbox_message", sa.Column("handed_at", sa.DateTime(timezone=True)))
    op.add_column("outbox_message", sa.Column("delivery", sa.String(length=64)))
    op.add_column("outbox_message", sa.Column("delivered_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_outbox_message_undecided",
        "outbox_message",
        ["handed_at"],
        postgresql_where=_UNDECIDED,
        sqlite_where=_UNDECIDED,
    )
    op.create_index(
        op.f("ix_outbox_message_clinic_id_to_number_created_at"),
        "outbox_message",
        ["clinic_id", "to_number", "created_at"],
    )
    op.create_table(
        "visit_notice",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.String(length=64), nullable=False),
        sa.Column("once", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=True),
        sa.Column("unreached", sa.String(length=64), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.String(length=64), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(channel IS NULL) = (unreached IS NOT NULL)", name=op.f("ck_visit_notice_told_or_not")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_id"],
            ["visit.clinic_id", "visit.id"],
            name=op.f("fk_visit_notice_clinic_id_visit_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_visit_notice")),
        sa.UniqueConstraint(
            "clinic_id",
            "visit_id",
            "occasion",
            "once",
            name=op.f("uq_visit_notice_clinic_id_visit_id_occasion_once"),
        ),
    )
    for column in ("message_id", "starts_at"):
        op.create_index(
            op.f(f"ix_visit_notice_clinic_id_{column}"), "visit_notice", ["clinic_id", column]
        )
    op.create_table(
        "reminder_round",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_reminder_round_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_reminder_round")),
    )
    op.create_table(
        "calendar_link",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_id"],
            ["visit.clinic_id", "visit.id"],
            name=op.f("fk_calendar_link_clinic_id_visit_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_calendar_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_link_token_hash")),
    )
    op.create_index(op.f("ix_calendar_link_expires_at"), "calendar_link", ["expires_at"])


def downgrade() -> None:
    op.drop_table("calendar_link")
    op.drop_table("reminder_round")
    op.drop_table("visit_notice")
    for index in ("undecided", "clinic_id_to_number_created_at"):
        op.drop_index(f"ix_outbox_message_{index}", table_name="outbox_message")
    for column in ("delivered_at", "delivery", "handed_at"):
        op.drop_column("outbox_message", column)
    for column in ("timezone", "preferred_channel"):
        op.drop_column("patient", column)
