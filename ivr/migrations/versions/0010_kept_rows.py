"""The database itself keeps what must not be lost: logs are appended to, visits not deleted.

A row that belongs to a patient can be deleted only once `patient.deletion_requested_at` is set,
so that neither a slip in a console nor a fault in the code takes a visit away. A later revision
that rebuilds one of these tables on SQLite loses its triggers with it, and has to create them
again: a test watches over each.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

APPENDED_TO = ("visit_event", "patient_event", "patient_consent", "recall_attempt")

# Table -> the way from its row, OLD, to the patient whose it is.
PATIENT_OF = {
    "patient": "patient.id = OLD.id",
    "patient_consent": "patient.id = OLD.patient_id",
    "patient_event": "patient.id = OLD.patient_id",
    "pump": "patient.id = OLD.patient_id",
    "recall": "patient.id = OLD.patient_id",
    "recall_attempt": (
        "patient.id = (SELECT recall.patient_id FROM recall "
        "WHERE recall.clinic_id = OLD.clinic_id AND recall.id = OLD.recall_id)"
    ),
    "visit": "patient.id = OLD.patient_id",
    "visit_event": (
        "patient.id = (SELECT visit.patient_id FROM visit "
        "WHERE visit.clinic_id = OLD.clinic_id AND visit.id = OLD.visit_id)"
    ),
}


def _unmarked(way: str) -> str:
    # The ways above are constants of this file: nothing from outside becomes SQL.
    return (
        "NOT EXISTS (SELECT 1 FROM patient WHERE patient.clinic_id = OLD.clinic_id "  # noqa: S608
        f"AND {way} AND patient.deletion_requested_at IS NOT NULL)"
    )


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    refuse = _refuse_on_sqlite if sqlite else _refuse_on_postgresql
    for table in APPENDED_TO:
        refuse(table, "UPDATE", None, f"{table} is appended to and never changed")
    for table, way in PATIENT_OF.items():
        refuse(
            table,
            "DELETE",
            _unmarked(way),
            f"{table} rows are kept until deletion is requested for their patient",
        )


def _refuse_on_sqlite(table: str, event: str, condition: str | None, why: str) -> None:
    when = f"WHEN {condition}" if condition else ""
    op.execute(
        f"CREATE TRIGGER {table}_kept_from_{event.lower()} BEFORE {event} ON {table} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


def _refuse_on_postgresql(table: str, event: str, condition: str | None, why: str) -> None:
    name = f"{table}_kept_from_{event.lower()}"
    passed = "OLD" if event == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition or 'TRUE'} THEN "
        f"RAISE EXCEPTION '{why}' USING ERRCODE = 'restrict_violation'; END IF; "
        f"RETURN {passed}; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, event in (
        *((table, "update") for table in APPENDED_TO),
        *((table, "delete") for table in PATIENT_OF),
    ):
        name = f"{table}_kept_from_{event}"
        op.execute(f"DROP TRIGGER {name}" + ("" if sqlite else f" ON {table}"))
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
