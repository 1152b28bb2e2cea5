"""What the desk reads first in the morning, one for each day on which it opens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_digest",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_desk_digest_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "day", name=op.f("pk_desk_digest")),
    )


def downgrade() -> None:
    op.drop_table("desk_digest")
