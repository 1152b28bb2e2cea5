"""What messages say. A lock screen is read by anybody: no name, no symptom, no specialty."""

from __future__ import annotations

_PAGE = {
    "en": "{clinic}: urgent ticket {number} is waiting. {link}",
    "es": "{clinic}: el aviso urgente {number} espera respuesta. {link}",
}


def page_text(language: str, clinic: str, ticket_number: int, link: str) -> str:
    """The text that pages on-call staff: a ticket's number and link, nothing of the patient.

    language: the staff member's, "en" or "es". clinic: its neutral name.
    Raises KeyError for another language.
    """
    return _PAGE[language].format(clinic=clinic, number=ticket_number, link=link)
