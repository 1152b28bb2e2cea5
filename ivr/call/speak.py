"""A line and the facts of a call → what the voice says, in English and Spanish. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ivr.call.prompts import Line, Prompts, fields_of
from ivr.call.session import INTERPRETER_FACT
from ivr.call.spoken_values import (
    ago,
    birth_date,
    counted,
    day_and_time,
    digits_apart,
    english_time,
    phone_number,
    spanish_time,
    weekday_and_date,
)
from ivr.call.understanding import languages


def spoken_line(line: Line, prompts: Prompts, facts: Mapping[str, str]) -> str:
    """What a line says, its placeholders filled in. Raises KeyError for an unknown placeholder."""
    text = spoken_text(prompts.text(line.name, line.language), line.language, prompts, facts)
    if line.key is None:
        return text
    return prompts.text("option", line.language).format(label=text, key=line.key)


def spoken_text(text: str, language: str, prompts: Prompts, facts: Mapping[str, str]) -> str:
    """A wording with its placeholders filled in from the call's facts and the clinic's own."""
    values = {name: _value(name, language, prompts, facts) for name in fields_of(text)}
    # A placeholder that has nothing to say leaves no gap.
    return " ".join(text.format(**values).split())


def _value(name: str, language: str, prompts: Prompts, facts: Mapping[str, str]) -> str:
    if name in SPEAKERS:
        fact, speaker = SPEAKERS[name]
        return speaker(facts.get(fact, ""), language, prompts)
    if name in prompts.constants[language]:
        return prompts.constants[language][name]
    return spoken_text(prompts.text(name, language), language, prompts, facts)


def _as_text(value: str, _language: str, _prompts: Prompts) -> str:
    return value


def _as_date_with_year(value: str, language: str, _prompts: Prompts) -> str:
    return birth_date(date.fromisoformat(value), language) if value else ""


def _as_phone(value: str, _language: str, _prompts: Prompts) -> str:
    return phone_number(value)


def _as_ending(value: str, _language: str, _prompts: Prompts) -> str:
    return digits_apart(value[-4:])


def _as_digits(value: str, _language: str, _prompts: Prompts) -> str:
    return digits_apart(value)


def _as_moment(value: str, language: str, prompts: Prompts) -> str:
    if not value:
        return ""
    return day_and_time(datetime.fromisoformat(value).astimezone(ZoneInfo(prompts.zone)), language)


def _as_slot(value: str, language: str, prompts: Prompts) -> str:
    if not value:
        return ""
    starts_at = datetime.fromisoformat(json.loads(value)["starts_at"])
    return day_and_time(starts_at.astimezone(ZoneInfo(prompts.zone)), language)


def _as_day(value: str, language: str, _prompts: Prompts) -> str:
    return weekday_and_date(date.fromisoformat(value), language) if value else ""


def _as_prompt(value: str, language: str, prompts: Prompts) -> str:
    return prompts.text(value, language) if value else ""


def _as_age(value: str, language: str, _prompts: Prompts) -> str:
    return ago(int(value or 0), language)


def _as_own_tickets(value: str, language: str, _prompts: Prompts) -> str:
    if value in ("", "0"):
        return "ninguno" if language == "es" else "no ticket"
    return counted(int(value), "ticket", language)


def _as_waiting_tickets(value: str, language: str, _prompts: Prompts) -> str:
    if value in ("", "0"):
        return "ninguno espera" if language == "es" else "none waits"
    return counted(int(value), "waits", language)


def _as_category(value: str, language: str, prompts: Prompts) -> str:
    known = value if value in SPOKEN_CATEGORIES else "unknown"
    return prompts.text(f"staff_category.{known}", language)


def _as_callback(value: str, language: str, prompts: Prompts) -> str:
    name = "staff_number" if value else "staff_no_number"
    return spoken_text(prompts.text(name, language), language, prompts, {"staff_phone": value})


def _as_staff_patient(value: str, language: str, prompts: Prompts) -> str:
    if not value:
        return ""
    return spoken_text(prompts.text("briefing", language), language, prompts, {"patient": value})


def _as_staff_refill(value: str, language: str, prompts: Prompts) -> str:
    if not value:
        return ""
    facts = {"refill_due": value}
    return spoken_text(prompts.text("briefing_refill", language), language, prompts, facts)


def _as_desk_now(value: str, language: str, prompts: Prompts) -> str:
    state, _, _ = value.partition(" ")
    if state not in ("open", "closed"):
        return ""
    facts = {"desk": value}
    now = spoken_text(prompts.text(f"desk_{state}_now", language), language, prompts, facts)
    return f"{now} {_as_desk_opens(value, language, prompts)}".rstrip()


def _as_desk_opens(value: str, language: str, prompts: Prompts) -> str:
    if not value.startswith("closed "):
        return ""
    return spoken_text(
        prompts.text("desk_opens_then", language), language, prompts, {"desk": value}
    )


def _as_desk_closes(value: str, language: str, prompts: Prompts) -> str:
    moment = _desk_moment(value, prompts)
    if language == "es":
        return spanish_time(moment).removeprefix("a ")
    return english_time(moment)


def _as_desk_opens_at(value: str, language: str, prompts: Prompts) -> str:
    moment, near = _desk_moment(value, prompts), value.split()[1]
    if language == "es":
        if near == "later":
            return f"el {day_and_time(moment, language)}"
        return f"{'hoy' if near == 'today' else 'mañana'} {spanish_time(moment)}"
    if near == "later":
        return f"on {day_and_time(moment, language)}"
    return f"{near} at {english_time(moment)}"


def _as_times_of_a_day(value: str, language: str, prompts: Prompts) -> str:
    """ "Monday, November 30, at 9:30 in the morning and at 2 in the afternoon"."""
    zone = ZoneInfo(prompts.zone)
    moments = [datetime.fromisoformat(one).astimezone(zone) for one in value.split()]
    if not moments:
        return ""
    joint = {"en": " and at ", "es": " y "}[language]
    times = (spanish_time(one) if language == "es" else english_time(one) for one in moments[1:])
    return joint.join((day_and_time(moments[0], language), *times))


def _desk_moment(value: str, prompts: Prompts) -> datetime:
    return datetime.fromisoformat(value.rsplit(maxsplit=1)[-1]).astimezone(ZoneInfo(prompts.zone))


SPOKEN_CATEGORIES = ("danger", "alarm", "symptom", "clinician", "question", "unknown")
"""Categories of a ticket that have a name of their own; any other is spoken of as unknown."""

Speaker = Callable[[str, str, Prompts], str]

NAMED_VALUES: Mapping[str, tuple[str, ...]] = {
    "visit_name": ("consultation", "refill", "other"),
    "visit_name_first": ("consultation", "refill", "other"),
    "standing": ("booked", "confirmed"),
    "birth_of": ("caller", "patient"),
    "contact_of": ("caller", "patient"),
    "minutes": ("10", "20", "30"),
    "just_done": ("booked", "moved", "waitlist", "offer"),
}
"""Prompts with a wording for each value; a value that is not listed is spoken as the last one."""


def _named(name: str) -> Speaker:
    def speaker(value: str, language: str, prompts: Prompts) -> str:
        known = NAMED_VALUES[name]
        return prompts.text(f"{name}.{value if value in known else known[-1]}", language)

    return speaker


def _whose(name: str) -> Speaker:
    def speaker(proxy: str, language: str, prompts: Prompts) -> str:
        return prompts.text(f"{name}.{'patient' if proxy else 'caller'}", language)

    return speaker


def _as_visit_of_slot(value: str, language: str, prompts: Prompts) -> str:
    visit_type = json.loads(value)["visit_type_key"] if value else ""
    return _named("visit_name_first")(visit_type, language, prompts)


def _as_interpreter(value: str, language: str, _prompts: Prompts) -> str:
    return languages.name_of(value, language) if value else ""


def _as_minutes(value: str, language: str, _prompts: Prompts) -> str:
    return counted(int(value or 0), "minute", language)


def _as_offer_instead(value: str, language: str, prompts: Prompts) -> str:
    if not value:
        return ""
    text = prompts.text("offer_instead_of", language)
    return spoken_text(text, language, prompts, {"visit_at": value})


def _as_urgent_first(value: str, language: str, prompts: Prompts) -> str:
    return prompts.text("emergency_again", language) if value else ""


SPEAKERS: Mapping[str, tuple[str, Speaker]] = {
    "name": ("name", _as_text),
    "provider": ("provider", _as_text),
    "person": ("person", _as_text),
    "date_of_birth": ("date_of_birth", _as_date_with_year),
    "phone": ("phone", _as_phone),
    "phone_ending": ("phone", _as_ending),
    "text_to": ("text_to", _as_phone),
    "text_ending": ("text_to", _as_ending),
    "ticket": ("ticket_number", _as_digits),
    "staff_ticket": ("staff_ticket", _as_digits),
    "staff_category": ("staff_category", _as_category),
    "staff_age": ("staff_age", _as_age),
    "staff_callback": ("staff_phone", _as_callback),
    "staff_phone_ending": ("staff_phone", _as_ending),
    "staff_holder": ("staff_holder", _as_text),
    "staff_closer": ("staff_closer", _as_text),
    "staff_patient": ("staff_patient", _as_staff_patient),
    "staff_refill": ("staff_refill", _as_staff_refill),
    "own_tickets": ("staff_own", _as_own_tickets),
    "waiting_tickets": ("staff_waiting", _as_waiting_tickets),
    "patient": ("patient", _as_text),
    "refill_due": ("refill_due", _as_date_with_year),
    "callback_by": ("callback_by", _as_moment),
    "desk_now": ("desk", _as_desk_now),
    "desk_opens": ("desk", _as_desk_opens),
    "desk_closes": ("desk", _as_desk_closes),
    "desk_opens_at": ("desk", _as_desk_opens_at),
    "day_1": ("day_1", _as_day),
    "day_2": ("day_2", _as_day),
    "meant": ("meant_says", _as_prompt),
    "slot": ("slot", _as_slot),
    "slot_1": ("slot_1", _as_slot),
    "slot_2": ("slot_2", _as_slot),
    "slot_3": ("slot_3", _as_slot),
    "slot_visit": ("slot", _as_visit_of_slot),
    "visit": ("visit_at", _as_moment),
    "visit_name": ("visit_kind", _named("visit_name")),
    "visit_name_first": ("visit_kind", _named("visit_name_first")),
    "visit_provider": ("visit_provider", _as_text),
    "visit_standing": ("visit_status", _named("standing")),
    "reminder_when": ("reminder_at", _as_times_of_a_day),
    "due": ("due_on", _as_date_with_year),
    "refill_from": ("refill_from", _as_date_with_year),
    "whose_birth": ("proxy", _whose("birth_of")),
    "whose_contact": ("proxy", _whose("contact_of")),
    "late_minutes": ("late", _named("minutes")),
    "just_done": ("text_about", _named("just_done")),
    "text_number": ("text_number", _as_ending),
    "offer": ("offer_at", _as_moment),
    "offer_name": ("offer_kind", _named("visit_name")),
    "offer_minutes": ("offer_minutes", _as_minutes),
    "offer_instead": ("offer_instead_of", _as_offer_instead),
    "interpreter_needed": (INTERPRETER_FACT, _as_interpreter),
    "urgent_first": ("urgent_first", _as_urgent_first),
    "name_that_alarms": ("name_that_alarms", _as_text),
}
"""Placeholder → the fact it speaks of, and how."""
