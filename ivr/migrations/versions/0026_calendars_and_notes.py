"""Calendar feeds of providers, and notes on patients."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_calendar_feed_revoked")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "provider_id"],
            ["provider.clinic_id", "provider.id"],
            name=op.f("fk_calendar_feed_clinic_id_provider_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_calendar_feed_secret_hash")),
    )
    op.create_table(
        "patient_note",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patient.clinic_id", "patient.id"],
            name=op.f("fk_patient_note_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_patient_note")),
    )
    op.create_index(
        op.f("ix_patient_note_clinic_id_patient_id_at"),
        "patient_note",
        ["clinic_id", "patient_id", "at"],
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for event, condition, why in _KEPT_FROM:
        (_refuse_on_sqlite if sqlite else _refuse_on_postgresql)(event, condition, why)


_KEPT_FROM = (
    ("UPDATE", "1 = 1", "patient_note is appended to and never changed"),
    (
        "DELETE",
        (
            "NOT EXISTS (SELECT 1 FROM patient WHERE patient.clinic_id = OLD.clinic_id "
            "AND patient.id = OLD.patient_id AND patient.deletion_requested_at IS NOT NULL)"
        ),
        "patient_note rows are kept until deletion is requested for their patient",
    ),
)
"""As revision 0010 keeps the other logs: event, when it is refused, and why."""


def _refuse_on_sqlite(event: str, condition: str, why: str) -> None:
    op.execute(
        f"CREATE TRIGGER patient_note_kept_from_{event.lower()} BEFORE {event} ON patient_note "
        f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


def _refuse_on_postgresql(event: str, condition: str, why: str) -> None:
    name = f"patient_note_kept_from_{event.lower()}"
    passed = "OLD" if event == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition} THEN RAISE EXCEPTION '{why}' USING ERRCODE = 'restrict_violation'; "
        f"END IF; RETURN {passed}; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON patient_note "
        f"FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def downgrade() -> None:
    op.drop_table("patient_note")
    if op.get_bind().dialect.name == "postgresql":
        for event, _, _ in _KEPT_FROM:
            op.execute(f"DROP FUNCTION patient_note_kept_from_{event.lower()}()")
    op.drop_table("calendar_feed")
