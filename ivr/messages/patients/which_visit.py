"""Two reminders wait for an answer, and one comes: which visit is meant is asked, never guessed.

A telephone may be a household's. A visit confirmed by mistake is one that nobody calls about any
more, and one moved by mistake is somebody else's. So the answer is asked back by date and time,
without a name, and letters answer it: a digit would mean something else again to whoever has not
read the question yet. Every function takes the open transaction and never commits. Times are
aware UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages.incoming_tables import ReceivedText
from ivr.messages.notice_tables import VisitNotice
from ivr.messages.patients import answers, notices
from ivr.messages.patients.answers import Reminded
from ivr.messages.patients.reply_wording import Answered, Reply
from ivr.messages.patients.text_choices import LETTERS, Choice
from ivr.messages.patients.wording import in_words
from ivr.messages.tables import OutboxMessage
from scheduling.hours import zone_of
from scheduling.tables import Clinic

ANSWERED_WITHIN = timedelta(days=7)
"""What was texted before that is not what a "1" is about. [J]"""


_HAS_AN_ANSWER = (
    select(VisitNotice.id)
    .where(
        VisitNotice.clinic_id == OutboxMessage.clinic_id,
        VisitNotice.message_id == OutboxMessage.id,
        VisitNotice.answer.is_not(None),
    )
    .exists()
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked back: about which of these messages `choice` was meant, by letter."""

    choice: Choice
    messages: Sequence[UUID]

    def to_json(self) -> dict[str, object]:
        """As it is stored with the text that brought it up."""
        return {"choice": self.choice.value, "messages": [str(one) for one in self.messages]}


@dataclass(frozen=True, slots=True)
class _Open:
    """A message that waits for an answer, and what of it still stands."""

    message_id: UUID
    told: Reminded


def ask(session: Session, last: OutboxMessage, choice: Choice, now: datetime) -> Answered | None:
    """Ask which visit is meant; None where it can only be that of `last`, the latest message.

    What is told apart by nothing but a name is the desk's, and so is what has no letter left.
    """
    found = _open(session, last, now)
    if len(found) < 2:
        return None
    zone = zone_of(session.get_one(Clinic, last.clinic_id).timezone)
    language = next((one.told.language for one in found if one.message_id == last.id), "en")
    whens = [in_words(one.told.starts, language, zone, zone) for one in found]
    if len(set(whens)) < len(whens) or len(whens) > len(LETTERS):
        about = f"Texted “{choice}”, and has several appointments: ask which is meant."
        return Answered(Reply.PERSON, language, for_desk=about)
    listed = "; ".join(f"{LETTERS[at].upper()}: {when}" for at, when in enumerate(whens))
    reply = Reply.WHICH_CONFIRMED if choice is Choice.CONFIRM else Reply.WHICH_CHANGED
    asked = Asked(choice, [one.message_id for one in found])
    return Answered(reply, language, listed, asked=asked.to_json())


def asked_last(session: Session, clinic_id: str, number: str, now: datetime) -> Asked | None:
    """What this number (E.164) was asked last; None for nothing."""
    kept = session.scalar(
        select(ReceivedText.asked)
        .where(
            ReceivedText.clinic_id == clinic_id,
            ReceivedText.number == number,
            ReceivedText.received_at > now - ANSWERED_WITHIN,
            ReceivedText.asked.is_not(None),
        )
        .order_by(ReceivedText.received_at.desc(), ReceivedText.source.desc())
        .limit(1)
    )
    if kept is None:
        return None
    return Asked(Choice(kept["choice"]), [UUID(one) for one in kept["messages"]])


def _open(session: Session, last: OutboxMessage, now: datetime) -> list[_Open]:
    """What waits for an answer, `last` among it, in the order of the visits."""
    newest_first = session.execute(
        select(OutboxMessage.id, OutboxMessage.kind, _HAS_AN_ANSWER.label("answered"))
        .where(
            OutboxMessage.clinic_id == last.clinic_id,
            OutboxMessage.to_number == last.to_number,
            OutboxMessage.created_at > now - ANSWERED_WITHIN,
            OutboxMessage.kind.in_(notices.KINDS),
            OutboxMessage.handed_at.is_not(None),
            OutboxMessage.state != "failed",
        )
        .order_by(OutboxMessage.handed_at.desc(), OutboxMessage.id.desc())
    ).all()
    found: list[_Open] = []
    # Three days and one day before, the same visit is reminded of twice.
    seen: set[UUID] = set()
    for row in newest_first:
        told = answers.told_by(session, last.clinic_id, row.id, now)
        waits = row.id == last.id or (row.kind == "reminder_sms" and not row.answered)
        if told is None or seen.issuperset(told.visits) or not (waits or row.answered):
            continue
        seen.update(told.visits)
        if waits:
            found.append(_Open(row.id, told))
    return sorted(found, key=lambda one: one.told.starts[0])
