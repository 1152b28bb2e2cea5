"""What every setting is: a value that JSON can hold, and how it is read and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

Value: TypeAlias = "dict[str, Any] | list[dict[str, Any]] | None"
"""A setting as JSON has it; None where there is none, as of a closure before it was made."""


@dataclass(frozen=True)
class Kind:
    """One kind of setting. subject: which of its kind, such as a visit type's key.

    read: (session, clinic_id, subject). write: the same and the value, which is checked; what is
    wrong with it is raised as a SchedulingError. Undoing an addition writes None.
    """

    read: Callable[[Session, str, str], Value]
    write: Callable[[Session, str, str, Value], None]
