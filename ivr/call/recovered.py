"""A call that was answered without the database gets what it would have left with it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session as Transaction

from ivr.call.tables import CallRow
from ivr.oncall import recovering
from scheduling.database import flush_or_lose


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
    return recovering.recover_ticket(
        transaction,
        clinic_id=clinic_id,
        call_sid=call_sid,
        callback_number=caller,
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
