"""A provider's booked times as an iCalendar text (RFC 5545). Pure.

It goes to calendars that the clinic does not run, so it has nothing of a patient in it: not the
name, not what the visit is for. See docs/decisions/0015-calendars-name-no-patient.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from ivr.frontdesk.calendar_zone import timezone
from ivr.frontdesk.wording import say
from scheduling.hours import local_day, midnight
from scheduling.provider_book import BookedTime
from scheduling.states import OCCUPYING_STATUSES

PAST: Final = timedelta(days=30)
AHEAD: Final = timedelta(days=730)
"""The longest horizon that a visit type may have: no visit is booked further ahead."""
REFRESH: Final = timedelta(minutes=15)
"""How often a calendar is asked to look again."""

_PRODUCT: Final = "-//Call Now//Provider calendar//EN"


@dataclass(frozen=True)
class Whose:
    """Whose calendar it is. visit_url: of a visit's page on the desk, less its id."""

    provider_id: UUID
    provider_name: str
    visit_url: str


def window(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when to when (UTC) it reaches at `now` (aware): whole days of the clinic's calendar."""
    today = local_day(now, zone)
    return midnight(today - PAST, zone), midnight(today + AHEAD + timedelta(days=1), zone)


def calendar(times: Sequence[BookedTime], whose: Whose, zone: ZoneInfo, now: datetime) -> bytes:
    """The whole text, in UTF-8; the same for the same book on the same day."""
    made = Calendar()
    made.add("prodid", _PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", whose.provider_name)
    made.add("x-wr-calname", whose.provider_name)
    made.add("x-wr-timezone", zone.key)
    made.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    made.add("x-published-ttl", "PT15M")
    start, end = window(now, zone)
    # A visit that begins on the last day may end on the one after it.
    made.add_component(timezone(zone, start, end + timedelta(days=1)))
    for one in times:
        made.add_component(_entry(one, whose, zone))
    text: bytes = made.to_ical(sorted=False)
    return text


def _entry(one: BookedTime, whose: Whose, zone: ZoneInfo) -> Event:
    takes_place = one.status in OCCUPYING_STATUSES
    entry = Event()
    # The provider stands in it because a calendar app may hold several of these: a visit that
    # moves to a colleague leaves this calendar and comes up in the other as one of its own.
    entry.add("uid", f"{one.visit_id}.{whose.provider_id}@call-now")
    entry.add("dtstamp", one.changed_at.astimezone(UTC))
    entry.add("last-modified", one.changed_at.astimezone(UTC))
    entry.add("sequence", one.version - 1)
    entry.add("dtstart", _by_the_clock(one.starts_at, zone))
    entry.add("dtend", _by_the_clock(one.ends_at, zone))
    entry.add("summary", say("Appointment") if takes_place else say("Cancelled appointment"))
    if one.room_name:
        entry.add("location", one.room_name)
    entry.add("url", f"{whose.visit_url}{one.visit_id}")
    entry.add("class", "PRIVATE")
    entry.add("status", "CONFIRMED" if takes_place else "CANCELLED")
    entry.add("transp", "OPAQUE" if takes_place else "TRANSPARENT")
    return entry


def _by_the_clock(at: datetime, zone: ZoneInfo) -> datetime:
    """By the clinic's clock; in UTC where that clock shows the time twice.

    A calendar is to take such a time for the first of the two (RFC 5545, 3.3.5), and not every one
    does: ical.js 2.2 takes some for the second.
    """
    local = at.astimezone(zone)
    is_doubled = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return at.astimezone(UTC) if is_doubled else local
