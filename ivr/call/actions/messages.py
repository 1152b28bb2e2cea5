"""What leaving a message runs: it is filed as soon as it is spoken, then whom to call back."""

from __future__ import annotations

from ivr.call.actions.person import caller_note
from ivr.call.actions.registry import Context, outcomes, own_number
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.messages import spoken


@outcomes("known", "unknown")
def keep_message(context: Context, session: Session) -> Done:
    """File what was recorded, with the number they gave before or call from."""
    number = session.facts.get("phone") or own_number(session)
    spoken.file(
        context.transaction,
        clinic_id=session.clinic_id,
        recording_sid=session.facts["recording"],
        seconds=int(session.facts["recording_seconds"]),
        callback_number=number,
        language=session.language,
        note=caller_note(session),
        now=context.now,
    )
    return Done("known", {"phone": number}) if number else Done("unknown")


@outcomes("kept", "no_number")
def keep_message_number(context: Context, session: Session) -> Done:
    """The number the caller confirmed or keyed; none where they refused the one and keyed none."""
    number = session.facts.get("phone")
    spoken.set_number(
        context.transaction,
        clinic_id=session.clinic_id,
        recording_sid=session.facts["recording"],
        number=number,
    )
    return Done("kept" if number else "no_number")
