"""What whoever waits for an earlier time is texted, when one is kept for them. Pure.

As neutral as all that goes to patients: see wording.py.
"""

from __future__ import annotations

from ivr.messages.patients.wording import as_texted

_OFFER = {
    "en": "{clinic}: {when} is free. It is kept for you until {until}{instead}. Reply 1 to take "
    "it, 2 to pass, 9 to opt out. Questions: {phone}.",
    "es": "{clinic}: hay lugar el {when}. Se lo guardamos hasta el {until}{instead}. Responda 1 "
    "para tomarlo, 2 para dejarlo, 9 para no recibir textos. Tel. {phone}.",
}
_INSTEAD = {
    "en": ", in place of {when}",
    "es": ", en vez del {when}",
}


def offer_text(
    language: str, *, clinic: str, when: str, until: str, instead: str | None, phone: str
) -> str:
    """The text that offers a time.

    clinic: its neutral name. when, until, instead: see wording.in_words(); instead: the appointment
    that would move there, if they have one. phone: the line, E.164. Raises KeyError for another
    language.
    """
    in_place = _INSTEAD[language].format(when=instead) if instead else ""
    return as_texted(
        _OFFER[language].format(
            clinic=clinic, when=when, until=until, instead=in_place, phone=phone
        )
    )
