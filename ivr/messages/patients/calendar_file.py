"""A visit as a calendar takes it: RFC 5545, by the icalendar library. Pure."""

from __future__ import annotations

from icalendar import Calendar, Event, vUri

from ivr.messages.patients.calendar_links import Entry

CONTENT_TYPE = "text/calendar; charset=utf-8"

_SUMMARY = {"en": "Appointment: {clinic}", "es": "Cita: {clinic}"}


def calendar_file(entry: Entry, *, address: str | None) -> bytes:
    """The file of one visit: when, where, whom to call; a shared calendar tells nobody more.

    address: of the clinic, as a map finds it; None leaves it out.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Call Now//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if entry.cancelled else "PUBLISH")
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", _SUMMARY[entry.language].format(clinic=entry.clinic))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    # Not for everybody with whom the calendar is shared.
    event.add("class", "PRIVATE")
    event.add("url", vUri(f"tel:{entry.phone}"))
    if address:
        event.add("location", address)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
