"""On call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "on_call_person",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_on_call_person_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_on_call_person")),
        sa.UniqueConstraint("clinic_id", "key", name=op.f("uq_on_call_person_clinic_id_key")),
    )
    op.create_table(
        "ticket_counter",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_ticket_counter_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_ticket_counter")),
    )
    op.create_table(
        "ticket",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("call_sid", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("callback_number", sa.String(length=16), nullable=True),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'ringing', 'accepted', 'called_back', 'closed')",
            name=op.f("ck_ticket_status"),
        ),
        sa.CheckConstraint(
            "(accepted_by IS NULL) = (accepted_at IS NULL)", name=op.f("ck_ticket_accepted")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "accepted_by"],
            ["on_call_person.clinic_id", "on_call_person.id"],
            name=op.f("fk_ticket_clinic_id_accepted_by"),
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_ticket_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("clinic_id", "call_sid", name=op.f("uq_ticket_clinic_id_call_sid")),
        sa.UniqueConstraint("clinic_id", "number", name=op.f("uq_ticket_clinic_id_number")),
    )
    op.create_index(
        "ix_ticket_not_closed",
        "ticket",
        ["clinic_id", "number"],
        postgresql_where=sa.text("status <> 'closed'"),
        sqlite_where=sa.text("status <> 'closed'"),
    )
    op.create_table(
        "ticket_event",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("person_key", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "ticket_id"],
            ["ticket.clinic_id", "ticket.id"],
            name=op.f("fk_ticket_event_clinic_id_ticket_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_ticket_event")),
        sa.UniqueConstraint(
            "clinic_id",
            "ticket_id",
            "sequence",
            name=op.f("uq_ticket_event_clinic_id_ticket_id_sequence"),
        ),
    )


def downgrade() -> None:
    op.drop_table("ticket_event")
    op.drop_table("ticket")
    op.drop_table("ticket_counter")
    op.drop_table("on_call_person")
