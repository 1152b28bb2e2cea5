"""How far it is that somebody knows of what we have to tell them, as the desk reads it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import at_most_once, delivery
from ivr.messages.tables import OutboxMessage


class Telling(StrEnum):
    """By which way they were told, and whether they were."""

    NOT_YET = "not_yet"
    TEXTED = "texted"
    CALLED = "called"
    NOT_ARRIVED = "not_arrived"
    NOT_ANSWERED = "not_answered"
    NOBODY = "nobody"
    """Neither text nor call of ours may reach them: somebody has to call."""


@dataclass(frozen=True, slots=True)
class Told:
    """at: when it was stored to be sent, or was handed over; aware UTC."""

    telling: Telling
    at: datetime


def told_of(session: Session, clinic_id: str, subjects: Collection[str]) -> Mapping[str, Told]:
    """What became of the message about each of these subjects, of those of which there is one."""
    rows = session.execute(
        select(
            OutboxMessage.subject,
            OutboxMessage.kind,
            OutboxMessage.state,
            OutboxMessage.delivery,
            OutboxMessage.created_at,
            OutboxMessage.handed_at,
        ).where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.subject.in_(subjects),
            OutboxMessage.state != "cancelled",
        )
    )
    return {
        row.subject: Told(
            standing(row.state, row.delivery, is_call=row.kind in at_most_once.CALLS),
            row.handed_at or row.created_at,
        )
        for row in rows
    }


def standing(state: str, reported: str | None, *, is_call: bool) -> Telling:
    """What an outbox message has come to. Pure. reported: what the carrier said last of it."""
    if state == "pending":
        return Telling.NOT_YET
    failed = state != "sent" or reported in delivery.NOT_DELIVERED
    if is_call:
        return Telling.NOT_ANSWERED if failed else Telling.CALLED
    return Telling.NOT_ARRIVED if failed else Telling.TEXTED
