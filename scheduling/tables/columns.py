"""Column types that stand in several tables, each said once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, Uuid
from sqlalchemy.orm import mapped_column

from scheduling.checked_input import HOLDER_LENGTH, KEY_LENGTH, NAME_LENGTH
from scheduling.database import UtcDateTime, new_id

ClinicKey = Annotated[str, mapped_column(String(KEY_LENGTH), primary_key=True)]
"""The clinic, first in the key; the row's composite foreign keys prove that it exists."""
OwningClinicKey = Annotated[
    str, mapped_column(String(KEY_LENGTH), ForeignKey("clinic.id"), primary_key=True)
]
"""The same, where no other foreign key leads to the clinic."""
RowId = Annotated[UUID, mapped_column(Uuid, primary_key=True, default=new_id)]
Reference = Annotated[UUID, mapped_column(Uuid)]
"""Half of a composite foreign key, see refers_to()."""
Slug = Annotated[str, mapped_column(String(KEY_LENGTH))]
Name = Annotated[str, mapped_column(String(NAME_LENGTH))]
Holder = Annotated[str, mapped_column(String(HOLDER_LENGTH))]
Phone = Annotated[str, mapped_column(String(16))]
"""E.164: at most 15 digits and the plus sign."""
Instant = Annotated[datetime, mapped_column(UtcDateTime)]


def refers_to(table: str, *, by: str, ondelete: str | None = None) -> ForeignKeyConstraint:
    """A foreign key to a row of the same clinic: another clinic's row cannot be named."""
    return ForeignKeyConstraint(
        ["clinic_id", by], [f"{table}.clinic_id", f"{table}.id"], ondelete=ondelete
    )
