"""What each clinic's file said when it was last loaded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "loaded_definition",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_loaded_definition_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_loaded_definition")),
    )


def downgrade() -> None:
    op.drop_table("loaded_definition")
