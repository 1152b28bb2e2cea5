"""Each change of a clinic's rules gives the clinic a new mark, so that a process may keep them.

The database sees to it: a hand at a console, the desk and an import alike. A later revision that
rebuilds one of these tables on SQLite loses its triggers with it, and has to create them again: a
test watches over each.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Table -> the column that names its clinic.
RULES = {
    "clinic": "id",
    "closure": "clinic_id",
    "extra_session": "clinic_id",
    "provider": "clinic_id",
    "room": "clinic_id",
    "visit_type": "clinic_id",
    "visit_type_provider": "clinic_id",
    "visit_type_room": "clinic_id",
    "weekly_hours": "clinic_id",
}
EVENTS = {"insert": "NEW", "update": "NEW", "delete": "OLD"}

_FRESH = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()::text"}


def upgrade() -> None:
    op.create_table(
        "rules_mark",
        sa.Column("clinic_id", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_rules_mark_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_rules_mark")),
    )
    dialect = op.get_bind().dialect.name
    op.execute(
        "INSERT INTO rules_mark (clinic_id, mark) "  # noqa: S608  # constants of this file
        f"SELECT id, {_FRESH[dialect]} FROM clinic"
    )
    for table, clinic in RULES.items():
        for event, row in EVENTS.items():
            if (table, event) != ("clinic", "delete"):
                _create(dialect, f"{table}_marked_on_{event}", table, event, f"{row}.{clinic}")


def _create(dialect: str, name: str, table: str, event: str, clinic: str) -> None:
    mark = (
        # Constants of this file: nothing from outside becomes SQL.
        f"INSERT INTO rules_mark (clinic_id, mark) VALUES ({clinic}, {_FRESH[dialect]}) "  # noqa: S608
        "ON CONFLICT (clinic_id) DO UPDATE SET mark = excluded.mark"
    )
    if dialect == "sqlite":
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {mark}; END")
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"{mark}; RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in RULES:
        for event in EVENTS:
            if (table, event) == ("clinic", "delete"):
                continue
            name = f"{table}_marked_on_{event}"
            op.execute(f"DROP TRIGGER {name}" + ("" if sqlite else f" ON {table}"))
            if not sqlite:
                op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("rules_mark")
