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
from ivr.messages.patients.reply_wording import APPOINTMENT, NEW_TIME, Answered, Reply
from ivr.messages.patients.text_choices import LETTERS, Choice
from ivr.messages.patients.wording import in_words
from ivr.messages.tables import OutboxMessage
from scheduling.hours import zone_of
from scheduling.tables import Clinic

ANSWERED_WITHIN = timedelta(days=7)
"""What was texted before that is not what a "1" is about. [J]"""

READ_TOGETHER = timedelta(hours=3)
"""A reminder so long before an offer may be what somebody answers who has read both. [J]"""

_LOOKED_AT = 20
"""Texts among which a question is looked for: more than anybody writes after one."""


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
    is_last: bool = False
    waits: bool = True


def ask(session: Session, last: OutboxMessage, choice: Choice, now: datetime) -> Answered | None:
    """Ask which visit is meant; None where it can only be that of `last`, the latest message.

    What is told apart by nothing but a name is the desk's, and so is what has no letter left.
    """
    found = _open(session, last, now)
    if len(found) < 2:
        return None
    return _question(session, last.clinic_id, found, choice)


def ask_among_others(
    session: Session, last: OutboxMessage, choice: Choice, now: datetime
) -> Answered | None:
    """The same of what else waits than `last`, which told of what is over; None for nothing."""
    found = [one for one in _open(session, last, now) if one.message_id != last.id]
    return _question(session, last.clinic_id, found, choice) if found else None


def ask_among(
    session: Session, clinic_id: str, messages: Sequence[UUID], choice: Choice, now: datetime
) -> Answered | None:
    """The same of the visits that these messages told of; None where they are not several."""
    told = [(one, answers.told_by(session, clinic_id, one, now)) for one in messages]
    found = [_Open(one, what) for one, what in told if what is not None]
    found.sort(key=lambda one: one.told.starts[0])
    return _question(session, clinic_id, found, choice) if len(found) > 1 else None


def ask_beside_offer(
    session: Session, offered: OutboxMessage, when: str, choice: Choice, now: datetime
) -> Answered | None:
    """Ask whether an offered time is meant, or a visit of which this telephone was just reminded.

    when: the offered time, in words. None where no reminder of the last hours waits: then it can
    only be the offer.
    """
    sent = offered.handed_at or now
    found = _open(session, offered, now, since=sent - READ_TOGETHER)
    if not found:
        return None
    language = found[0].told.language
    zone = zone_of(session.get_one(Clinic, offered.clinic_id).timezone)
    items = [
        NEW_TIME[language].format(when=when),
        *(
            APPOINTMENT[language].format(when=in_words(one.told.starts, language, zone, zone))
            for one in found[: len(LETTERS) - 1]
        ),
    ]
    asked = Asked(choice, [offered.id, *(one.message_id for one in found)])
    return Answered(Reply.WHICH_MEANT, language, _lettered(items), asked=asked.to_json())


def waits_besides(session: Session, last: OutboxMessage, visit_id: UUID, now: datetime) -> bool:
    """Whether a reminder to this telephone waits that told of another visit than this one."""
    waiting = [one for one in _open(session, last, now) if one.waits]
    return any(visit_id not in one.told.visits for one in waiting)


def waits(session: Session, message: OutboxMessage, now: datetime) -> bool:
    """Whether this message is a reminder that still stands, and has no answer."""
    return any(one.message_id == message.id and one.waits for one in _open(session, message, now))


def asked_last(session: Session, clinic_id: str, number: str, now: datetime) -> Asked | None:
    """What this number (E.164) was asked last; None for nothing."""
    kept = session.scalars(
        select(ReceivedText.asked)
        .where(
            ReceivedText.clinic_id == clinic_id,
            ReceivedText.number == number,
            ReceivedText.received_at > now - ANSWERED_WITHIN,
            ReceivedText.asked.is_not(None),
        )
        .order_by(ReceivedText.received_at.desc(), ReceivedText.source.desc())
        .limit(_LOOKED_AT)
    )
    found = next((one for one in kept if one is not None and "choice" in one), None)
    if found is None:
        return None
    return Asked(Choice(found["choice"]), [UUID(one) for one in found["messages"]])


def confirming(messages: Sequence[UUID]) -> dict[str, object]:
    """What is stored with an answer that said which visits are expected: what "2" is about then."""
    return {"confirmed": [str(one) for one in messages]}


def confirmed_last(
    session: Session, clinic_id: str, number: str, since: datetime
) -> Sequence[UUID]:
    """The messages whose visits our last answer to this number, at `since` or later, confirmed.

    Empty where that answer said anything else.
    """
    asked = session.scalar(
        select(ReceivedText.asked)
        .where(
            ReceivedText.clinic_id == clinic_id,
            ReceivedText.number == number,
            ReceivedText.received_at >= since,
            ReceivedText.answer.is_not(None),
        )
        .order_by(ReceivedText.received_at.desc(), ReceivedText.source.desc())
        .limit(1)
    )
    return [UUID(one) for one in (asked or {}).get("confirmed", ())]


def _question(session: Session, clinic_id: str, found: Sequence[_Open], choice: Choice) -> Answered:
    zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
    language = next((one.told.language for one in found if one.is_last), found[0].told.language)
    whens = [in_words(one.told.starts, language, zone, zone) for one in found]
    if len(set(whens)) < len(whens) or len(whens) > len(LETTERS):
        about = f"Texted “{choice}”, and has several appointments: ask which is meant."
        return Answered(Reply.PERSON, language, for_desk=about)
    reply = Reply.WHICH_CONFIRMED if choice is Choice.CONFIRM else Reply.WHICH_CHANGED
    asked = Asked(choice, [one.message_id for one in found])
    return Answered(reply, language, _lettered(whens), asked=asked.to_json())


def _lettered(items: Sequence[str]) -> str:
    return "; ".join(f"{LETTERS[at].upper()}: {item}" for at, item in enumerate(items))


def _open(
    session: Session, last: OutboxMessage, now: datetime, since: datetime | None = None
) -> list[_Open]:
    """What waits for an answer, `last` among it, in the order of the visits.

    since: when it was handed over at the earliest, aware.
    """
    newest_first = session.execute(
        select(OutboxMessage.id, OutboxMessage.kind, _HAS_AN_ANSWER.label("answered"))
        .where(
            OutboxMessage.clinic_id == last.clinic_id,
            OutboxMessage.to_number == last.to_number,
            OutboxMessage.created_at > now - ANSWERED_WITHIN,
            OutboxMessage.kind.in_(notices.KINDS),
            OutboxMessage.handed_at.is_not(None),
            OutboxMessage.handed_at >= (since or now - ANSWERED_WITHIN),
            OutboxMessage.state != "failed",
        )
        .order_by(OutboxMessage.handed_at.desc(), OutboxMessage.id.desc())
    ).all()
    found: list[_Open] = []
    # Three days and one day before, the same visit is reminded of twice.
    seen: set[UUID] = set()
    for row in newest_first:
        told = answers.told_by(session, last.clinic_id, row.id, now)
        unanswered = row.kind == "reminder_sms" and not row.answered
        waits = row.id == last.id or unanswered
        if told is None or seen.issuperset(told.visits) or not (waits or row.answered):
            continue
        seen.update(told.visits)
        if waits:
            found.append(_Open(row.id, told, is_last=row.id == last.id, waits=unanswered))
    return sorted(found, key=lambda one: one.told.starts[0])
