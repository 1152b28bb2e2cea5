"""The append-only log of patients' records, which also tells a repeated request from a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from scheduling.database import new_id
from scheduling.errors import KeyReused
from scheduling.tables import PatientEvent

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.requests import Request

_REQUESTS = UUID("6b1f6f0e-6f0a-4a53-9d9e-3f1c1d2a7c55")
"""The namespace in which a request's key becomes an id."""


def id_of(clinic_id: str, request: Request) -> UUID:
    """The id of the one row that a request adds: the primary key lets it add no second one."""
    return uuid5(_REQUESTS, f"{clinic_id}\n{request.key}")


def record(
    session: Session, clinic_id: str, patient_id: UUID, kind: str, request: Request, **detail: Any
) -> None:
    """Add the event of a request that has no other log. `detail` holds names of fields and ids."""
    _add(session, clinic_id, patient_id, kind, request, id_of(clinic_id, request), detail)


def record_beside(
    session: Session, clinic_id: str, patient_id: UUID, kind: str, request: Request, **detail: Any
) -> None:
    """Add what a visit's step changed in the record; the visit's own log knows the request."""
    _add(session, clinic_id, patient_id, kind, request, new_id(), detail)


def event_of(
    session: Session, clinic_id: str, request: Request, kind: str, **about: UUID
) -> PatientEvent | None:
    """The event of this very request, done before; None for a new request.

    about: ids that its detail names, where it is about more than the patient.
    Call it under the lock of whatever is about to change. Raises KeyReused where the key was
    another request's.
    """
    earlier = session.get(PatientEvent, (clinic_id, id_of(clinic_id, request)))
    if earlier is None:
        return None
    if earlier.kind != kind:
        raise KeyReused(
            f"this idempotency key belongs to a request that was {earlier.kind}: "
            "give each request a key of its own"
        )
    if any(earlier.detail.get(name) != str(value) for name, value in about.items()):
        raise KeyReused(
            f"this idempotency key belongs to a request that was {earlier.kind} for another one: "
            "give each request a key of its own"
        )
    return earlier


def _add(
    session: Session,
    clinic_id: str,
    patient_id: UUID,
    kind: str,
    request: Request,
    event_id: UUID,
    detail: dict[str, Any],
) -> None:
    session.add(
        PatientEvent(
            clinic_id=clinic_id,
            id=event_id,
            patient_id=patient_id,
            at=request.now,
            kind=kind,
            actor=request.actor,
            channel=request.channel.value,
            detail=detail,
        )
    )
