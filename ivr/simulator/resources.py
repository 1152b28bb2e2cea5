"""Calls, messages and recordings as Twilio writes them in JSON."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from ivr.simulator.leg import API_VERSION, Leg
from ivr.simulator.messaging import MessageRecord, segments
from ivr.simulator.recording import KeptRecording

Json = dict[str, Any]


def _date(moment: datetime | None) -> str | None:
    return format_datetime(moment) if moment else None


def call_json(leg: Leg) -> Json:
    """The Call resource of a leg."""
    account = leg.exchange.config.account_sid
    uri = f"/{API_VERSION}/Accounts/{account}/Calls/{leg.sid}"
    subresources = ("Notifications", "Recordings", "Payments", "Events", "Streams")
    return {
        "sid": leg.sid,
        "account_sid": account,
        "parent_call_sid": leg.parent.sid if leg.parent else None,
        "from": leg.from_number,
        "from_formatted": leg.from_number,
        "to": leg.to_number,
        "to_formatted": leg.to_number,
        "phone_number_sid": None,
        "status": leg.status,
        "direction": leg.direction,
        "answered_by": leg.answered_by or None,
        "start_time": _date(leg.started_at),
        "end_time": _date(leg.ended_at),
        "duration": str(leg.duration_s) if leg.is_over else None,
        "date_created": _date(leg.created_at),
        "date_updated": _date(leg.ended_at or leg.answered_at or leg.created_at),
        "price": None,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "annotation": None,
        "caller_name": None,
        "forwarded_from": None,
        "group_sid": None,
        "queue_time": "0",
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {name.lower(): f"{uri}/{name}.json" for name in subresources},
    }


def message_json(message: MessageRecord, account: str) -> Json:
    """The Message resource of a message."""
    uri = f"/{API_VERSION}/Accounts/{account}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": account,
        "messaging_service_sid": None,
        "from": message.from_number,
        "to": message.to_number,
        "body": message.body,
        "status": message.status,
        "direction": message.direction,
        "num_segments": str(segments(message.body)),
        "num_media": "0",
        "error_code": message.error_code,
        "error_message": None,
        "date_created": _date(message.created_at),
        "date_sent": _date(message.sent_at),
        "date_updated": _date(message.updated_at),
        "price": None,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }


def recording_json(recording: KeptRecording, account: str) -> Json:
    """The Recording resource of a recording."""
    return {
        "sid": recording.sid,
        "account_sid": account,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "status": "completed",
        "channels": 1,
        "source": "RecordVerb",
        "duration": str(recording.duration_s),
        "start_time": _date(recording.started_at),
        "date_created": _date(recording.started_at),
        "date_updated": _date(recording.started_at),
        "error_code": None,
        "price": None,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "uri": f"/{API_VERSION}/Accounts/{account}/Recordings/{recording.sid}.json",
    }


def page_json(
    name: str,
    uri: str,
    items: Sequence[Json],
    page: int,
    size: int,
    filters: Sequence[tuple[str, str]] = (),
) -> Json:
    """One page of a list resource; pages count from 0, and each names the list's filters."""
    start = page * size
    shown = list(items[start : start + size])

    def at(number: int) -> str:
        query = [*filters, ("PageSize", str(size)), ("Page", str(number))]
        return f"{uri}?{urlencode(query)}"

    return {
        name: shown,
        "page": page,
        "page_size": size,
        "start": start,
        "end": start + max(len(shown) - 1, 0),
        "uri": at(page),
        "first_page_uri": at(0),
        "previous_page_uri": at(page - 1) if page else None,
        "next_page_uri": at(page + 1) if start + size < len(items) else None,
    }
