"""What the way to a person runs: the caller's number is left with the desk."""

from __future__ import annotations

from ivr.call.actions.registry import Context, outcomes, own_number
from ivr.call.events import Done
from ivr.call.session import INTERPRETER_FACT, Session
from ivr.call.understanding import languages
from ivr.messages import desk_tasks


@outcomes("known", "unknown")
def offer_own_number(_context: Context, session: Session) -> Done:
    """Offer the number they gave before, or call from; a withheld one must be keyed."""
    number = session.facts.get("phone") or own_number(session)
    return Done("known", {"phone": number}) if number else Done("unknown")


@outcomes("kept", "no_number")
def request_callback(context: Context, session: Session) -> Done:
    """Leave the caller's number on the desk's list."""
    number = session.facts.get("phone")
    desk_tasks.open_task(
        context.transaction,
        clinic_id=session.clinic_id,
        kind="callback" if number else "missed_caller",
        callback_number=number,
        language=session.language,
        note=caller_note(session),
        source=session.call_sid,
        now=context.now,
    )
    return Done("kept" if number else "no_number")


def caller_note(session: Session) -> str:
    """What the desk must know of this call, in its own words; empty for nothing."""
    notes = []
    if code := session.facts.get(INTERPRETER_FACT):
        name = languages.name_of(code, "en")
        notes.append(f"Needs an interpreter ({name})." if name else "Needs an interpreter.")
    if session.facts.get("deceased"):
        notes.append(
            "A patient has died: enter the date of death, which stops all messages to them."
        )
    return " ".join(notes)
