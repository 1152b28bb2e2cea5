"""A number's owner wants no more texts and calls of ours: kept, and what waits for it is not sent.

The no is the number's, not one patient's: a household's phone may be on several files, and a text
comes from a telephone.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ivr.messages import at_most_once, text_consent
from ivr.messages.patients import notices
from ivr.messages.tables import OutboxMessage
from ivr.messages.telephony import Trouble


def stop(session: Session, *, clinic_id: str, number: str, source: str, now: datetime) -> None:
    """What they said counts at once, unless they have said otherwise since.

    number: E.164. source: the MessageSid or CallSid. now: when they said it, aware UTC.
    Raises UnsuitablePhone, UnsuitableText.
    """
    text_consent.record(
        session, clinic_id=clinic_id, number=number, granted=False, source=source, now=now
    )
    if text_consent.consents(session, clinic_id, number) is False:
        notices.withdraw_from(session, clinic_id, number)


def note_refusal(session: Session, message: OutboxMessage, error: str, now: datetime) -> None:
    """Keep the no of a number whose owner told the carrier to stop, and not us."""
    if message.kind in at_most_once.KINDS and error == Trouble.OPTED_OUT:
        stop(
            session,
            clinic_id=message.clinic_id,
            number=message.to_number,
            source=f"message:{message.id}",
            now=now,
        )
