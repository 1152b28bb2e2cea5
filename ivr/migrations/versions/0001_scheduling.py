"""Scheduling: clinics, hours, patients, holds, visits, and the occupancy that keeps them apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clinic",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("holidays_region", sa.String(length=64), nullable=True),
        sa.Column("observes_holidays", sa.Boolean(), nullable=False),
        sa.Column("phone_number", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic")),
        sa.UniqueConstraint("phone_number", name=op.f("uq_clinic_phone_number")),
    )
    op.create_table(
        "agenda_change",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_agenda_change_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_agenda_change")),
    )
    op.create_table(
        "patient",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_patient_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_patient")),
    )
    op.create_table(
        "provider",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_provider_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_provider")),
        sa.UniqueConstraint("clinic_id", "key", name=op.f("uq_provider_clinic_id_key")),
    )
    op.create_table(
        "room",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_room_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_room")),
        sa.UniqueConstraint("clinic_id", "key", name=op.f("uq_room_clinic_id_key")),
    )
    op.create_table(
        "visit_type",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_before_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_after_minutes", sa.Integer(), nullable=False),
        sa.Column("notice_minutes", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("needs_room", sa.Boolean(), nullable=False),
        sa.Column("booked_by", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "booked_by IN ('anyone', 'existing_patients')", name=op.f("ck_visit_type_booked_by")
        ),
        sa.CheckConstraint(
            "duration_minutes > 0 AND buffer_before_minutes >= 0 AND buffer_after_minutes >= 0",
            name=op.f("ck_visit_type_lengths"),
        ),
        sa.CheckConstraint(
            "notice_minutes >= 0 AND horizon_days >= 0", name=op.f("ck_visit_type_rules")
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_visit_type_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_visit_type")),
        sa.UniqueConstraint("clinic_id", "key", name=op.f("uq_visit_type_clinic_id_key")),
    )
    op.create_table(
        "closure",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_closure_forward")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "provider_id"],
            ["provider.clinic_id", "provider.id"],
            name=op.f("fk_closure_clinic_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_closure_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_closure")),
    )
    op.create_index(op.f("ix_closure_clinic_id_ends_at"), "closure", ["clinic_id", "ends_at"])
    op.create_table(
        "extra_session",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_extra_session_forward")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "provider_id"],
            ["provider.clinic_id", "provider.id"],
            name=op.f("fk_extra_session_clinic_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_extra_session_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_extra_session")),
    )
    op.create_index(
        op.f("ix_extra_session_clinic_id_ends_at"), "extra_session", ["clinic_id", "ends_at"]
    )
    op.create_table(
        "hold",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("visit_type_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_hold_forward")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "provider_id"],
            ["provider.clinic_id", "provider.id"],
            name=op.f("fk_hold_clinic_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "room_id"],
            ["room.clinic_id", "room.id"],
            name=op.f("fk_hold_clinic_id_room_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_type_id"],
            ["visit_type.clinic_id", "visit_type.id"],
            name=op.f("fk_hold_clinic_id_visit_type_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_hold")),
        sa.UniqueConstraint("clinic_id", "holder", name=op.f("uq_hold_clinic_id_holder")),
    )
    op.create_index(op.f("ix_hold_clinic_id_expires_at"), "hold", ["clinic_id", "expires_at"])
    op.create_table(
        "patient_phone",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_patient_phone_clinic_id_patient_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "number", name=op.f("pk_patient_phone")),
    )
    op.create_index(
        op.f("ix_patient_phone_clinic_id_number"), "patient_phone", ["clinic_id", "number"]
    )
    op.create_table(
        "visit",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("visit_type_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("callback_number", sa.String(length=16), nullable=True),
        sa.Column("booked_channel", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "booked_channel IN ('phone', 'desk', 'worker', 'import')",
            name=op.f("ck_visit_booked_channel"),
        ),
        sa.CheckConstraint(
            "status IN ('booked', 'checked_in', 'completed', 'cancelled', 'no_show')",
            name=op.f("ck_visit_status"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_visit_forward")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_visit_clinic_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "provider_id"],
            ["provider.clinic_id", "provider.id"],
            name=op.f("fk_visit_clinic_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "room_id"],
            ["room.clinic_id", "room.id"],
            name=op.f("fk_visit_clinic_id_room_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_type_id"],
            ["visit_type.clinic_id", "visit_type.id"],
            name=op.f("fk_visit_clinic_id_visit_type_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_visit")),
        sa.UniqueConstraint(
            "clinic_id", "idempotency_key", name=op.f("uq_visit_clinic_id_idempotency_key")
        ),
    )
    op.create_index(
        op.f("ix_visit_clinic_id_patient_id_starts_at"),
        "visit",
        ["clinic_id", "patient_id", "starts_at"],
    )
    op.create_index(op.f("ix_visit_clinic_id_starts_at"), "visit", ["clinic_id", "starts_at"])
    op.create_table(
        "weekly_hours",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "provider_id IS NULL OR room_id IS NULL", name=op.f("ck_weekly_hours_one_owner")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_weekly_hours_weekday")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "provider_id"],
            ["provider.clinic_id", "provider.id"],
            name=op.f("fk_weekly_hours_clinic_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "room_id"],
            ["room.clinic_id", "room.id"],
            name=op.f("fk_weekly_hours_clinic_id_room_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_weekly_hours_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_weekly_hours")),
    )
    op.create_table(
        "occupancy",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=48), nullable=False),
        sa.Column("granule_start", sa.BigInteger(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(hold_id IS NULL) <> (visit_id IS NULL)", name=op.f("ck_occupancy_one_owner")
        ),
        sa.CheckConstraint("granule_start % 300 = 0", name=op.f("ck_occupancy_granule")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "hold_id"],
            ["hold.clinic_id", "hold.id"],
            name=op.f("fk_occupancy_clinic_id_hold_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_id"],
            ["visit.clinic_id", "visit.id"],
            name=op.f("fk_occupancy_clinic_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "resource", "granule_start", name=op.f("pk_occupancy")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_occupancy_clinic_id_hold_id"), "occupancy", ["clinic_id", "hold_id"])
    op.create_index(op.f("ix_occupancy_clinic_id_visit_id"), "occupancy", ["clinic_id", "visit_id"])
    op.create_table(
        "visit_event",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('phone', 'desk', 'worker', 'import')", name=op.f("ck_visit_event_channel")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_id"],
            ["visit.clinic_id", "visit.id"],
            name=op.f("fk_visit_event_clinic_id_visit_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_visit_event")),
    )
    op.create_index(
        op.f("ix_visit_event_clinic_id_visit_id_at"), "visit_event", ["clinic_id", "visit_id", "at"]
    )


def downgrade() -> None:
    op.drop_table("visit_event")
    op.drop_table("occupancy")
    op.drop_table("weekly_hours")
    op.drop_table("visit")
    op.drop_table("patient_phone")
    op.drop_table("hold")
    op.drop_table("extra_session")
    op.drop_table("closure")
    op.drop_table("visit_type")
    op.drop_table("room")
    op.drop_table("provider")
    op.drop_table("patient")
    op.drop_table("agenda_change")
    op.drop_table("clinic")
