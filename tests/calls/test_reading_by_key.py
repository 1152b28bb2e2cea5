"""What a patient's answer costs does not grow with the clinic: SQLite finds each row by its key.

Without statistics SQLite guesses, and once guessed that of all visits ahead each is to be held
against all notices: half a minute in which nobody else could store anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Connection, event, text

from scheduling.contact import ConsentKind
from scheduling.database import Base
from tests.calls.on_file import PHONE, File, austin
from tests.calls.test_answering_by_text import texts
from tests.calls.test_confirmation_texts import agrees
from tests.calls.test_reminders import TUESDAY, WEDNESDAY, inbox, work
from tests.calls.town import Town, open_town

OTHER = "+15125550199"

ONE_FOR_EACH_CLINIC = frozenset(
    name
    for name, table in Base.metadata.tables.items()
    if [*table.primary_key.columns.keys()] == ["clinic_id"]
)


@contextmanager
def plans(town: Town) -> Iterator[dict[str, list[str]]]:
    """Each statement that is made meanwhile, and SQLite's plan of it."""
    engine, found = town.product.database.engine, dict[str, list[str]]()

    def look(connection: Connection, _: object, statement: str, values: Any, *__: object) -> None:
        if not statement.startswith(("SELECT", "UPDATE", "DELETE")) or statement in found:
            return
        own: Any = connection.connection.dbapi_connection
        # Of many rows at once, the first.
        values = values[0] if isinstance(values, list) else values
        plan = own.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
        found[statement] = [row[3] for row in plan if row[1] == 0]

    event.listen(engine, "before_cursor_execute", look)
    yield found
    event.remove(engine, "before_cursor_execute", look)


def read_by_clinic_alone(plan: list[str]) -> list[str]:
    """The inner loops of a plan that have no key but the clinic's."""
    loops = [step for step in plan if step.startswith(("SEARCH", "SCAN"))]
    return [
        step
        for step in loops[1:]
        if step.split()[1] not in ONE_FOR_EACH_CLINIC
        and set(re.findall(r"(\w+)=\?", step)) <= {"clinic_id"}
    ]


def test_answers_to_a_call_and_to_a_text_are_read_by_key(sqlite_url: str) -> None:
    with open_town(sqlite_url) as town, plans(town) as found:
        town.company.phone(OTHER)
        called = File.of(town)
        agrees(called, ConsentKind.CALL)
        called.visit(austin(WEDNESDAY, 9))
        texted = File.of(town, "Joe Roe", born=date(1951, 5, 6), phone=OTHER)
        agrees(texted)
        texted.visit(austin(WEDNESDAY, 10))
        with town.product.database.engine.begin() as connection:
            # The number that each gave for the visit is their own.
            connection.execute(text("UPDATE visit SET callback_number = NULL"))
        work(town, austin(TUESDAY, 10))
        phone = town.company.phone(PHONE)
        phone.answer()
        phone.press("1")
        assert len(inbox(town, OTHER)) == 1
        texts(town, "1", OTHER)
    confirmed = town.product.rows("SELECT status FROM visit")
    assert [row["status"] for row in confirmed] == ["confirmed", "confirmed"]
    assert len(found) > 50
    assert {
        statement: loops
        for statement, plan in found.items()
        if (loops := read_by_clinic_alone(plan))
    } == {}
