"""A clinic's own wording and recordings of the line's prompts; who signs what is a safety matter.

Each change of what is in force gives the clinic a new mark, by the database's own triggers: see
revision 0014. One that rebuilds prompt_wording on SQLite has to create them again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

EVENTS = {"insert": "NEW", "update": "NEW", "delete": "OLD"}
_FRESH = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()::text"}


def upgrade() -> None:
    op.add_column(
        "staff_user",
        sa.Column("clinician", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "prompt_recording",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content_type", sa.String(length=32), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "content_type IN ('audio/wav', 'audio/mpeg')",
            name=op.f("ck_prompt_recording_known_type"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_prompt_recording_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "digest", name=op.f("pk_prompt_recording")),
    )
    op.create_table(
        "prompt_wording",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("prompt_key", sa.String(length=128), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("recorded_text", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(digest IS NULL) = (recorded_text IS NULL)", name=op.f("ck_prompt_wording_recorded")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_prompt_wording_clinic_id")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "digest"],
            ["prompt_recording.clinic_id", "prompt_recording.digest"],
            name=op.f("fk_prompt_wording_clinic_id_digest"),
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "prompt_key", "language", name=op.f("pk_prompt_wording")
        ),
    )
    _create_changes()
    op.create_table(
        "prompt_mark",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinic.id"], name=op.f("fk_prompt_mark_clinic_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_prompt_mark")),
    )
    for event, row in EVENTS.items():
        _create_trigger(event, row)


def _create_changes() -> None:
    op.create_table(
        "prompt_change",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("prompt_key", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("safety", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('wording', 'recording')", name=op.f("ck_prompt_change_known_kind")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'standing', 'declined', 'withdrawn')",
            name=op.f("ck_prompt_change_known_state"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_prompt_change_decided")
        ),
        sa.CheckConstraint(
            "state <> 'standing' OR NOT safety OR decided_by <> staff_id",
            name=op.f("ck_prompt_change_signed_by_another"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "staff_id"],
            ["staff_user.clinic_id", "staff_user.id"],
            name=op.f("fk_prompt_change_clinic_id_staff_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "decided_by"],
            ["staff_user.clinic_id", "staff_user.id"],
            name=op.f("fk_prompt_change_clinic_id_decided_by"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_prompt_change")),
    )
    op.create_index(op.f("ix_prompt_change_clinic_id_at"), "prompt_change", ["clinic_id", "at"])
    op.create_index(
        op.f("ix_prompt_change_clinic_id_prompt_key_at"),
        "prompt_change",
        ["clinic_id", "prompt_key", "at"],
    )
    op.create_index(
        op.f("ix_prompt_change_clinic_id_state"), "prompt_change", ["clinic_id", "state"]
    )


def _create_trigger(event: str, row: str) -> None:
    dialect = op.get_bind().dialect.name
    name = f"prompt_wording_marked_on_{event}"
    mark = (
        # Constants of this file: nothing from outside becomes SQL.
        f"INSERT INTO prompt_mark (clinic_id, mark) VALUES ({row}.clinic_id, {_FRESH[dialect]}) "  # noqa: S608
        "ON CONFLICT (clinic_id) DO UPDATE SET mark = excluded.mark"
    )
    if dialect == "sqlite":
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON prompt_wording BEGIN {mark}; END")
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"{mark}; RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event} ON prompt_wording "
        f"FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for event in EVENTS:
        name = f"prompt_wording_marked_on_{event}"
        op.execute(f"DROP TRIGGER {name}" + ("" if sqlite else " ON prompt_wording"))
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("prompt_mark")
    op.drop_table("prompt_change")
    op.drop_table("prompt_wording")
    op.drop_table("prompt_recording")
    op.drop_column("staff_user", "clinician")
