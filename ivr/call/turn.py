"""One webhook → one answer, stored with all it caused in one transaction.

A repeated webhook, also one that arrives while the first still runs, gets the stored answer: the
primary key (clinic, call, turn) lets only one transaction answer a turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection, Executable, Insert, Table, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Transaction

from ivr.call.actions import ACTIONS, Context, staff
from ivr.call.engine import advance
from ivr.call.events import Act, Arrived, Input, Turn
from ivr.call.nodes import Flow
from ivr.call.prompts import Prompts
from ivr.call.session import Session
from ivr.call.tables import CallRow, CallTurnRow
from ivr.call.topics import PAGE_FACT
from ivr.clinics.definition import ClinicFile
from ivr.oncall import leaving
from scheduling import booking
from scheduling.database import LostRace, is_duplicate_key

HOLD_TTL = timedelta(minutes=3)
"""How long a slot stays a caller's between two turns; each turn renews it."""

KEEP_ANSWERS = timedelta(hours=1)
"""How long after a call its stored answers are kept [design]."""

_STEPS = 24

_turns = cast(Table, CallTurnRow.__table__)
_calls = cast(Table, CallRow.__table__)

# Composed once: a turn is the hottest path there is, and composing costs more than running.
_LOOK = select(_turns.c.turn, _turns.c.node, _turns.c.state, _turns.c.answer).where(
    _turns.c.clinic_id == bindparam("clinic_id"),
    _turns.c.call_sid == bindparam("call_sid"),
    or_(_turns.c.turn == bindparam("this_turn"), _turns.c.turn == bindparam("turn_before")),
)
_LOCK = _LOOK.with_for_update()
"""A second webhook for the same turn waits for what the first one's actions do."""
_KNOWN = select(_calls.c.call_sid).where(
    _calls.c.clinic_id == bindparam("clinic_id"), _calls.c.call_sid == bindparam("call_sid")
)
_BEGIN = insert(_calls)
_STORE = insert(_turns)


@dataclass(frozen=True)
class Line:
    """A clinic's phone line: all that is fixed while the process runs.

    link_base: where pages to staff point, PUBLIC_BASE_URL. secret: what hashes are keyed with.
    """

    clinic: ClinicFile
    flow: Flow
    prompts: Prompts
    link_base: str
    secret: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Answer:
    """What goes back to the carrier. node: where the call stands now, for the log."""

    text: str
    node: str
    repeated: bool


Render = Callable[[Turn], str]


@dataclass(frozen=True)
class Request:
    """One webhook of a call. number: its turn; 0 is the call's beginning."""

    call_sid: str
    caller: str | None
    number: int
    event: Input


