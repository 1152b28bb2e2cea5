"""What goes wrong between us and Twilio: its error codes, refusals and broken answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.response import Response

from ivr.messages.telephony import CarrierError, Trouble

T = TypeVar("T")

TROUBLES = {
    13224: Trouble.BAD_NUMBER,  # a number that Twilio cannot call
    20003: Trouble.REFUSED_CREDENTIALS,  # authentication failed
    20005: Trouble.REFUSED_CREDENTIALS,  # account not active
    20429: Trouble.THROTTLED,  # too many requests
    21211: Trouble.BAD_NUMBER,  # invalid To
    21214: Trouble.UNREACHABLE,  # To cannot be reached
    21217: Trouble.BAD_NUMBER,  # To does not look like a number
    21408: Trouble.NOT_REGISTERED,  # account may not text that country
    21610: Trouble.OPTED_OUT,  # replied STOP
    21614: Trouble.BAD_NUMBER,  # no mobile number
    30001: Trouble.THROTTLED,  # queue overflow
    30002: Trouble.REFUSED_CREDENTIALS,  # account suspended
    30003: Trouble.UNREACHABLE,  # handset off or out of reach
    30004: Trouble.UNREACHABLE,  # blocked by the handset or its carrier
    30005: Trouble.BAD_NUMBER,  # unknown handset
    30006: Trouble.BAD_NUMBER,  # landline, or a carrier that takes no texts
    30007: Trouble.CARRIER_TROUBLE,  # filtered by the carrier
    30008: Trouble.CARRIER_TROUBLE,  # unknown error
    30034: Trouble.NOT_REGISTERED,  # sender not registered for A2P 10DLC
}
"""Twilio's error codes, in answers and in status callbacks alike. Others go by HTTP status."""

STATUSES = {
    401: Trouble.REFUSED_CREDENTIALS,
    403: Trouble.REFUSED_CREDENTIALS,
    408: Trouble.TIMEOUT,
    429: Trouble.THROTTLED,
    504: Trouble.TIMEOUT,
}
"""HTTP statuses of answers whose code says nothing. Others are trouble at the carrier."""

_SMALLEST_CODE = 10_000


def trouble(code: int | None, http_status: int | None) -> Trouble:
    """What went wrong, from Twilio's error code and the HTTP status of its answer."""
    if code in TROUBLES:
        return TROUBLES[code]
    if http_status in STATUSES:
        return STATUSES[http_status]
    return Trouble.CARRIER_TROUBLE


def answered(ask: Callable[[], T]) -> T:
    """What the carrier answers. Raises CarrierError for whatever goes wrong on the way."""
    try:
        return ask()
    except (TwilioRestException, TwilioServiceException) as error:
        code = _carrier_code(error.code)
        raise CarrierError(
            trouble(code, error.status), code=code, http_status=error.status
        ) from error
    except requests.Timeout as error:
        raise CarrierError(Trouble.TIMEOUT) from error
    except (
        requests.RequestException,
        TwilioException,
        ValueError,
        AttributeError,
        TypeError,
        KeyError,
    ) as error:
        # No connection, or an answer that is no JSON, or JSON of another shape: the library
        # reads it without a look. Of a list that was refused it hands over the answer unread.
        answer = next((one for one in error.args if isinstance(one, Response)), None)
        told = refused(answer.status_code, answer.text) if answer else None
        raise told or CarrierError(Trouble.CARRIER_TROUBLE) from error


def refused(http_status: int, text: str) -> CarrierError:
    """What an answer says that is no success."""
    try:
        code = _carrier_code(json.loads(text)["code"])
    except (ValueError, KeyError, TypeError):
        code = None
    return CarrierError(trouble(code, http_status), code=code, http_status=http_status)


def _carrier_code(code: object) -> int | None:
    # Where the answer names none, the library puts the HTTP status there.
    return code if isinstance(code, int) and code >= _SMALLEST_CODE else None
