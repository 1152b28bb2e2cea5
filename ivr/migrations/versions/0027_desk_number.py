"""The desk's number of each clinic, which the desk itself can change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clinic", sa.Column("desk_number", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("clinic", "desk_number")
