"""What the carrier reports of a message after it was spoken: that it is there, and what it says.

Both may come when the call is long over, or before its next turn, and more than once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from ivr.call.actions.messages import message_note
from ivr.call.actions.registry import own_number
from ivr.call.hearing import asks_for_urgent_help
from ivr.call.session import Session
from ivr.call.tables import CallRow, CallTurnRow
from ivr.call.turn import Line, read_session
from ivr.messages import spoken
from ivr.messages.tables import DeskTask
from ivr.oncall import classifying, leaving, tickets
from ivr.oncall.triage import UNKNOWN


@dataclass(frozen=True)
class Message:
    """A message as the carrier names it. seconds: None where it does not say."""

    call_sid: str
    recording_sid: str
    seconds: int | None = None


def recorded(transaction: Transaction, line: Line, message: Message, now: datetime) -> None:
    """The recording is there. Filed already by the call's own turn, it changes nothing.

    Where the caller hung up while they spoke, this is what files it, with the number they gave or
    called from.
    """
    _file(transaction, line, message, now)


def transcribed(
    transaction: Transaction, line: Line, message: Message, text: str, now: datetime
) -> None:
    """Keep what the message says. An urgent word in it opens a ticket and pages at once.

    It may only raise: what names nothing urgent waits for the desk, as every message does.
    """
    task = _file(transaction, line, message, now)
    if not spoken.keep_transcript(task, text):
        return
    urgent = asks_for_urgent_help(text, line.flow, line.prompts)
    if urgent is not None:
        category = urgent.facts.get("category", UNKNOWN)
        number = _open_ticket(transaction, line, message, task, category, now)
        spoken.add_note(task, f"Sounded urgent: opened urgent ticket {number}.")


def not_transcribed(transaction: Transaction, line: Line, message: Message, now: datetime) -> None:
    """The carrier could make nothing of it: no urgent word was looked for, so somebody listens."""
    spoken.not_transcribed(_file(transaction, line, message, now), now)


def _open_ticket(
    transaction: Transaction,
    line: Line,
    message: Message,
    task: DeskTask,
    category: str,
    now: datetime,
) -> int:
    clinic_id = line.clinic.id
    ticket = tickets.open_ticket(
        transaction,
        clinic_id=clinic_id,
        call_sid=message.call_sid,
        callback_number=task.callback_number,
        language=task.language,
        link_base=line.link_base,
        now=now,
    )
    classifying.classify(
        transaction, clinic_id=clinic_id, ticket_id=ticket.id, category=category, now=now
    )
    tickets.page_now(transaction, clinic_id=clinic_id, ticket_id=ticket.id, now=now)
    if _is_over(transaction, clinic_id, message.call_sid):
        leaving.caller_left(transaction, clinic_id=clinic_id, call_sid=message.call_sid, now=now)
    return ticket.number


def _file(transaction: Transaction, line: Line, message: Message, now: datetime) -> DeskTask:
    call = _session_of(transaction, line.clinic.id, message.call_sid)
    return spoken.file(
        transaction,
        clinic_id=line.clinic.id,
        recording_sid=message.recording_sid,
        seconds=message.seconds,
        callback_number=call.facts.get("phone") or own_number(call),
        language=call.language,
        spoken_in=call.spoken_in,
        note=message_note(call),
        now=now,
    )


def _session_of(transaction: Transaction, clinic_id: str, call_sid: str) -> Session:
    """The call as its latest turn left it; what is known without one where that is purged."""
    state = transaction.scalar(
        select(CallTurnRow.state)
        .where(CallTurnRow.clinic_id == clinic_id, CallTurnRow.call_sid == call_sid)
        .order_by(CallTurnRow.turn.desc())
        .limit(1)
    )
    session = read_session(state) if state else None
    if session is not None:
        return session
    caller = transaction.scalar(
        select(CallRow.from_number).where(
            CallRow.clinic_id == clinic_id, CallRow.call_sid == call_sid
        )
    )
    return Session(clinic_id, call_sid, caller)


def _is_over(transaction: Transaction, clinic_id: str, call_sid: str) -> bool:
    ended_at = transaction.scalar(
        select(CallRow.ended_at).where(CallRow.clinic_id == clinic_id, CallRow.call_sid == call_sid)
    )
    return ended_at is not None
