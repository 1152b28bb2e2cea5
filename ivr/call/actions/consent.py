"""What asking for consent to texts runs: may they be asked, and what they answered.

Asked where a visit was just booked, moved or waited for: of whoever is known to be the patient or
speaks for them, about a number that is theirs, once in a call and never beside urgent help. A yes
and a no are kept with the words of the question; silence is neither, and is asked again another
time.
"""

from __future__ import annotations

from uuid import UUID

from ivr.call.actions.registry import Context, actor, outcomes, own_number
from ivr.call.actions.telling import tell_by_text
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.messages import text_consent
from ivr.messages.patients.wording import Occasion
from scheduling import contact, patient_records
from scheduling.contact import ConsentKind
from scheduling.requests import Request
from scheduling.states import Channel
from scheduling.tables import Visit

QUESTION = "ask_to_text"
"""The prompt key of the question: its wording is kept with the answer."""

ABOUT = ("booked", "moved", "waitlist", "offer")
"""What was just done, and what is said next: the fact `text_about`."""

_OCCASIONS = {"booked": Occasion.BOOKED, "moved": Occasion.MOVED, "offer": Occasion.BOOKED}


@outcomes("ask", *ABOUT)
def may_ask_to_text(context: Context, session: Session) -> Done:
    """Whether nobody has answered yet for this patient and number."""
    about = session.facts["text_about"]
    skipped = Done(about, {"text_about": ""})
    if "asked_to_text" in session.facts or "ticket_id" in session.facts:
        return skipped
    whose = _patient(context, session)
    number = _number(context, session, whose)
    if number is None or _is_answered(context, session, whose, number):
        return skipped
    return Done("ask", {"asked_to_text": "yes", "text_number": number})


@outcomes(*ABOUT)
def keep_text_answer(context: Context, session: Session) -> Done:
    """Keep their yes or no; of silence nothing is kept."""
    facts = session.facts
    if answer := facts.get("text_answer"):
        contact.record_consent(
            context.transaction,
            clinic_id=session.clinic_id,
            patient_id=_patient(context, session),
            kind=ConsentKind.SMS,
            granted=answer == "yes",
            source=session.call_sid,
            number=facts["text_number"],
            wording=context.prompts.version(QUESTION, session.language),
            request=Request(
                actor=actor(session),
                channel=Channel.PHONE,
                now=context.now,
                key=f"{session.call_sid}:text_consent",
            ),
        )
        if answer == "yes":
            _tell_after_all(context, session)
    return Done(facts["text_about"], {"text_about": "", "text_answer": ""})


def _tell_after_all(context: Context, session: Session) -> None:
    """What was just done with their visit could not be texted before they agreed to it."""
    occasion = _OCCASIONS.get(session.facts["text_about"])
    if occasion is not None:
        key = session.clinic_id, UUID(session.facts["text_visit"])
        tell_by_text(context, context.transaction.get_one(Visit, key), occasion)


def _patient(context: Context, session: Session) -> UUID:
    """Whose visit it is: whoever has just booked may be another than was verified before."""
    booked = session.facts["text_about"] == "booked"
    given = UUID(session.facts["booked_for" if booked else "patient_id"])
    return patient_records.current(context.transaction, session.clinic_id, given).id


def _number(context: Context, session: Session, whose: UUID) -> str | None:
    """The number they call from, where it is on file, else another on file.

    A newcomer's is the one they confirmed; it is on file by now.
    """
    on_file = contact.phones_of(context.transaction, session.clinic_id, whose)
    preferred = (own_number(session), session.facts.get("phone"), *on_file)
    return next((one for one in preferred if one in on_file), None)


def _is_answered(context: Context, session: Session, whose: UUID, number: str) -> bool:
    clinic_id = session.clinic_id
    if text_consent.consents(context.transaction, clinic_id, number) is False:
        # Its owner has texted STOP: that is a no to whatever we send.
        return True
    return contact.is_consent_known(context.transaction, clinic_id, whose, ConsentKind.SMS, number)
