"""What messages say. A lock screen is read by anybody: no name, no symptom, no specialty."""

from __future__ import annotations

_PAGE = {
    "en": "{clinic}: urgent ticket {number} is waiting. {link}",
    "es": "{clinic}: el aviso urgente {number} espera respuesta. {link}",
}

_NO_WORKER = {
    "en": "{clinic}: texts, calls and pages of the phone line have stopped going out. Call whoever "
    "runs the system: the worker must be started again.",
    "es": "{clinic}: los mensajes, llamadas y avisos de la línea telefónica ya no salen. Llame a "
    "quien administra el sistema: hay que volver a iniciar el worker.",
}

_LINK = {
    "en": "{clinic}: your link: {link} Our phone: {phone}. Reply 9 or STOP to opt out.",
    # Without accents: one letter outside the GSM alphabet makes it three messages.
    "es": "{clinic}: su enlace: {link} Tel. {phone}. Responda 9 o STOP para no recibir textos.",
}


def link_text(language: str, clinic: str, link: str, phone: str) -> str:
    """The text that a caller asked for: it does not say what the page is about.

    language: the call's, "en" or "es". clinic: its neutral name. phone: its line, E.164.
    Raises KeyError for another language.
    """
    return _LINK[language].format(clinic=clinic, link=link, phone=phone)


def page_text(language: str, clinic: str, ticket_number: int, link: str) -> str:
    """The text that pages on-call staff: a ticket's number and link, nothing of the patient.

    language: the staff member's, "en" or "es". clinic: its neutral name.
    Raises KeyError for another language.
    """
    return _PAGE[language].format(clinic=clinic, number=ticket_number, link=link)


def no_worker_text(language: str, clinic: str) -> str:
    """The text that tells a clinic's supervisor that nothing is sent any more.

    language: "en" or "es". clinic: its neutral name. Raises KeyError for another language.
    """
    return _NO_WORKER[language].format(clinic=clinic)
