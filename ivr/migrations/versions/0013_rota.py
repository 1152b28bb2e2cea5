"""The rota: weekly shifts, overrides, swaps and time off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "on_call_exception",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "level IN ('primary', 'backup')", name=op.f("ck_on_call_exception_level")
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)",
            name=op.f("ck_on_call_exception_withdrawn"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_on_call_exception_span")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "person_id"],
            ["on_call_person.clinic_id", "on_call_person.id"],
            name=op.f("fk_on_call_exception_clinic_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_on_call_exception")),
    )
    op.create_table(
        "on_call_shift",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=64), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_until", sa.Date(), nullable=True),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("on_holidays", sa.Boolean(), nullable=False),
        sa.CheckConstraint("level IN ('primary', 'backup')", name=op.f("ck_on_call_shift_level")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "person_id"],
            ["on_call_person.clinic_id", "on_call_person.id"],
            name=op.f("fk_on_call_shift_clinic_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_on_call_shift")),
    )


def downgrade() -> None:
    op.drop_table("on_call_shift")
    op.drop_table("on_call_exception")
