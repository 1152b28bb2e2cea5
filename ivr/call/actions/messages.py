"""What leaving a message runs: it is filed as soon as it is spoken, then whom to call back."""

from __future__ import annotations

from ivr.call.actions.desk import desk_fact
from ivr.call.actions.person import caller_note
from ivr.call.actions.registry import Context, outcomes, own_number
from ivr.call.events import Done
from ivr.call.prompts import LANGUAGES
from ivr.call.session import Session
from ivr.messages import spoken


@outcomes("transcribed", "asked", "unread")
def how_to_record(context: Context, session: Session) -> Done:
    """Whether an urgent word in the message would be noticed, as it is in a transcript.

    Where nothing will be transcribed, the caller is asked first what it is about, which the line
    understands in the languages it speaks. While nobody is at the desk to listen, they hear before
    all else when to call 911.
    """
    if session.spoken_in in spoken.TRANSCRIBED:
        return Done("transcribed", {"urgent_first": ""})
    closed = not desk_fact(context, session).startswith("open")
    told = {"urgent_first": "yes" if closed else ""}
    return Done("asked" if session.spoken_in in LANGUAGES else "unread", told)


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
        spoken_in=session.spoken_in,
        note=message_note(session),
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


def message_note(session: Session) -> str:
    """What the desk is told beside the recording: the language, and what they said it is about."""
    about = session.facts.get("message_about")
    parts = (caller_note(session), f"Said before the tone: “{about}”." if about else "")
    return " ".join(part for part in parts if part)
