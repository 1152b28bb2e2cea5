"""What "text me this" runs: is there a page, to which number, and the text itself."""

from __future__ import annotations

from ivr.call.actions.registry import Context, outcomes, own_number
from ivr.call.events import Done
from ivr.call.session import Session
from ivr.call.topics import PAGE_FACT
from ivr.messages import link_texts, wording
from ivr.messages.link_texts import Fate
from scheduling.hours import zone_of

MOST_A_CALL = 3
"""Texts that one call may cause, whatever numbers are keyed."""


@outcomes("known", "unknown")
def offer_text(_context: Context, session: Session) -> Done:
    """The number they call from, else one they gave before; a withheld one must be keyed."""
    number = own_number(session) or session.facts.get("phone", "")
    return Done("known" if number else "unknown", {"texting": "yes", "text_to": number})


@outcomes(*Fate)
def text_page(context: Context, session: Session) -> Done:
    """They said yes: keep that, and send the link."""
    facts, clinic = session.facts, context.clinic
    sent = int(facts.get("texts_sent", "0"))
    if sent >= MOST_A_CALL:
        return Done(Fate.ENOUGH, {"texting": ""})
    fate = link_texts.send(
        context.transaction,
        clinic_id=session.clinic_id,
        zone=zone_of(clinic.timezone),
        number=facts["text_to"],
        body=wording.link_text(
            session.language, clinic.name, facts[PAGE_FACT], clinic.numbers.line
        ),
        source=session.call_sid,
        now=context.now,
    )
    if fate in (Fate.NOW, Fate.MORNING):
        sent += 1
    return Done(fate, {"texting": "", "texts_sent": str(sent)})
