"""How far the carrier's list of texts has been compared with ours."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_list_look",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_text_list_look_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_text_list_look")),
    )


def downgrade() -> None:
    op.drop_table("text_list_look")
