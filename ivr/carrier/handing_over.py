"""Hands a message of the outbox to the carrier, as its kind asks for."""

from __future__ import annotations

import structlog

from ivr.carrier.urls import Urls
from ivr.messages import at_most_once
from ivr.messages.tables import OutboxMessage
from ivr.messages.telephony import CarrierError, Telephony
from ivr.oncall.escalation import RING_SECONDS

PATIENTS_RING_SECONDS = 30
"""How long a patient's phone rings: old people walk to theirs. A voicemail picks up before."""

log = structlog.get_logger(__name__)


def hand_over(telephony: Telephony, message: OutboxMessage, sender: str, urls: Urls | None) -> str:
    """Send it; return the carrier's id. Raises CarrierError.

    sender: the clinic's line, E.164. urls: where the carrier reports what became of it; without
    them nowhere.
    """
    match message.kind:
        case "hang_up":
            return _hang_up(telephony, message.body)
        case "delete_recording":
            telephony.delete_recording(message.body)
            return message.body
        case "page_call" | "trial_call":
            return telephony.place_call(
                to=message.to_number,
                from_=sender,
                url=message.body,
                status_callback=None,
                timeout_seconds=RING_SECONDS,
            )
        case kind if kind in at_most_once.CALLS:
            return telephony.place_call(
                to=message.to_number,
                from_=sender,
                url=message.body,
                status_callback=urls.patient_call_status(message.kind, str(message.id))
                if urls
                else None,
                timeout_seconds=PATIENTS_RING_SECONDS,
                detect_machine=True,
            )
    # What a page comes to, its ticket shows; of another text only the carrier's report tells.
    reported = urls is not None and message.kind in at_most_once.KINDS
    return telephony.send_sms(
        to=message.to_number,
        from_=sender,
        body=message.body,
        status_callback=urls.sms_status(str(message.id)) if urls and reported else None,
    )


def _hang_up(telephony: Telephony, call_sid: str) -> str:
    try:
        telephony.hang_up(call_sid)
    except CarrierError as error:
        # It is over, or rings on for seconds and then says who has taken it: nothing is lost.
        log.info("hang_up_refused", call_sid=call_sid, reason=str(error.kind))
    return call_sid
