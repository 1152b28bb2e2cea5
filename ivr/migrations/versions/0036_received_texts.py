"""The texts that came in, and what each was answered with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "received_text",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.String(length=64), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("asked", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_received_text_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "source", name=op.f("pk_received_text")),
    )
    op.create_index(
        op.f("ix_received_text_clinic_id_number_received_at"),
        "received_text",
        ["clinic_id", "number", "received_at"],
    )
    op.create_index(op.f("ix_received_text_received_at"), "received_text", ["received_at"])


def downgrade() -> None:
    op.drop_table("received_text")
