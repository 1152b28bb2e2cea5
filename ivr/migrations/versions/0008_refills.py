"""Pumps, refills and their recalls; visits that are confirmed; each request's own key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pump",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=True),
        sa.Column("filled_on", sa.Date(), nullable=True),
        sa.Column("alarm_on", sa.Date(), nullable=False),
        sa.Column("stable_until", sa.Date(), nullable=True),
        sa.Column("margin_days", sa.Integer(), nullable=False),
        sa.Column("preparation_days", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("margin_days >= 0 AND preparation_days >= 0", name=op.f("ck_pump_days")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_pump_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_pump")),
    )
    op.create_index(op.f("ix_pump_clinic_id_patient_id"), "pump", ["clinic_id", "patient_id"])
    with op.batch_alter_table("visit") as batch_op:
        batch_op.add_column(sa.Column("pump_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_visit_clinic_id_pump_id"),
            "pump",
            ["clinic_id", "pump_id"],
            ["clinic_id", "id"],
        )
        batch_op.drop_constraint(batch_op.f("ck_visit_status"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_visit_status"),
            "status IN ('booked', 'confirmed', 'checked_in', 'completed', 'cancelled', 'no_show')",
        )
    with op.batch_alter_table("visit_event") as batch_op:
        batch_op.add_column(sa.Column("idempotency_key", sa.String(length=200), nullable=True))
        batch_op.create_unique_constraint(
            batch_op.f("uq_visit_event_clinic_id_idempotency_key"), ["clinic_id", "idempotency_key"]
        )
    # Until now the one event with a request of its own was the booking.
    op.execute(
        "UPDATE visit_event SET idempotency_key = ("
        "SELECT visit.idempotency_key FROM visit WHERE visit.clinic_id = visit_event.clinic_id "
        "AND visit.id = visit_event.visit_id) WHERE kind = 'booked'"
    )
    op.create_table(
        "recall",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("visit_type_id", sa.Uuid(), nullable=False),
        sa.Column("pump_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'booked') <= (visit_id IS NOT NULL)",
            name=op.f("ck_recall_booked_by_a_visit"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'booked', 'done', 'dropped')", name=op.f("ck_recall_status")
        ),
        sa.CheckConstraint(
            "snoozed_until IS NULL OR snoozed_until <= due_on", name=op.f("ck_recall_snooze")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_recall_clinic_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "pump_id"],
            ["pump.clinic_id", "pump.id"],
            name=op.f("fk_recall_clinic_id_pump_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_id"],
            ["visit.clinic_id", "visit.id"],
            name=op.f("fk_recall_clinic_id_visit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_type_id"],
            ["visit_type.clinic_id", "visit_type.id"],
            name=op.f("fk_recall_clinic_id_visit_type_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_recall")),
    )
    op.create_index(op.f("ix_recall_clinic_id_patient_id"), "recall", ["clinic_id", "patient_id"])
    op.create_index(
        op.f("ix_recall_clinic_id_status_due_on"), "recall", ["clinic_id", "status", "due_on"]
    )
    op.create_index(op.f("ix_recall_clinic_id_visit_id"), "recall", ["clinic_id", "visit_id"])
    op.create_index(
        "uq_recall_live_pump",
        "recall",
        ["clinic_id", "pump_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('open', 'booked') AND pump_id IS NOT NULL"),
        sqlite_where=sa.text("status IN ('open', 'booked') AND pump_id IS NOT NULL"),
    )
    op.create_table(
        "recall_attempt",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recall_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "channel IN ('phone', 'desk', 'worker', 'import')",
            name=op.f("ck_recall_attempt_channel"),
        ),
        sa.CheckConstraint(
            "outcome IN ('reached', 'left_message', 'no_answer', 'bad_number', 'declined')",
            name=op.f("ck_recall_attempt_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "recall_id"],
            ["recall.clinic_id", "recall.id"],
            name=op.f("fk_recall_attempt_clinic_id_recall_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_recall_attempt")),
    )
    op.create_index(
        op.f("ix_recall_attempt_clinic_id_recall_id_at"),
        "recall_attempt",
        ["clinic_id", "recall_id", "at"],
    )


def downgrade() -> None:
    op.drop_table("recall_attempt")
    op.drop_table("recall")
    with op.batch_alter_table("visit_event") as batch_op:
        batch_op.drop_constraint(
            batch_op.f("uq_visit_event_clinic_id_idempotency_key"), type_="unique"
        )
        batch_op.drop_column("idempotency_key")
    op.execute("UPDATE visit SET status = 'booked' WHERE status = 'confirmed'")
    with op.batch_alter_table("visit") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_visit_status"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_visit_status"),
            "status IN ('booked', 'checked_in', 'completed', 'cancelled', 'no_show')",
        )
        batch_op.drop_constraint(batch_op.f("fk_visit_clinic_id_pump_id"), type_="foreignkey")
        batch_op.drop_column("pump_id")
    op.drop_table("pump")
