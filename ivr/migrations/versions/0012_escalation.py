"""When the worker next has to page for a ticket that nobody has accepted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WAITING = sa.text("escalate_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("ticket", sa.Column("escalate_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_ticket_escalate_at",
        "ticket",
        ["escalate_at"],
        postgresql_where=_WAITING,
        sqlite_where=_WAITING,
    )
    # Whoever still waits is paged for at the worker's first look.
    op.execute(
        "UPDATE ticket SET escalate_at = opened_at WHERE accepted_by IS NULL AND status <> 'closed'"
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_escalate_at", table_name="ticket")
    op.drop_column("ticket", "escalate_at")