class NeedsTransaction(Exception):
    """This turn does more than speak: run take_turn() in a transaction, with what was found."""

    def __init__(self, found: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.found = found or {}


def answer_alone(
    statements: Transaction, line: Line, request: Request, render: Render, now: datetime
) -> Answer:
    """Answer a turn that runs no action, the most frequent kind.

    Such a turn reads a row that never changes and stores one row of its own, so its INSERT is its
    whole transaction: nothing is locked while the line thinks.
    Raises NeedsTransaction, before anything is stored, for every other kind; LostRace as
    take_turn() does.
    """
    session, stored = _load(statements, line.clinic.id, request, _LOOK)
    if stored is not None:
        return stored
    if request.number == 0 or session is None or "hold_id" in session.facts:
        raise NeedsTransaction
    session = replace(session, turn=request.number)
    turn = advance(line.flow, line.prompts, session, request.event, now)
    if isinstance(turn.then, Act):
        before = ACTIONS[turn.then.action].before
        raise NeedsTransaction(before(statements, turn.session) if before else None)
    return _store(statements, turn, render, now)


def take_turn(
    transaction: Transaction,
    line: Line,
    request: Request,
    render: Render,
    now: datetime,
    found: Mapping[str, str] | None = None,
) -> Answer:
    """Answer a turn, with all that it causes, in one transaction.

    found: what answer_alone() found out for it.

    Raises LostRace when another transaction answered this turn meanwhile: run again, and the
    stored answer is found.
    """
    clinic_id = line.clinic.id
    session, stored = _load(transaction, clinic_id, request, _LOCK)
    if stored is not None:
        return stored
    event = request.event
    if request.number == 0 or session is None:
        # A turn whose beginning was never stored (the database was away) starts the call anew.
        known = staff.recognised(transaction, clinic_id, request.caller)
        event = event if isinstance(event, Arrived) else Arrived()
        session = Session(
            clinic_id,
            request.call_sid,
            request.caller,
            language=event.language,
            facts=known,
            began_at=now.isoformat(),
        ).knowing({PAGE_FACT: line.clinic.clinic.page_url or "", **event.facts})
        _begin(transaction, session, now)
    if "hold_id" in session.facts:
        booking.renew_hold(
            transaction, clinic_id=clinic_id, holder=request.call_sid, now=now, ttl=HOLD_TTL
        )
    session = replace(session, turn=request.number)
    context = Context(
        transaction,
        line.clinic,
        line.prompts,
        line.link_base,
        HOLD_TTL,
        now,
        found or {},
        line.secret,
    )
    return _store(transaction, _advance(context, line, session, event), render, now)


def _advance(context: Context, line: Line, session: Session, event: Input) -> Turn:
    turn = advance(line.flow, line.prompts, session, event, context.now)
    for _ in range(_STEPS):
        if not isinstance(turn.then, Act):
            return turn
        done = ACTIONS[turn.then.action].run(context, turn.session)
        following = advance(line.flow, line.prompts, turn.session, done, context.now)
        turn = replace(following, says=(*turn.says, *following.says))
    raise RuntimeError(
        f"{turn.session.node}: {_STEPS} actions in one turn; checks.py let a loop by"
    )


def _load(
    transaction: Transaction, clinic_id: str, request: Request, statement: Executable
) -> tuple[Session | None, Answer | None]:
    number = request.number
    rows = transaction.connection().execute(
        statement,
        {
            "clinic_id": clinic_id,
            "call_sid": request.call_sid,
            "this_turn": number,
            "turn_before": number - 1,
        },
    )
    session: Session | None = None
    for turn, node, state, answer in rows:
        if turn == number and answer is not None:
            return None, Answer(answer, node, repeated=True)
        if turn == number - 1 and state is not None:
            session = read_session(state)
    return session, None


def read_session(state: str) -> Session | None:
    """A call's session as a turn stored it; None where another version stored it differently."""
    try:
        return Session.from_json(state)
    except (TypeError, KeyError, ValueError):
        # Stored by another version, before a deployment in mid-call: the call starts anew.
        return None


def _begin(transaction: Transaction, session: Session, now: datetime) -> None:
    key = {"clinic_id": session.clinic_id, "call_sid": session.call_sid}
    connection = transaction.connection()
    if connection.execute(_KNOWN, key).first() is None:
        _insert_once(connection, _BEGIN, {**key, "from_number": session.caller, "started_at": now})


def _store(transaction: Transaction, turn: Turn, render: Render, now: datetime) -> Answer:
    session, answer = turn.session, render(turn)
    row = {
        "clinic_id": session.clinic_id,
        "call_sid": session.call_sid,
        "turn": session.turn,
        "node": session.node,
        "state": session.to_json(),
        "answer": answer,
        "answered_at": now,
    }
    _insert_once(transaction.connection(), _STORE, row)
    return Answer(answer, session.node, repeated=False)


def _insert_once(connection: Connection, statement: Insert, row: Mapping[str, object]) -> None:
    try:
        connection.execute(statement, row)
    except IntegrityError as error:
        if not is_duplicate_key(error):
            raise
        raise LostRace("another request answered this turn") from error


def end_call(
    transaction: Transaction,
    *,
    clinic_id: str,
    call_sid: str,
    ended_as: str,
    now: datetime,
    told_of: datetime | None = None,
) -> None:
    """The caller is gone: free what they held, and page for what they did not get.

    told_of: when the carrier says that it ended, where it tells later than at once (aware UTC).
    """
    ended_at = _believed(transaction, clinic_id, call_sid, told_of, now)
    booking.release_holds(transaction, clinic_id=clinic_id, holder=call_sid)
    leaving.caller_left(transaction, clinic_id=clinic_id, call_sid=call_sid, now=ended_at)
    transaction.execute(
        update(CallRow)
        .where(
            CallRow.clinic_id == clinic_id,
            CallRow.call_sid == call_sid,
            # Callbacks come late and repeated: the first end stands.
            CallRow.ended_at.is_(None),
        )
        .values(ended_at=ended_at, ended_as=ended_as)
    )


def _believed(
    transaction: Transaction,
    clinic_id: str,
    call_sid: str,
    told_of: datetime | None,
    now: datetime,
) -> datetime:
    """`now` where the carrier's clock or ours is so wrong that the call ended before it began."""
    call = transaction.get(CallRow, (clinic_id, call_sid))
    if told_of is None or call is None:
        return now
    return told_of if call.started_at.replace(microsecond=0) <= told_of <= now else now


def purge_finished_calls(transaction: Transaction, *, now: datetime) -> int:
    """Empty the stored answers of calls that ended over an hour ago; how many calls that were."""
    finished = (
        select(CallRow.clinic_id, CallRow.call_sid)
        .where(CallRow.ended_at <= now - KEEP_ANSWERS, CallRow.purged_at.is_(None))
        .limit(500)
    )
    calls = transaction.execute(finished).all()
    for clinic_id, call_sid in calls:
        language = language_of(transaction, clinic_id, call_sid)
        transaction.execute(
            update(CallTurnRow)
            .where(CallTurnRow.clinic_id == clinic_id, CallTurnRow.call_sid == call_sid)
            .values(state=None, answer=None)
        )
        transaction.execute(
            update(CallRow)
            .where(CallRow.clinic_id == clinic_id, CallRow.call_sid == call_sid)
            .values(purged_at=now, language=language)
        )
    return len(calls)


def language_of(transaction: Transaction, clinic_id: str, call_sid: str) -> str | None:
    """The language last spoken in a call whose answers are still stored; None where none tells."""
    state = transaction.scalar(
        select(CallTurnRow.state)
        .where(
            CallTurnRow.clinic_id == clinic_id,
            CallTurnRow.call_sid == call_sid,
            CallTurnRow.state.is_not(None),
        )
        .order_by(CallTurnRow.turn.desc())
        .limit(1)
    )
    session = read_session(state) if state else None
    return session.language if session else None
