"""Counts and keeps tries to be known as a patient. Every try runs the same statements.

Tries of one clinic stand in line, so that guesses made at once are each counted.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, distinct, func, insert, select
from sqlalchemy.orm import Session as Transaction

from ivr.call.verification import (
    CLINIC_WINDOW,
    LONGEST_WINDOW,
    NUMBER_WINDOW,
    RECORD_WINDOW,
    TriesBefore,
)
from ivr.call.verification_tables import IdentityAttempt
from scheduling.database import new_id
from scheduling.duplicates import plain_name
from scheduling.tables import Clinic

_NO_NUMBER = "withheld"


@dataclass(frozen=True)
class Claim:
    """What a caller gives of themselves, hashed: who guesses fills no table with real people.

    number: E.164, None where it is withheld.
    """

    number_hash: str
    birth_hash: str
    other_hash: str

    @classmethod
    def of(
        cls, *, secret: bytes, clinic_id: str, number: str | None, birth: str, phone_or_name: str
    ) -> Claim:
        """The claim of a call. secret: SECRET_KEY, without which nobody can hash along."""

        def hashed(kind: str, value: str) -> str:
            text = f"{clinic_id}\x1f{kind}\x1f{value}"
            return hmac.new(secret, text.encode(), sha256).hexdigest()

        is_phone = phone_or_name.startswith("+")
        other = phone_or_name if is_phone else plain_name(phone_or_name)
        return cls(
            hashed("number", number or _NO_NUMBER),
            hashed("birth", birth),
            hashed("other", other),
        )


def tries_before(
    transaction: Transaction, clinic_id: str, claim: Claim, now: datetime
) -> TriesBefore:
    """What counts against this claim; until the transaction ends, nobody else's try is counted."""
    transaction.execute(
        select(Clinic.id).where(Clinic.id == clinic_id).with_for_update(key_share=True)
    )
    one = IdentityAttempt
    failed = one.outcome == "failed"
    of_a_day = one.at > now - RECORD_WINDOW
    record = one.birth_hash + one.other_hash
    counted = transaction.execute(
        select(
            func.count().filter(failed, of_a_day, one.birth_hash == claim.birth_hash),
            func.count().filter(failed, of_a_day, one.other_hash == claim.other_hash),
            func.count(distinct(record)).filter(
                one.outcome != "locked",
                one.at > now - NUMBER_WINDOW,
                one.number_hash == claim.number_hash,
                record != claim.birth_hash + claim.other_hash,
            ),
            func.count().filter(failed, one.at > now - CLINIC_WINDOW),
        ).where(one.clinic_id == clinic_id, one.at > now - LONGEST_WINDOW)
    ).one()
    return TriesBefore(*counted)


def keep(
    transaction: Transaction,
    *,
    clinic_id: str,
    call_sid: str,
    claim: Claim,
    outcome: str,
    now: datetime,
) -> None:
    """Store a try. outcome: "passed", "failed" or "locked"."""
    transaction.execute(
        insert(IdentityAttempt).values(
            clinic_id=clinic_id,
            id=new_id(),
            call_sid=call_sid,
            outcome=outcome,
            at=now,
            **vars(claim),
        )
    )


def prune(transaction: Transaction, *, now: datetime) -> None:
    """Forget the tries that count no more."""
    transaction.execute(delete(IdentityAttempt).where(IdentityAttempt.at <= now - LONGEST_WINDOW))
