"""What whoever has to come back is texted. Pure. As neutral as all that goes to patients."""

from __future__ import annotations

from ivr.messages.patients.wording import as_texted

_RECALL = {
    "en": "{clinic}: it is time to make your next appointment. Call {phone}, or reply 1 and the "
    "front desk calls you. Reply 9 to opt out.",
    "es": "{clinic}: es hora de hacer su siguiente cita. Llame al {phone}, o responda 1 y la "
    "clínica le llama. Responda 9 para no recibir textos.",
}


def recall_text(language: str, *, clinic: str, phone: str) -> str:
    """The text. clinic: its neutral name. phone: the line, E.164. Raises KeyError for another
    language."""
    return as_texted(_RECALL[language].format(clinic=clinic, phone=phone))
