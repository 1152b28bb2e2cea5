"""The PINs by which people on call are known on the phone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "on_call_pin",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "person_id"],
            ["on_call_person.clinic_id", "on_call_person.id"],
            name=op.f("fk_on_call_pin_clinic_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "person_id", name=op.f("pk_on_call_pin")),
    )


def downgrade() -> None:
    op.drop_table("on_call_pin")
