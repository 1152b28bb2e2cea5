"""To which number and in which words somebody agreed; by when a message must be listened to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("patient_consent", sa.Column("number", sa.String(length=16), nullable=True))
    op.add_column("patient_consent", sa.Column("wording", sa.String(length=200), nullable=True))
    op.add_column("desk_task", sa.Column("listen_by", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("desk_task", "listen_by")
    op.drop_column("patient_consent", "wording")
    op.drop_column("patient_consent", "number")
