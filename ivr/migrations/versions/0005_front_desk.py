"""Front desk: staff, their sessions, throttled log-ins, and the audit that nothing alters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "login_throttle",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_login_throttle")),
    )
    op.create_table(
        "staff_user",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('front_desk', 'on_call', 'admin')", name=op.f("ck_staff_user_known_role")
        ),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_staff_user_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_staff_user")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_user_login")),
    )
    op.create_table(
        "staff_session",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff_user.clinic_id", "staff_user.id"],
            name=op.f("fk_staff_session_clinic_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_staff_session")),
    )
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_staff_session_clinic_id_staff_id"), ["clinic_id", "staff_id"]
        )
    op.create_table(
        "staff_audit",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff_user.clinic_id", "staff_user.id"],
            name=op.f("fk_staff_audit_clinic_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_staff_audit")),
    )
    with op.batch_alter_table("staff_audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_audit_clinic_id_at"), ["clinic_id", "at"])
    _make_append_only()


def _make_append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER staff_audit_refuses_{verb.lower()} BEFORE {verb} ON staff_audit "
                "BEGIN SELECT RAISE(ABORT, 'staff_audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION staff_audit_is_append_only() RETURNS trigger AS $$ "
        "BEGIN RAISE EXCEPTION 'staff_audit is append-only'; END $$ LANGUAGE plpgsql"
    )
    op.execute(
        "CREATE TRIGGER staff_audit_refuses_change BEFORE UPDATE OR DELETE ON staff_audit "
        "FOR EACH ROW EXECUTE FUNCTION staff_audit_is_append_only()"
    )


def downgrade() -> None:
    op.drop_table("staff_audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION staff_audit_is_append_only()")
    op.drop_table("staff_session")
    op.drop_table("staff_user")
    op.drop_table("login_throttle")
