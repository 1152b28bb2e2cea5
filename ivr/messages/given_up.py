"""What the desk reads of a message that could not be sent, or was not delivered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ivr.messages import desk_tasks
from ivr.messages.tables import OutboxMessage
from ivr.messages.telephony import Trouble

LANGUAGE = "en"
"""Of the task: the desk's own."""

WHY = {
    Trouble.BAD_NUMBER: "the number does not exist or takes no texts (a landline, perhaps)",
    Trouble.OPTED_OUT: "the phone has opted out of texts: it must text START to the clinic first",
    Trouble.UNREACHABLE: "the phone is off, out of reach or blocks us",
    Trouble.NOT_REGISTERED: "the clinic's number may not send texts yet: it must be registered",
    Trouble.THROTTLED: "the carrier had too much to send",
    Trouble.CARRIER_TROUBLE: "the carrier had trouble or held it back",
    Trouble.TIMEOUT: "the carrier did not answer, so it may have been sent or not",
    Trouble.REFUSED_CREDENTIALS: "the carrier refused our account",
}
CALL_WHY = {
    Trouble.BAD_NUMBER: "its number does not exist or cannot be called, so correct it",
    Trouble.UNREACHABLE: "it is off, out of reach or blocks us",
}
"""Of a call, where that is not what is told of a text."""

DIED = "the system stopped while sending it, so it may have been sent or not"
"""Any other reason: a worker died."""


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
    if message.kind == "link_sms":
        why = WHY[Trouble(error)] if error in set(Trouble) else DIED
        kind = "text_failed"
        note = f"The link that a caller asked for did not arrive: {why}{code}."
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


def _of_a_test_call(error: str) -> str:
    if error in set(Trouble) and Trouble(error) in CALL_WHY:
        return f"The phone refused the test call: {CALL_WHY[Trouble(error)]}"
    why = WHY[Trouble(error)] if error in set(Trouble) else DIED
    return f"The test call did not go out: {why}"
