"""Makes up for calls that were answered without our database.

The carrier is asked outside any transaction, what is stored is read, and what recovery_rule finds
is made up for call by call, each in a transaction of its own: hundreds of calls may come while the
database is away, more than fit into one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from ivr.call.recovered import recover_call
from ivr.call.tables import CallRow
from ivr.call.turn import end_call
from ivr.call.understanding import caller_number
from ivr.housekeeping import LONGEST_CALL, NOT_REPORTED
from ivr.messages.list_looks import CallListLook
from ivr.messages.telephony import ListedCall, Telephony
from ivr.oncall.recovery_rule import Finding, Known, find_unrecorded
from ivr.oncall.stored_ticket import calls_with_ticket
from ivr.oncall.tables import OnCallPerson
from ivr.recovery.reach import Made, Reach
from scheduling.database import Database, DatabaseUnavailable

AT_ONCE = 20
"""Calls made up for in one look; the pages of these go out before the next look finds the rest."""

TOLD_SINCE = timedelta(days=7)
"""Within which the carrier must have told of some call's end, if it does so at all."""

log = structlog.get_logger(__name__)


class MissedCalls:
    """One worker's looks through the list of calls. clock: aware UTC.

    link_base: where pages point, PUBLIC_BASE_URL.
    """

    marks = CallListLook
    not_read = "call_list_not_read"
    """What the log says where the carrier fails."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        telephony: Telephony,
        link_base: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._telephony = telephony
        self._link_base = link_base

    def make_up(self, reach: Reach) -> Made:
        """Make up for what is found. Raises CarrierError and DatabaseUnavailable."""
        now = self._clock()
        since = self._database.read(partial(_since, reach, now))
        calls = [
            *self._telephony.list_calls(since=since, to=reach.number),
            # The legs by which the line rang somebody for a call.
            *self._telephony.list_calls(since=since, from_=reach.number),
        ]
        findings = self._database.read(lambda session: _findings(session, reach, calls, now))
        made_up = [one for one in findings[:AT_ONCE] if self._makes_up(reach.clinic_id, one, now)]
        return Made(
            tickets=sum(finding.ticket for finding in made_up),
            is_whole=len(made_up) == len(findings),
            has_more=len(findings) > AT_ONCE,
        )

    def _makes_up(self, clinic_id: str, finding: Finding, now: datetime) -> bool:
        try:
            self._database.write(partial(self._make_up, clinic_id, finding, now))
        except DatabaseUnavailable:
            raise
        except Exception:
            # What is wrong with one call must not keep the others from getting their tickets.
            log.exception("call_not_recovered", clinic_id=clinic_id, call_sid=finding.call.sid)
            return False
        return True

    def _make_up(self, clinic_id: str, finding: Finding, now: datetime, session: Session) -> None:
        call = finding.call
        if finding.ticket:
            recover_call(
                session,
                clinic_id=clinic_id,
                call_sid=call.sid,
                caller=caller_number(call.from_number),
                called_at=call.started_at,
                link_base=self._link_base,
                now=now,
            )
            log.warning("call_recovered", clinic_id=clinic_id, call_sid=call.sid)
        if finding.ended and call.ended_at is not None:
            end_call(
                session,
                clinic_id=clinic_id,
                call_sid=call.sid,
                ended_as=NOT_REPORTED,
                now=call.ended_at,
            )


def _since(reach: Reach, now: datetime, session: Session) -> datetime:
    """As far back as to the oldest call whose end is missing."""
    oldest = session.scalar(
        select(func.min(CallRow.started_at)).where(
            CallRow.clinic_id == reach.clinic_id,
            CallRow.ended_at.is_(None),
            CallRow.started_at > now - LONGEST_CALL,
        )
    )
    return min(reach.since, oldest) if oldest else reach.since


def _findings(
    session: Session, reach: Reach, calls: Sequence[ListedCall], now: datetime
) -> list[Finding]:
    return find_unrecorded(
        calls,
        _known(session, reach.clinic_id, calls),
        line=reach.number,
        staff=_staff(session, reach.clinic_id),
        ends_are_told=_ends_are_told(session, reach.clinic_id, now),
        now=now,
    )


def _known(session: Session, clinic_id: str, calls: Sequence[ListedCall]) -> Mapping[str, Known]:
    sids = [call.sid for call in calls]
    rows = session.execute(
        select(CallRow.call_sid, CallRow.ended_at, CallRow.from_number).where(
            CallRow.clinic_id == clinic_id, CallRow.call_sid.in_(sids)
        )
    )
    with_ticket = calls_with_ticket(session, clinic_id, sids)
    told = {call.sid for call in calls if caller_number(call.from_number) is not None}
    return {
        row.call_sid: Known(
            ended=row.ended_at is not None,
            has_ticket=row.call_sid in with_ticket,
            lacks_number=row.from_number is None and row.call_sid in told,
        )
        for row in rows
    }


def _staff(session: Session, clinic_id: str) -> frozenset[str]:
    return frozenset(
        session.scalars(select(OnCallPerson.number).where(OnCallPerson.clinic_id == clinic_id))
    )


def _ends_are_told(session: Session, clinic_id: str, now: datetime) -> bool:
    told = exists().where(
        CallRow.clinic_id == clinic_id,
        CallRow.started_at >= now - TOLD_SINCE,
        CallRow.ended_as != NOT_REPORTED,
    )
    return bool(session.scalar(select(told)))
