"""Whether those on call can be reached on the telephones that are on file for them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from ivr.messages import text_consent
from ivr.messages.tables import OutboxMessage
from ivr.messages.telephony import Trouble
from ivr.oncall import supervisor
from ivr.oncall.tables import OnCallPerson

_UNREACHED = (Trouble.BAD_NUMBER, Trouble.UNREACHABLE)


def staff_can_be_reached(session: Session, clinic_id: str) -> Iterator[str]:
    """What was last sent to each went through, and nobody has opted out of texts."""
    people = session.scalars(
        select(OnCallPerson)
        .where(
            OnCallPerson.clinic_id == clinic_id,
            or_(OnCallPerson.active, OnCallPerson.key == supervisor.KEY),
        )
        .order_by(OnCallPerson.position, OnCallPerson.key)
    ).all()
    for person in people:
        text = _last_tried(session, clinic_id, person.number, OutboxMessage.kind.like("%sms"))
        any_way = _last_tried(session, clinic_id, person.number)
        consents = text_consent.consents(session, clinic_id, person.number)
        refused = _failed_as(text, Trouble.OPTED_OUT) and consents is not True
        if consents is False or refused:
            yield (
                f"The phone of {person.key} has opted out of texts, so pages do not arrive there: "
                "text START from it to the line's number."
            )
        elif any_way is not None and _failed_as(any_way, *_UNREACHED):
            bad = any_way.last_error == Trouble.BAD_NUMBER
            told = "is no number that can be reached" if bad else "was off or out of reach"
            yield (
                f"The phone of {person.key} {told} when it was last tried "
                f"({any_way.created_at:%Y-%m-%d %H:%M} UTC): call it, correct the number, and ring "
                "it to try at /frontdesk/rota."
            )


def _failed_as(message: OutboxMessage | None, *troubles: Trouble) -> bool:
    # One that went through at a later attempt keeps the earlier one's error.
    return message is not None and message.state == "failed" and message.last_error in troubles


def _last_tried(
    session: Session, clinic_id: str, number: str, *further: ColumnElement[bool]
) -> OutboxMessage | None:
    return session.scalar(
        select(OutboxMessage)
        .where(
            OutboxMessage.clinic_id == clinic_id,
            OutboxMessage.to_number == number,
            OutboxMessage.state.in_(("sent", "failed")),
            *further,
        )
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc())
        .limit(1)
    )
