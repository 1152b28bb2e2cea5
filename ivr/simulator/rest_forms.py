"""Reads the forms of REST requests, refusing what Twilio refuses with Twilio's codes."""

import re

from werkzeug.datastructures import MultiDict

from ivr.simulator.config import is_phone_number
from ivr.simulator.exchange import Exchange
from ivr.simulator.faults import RestError
from ivr.simulator.leg import Subscription
from ivr.simulator.outgoing import CallOrder

Form = MultiDict[str, str]
_MAX_TWIML = 4000
"""Characters of TwiML in a request. Twilio, Call resource."""
_MAX_BODY = 1600
"""Characters of a message. Twilio, error 21617."""
_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


def read_address(form: Form, name: str, code: int) -> str:
    """A web address from a form; empty where it was not given. Raises RestError."""
    text = str(form.get(name, ""))
    if text and not re.match(r"https?://[^/]", text):
        raise RestError(400, code, f"{name} is not a valid URL: {text}")
    return text


def _number(form: Form, name: str, *, missing: int, invalid: int) -> str:
    number = str(form.get(name, ""))
    if not number:
        raise RestError(400, missing, f"No '{name}' number is specified")
    if not is_phone_number(number):
        raise RestError(400, invalid, f"The '{name}' number {number} is not a valid phone number.")
    return number


def read_call_order(exchange: Exchange, form: Form) -> CallOrder:
    """What POST Calls.json asks for. Raises RestError."""
    to = _number(form, "To", missing=21201, invalid=21211)
    from_number = _number(form, "From", missing=21213, invalid=21212)
    if from_number not in exchange.numbers:
        raise RestError(
            400,
            21210,
            f"The source phone number provided, {from_number}, is not yet verified for your"
            " account. You may only make calls from phone numbers that you've verified or"
            " purchased from Twilio.",
        )
    twiml = form.get("Twiml", "")
    url = read_address(form, "Url", 21205)
    if not url and not twiml:
        raise RestError(400, 21205, "Url parameter is required.")
    if len(twiml) > _MAX_TWIML:
        raise RestError(400, 21218, f"Twiml may have at most {_MAX_TWIML} characters.")
    return CallOrder(
        from_number=from_number,
        to_number=to,
        url=url,
        method=form.get("Method", "POST"),
        twiml=twiml,
        fallback_url=read_address(form, "FallbackUrl", 21205),
        timeout_s=_seconds(form.get("Timeout", "60")),
        machine_detection=form.get("MachineDetection", ""),
        subscription=_subscription(form),
    )


def _seconds(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 5 <= int(text) <= 600:
        raise RestError(400, 20001, f"Timeout {text!r} is not a whole number from 5 to 600.")
    return int(text)


def _subscription(form: Form) -> Subscription | None:
    url = read_address(form, "StatusCallback", 21609)
    if not url:
        return None
    # Repeated in the form by Twilio's own libraries; one value with spaces is read as well.
    events = [event for value in form.getlist("StatusCallbackEvent") for event in value.split()]
    unknown = sorted(set(events) - _EVENTS)
    if unknown:
        raise RestError(400, 21626, f"StatusCallbackEvent has no {', '.join(unknown)}.")
    return Subscription(
        url, form.get("StatusCallbackMethod", "POST"), frozenset(events or ["completed"])
    )


def check_message(exchange: Exchange, form: Form) -> None:
    """Whether POST Messages.json can be obeyed. Raises RestError."""
    to = _number(form, "To", missing=21604, invalid=21211)
    from_number = _number(form, "From", missing=21603, invalid=21212)
    if from_number not in exchange.numbers:
        raise RestError(
            400,
            21606,
            f"The 'From' phone number provided ({from_number}) is not a valid"
            " message-capable Twilio phone number for this account.",
        )
    if to == from_number:
        raise RestError(400, 21266, "'To' and 'From' number cannot be the same")
    body = form.get("Body", "")
    if not body:
        raise RestError(400, 21602, "Message body is required.")
    if len(body) > _MAX_BODY:
        raise RestError(
            400, 21617, "The concatenated message body exceeds the 1600 character limit"
        )
