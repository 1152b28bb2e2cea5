"""THE RECOVERY RULE: which calls of the carrier's list were answered without our database. Pure.

The line answers without its database, and such a call leaves nothing with us: the carrier's own
list of calls is what remains of it. Nobody can ask any more what it was about, so it counts as
urgent [caller-safety: always raise, never lower].
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.messages.telephony import ListedCall

ANSWERED_WITHIN = timedelta(seconds=15)
"""How long the carrier waits for our answer to a call [Twilio, error 11205]. Until then the row of
a call may be on its way."""

TOLD_WITHIN = timedelta(minutes=1)
"""How late the carrier tells of a call's end at the worst [a judgement]."""


@dataclass(frozen=True, slots=True)
class Known:
    """What we have stored of a call.

    ended: its end was told. has_ticket: it is about one. lacks_number: the carrier tells who
    called, and we have not stored it.
    """

    ended: bool
    has_ticket: bool
    lacks_number: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be made up for a call.

    ticket: give it one. ended: nobody told us that it is over.
    """

    call: ListedCall
    ticket: bool
    ended: bool


def find_unrecorded(
    calls: Sequence[ListedCall],
    known: Mapping[str, Known],
    *,
    line: str,
    staff: Collection[str],
    ends_are_told: bool,
    now: datetime,
) -> list[Finding]:
    """What is to be made up at `now` (aware UTC) for `calls`, the oldest call first.

    calls: to and from `line` (E.164), every leg. known: by sid, those we have a row for.
    staff: the numbers (E.164) of on-call people. ends_are_told: whether the carrier has ever told
    us of a call's end, as it does where its number is set up as the manual says.

    A call needs a ticket, unless it has one,

    - where we have no row for it: it began while we stored nothing. However short it was: whoever
      hung up after 2 s heard that something is broken, or rang in vain while we tried, and calls
      without a row come from nowhere but an outage;
    - where an on-call person's phone was rung for it: only the answer without a database does that
      for a call without a ticket;
    - where we have a row without its caller's number: whoever accepted it told us of the call, and
      the process that knew who called is gone. Nobody could be called back;
    - where we have a row and were not told of its end: what was pressed last may not have reached
      us. Somebody who had booked by then is called for nothing; that is the lesser evil.
    """
    rung_for = {call.parent_sid for call in calls if call.to_number in staff}
    findings = []
    for call in sorted(_settled(calls, line, now), key=lambda one: (one.started_at, one.sid)):
        stored = known.get(call.sid)
        if stored is None:
            findings.append(Finding(call, ticket=True, ended=call.ended_at is not None))
            continue
        untold = not stored.ended and _is_over_since(call, now - TOLD_WITHIN)
        raised = call.sid in rung_for or (untold and ends_are_told)
        ticket = (raised and not stored.has_ticket) or stored.lacks_number
        if ticket or untold:
            findings.append(Finding(call, ticket, ended=untold))
    return findings


def _settled(calls: Iterable[ListedCall], line: str, now: datetime) -> Iterable[ListedCall]:
    return (
        call
        for call in calls
        if call.to_number == line
        and not call.parent_sid
        and call.started_at <= now - ANSWERED_WITHIN
    )


def _is_over_since(call: ListedCall, then: datetime) -> bool:
    return call.ended_at is not None and call.ended_at <= then
