"""Calls that were answered without the database, and how far the carrier's list was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_list_look",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_call_list_look_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_call_list_look")),
    )
    op.create_table(
        "ticket_call",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("call_sid", sa.String(length=64), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "ticket_id"],
            ["ticket.clinic_id", "ticket.id"],
            name=op.f("fk_ticket_call_clinic_id_ticket_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "call_sid", name=op.f("pk_ticket_call")),
    )


def downgrade() -> None:
    op.drop_table("ticket_call")
    op.drop_table("call_list_look")
