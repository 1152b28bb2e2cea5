"""Two records of one patient, and short ways to book for them and to make them one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from scheduling import merging
from scheduling.tables import Provider
from tests.scheduling.sample import (
    CLINIC,
    CONSULTATION,
    TWO_PROVIDERS_ONE_ROOM,
    at,
    book,
    by_desk,
    hold,
    offered,
    patient,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from scheduling.requests import Request
    from scheduling.tables import Patient, Visit

TWO_PROVIDERS = replace(TWO_PROVIDERS_ONE_ROOM, visit_types=(CONSULTATION,))
SECOND_PHONE = "+15125550112"


def second_record(session: Session) -> Patient:
    """Ann Lee again, under another number, her birth date turned round."""
    return patient(session, name="Lee Ann", date_of_birth=date(1950, 3, 2), phone=SECOND_PHONE)


def merge(session: Session, keep: Patient, gone: Patient, key: str = "merge") -> Patient:
    """Make `gone` part of `keep`, at the desk."""
    return merging.merge(
        session, clinic_id=CLINIC, keep_id=keep.id, merge_id=gone.id, request=by_desk(key)
    )


def visit_of(session: Session, who: Patient, start: datetime, provider: str = "fura") -> Visit:
    """Book somebody for an hour at `start`."""
    provider_id = session.scalars(select(Provider.id).where(Provider.key == provider)).one()
    slot = replace(
        offered(session, after=at(0))[0],
        provider_id=provider_id,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
    )
    return book(session, hold(session, slot, holder=f"{who.id} {start}"), who)


def step(
    session: Session, what: Callable[..., Visit], visit: Visit, by: Request, **more: object
) -> Visit:
    """What is done to a visit."""
    return what(session, clinic_id=CLINIC, visit_id=visit.id, request=by, **more)
