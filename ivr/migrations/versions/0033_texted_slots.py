"""Other times for a visit, texted and kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "texted_slots",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("answered_by", sa.String(length=200), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_id"],
            ["visit.clinic_id", "visit.id"],
            name=op.f("fk_texted_slots_clinic_id_visit_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_texted_slots")),
        sa.UniqueConstraint("clinic_id", "source", name=op.f("uq_texted_slots_clinic_id_source")),
    )
    op.create_index(
        op.f("ix_texted_slots_clinic_id_number_created_at"),
        "texted_slots",
        ["clinic_id", "number", "created_at"],
    )
    op.create_index(op.f("ix_texted_slots_created_at"), "texted_slots", ["created_at"])


def downgrade() -> None:
    op.drop_table("texted_slots")
