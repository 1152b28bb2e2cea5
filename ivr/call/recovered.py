"""A call that was answered without the database gets what it would have left with it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from ivr.call.session import Session
from ivr.call.tables import CallRow, CallTurnRow
from ivr.call.turn import read_session
from ivr.oncall import recovering
from scheduling.database import flush_or_lose

LANGUAGE = "en"
"""Of a caller who was not heard to choose one."""


def recover_call(
    transaction: Transaction,
    *,
    clinic_id: str,
    call_sid: str,
    caller: str | None,
    called_at: datetime,
    link_base: str,
    now: datetime,
) -> UUID:
    """Store the call's row and its ticket, unless they are there; return the ticket's id.

    Of a call that lost the database on its way, what the caller gave before is taken over.

    caller: E.164; None where it is withheld or not known. called_at: about when the call began,
    aware UTC. Raises LostRace where another process stores them at this moment.
    """
    row = transaction.get(CallRow, (clinic_id, call_sid))
    if row is None:
        transaction.add(
            CallRow(
                clinic_id=clinic_id, call_sid=call_sid, from_number=caller, started_at=called_at
            )
        )
        flush_or_lose(transaction)
    elif row.from_number is None and caller is not None:
        row.from_number = caller
    # Whoever tells of the call may not know who called, and the call's own beginning does.
    caller = caller or (row.from_number if row is not None else None)
    before = _last_session(transaction, clinic_id, call_sid)
    return recovering.recover_ticket(
        transaction,
        clinic_id=clinic_id,
        call_sid=call_sid,
        callback_number=before.facts.get("phone", caller) if before else caller,
        language=before.language if before else LANGUAGE,
        called_at=called_at,
        link_base=link_base,
        now=now,
    )


def accept_in_call(
    transaction: Transaction,
    *,
    clinic_id: str,
    call_sid: str,
    number: str,
    leg: str,
    pressed_at: datetime,
    link_base: str,
    now: datetime,
) -> bool:
    """Record that whoever has the phone `number` (E.164) accepted the call at `pressed_at`.

    leg: the carrier's id of the call to that phone. False where nobody on call has that phone, or
    the acceptance no longer counts: see recovering.accept_late(). Raises LostRace.
    """
    ticket_id = recover_call(
        transaction,
        clinic_id=clinic_id,
        call_sid=call_sid,
        # The leg that tells of the acceptance does not tell who called.
        caller=None,
        called_at=pressed_at,
        link_base=link_base,
        now=now,
    )
    person = recovering.person_with(transaction, clinic_id, number)
    if person is None:
        return False
    return recovering.accept_late(
        transaction,
        clinic_id=clinic_id,
        ticket_id=ticket_id,
        person_key=person,
        leg=leg,
        pressed_at=pressed_at,
    )


def _last_session(transaction: Transaction, clinic_id: str, call_sid: str) -> Session | None:
    state = transaction.scalar(
        select(CallTurnRow.state)
        .where(CallTurnRow.clinic_id == clinic_id, CallTurnRow.call_sid == call_sid)
        .order_by(CallTurnRow.turn.desc())
        .limit(1)
    )
    return read_session(state) if state else None
