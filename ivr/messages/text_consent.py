"""Whether a telephone number may be texted: what was said about it, by whom, and when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ivr.messages.consent_tables import TextConsent
from scheduling.checked_input import HOLDER_LENGTH, phone, text


def record(
    session: Session, *, clinic_id: str, number: str, granted: bool, source: str, now: datetime
) -> None:
    """Note a yes or a no; the same `source` (a CallSid, a MessageSid) says it once.

    number: E.164. now: aware UTC. Raises UnsuitablePhone, UnsuitableText.
    """
    row = TextConsent(
        clinic_id=clinic_id,
        number=phone(number, "the number to text"),
        granted=granted,
        at=now,
        source=text(source, "the consent's source", at_most=HOLDER_LENGTH),
    )
    said_already = select(TextConsent.id).where(
        TextConsent.clinic_id == clinic_id,
        TextConsent.number == number,
        TextConsent.source == source,
    )
    if session.scalar(said_already) is not None:
        return
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # The same webhook, arriving twice at once: the other one was first.
        if session.scalar(said_already) is None:
            raise


def consents(session: Session, clinic_id: str, number: str) -> bool | None:
    """The latest word on texts to this number (E.164): yes, no, or None where none was said."""
    return session.scalar(
        select(TextConsent.granted)
        .where(TextConsent.clinic_id == clinic_id, TextConsent.number == number)
        # Of two words at the same instant the no counts.
        .order_by(TextConsent.at.desc(), TextConsent.granted)
        .limit(1)
    )


def refusing(session: Session, clinic_id: str, numbers: Collection[str]) -> frozenset[str]:
    """Those of these numbers (E.164) whose latest word was a no."""
    if not numbers:
        return frozenset()
    rows = session.execute(
        select(TextConsent.number, TextConsent.granted)
        .where(TextConsent.clinic_id == clinic_id, TextConsent.number.in_(numbers))
        # As in consents(): of two words at the same instant the no counts, and comes last.
        .order_by(TextConsent.at, TextConsent.granted.desc())
    )
    latest = {row.number: row.granted for row in rows}
    return frozenset(number for number, granted in latest.items() if not granted)
