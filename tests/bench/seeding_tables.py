"""What a book is made from inside the database: its moments, its seats, its patients, by number."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    literal,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from scheduling.database import UtcDateTime

SCRATCH = MetaData()

SEAT = Table(
    "bench_seat",
    SCRATCH,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("provider_id", Uuid),
    Column("room_id", Uuid),
    Column("provider_resource", String(48)),
    Column("room_resource", String(48)),
)
"""A provider and the room that they work in."""

PATIENT = Table(
    "bench_patient",
    SCRATCH,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("patient_id", Uuid),
    Column("resource", String(48)),
)

MOMENT = Table(
    "bench_moment",
    SCRATCH,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("starts_at", UtcDateTime),
    Column("ends_at", UtcDateTime),
    Column("granule_start", BigInteger),
)

PLACE = Table(
    "bench_place",
    SCRATCH,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("moment", Integer),
    Column("seat", Integer),
    Column("patient", Integer),
)
"""One visit: the numbers of its moment, its seat and its patient."""


def numbers(first: int, until: int) -> CTE:
    """The whole numbers from `first` up to but without `until`, as column n."""
    counted = select(literal(first).label("n")).cte(recursive=True)
    return counted.union_all(select(counted.c.n + 1).where(counted.c.n < until - 1))


class numbered_id(GenericFunction[Any]):  # noqa: N801  # named as SQL names functions
    """The id that is this number: such ids grow, as the product's own do."""

    type = Uuid()
    inherit_cache = True


@compiles(numbered_id, "sqlite")
def _on_sqlite(element: numbered_id, compiler: SQLCompiler, **options: Any) -> str:
    return f"printf('%032x', {compiler.process(element.clauses, **options)})"


@compiles(numbered_id, "postgresql")
def _on_postgresql(element: numbered_id, compiler: SQLCompiler, **options: Any) -> str:
    return f"lpad(to_hex({compiler.process(element.clauses, **options)}), 32, '0')::uuid"
