"""What the desk reads of a message that could not be sent, or was not delivered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import desk_tasks
from ivr.messages.notice_tables import VisitNotice
from ivr.messages.tables import OutboxMessage
from ivr.messages.telephony import Trouble
from scheduling.hours import zone_of
from scheduling.tables import Clinic

LANGUAGE = "en"
"""Of the task: the desk's own."""

WHY: Final[Mapping[str, str]] = {
    Trouble.BAD_NUMBER: "the number does not exist or takes no texts (a landline, perhaps)",
    Trouble.OPTED_OUT: "the phone has opted out of texts: it must text START to the clinic first",
    Trouble.UNREACHABLE: "the phone is off, out of reach or blocks us",
    Trouble.NOT_REGISTERED: "the clinic's number may not send texts yet: it must be registered",
    Trouble.THROTTLED: "the carrier had too much to send",
    Trouble.CARRIER_TROUBLE: "the carrier had trouble or held it back",
    Trouble.TIMEOUT: "the carrier did not answer, so it may have been sent or not",
    Trouble.REFUSED_CREDENTIALS: "the carrier refused our account",
    "undecided": "the carrier did not answer and cannot be asked, so it may have been sent or not",
    "too_late": "it could not be sent in time",
    "enough": "that number has had as many messages as anybody gets in a day",
}
CALL_WHY = {
    Trouble.BAD_NUMBER: "its number does not exist or cannot be called, so correct it",
    Trouble.UNREACHABLE: "it is off, out of reach or blocks us",
}
"""Of a call, where that is not what is told of a text."""

DIED = "the system stopped while sending it, so it may have been sent or not"
"""Any other reason: a worker died."""

NEXT: Final[Mapping[str, str]] = {
    Trouble.BAD_NUMBER: "Call the patient on another number and correct this one",
    Trouble.OPTED_OUT: "Call the patient yourself",
    Trouble.NOT_REGISTERED: "Call the patient, and tell whoever runs the system",
    Trouble.REFUSED_CREDENTIALS: "Call the patient, and tell whoever runs the system",
}
CALL_THEM = "Call the patient"
"""What to do for any other reason."""

_ABOUT: Final[Mapping[str, str]] = {
    "visit_sms": "The text about what was done to the visit",
    "reminder_sms": "The reminder by text of the visit",
    "reminder_call": "The reminder by phone of the visit",
}

_ASKS_THEM: Final[Mapping[str, tuple[str, str]]] = {
    "offer_sms": ("The text that a time from the waitlist is kept for them", ", while it is kept"),
    "offer_call": ("The call that a time from the waitlist is kept for them", ", while it is kept"),
    "recall_sms": ("The text that it is time for the next appointment", "; see Recalls"),
    "recall_call": ("The call that it is time for the next appointment", "; see Recalls"),
}
"""What it was, and how or where the desk goes on."""


def tell_desk(
    session: Session,
    message: OutboxMessage,
    *,
    error: str,
    error_code: int | None,
    attempts: int,
    now: datetime,
) -> None:
    """Put it on the desk's list, with the reason; once for each message.

    error: a Trouble, or how the worker ended. error_code: the carrier's own. now: aware UTC.
    """
    code = f" (carrier's code {error_code})" if error_code else ""
    why = WHY.get(error, DIED)
    if message.kind == "link_sms":
        kind = "text_failed"
        note = f"The link that a caller asked for did not arrive: {why}{code}."
    elif message.kind in _ASKS_THEM:
        kind = "text_failed"
        about, where = _ASKS_THEM[message.kind]
        note = f"{about} did not arrive: {why}{code}. {NEXT.get(error, CALL_THEM)}{where}."
    elif message.kind in _ABOUT:
        kind = "reminder_failed"
        about, when = _ABOUT[message.kind], _when(session, message)
        note = f"{about} {when} did not arrive: {why}{code}. {NEXT.get(error, CALL_THEM)}."
    elif message.kind == "trial_call":
        kind = "trial_failed"
        note = f"{_of_a_test_call(error)}{code}. No caller was waiting: ring it again to try."
    else:
        kind = "recording_kept" if message.kind == "delete_recording" else "page_failed"
        note = f"{message.subject}: not sent, {error}{code}, after {attempts} attempts"
    desk_tasks.open_task(
        session,
        clinic_id=message.clinic_id,
        kind=kind,
        callback_number=message.to_number,
        language=LANGUAGE,
        note=note,
        source=f"message:{message.id}",
        now=now,
    )


def _when(session: Session, message: OutboxMessage) -> str:
    """The times that it told of, on the clinic's clock."""
    zone = zone_of(session.get_one(Clinic, message.clinic_id).timezone)
    starts = session.scalars(
        select(VisitNotice.starts_at)
        .where(VisitNotice.clinic_id == message.clinic_id, VisitNotice.message_id == message.id)
        .order_by(VisitNotice.starts_at)
    )
    return " and ".join(f"on {one.astimezone(zone):%Y-%m-%d at %H:%M}" for one in starts)


def _of_a_test_call(error: str) -> str:
    if error in set(Trouble) and Trouble(error) in CALL_WHY:
        return f"The phone refused the test call: {CALL_WHY[Trouble(error)]}"
    return f"The test call did not go out: {WHY.get(error, DIED)}"
