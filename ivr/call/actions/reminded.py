"""What a patient whom we call runs: confirm a visit, change it, a person, no more calls.

Nobody proves here who they are: a key of the phone that was called may confirm, and no more. What
changes a visit comes after two identifiers, as in any call.
"""

from __future__ import annotations

from uuid import UUID

from ivr.call.actions.registry import Context, outcomes
from ivr.call.actions.visits_ahead import GONE
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.messages import desk_tasks, opting_out
from ivr.messages.patients import answers
from ivr.messages.patients.answers import Answer
from scheduling.requests import Request
from scheduling.states import Channel

ACTOR = "patient, reminded"


@outcomes("confirmed", "changed")
def confirm_reminded(context: Context, session: Session) -> Done:
    """They will come, to all that they were reminded of."""
    message_id = UUID(session.facts["reminder_id"])
    try:
        confirmed = answers.confirm(
            context.transaction,
            clinic_id=session.clinic_id,
            message_id=message_id,
            request=Request(ACTOR, Channel.PHONE, context.now, f"{session.call_sid}:reminded"),
        )
    except GONE:
        return Done("changed")
    return Done("confirmed" if confirmed else "changed")


@outcomes("noted")
def note_change(context: Context, session: Session) -> Done:
    """They want another time: the desk sees it, even if they hang up before they have one."""
    return _noted(context, session, Answer.CHANGE)


@outcomes("noted")
def note_person(context: Context, session: Session) -> Done:
    """They want to speak with somebody."""
    return _noted(context, session, Answer.PERSON)


@outcomes("stopped")
def stop_reminding(context: Context, session: Session) -> Done:
    """No more texts and machine calls to this phone; the visit stands, and the desk is told."""
    _stop(
        context,
        session,
        "In a call that reminded them of a visit. The visit stands: call the patient before it, "
        "and ask whether they meant to cancel.",
    )
    _noted(context, session, Answer.OPTED_OUT)
    return Done("stopped")


@outcomes("stopped")
def stop_offering(context: Context, session: Session) -> Done:
    """The same in a call about a time that is kept for them, which it is until it runs out."""
    _stop(
        context,
        session,
        "In a call that offered them a time from the waitlist. They keep their place in line: "
        "call the patient, and ask whether they still want to come sooner.",
    )
    return Done("stopped")


@outcomes("stopped")
def stop_recalling(context: Context, session: Session) -> Done:
    """The same in a call that it is time to come back: the desk calls, and no machine."""
    _stop(
        context,
        session,
        "In a call that it is time for their next appointment. It still is: call the patient and "
        "book a visit, see Recalls.",
    )
    return Done("stopped")


def _stop(context: Context, session: Session, note: str) -> None:
    number = session.caller
    if number is None:
        return
    opting_out.stop(
        context.transaction,
        clinic_id=session.clinic_id,
        number=number,
        source=session.call_sid,
        now=context.now,
    )
    desk_tasks.open_task(
        context.transaction,
        clinic_id=session.clinic_id,
        kind="opt_out",
        callback_number=number,
        language=session.language,
        note=note,
        source=f"{session.call_sid}:opt_out",
        now=context.now,
    )


def _noted(context: Context, session: Session, answer: Answer) -> Done:
    answers.note(
        context.transaction,
        clinic_id=session.clinic_id,
        message_id=UUID(session.facts["reminder_id"]),
        answer=answer,
        now=context.now,
    )
    return Done("noted")
