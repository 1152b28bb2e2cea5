"""Rings that try whether a person on call is reached."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trial_ring",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "person_id"],
            ["on_call_person.clinic_id", "on_call_person.id"],
            name=op.f("fk_trial_ring_clinic_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_trial_ring")),
    )
    op.create_index(
        op.f("ix_trial_ring_clinic_id_person_id_asked_at"),
        "trial_ring",
        ["clinic_id", "person_id", "asked_at"],
    )


def downgrade() -> None:
    op.drop_table("trial_ring")
