"""Patients: what they are called, what they agreed to, who changed their record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("patient") as batch_op:
        batch_op.add_column(sa.Column("preferred_name", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("interpreter_language", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("deceased_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column("deletion_requested_at", sa.DateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_index(
            batch_op.f("ix_patient_clinic_id_date_of_birth"),
            ["clinic_id", "date_of_birth"],
            unique=False,
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_patient_clinic_id_merged_into_id"),
            "patient",
            ["clinic_id", "merged_into_id"],
            ["clinic_id", "id"],
        )
    op.create_table(
        "patient_consent",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kind IN ('sms', 'call')", name=op.f("ck_patient_consent_kind")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_patient_consent_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_patient_consent")),
    )
    op.create_index(
        op.f("ix_patient_consent_clinic_id_patient_id_kind_at"),
        "patient_consent",
        ["clinic_id", "patient_id", "kind", "at"],
    )
    op.create_table(
        "patient_event",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('phone', 'desk', 'worker', 'import')",
            name=op.f("ck_patient_event_channel"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_patient_event_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_patient_event")),
    )
    op.create_index(
        op.f("ix_patient_event_clinic_id_patient_id_at"),
        "patient_event",
        ["clinic_id", "patient_id", "at"],
    )


def downgrade() -> None:
    op.drop_table("patient_event")
    op.drop_table("patient_consent")
    with op.batch_alter_table("patient") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_patient_clinic_id_merged_into_id"), type_="foreignkey"
        )
        batch_op.drop_index(batch_op.f("ix_patient_clinic_id_date_of_birth"))
        for column in (
            "version",
            "deletion_requested_at",
            "merged_into_id",
            "deceased_on",
            "interpreter_language",
            "preferred_name",
        ):
            batch_op.drop_column(column)
