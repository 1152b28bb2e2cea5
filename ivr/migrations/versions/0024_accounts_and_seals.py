"""Second factors, recovery codes and languages of staff; seals over the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff_user", sa.Column("language", sa.String(length=8), nullable=True))
    op.add_column(
        "staff_user",
        sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("staff_user", sa.Column("factor_salt", sa.String(length=64), nullable=True))
    op.add_column(
        "staff_user",
        sa.Column("factor_step", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.create_table(
        "staff_recovery_code",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff_user.clinic_id", "staff_user.id"],
            name=op.f("fk_staff_recovery_code_clinic_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_staff_recovery_code")),
    )
    op.create_index(
        op.f("ix_staff_recovery_code_clinic_id_staff_id"),
        "staff_recovery_code",
        ["clinic_id", "staff_id"],
    )
    op.add_column("staff_audit", sa.Column("patient_id", sa.Uuid(), nullable=True))
    op.create_index(
        op.f("ix_staff_audit_clinic_id_patient_id_at"),
        "staff_audit",
        ["clinic_id", "patient_id", "at"],
    )
    op.create_table(
        "audit_seal",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_audit_seal_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "number", name=op.f("pk_audit_seal")),
    )
    _make_append_only()


def _make_append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_seal_refuses_{verb.lower()} BEFORE {verb} ON audit_seal "
                "BEGIN SELECT RAISE(ABORT, 'audit_seal is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_seal_is_append_only() RETURNS trigger AS $$ "
        "BEGIN RAISE EXCEPTION 'audit_seal is append-only'; END $$ LANGUAGE plpgsql"
    )
    op.execute(
        "CREATE TRIGGER audit_seal_refuses_change BEFORE UPDATE OR DELETE ON audit_seal "
        "FOR EACH ROW EXECUTE FUNCTION audit_seal_is_append_only()"
    )
    # TRUNCATE passes every trigger on rows.
    for table in ("audit_seal", "staff_audit"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER staff_audit_refuses_truncate ON staff_audit")
    op.drop_table("audit_seal")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_seal_is_append_only()")
    op.drop_index(op.f("ix_staff_audit_clinic_id_patient_id_at"), table_name="staff_audit")
    op.drop_column("staff_audit", "patient_id")
    op.drop_table("staff_recovery_code")
    for column in ("factor_step", "factor_salt", "must_change_password", "language"):
        op.drop_column("staff_user", column)
