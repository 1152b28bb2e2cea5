"""Messages that callers speak: a desk task with its recording and its transcript."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("desk_task", sa.Column("recording_sid", sa.String(length=64), nullable=True))
    op.add_column("desk_task", sa.Column("recording_seconds", sa.Integer(), nullable=True))
    op.add_column("desk_task", sa.Column("transcript", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("desk_task", "transcript")
    op.drop_column("desk_task", "recording_seconds")
    op.drop_column("desk_task", "recording_sid")
