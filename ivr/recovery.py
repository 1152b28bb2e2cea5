"""Looks through the carrier's list of calls for those that were answered without our database.

Each look asks the carrier outside any transaction, reads what is stored, and makes up for what
recovery_rule finds call by call, each in a transaction of its own: hundreds of calls may come while
the database is away, more than fit into one. How far it has looked is stored last. It can be run
again, and by several workers at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from ivr.call.recovered import recover_call
from ivr.call.tables import CallListLook, CallRow
from ivr.call.turn import end_call
from ivr.call.understanding import caller_number
from ivr.housekeeping import LONGEST_CALL, NOT_REPORTED
from ivr.messages.telephony import CarrierError, ListedCall, Telephony
from ivr.oncall.recovery_rule import Finding, Known, find_unrecorded
from ivr.oncall.stored_ticket import calls_with_ticket
from ivr.oncall.tables import OnCallPerson
from scheduling.database import Database, DatabaseUnavailable, flush_or_lose
from scheduling.tables import Clinic

LOOK_EVERY = timedelta(minutes=1)
"""Between two looks. An outage that this process saw itself is followed by one at once."""

RETRY_AFTER = timedelta(seconds=15)
"""After a look at which the carrier failed."""

REACH = timedelta(minutes=30)
"""How far a look reaches back behind the one before: the carrier's list lags by some seconds, a
call is judged only when it is old enough, and the database may go and come back while one lasts
[a judgement]."""

AT_ONCE = 20
"""Calls made up for in one look; the pages of these go out before the next look finds the rest."""

TOLD_SINCE = timedelta(days=7)
"""Within which the carrier must have told of some call's end, if it does so at all."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Line:
    """A clinic's line, and since when its calls are to be looked at (aware UTC)."""

    clinic_id: str
    number: str
    since: datetime


class Recovery:
    """One worker's looks. clock: aware UTC. link_base: where pages point, PUBLIC_BASE_URL."""

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
        self._next_look: datetime | None = None

    def look_soon(self) -> None:
        """The database was away: look as soon as it is back."""
        self._next_look = None

    def look_if_due(self) -> int:
        """Make up for what is found; how many calls got a ticket. Raises DatabaseUnavailable.

        A carrier that fails is asked again soon, about the same time.
        """
        now = self._clock()
        if self._next_look is not None and now < self._next_look:
            return 0
        found = 0
        self._next_look = now + LOOK_EVERY
        try:
            for line in self._database.read(lambda session: _lines(session, now)):
                found += self._look_that_survives(line, now)
        except CarrierError as error:
            log.warning("call_list_not_read", reason=str(error.kind), error_code=error.code)
            self._next_look = now + RETRY_AFTER
        except DatabaseUnavailable:
            self.look_soon()
            raise
        return found

    def _look_that_survives(self, line: _Line, now: datetime) -> int:
        try:
            return self._look(line, now)
        except (CarrierError, DatabaseUnavailable):
            raise
        except Exception:
            # What is wrong with one clinic must not keep the calls of the others from being found.
            log.exception("recovery_failed", clinic_id=line.clinic_id)
            return 0

    def _look(self, line: _Line, now: datetime) -> int:
        calls = [
            *self._telephony.list_calls(since=line.since, to=line.number),
            # The legs by which the line rang somebody for a call.
            *self._telephony.list_calls(since=line.since, from_=line.number),
        ]
        findings = self._database.read(lambda session: _findings(session, line, calls, now))
        made_up = [one for one in findings[:AT_ONCE] if self._makes_up(line.clinic_id, one, now)]
        if len(findings) > AT_ONCE:
            self.look_soon()
        elif len(made_up) == len(findings):
            # With a call left over the next look reaches back as far as this one.
            self._database.write(lambda session: _store_look(session, line.clinic_id, now))
        return sum(finding.ticket for finding in made_up)

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


def _findings(
    session: Session, line: _Line, calls: Sequence[ListedCall], now: datetime
) -> list[Finding]:
    return find_unrecorded(
        calls,
        _known(session, line.clinic_id, calls),
        line=line.number,
        staff=_staff(session, line.clinic_id),
        ends_are_told=_ends_are_told(session, line.clinic_id, now),
        now=now,
    )


def _store_look(session: Session, clinic_id: str, now: datetime) -> None:
    look = session.get(CallListLook, clinic_id)
    if look is None:
        session.add(CallListLook(clinic_id=clinic_id, began_at=now, looked_at=now))
    else:
        look.looked_at = max(look.looked_at, now)
    flush_or_lose(session)


def _lines(session: Session, now: datetime) -> list[_Line]:
    return [
        _Line(clinic.id, clinic.phone_number, _since(session, clinic.id, now))
        for clinic in session.scalars(select(Clinic).order_by(Clinic.id))
    ]


def _since(session: Session, clinic_id: str, now: datetime) -> datetime:
    look = session.get(CallListLook, clinic_id)
    reached = max(look.began_at, look.looked_at - REACH) if look else now
    oldest = session.scalar(
        select(func.min(CallRow.started_at)).where(
            CallRow.clinic_id == clinic_id,
            CallRow.ended_at.is_(None),
            CallRow.started_at > now - LONGEST_CALL,
        )
    )
    return min(reached, oldest) if oldest else reached


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
