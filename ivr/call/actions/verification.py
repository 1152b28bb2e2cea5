"""Who the patient is that a caller speaks for: two identifiers, before anything of theirs is heard.

Caller ID is neither of the two: it can be forged, and a phone can be borrowed. Whatever is wrong
with a try, the same statements run and the same words are said.
"""

from __future__ import annotations

from datetime import date

from ivr.call import attempts
from ivr.call.actions.registry import Context, outcomes
from ivr.call.attempts import Claim
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.call.verification import FAILURES_A_CLINIC, TRIES_A_CALL
from ivr.messages import desk_tasks
from scheduling import identifying
from scheduling.identifying import OnFile


@outcomes("known", "ask", "refused")
def may_verify(_context: Context, session: Session) -> Done:
    """Whether the caller has to say who the patient is, has done so, or has tried too often."""
    if "patient_id" in session.facts:
        return Done("known")
    return Done("refused" if _tries(session) >= TRIES_A_CALL else "ask")


@outcomes("right", "wrong", "refused", "several")
def check_identity(context: Context, session: Session) -> Done:
    """Look for the one patient who has both identifiers on file."""
    given = session.facts["phone_or_name"]
    claim = Claim.of(
        secret=context.secret,
        clinic_id=session.clinic_id,
        number=session.caller,
        birth=session.facts["date_of_birth"],
        phone_or_name=given,
    )
    before = attempts.tries_before(context.transaction, session.clinic_id, claim, context.now)
    born = date.fromisoformat(session.facts["date_of_birth"])
    on_file = identifying.born_on(context.transaction, session.clinic_id, born)
    fitting = [one for one in on_file if _fits(one, given)]
    failed = before.locked or not fitting
    outcome = "locked" if before.locked else "failed" if failed else "passed"
    attempts.keep(
        context.transaction,
        clinic_id=session.clinic_id,
        call_sid=session.call_sid,
        claim=claim,
        outcome=outcome,
        now=context.now,
    )
    # Said to nobody again, and not to be found in the call's row longer than it has to be.
    facts = {"phone_or_name": ""}
    if failed:
        if before.alarming:
            _tell_the_desk(context, session)
        tries = _tries(session) + 1
        facts["identity_tries"] = str(tries)
        is_over = before.locked or tries >= TRIES_A_CALL
        return Done("refused" if is_over else "wrong", facts)
    if len(fitting) > 1:
        # Twins who share a phone, or one patient's two records: for a person to tell apart.
        return Done("several", facts)
    return Done("right", {**facts, "patient_id": str(fitting[0].patient_id)})


def _fits(record: OnFile, phone_or_name: str) -> bool:
    if phone_or_name.startswith("+"):
        return record.has_phone(phone_or_name)
    return record.has_name(phone_or_name)


def _tries(session: Session) -> int:
    return int(session.facts.get("identity_tries", "0"))


def _tell_the_desk(context: Context, session: Session) -> None:
    desk_tasks.open_task(
        context.transaction,
        clinic_id=session.clinic_id,
        kind="identity_alarm",
        callback_number=None,
        language="en",
        note=(
            f"{FAILURES_A_CLINIC} tries to be known as a patient failed within an hour: somebody "
            "may be guessing. Ask for more than a date of birth and a phone number before you "
            "tell a caller anything."
        ),
        source=f"identity_alarm:{context.now:%Y-%m-%dT%H}",
        now=context.now,
    )
