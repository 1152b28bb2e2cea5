"""Example values, so that a prompt can be heard or measured as a caller would hear it.

They are spoken by the same rules as real ones (speak.py). Nobody's: the number is of those kept for
examples, the names are made up, and as long as names get.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ivr.call.nodes import STAFF_FACT
from ivr.call.prompts import LANGUAGES, Line, Prompts
from ivr.call.session import INTERPRETER_FACT
from ivr.call.speak import SPEAKERS, spoken_line, spoken_text
from ivr.call.topics import PAGE_FACT

_AT = "2026-12-02T19:30:00+00:00"
_SLOT = f'{{"visit_type_key":"refill","starts_at":"{_AT}"}}'
_ID = "00000000-0000-0000-0000-000000000001"

FACTS: Final[Mapping[str, str]] = {
    "name": "María de los Ángeles Gonzalez-Fernandez",
    "patient": "María de los Ángeles Gonzalez-Fernandez",
    "person": "Ana Ruiz",
    "date_of_birth": "1944-02-29",
    "phone": "+15125550142",
    "text_to": "+15125550142",
    "texting": "yes",
    "ticket_id": _ID,
    "ticket_number": "1234",
    "slot": _SLOT,
    "slot_1": _SLOT,
    "slot_2": _SLOT,
    "slot_3": _SLOT,
    "provider": "Dr. Fura",
    "chosen": "1",
    "hold_id": _ID,
    "callback_by": _AT,
    "refill_due": "2026-12-02",
    "due_on": "2026-12-02",
    "refill_from": "2026-11-11",
    "visit_id": _ID,
    "visit_at": _AT,
    "reminder_at": f"{_AT} {_AT}",
    "visit_kind": "refill",
    "visit_provider": "Dr. Fura",
    "visit_status": "booked",
    "visit_today": "yes",
    "late": "30",
    "proxy": "yes",
    "resume": "yes",
    "offer_id": _ID,
    "offer_at": _AT,
    "offer_kind": "refill",
    "offer_minutes": "15",
    "offer_instead_of": "2026-12-04T15:30:00+00:00",
    "text_about": "waitlist",
    "text_number": "+15125550142",
    "urgent_first": "yes",
    "name_that_alarms": "María del Socorro Gonzalez-Fernandez",
    INTERPRETER_FACT: "vi",
    "day_1": "2026-11-27",
    "day_2": "2026-12-04",
    "desk": f"closed later {_AT}",
    "meant": '{"goto": "hours", "facts": {}}',
    "meant_says": "main.hours",
    PAGE_FACT: "https://clinic.example/guide",
    STAFF_FACT: "ana-ruiz",
    "staff_in": "ana-ruiz",
    "staff_ticket_id": _ID,
    "staff_ticket": "1234",
    "staff_category": "alarm",
    "staff_age": "125",
    "staff_phone": "+15125550142",
    "staff_holder": "Ana Ruiz",
    "staff_closer": "Ana Ruiz",
    "staff_patient": "María de los Ángeles Gonzalez-Fernandez",
    "staff_refill": "2026-12-02",
    "staff_own": "2",
    "staff_waiting": "3",
}
"""A call in which everything is known that any prompt speaks of."""

_IN_OPTION = {"en": {"label": "For appointments"}, "es": {"label": "Para citas"}}


def example(name: str, language: str, prompts: Prompts, key: str | None = None) -> str:
    """A prompt as it is heard with example values. key: of the choice that it is the label of."""
    if name == "option":
        values = {**_IN_OPTION[language], "key": "2"}
        return prompts.text(name, language).format(**values)
    return spoken_line(Line(name, language, key=key), prompts, FACTS)


def values_of(text_fields: frozenset[str], language: str, prompts: Prompts) -> dict[str, str]:
    """Placeholder → what is said in its place in the example."""
    own = {**_IN_OPTION[language], "key": "2"}
    return {
        name: own[name]
        if name in own and name not in SPEAKERS
        else spoken_text(f"{{{name}}}", language, prompts, FACTS)
        for name in sorted(text_fields)
    }


def languages_of(prompts: Prompts, key: str) -> tuple[str, ...]:
    """The languages that a prompt has a wording in: both, but for the choice of the other one."""
    return tuple(language for language in LANGUAGES if key in prompts.texts[language])
