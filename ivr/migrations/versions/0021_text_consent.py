"""Yes and no to texts, by telephone number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_consent",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_text_consent_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_text_consent")),
        sa.UniqueConstraint(
            "clinic_id", "number", "source", name=op.f("uq_text_consent_clinic_id_number_source")
        ),
    )
    op.create_index(
        op.f("ix_text_consent_clinic_id_number_at"), "text_consent", ["clinic_id", "number", "at"]
    )


def downgrade() -> None:
    op.drop_table("text_consent")
