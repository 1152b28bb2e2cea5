"""The exchange as the browser page sees it, in JSON."""

from typing import Any

from ivr.simulator.dequeueing import Dequeueing
from ivr.simulator.exchange import Exchange, LogLine
from ivr.simulator.execution import Execution
from ivr.simulator.leg import Leg
from ivr.simulator.phone import Phone
from ivr.simulator.verbs import Gather
from ivr.simulator.webhooks import Webhook

Json = dict[str, Any]


def snapshot(exchange: Exchange, *, seen_after: int) -> Json:
    """Everything to show. What the company saw is limited to what came after ``seen_after``."""
    return {
        "version": exchange.version,
        "numbers": [
            {"number": n.phone_number, "name": n.friendly_name or n.phone_number}
            for n in exchange.numbers.values()
        ],
        "phones": [_phone(phone) for phone in exchange.phones.values()],
        "seen": [_seen(number, thing) for number, thing in exchange.seen if number > seen_after],
    }


def _phone(phone: Phone) -> Json:
    leg = phone.ringing or phone.leg or phone.last_leg
    state = "ringing" if phone.ringing else "in-call" if phone.leg else "idle"
    return {
        "number": phone.number,
        "label": phone.label,
        "kind": phone.kind,
        "state": state,
        "ringing_from": phone.ringing.from_number if phone.ringing else "",
        "connected_with": _other_end(leg) if leg else "",
        "expects": _expects(leg) if leg else "",
        "awaited": leg is not None and leg.execution is not None and bool(leg.execution.silence),
        "call_sid": leg.sid if leg else "",
        "transcript": [
            {
                "kind": heard.kind,
                "text": heard.text,
                "language": heard.language,
                "at": heard.at.isoformat(),
                "cut_short": heard.cut_short,
            }
            for heard in (leg.transcript if leg else [])
        ],
        "texts": [
            {
                "sid": text.sid,
                "direction": text.direction,
                "other": text.other,
                "body": text.body,
                "at": text.at.isoformat(),
            }
            for text in phone.texts
        ],
    }


def _other_end(leg: Leg) -> str:
    return leg.bridged_with.name if leg.bridged_with else ""


def _expects(leg: Leg) -> str:
    execution = leg.execution
    if execution is None:
        return ""
    expected = [_waits_for(execution)]
    if execution.recording is not None:
        expected.append(f"Recording, ends with {execution.recording.record.finish_on_key}")
    if execution.listening is not None:
        expected.append(_listens_for(execution.listening.gather))
    return ". ".join(filter(None, expected))


def _waits_for(execution: Execution) -> str:
    if execution.waiting is not None:
        return execution.waiting.in_words
    if isinstance(execution.dialling, Dequeueing):
        return execution.dialling.in_words
    return ""


def _listens_for(gather: Gather) -> str:
    ways = []
    if "dtmf" in gather.input:
        ways.append(_keys(gather))
    if "speech" in gather.input:
        ways.append("words")
    return f"Listening for {' or '.join(ways)}, {gather.timeout} s"


def _keys(gather: Gather) -> str:
    if gather.num_digits is None:
        return f"keys ending with {gather.finish_on_key}" if gather.finish_on_key else "keys"
    return "1 key" if gather.num_digits == 1 else f"{gather.num_digits} keys"


def _seen(number: int, thing: LogLine | Webhook) -> Json:
    if isinstance(thing, LogLine):
        return {
            "number": number,
            "type": thing.level,
            "at": thing.at.isoformat(),
            "title": thing.text,
            "code": thing.code,
            "call_sid": thing.call_sid,
        }
    return {
        "number": number,
        "type": "webhook",
        "at": thing.at.isoformat(),
        "title": thing.purpose,
        "call_sid": thing.call_sid,
        "method": thing.method,
        "url": thing.url,
        "attempt": thing.attempt,
        "status": thing.status,
        "failure": thing.failure,
        "took_ms": round(thing.took_s * 1000),
        "form": list(thing.form),
        "body": thing.text,
    }
