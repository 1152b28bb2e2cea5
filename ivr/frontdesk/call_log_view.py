"""What the log of calls shows of one day, as values. No session, no request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ivr.call.call_log import Ending, LoggedCall, ending_of
from ivr.call.nodes import Flow
from ivr.frontdesk import wording
from ivr.frontdesk.wording import Words, say
from ivr.frontdesk.written import Instant, Phone, iso

ENDING: Final[Words] = {
    Ending.FINISHED: "Came to a goodbye",
    Ending.WITH_PERSON: "With a person, or waiting for one",
    Ending.ON_THE_WAY: "Hung up on the way",
    Ending.UNANSWERED: "No answer of the line is on file",
}

CARRIER: Final[Words] = {
    "busy": "the line was busy",
    "failed": "the call failed",
    "no-answer": "nobody answered",
    "canceled": "given up before it was answered",
    "not reported": "its end was never reported",
}
"""What the telephone company said of the end, where that is more than that it ended."""


@dataclass(frozen=True)
class CallRowShown:
    """One call. path: the places in the flow at which it stood, readable."""

    began: Instant
    phone: Phone | None
    length: str
    language: str
    ended: str
    path: tuple[str, ...]
    ticket: int | None


@dataclass(frozen=True)
class CallLogPage:
    """One day. before, after: the days beside it; after is None on the present day."""

    title: str
    day: str
    before: str
    after: str | None
    calls: tuple[CallRowShown, ...]


def build(
    calls: Sequence[LoggedCall], flow: Flow, day: date, zone: ZoneInfo, today: date
) -> CallLogPage:
    """The page of `day`; both days are of the clinic's calendar."""
    return CallLogPage(
        title=wording.day(day),
        day=day.isoformat(),
        before=(day - timedelta(days=1)).isoformat(),
        after=(day + timedelta(days=1)).isoformat() if day < today else None,
        calls=tuple(_call(one, flow, zone) for one in calls),
    )


def _call(call: LoggedCall, flow: Flow, zone: ZoneInfo) -> CallRowShown:
    return CallRowShown(
        began=Instant(iso(call.started_at), wording.time_of_day(call.started_at, zone)),
        phone=Phone(f"tel:{call.caller}", wording.phone(call.caller)) if call.caller else None,
        length=_length(call.started_at, call.ended_at),
        language=wording.in_words(wording.LANGUAGE, call.language) if call.language else "",
        ended=_ended(call, flow),
        path=tuple(wording.in_words({}, node) for node in call.path),
        ticket=call.ticket,
    )


def _length(began: datetime, ended: datetime | None) -> str:
    return "" if ended is None else wording.length(int((ended - began).total_seconds()))


def _ended(call: LoggedCall, flow: Flow) -> str:
    if call.ended_at is None:
        return say("Still going on")
    words = wording.in_words(ENDING, ending_of(flow, call.path[-1] if call.path else None))
    if call.ended_as is None or call.ended_as not in CARRIER:
        return words
    return f"{words}: {wording.in_words(CARRIER, call.ended_as)}"
