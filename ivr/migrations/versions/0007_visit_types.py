"""Who and what a visit type takes, rooms that are shut or open beyond their hours."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("visit_type") as batch_op:
        batch_op.add_column(
            sa.Column("refills_pump", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column("refill_margin_days", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(
            sa.Column("refill_preparation_days", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(
            sa.Column("refill_opens_days", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_visit_type_refill_days"),
            "refill_margin_days >= 0 AND refill_preparation_days >= 0 AND refill_opens_days >= 0",
        )
    op.create_table(
        "visit_type_provider",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("visit_type_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "provider_id"],
            ["provider.clinic_id", "provider.id"],
            name=op.f("fk_visit_type_provider_clinic_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_type_id"],
            ["visit_type.clinic_id", "visit_type.id"],
            name=op.f("fk_visit_type_provider_clinic_id_visit_type_id"),
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "visit_type_id", "provider_id", name=op.f("pk_visit_type_provider")
        ),
    )
    op.create_table(
        "visit_type_room",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("visit_type_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "room_id"],
            ["room.clinic_id", "room.id"],
            name=op.f("fk_visit_type_room_clinic_id_room_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_type_id"],
            ["visit_type.clinic_id", "visit_type.id"],
            name=op.f("fk_visit_type_room_clinic_id_visit_type_id"),
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "visit_type_id", "room_id", name=op.f("pk_visit_type_room")
        ),
    )
    with op.batch_alter_table("closure") as batch_op:
        batch_op.add_column(sa.Column("room_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_closure_clinic_id_room_id"),
            "room",
            ["clinic_id", "room_id"],
            ["clinic_id", "id"],
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_closure_one_owner"), "provider_id IS NULL OR room_id IS NULL"
        )
    with op.batch_alter_table("extra_session") as batch_op:
        batch_op.add_column(sa.Column("room_id", sa.Uuid(), nullable=True))
        batch_op.alter_column("provider_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_foreign_key(
            batch_op.f("fk_extra_session_clinic_id_room_id"),
            "room",
            ["clinic_id", "room_id"],
            ["clinic_id", "id"],
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_extra_session_one_owner"), "(provider_id IS NULL) <> (room_id IS NULL)"
        )


def downgrade() -> None:
    # What belongs to a room alone has no place in the tables as they were.
    op.execute("DELETE FROM extra_session WHERE provider_id IS NULL")
    op.execute("DELETE FROM closure WHERE room_id IS NOT NULL")
    with op.batch_alter_table("extra_session") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_extra_session_one_owner"), type_="check")
        batch_op.drop_constraint(
            batch_op.f("fk_extra_session_clinic_id_room_id"), type_="foreignkey"
        )
        batch_op.alter_column("provider_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("room_id")
    with op.batch_alter_table("closure") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_closure_one_owner"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_closure_clinic_id_room_id"), type_="foreignkey")
        batch_op.drop_column("room_id")
    op.drop_table("visit_type_room")
    op.drop_table("visit_type_provider")
    with op.batch_alter_table("visit_type") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_visit_type_refill_days"), type_="check")
        for column in (
            "refill_opens_days",
            "refill_preparation_days",
            "refill_margin_days",
            "refills_pump",
        ):
            batch_op.drop_column(column)
