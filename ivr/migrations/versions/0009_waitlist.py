"""The waitlist and its offers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waitlist_entry",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("visit_type_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("day_parts", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'offered', 'booked', 'left', 'lapsed')",
            name=op.f("ck_waitlist_entry_status"),
        ),
        sa.CheckConstraint("day_parts BETWEEN 1 AND 7", name=op.f("ck_waitlist_entry_day_parts")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_waitlist_entry_forward")),
        sa.CheckConstraint("weekdays BETWEEN 1 AND 127", name=op.f("ck_waitlist_entry_weekdays")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_waitlist_entry_clinic_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "provider_id"],
            ["provider.clinic_id", "provider.id"],
            name=op.f("fk_waitlist_entry_clinic_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_id"],
            ["visit.clinic_id", "visit.id"],
            name=op.f("fk_waitlist_entry_clinic_id_visit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "visit_type_id"],
            ["visit_type.clinic_id", "visit_type.id"],
            name=op.f("fk_waitlist_entry_clinic_id_visit_type_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_waitlist_entry")),
        sa.UniqueConstraint(
            "clinic_id", "idempotency_key", name=op.f("uq_waitlist_entry_clinic_id_idempotency_key")
        ),
    )
    op.create_index(
        op.f("ix_waitlist_entry_clinic_id_patient_id"),
        "waitlist_entry",
        ["clinic_id", "patient_id"],
    )
    op.create_index(
        op.f("ix_waitlist_entry_clinic_id_status_until_on"),
        "waitlist_entry",
        ["clinic_id", "status", "until_on"],
    )
    op.create_table(
        "waitlist_offer",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("freed_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("freed_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'accepted', 'declined', 'lapsed')",
            name=op.f("ck_waitlist_offer_status"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_waitlist_offer_forward")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "entry_id"],
            ["waitlist_entry.clinic_id", "waitlist_entry.id"],
            name=op.f("fk_waitlist_offer_clinic_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "provider_id"],
            ["provider.clinic_id", "provider.id"],
            name=op.f("fk_waitlist_offer_clinic_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "room_id"],
            ["room.clinic_id", "room.id"],
            name=op.f("fk_waitlist_offer_clinic_id_room_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_waitlist_offer")),
    )
    op.create_index(
        op.f("ix_waitlist_offer_clinic_id_entry_id_starts_at"),
        "waitlist_offer",
        ["clinic_id", "entry_id", "starts_at"],
    )
    op.create_index(
        op.f("ix_waitlist_offer_clinic_id_status_expires_at"),
        "waitlist_offer",
        ["clinic_id", "status", "expires_at"],
    )
    op.create_index(
        "uq_waitlist_offer_open_entry",
        "waitlist_offer",
        ["clinic_id", "entry_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
        sqlite_where=sa.text("status = 'open'"),
    )


def downgrade() -> None:
    op.drop_table("waitlist_offer")
    op.drop_table("waitlist_entry")
