"""What alembic runs for every command, on the connection that run.py hands it."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import DateTime

import ivr.migrations.models  # noqa: F401  # declares every table on the metadata
from scheduling.database import Base, UtcDateTime


def _render(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    # Revisions stand alone: they must mean the same when the product's types have changed.
    if kind == "type" and isinstance(item, UtcDateTime):
        assert isinstance(item.impl, DateTime)  # noqa: S101  # a column's type renders what it stores
        return f"sa.DateTime(timezone={item.impl.timezone})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_render,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
