"""What patients are texted of their visits says when and whom to call, and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from ivr.messages.patients.calendar_file import calendar_file
from ivr.messages.patients.calendar_links import Entry
from ivr.messages.patients.wording import (
    REMINDERS,
    Occasion,
    in_words,
    reminder_text,
    visit_text,
)
from ivr.simulator.messaging import _GSM, segments

AUSTIN, HONOLULU = ZoneInfo("America/Chicago"), ZoneInfo("Pacific/Honolulu")
MORNING = datetime(2026, 11, 30, 15, 30, tzinfo=UTC)
AFTERNOON = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
CLINIC, PHONE = "Dr. Fura's clinic", "+15125550100"
LINK = "https://line.example/c/0123456789abcdefABCDEF.ics"
TELLING = re.compile(
    r"pump|refill|pain|consult|provider|surg|bomba|relleno|recarga|dolor|intrat|procedure",
    re.IGNORECASE,
)


def every_text(language: str, when: str) -> list[str]:
    said = [
        visit_text(one, language, clinic=CLINIC, when=when, phone=PHONE, link=LINK)
        for one in Occasion
        if one not in REMINDERS
    ]
    return said + [
        reminder_text(language, clinic=CLINIC, when=when, visits=count, phone=PHONE)
        for count in (1, 2)
    ]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_text_is_neutral_names_the_clinic_the_time_and_the_number_and_how_to_opt_out(
    language: str,
) -> None:
    when = in_words([MORNING, AFTERNOON], language, AUSTIN, AUSTIN)
    for said in every_text(language, when):
        assert not TELLING.search(said), said
        assert said.startswith(CLINIC)
        assert when in said
        assert PHONE in said
        assert re.search(r"\b9\b", said)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_text_on_every_day_keeps_to_the_cheap_alphabet_and_two_segments(
    language: str,
) -> None:
    for day in range(1, 32):
        for month in (1, 3, 8, 12):
            start = datetime(2027, month, day, 18, 30, tzinfo=UTC)
            when = in_words([start, start], language, AUSTIN, HONOLULU)
            for said in every_text(language, when):
                translated = set(said) - _GSM
                assert translated == set(), said
                assert segments(said) <= 2, said


def test_dates_are_written_as_they_are_read_in_each_language() -> None:
    assert in_words([MORNING], "en", AUSTIN, AUSTIN) == "Mon, Nov 30, 9:30 AM"
    assert in_words([MORNING], "es", AUSTIN, AUSTIN) == "lun 30 nov, 9:30 a.m."
    assert (
        in_words([MORNING, AFTERNOON], "en", AUSTIN, AUSTIN) == "Mon, Nov 30, 9:30 AM and 2:00 PM"
    )


def test_whoever_lives_by_another_clock_is_told_whose_it_is() -> None:
    assert in_words([MORNING], "en", AUSTIN, HONOLULU) == "Mon, Nov 30, 9:30 AM (clinic time)"
    there = in_words([MORNING], "es", AUSTIN, HONOLULU)
    said = visit_text(Occasion.CANCELLED, "es", clinic=CLINIC, when=there, phone=PHONE)
    assert "(hora de la clinica)" in said


def entry(*, cancelled: bool = False, language: str = "en") -> Entry:
    return Entry(
        uid="abc@callnow",
        sequence=3,
        starts_at=MORNING,
        ends_at=AFTERNOON,
        changed_at=MORNING,
        cancelled=cancelled,
        clinic_id="demo",
        clinic=CLINIC,
        phone=PHONE,
        language=language,
    )


def test_a_calendar_reads_when_and_where_and_nothing_of_the_patient() -> None:
    written = calendar_file(entry(), address="1000 Example Street, in Austin, Texas")
    (event,) = Calendar.from_ical(written).walk("VEVENT")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (MORNING, AFTERNOON)
    assert event["summary"] == f"Appointment: {CLINIC}"
    assert event["location"] == "1000 Example Street, in Austin, Texas"
    assert (event["status"], event["sequence"], event["class"]) == ("CONFIRMED", 3, "PRIVATE")
    assert set(event) == {
        *("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS", "CLASS"),
        *("URL", "LOCATION"),
    }


def test_a_cancelled_visit_takes_itself_out_of_the_calendar() -> None:
    calendar = Calendar.from_ical(calendar_file(entry(cancelled=True, language="es"), address=None))
    (event,) = calendar.walk("VEVENT")
    assert (calendar["method"], event["status"]) == ("CANCEL", "CANCELLED")
    assert event["summary"] == f"Cita: {CLINIC}"
    assert "LOCATION" not in event
