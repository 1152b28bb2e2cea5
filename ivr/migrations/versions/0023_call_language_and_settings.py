"""The language of each call, kept when its answers go; and what the desk changed of settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("language", sa.String(length=64), nullable=True))
    op.create_table(
        "settings_change",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_settings_change_undone")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff_user.clinic_id", "staff_user.id"],
            name=op.f("fk_settings_change_clinic_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_settings_change")),
    )
    op.create_index(op.f("ix_settings_change_clinic_id_at"), "settings_change", ["clinic_id", "at"])
    op.create_index(op.f("ix_desk_task_clinic_id_done_at"), "desk_task", ["clinic_id", "done_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_desk_task_clinic_id_done_at"), "desk_task")
    op.drop_table("settings_change")
    op.drop_column("call", "language")
