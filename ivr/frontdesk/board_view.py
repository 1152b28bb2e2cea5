"""What the board shows, as values: rows in, words out. No session, no request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.frontdesk import wording
from ivr.frontdesk.digest_view import Morning, morning
from ivr.frontdesk.task_rows import TaskRow, in_order, task_row
from ivr.frontdesk.wording import say, say_number
from ivr.frontdesk.written import Instant, Phone, iso, phone
from ivr.messages import heartbeat
from ivr.oncall.dispositions import TELLS_OF_THE_CALLER, Disposition
from scheduling.states import OPEN_STATUSES

if TYPE_CHECKING:
    from ivr.digest.daily import Digest
    from ivr.messages.failures import Failure
    from ivr.messages.tables import DeskTask
    from ivr.oncall.board import TicketSummary
    from scheduling.agenda import AgendaVisit

DAYS_AHEAD: Final = 14
"""How many days after today the board shows."""

MOST_AHEAD: Final = 400
"""Visits after today that the board shows: of a full book fewer days, but always whole ones."""


@dataclass(frozen=True)
class VisitRow:
    """One visit. `announcement` is what a screen reader says when it arrives on the open page."""

    id: UUID
    patient_id: UUID
    version: int
    starts: Instant
    ends: Instant
    patient_name: str | None
    date_of_birth: str
    phone: Phone | None
    visit_type: str
    provider: str
    room: str | None
    status: str
    status_words: str
    booked_by: str
    booked_at: Instant
    booked_age: str
    announcement: str


@dataclass(frozen=True)
class Day:
    """One day's visits in order. `summary` counts those still expected."""

    date: str
    title: str
    nearness: str | None
    summary: str
    visits: tuple[VisitRow, ...]


@dataclass(frozen=True)
class TicketCard:
    """One urgent call. `dispositions`: as what it may be closed now, stored value and words."""

    id: UUID
    number: int
    category: str
    status: str
    status_words: str
    phone: Phone | None
    opened_at: Instant
    age: str
    waiting: bool
    dispositions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Board:
    """Everything on the board. `version` changes exactly when something else here does.

    silence: what to tell where no worker lives, so that nothing is sent; else None. morning: the
    digest of today, once there is one.
    """

    version: str
    clinic_name: str
    zone: str
    today: Day
    coming: tuple[Day, ...]
    coming_until: str
    tickets: tuple[TicketCard, ...]
    tasks: tuple[TaskRow, ...]
    silence: str | None
    morning: Morning | None

    @property
    def waiting_tickets(self) -> int:
        """Urgent calls that nobody has accepted."""
        return sum(ticket.waiting for ticket in self.tickets)


def shown_span(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime, datetime]:
    """When today begins by the clinic's clock, when it ends, and when all that is shown ends."""
    today = now.astimezone(zone).date()
    days = (timedelta(), timedelta(days=1), timedelta(days=DAYS_AHEAD + 1))
    start, tomorrow, end = (_midnight(today + one, zone) for one in days)
    return start, tomorrow, end


def whole_days(
    ahead: Sequence[AgendaVisit], now: datetime, zone: ZoneInfo
) -> tuple[Sequence[AgendaVisit], date]:
    """The coming visits that are shown, and up to which day that is everything.

    ahead: in order of start, at least one more than MOST_AHEAD where there are more.
    """
    last = now.astimezone(zone).date() + timedelta(days=DAYS_AHEAD)
    if len(ahead) <= MOST_AHEAD:
        return ahead, last
    cut = ahead[MOST_AHEAD].starts_at.astimezone(zone).date()
    shown = [one for one in ahead if one.starts_at.astimezone(zone).date() < cut]
    return shown, cut - timedelta(days=1)


def build(
    *,
    version: str,
    clinic_name: str,
    zone: ZoneInfo,
    now: datetime,
    visits: Sequence[AgendaVisit],
    until: date,
    tickets: Iterable[TicketSummary],
    tasks: Iterable[DeskTask],
    failures: Mapping[UUID, Failure],
    silence: str | None,
    digest: Digest | None,
) -> Board:
    """The board at `now` (aware). `visits` in order of start, everything up to the day `until`.

    failures: the messages that did not arrive, by the id of the task about them.
    """
    today = now.astimezone(zone).date()
    by_day = {
        day: tuple(group)
        for day, group in groupby(visits, key=lambda one: one.starts_at.astimezone(zone).date())
    }
    return Board(
        version=version,
        clinic_name=clinic_name,
        zone=zone.key,
        today=_day(today, today, by_day.pop(today, ()), zone, now),
        coming=tuple(_day(day, today, rows, zone, now) for day, rows in by_day.items()),
        coming_until=wording.day(until),
        tickets=tuple(ticket_card(ticket, zone, now) for ticket in tickets),
        tasks=in_order(task_row(task, zone, now, failures.get(task.id)) for task in tasks),
        silence=silence,
        morning=morning(digest, zone) if digest and digest.day == today else None,
    )


def silence(last_beat: datetime | None, now: datetime) -> str | None:
    """Since when no worker has reported, in whole minutes; None where one lives.

    last_beat: when one last did, aware UTC; None where none ever did.
    """
    if last_beat is None:
        return say("The worker has never reported")
    minutes = heartbeat.silent_minutes(last_beat, now)
    if minutes is None:
        return None
    since = say_number(minutes, "{n} minute", "{n} minutes") if minutes else "30 s"
    return say("The worker has not reported for {time}", time=since)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _day(
    day: date, today: date, visits: Sequence[AgendaVisit], zone: ZoneInfo, now: datetime
) -> Day:
    return Day(
        date=day.isoformat(),
        title=wording.day(day),
        nearness=nearness(day, today),
        summary=_summary(visits),
        visits=tuple(visit_row(visit, zone, now) for visit in visits),
    )


def nearness(day: date, today: date) -> str | None:
    """What a day is called that is near."""
    return {0: say("Today"), 1: say("Tomorrow")}.get((day - today).days)


def _summary(visits: Sequence[AgendaVisit]) -> str:
    expected = sum(visit.status in OPEN_STATUSES for visit in visits)
    here = sum(visit.status == "checked_in" for visit in visits)
    done = sum(visit.status == "completed" for visit in visits)
    to_come = say_number(expected, "{n} to come", "{n} to come")
    parts = [to_come if done else say_number(expected, "{n} visit", "{n} visits")]
    if here:
        parts.append(say_number(here, "{n} checked in", "{n} checked in"))
    if done:
        parts.append(say_number(done, "{n} completed", "{n} completed"))
    return " · ".join(parts)


def visit_row(visit: AgendaVisit, zone: ZoneInfo, now: datetime) -> VisitRow:
    """A visit at `now` (aware), on the board or on its own page."""
    starts = _time(visit.starts_at, zone)
    visit_type = wording.in_words(wording.VISIT_TYPE, visit.visit_type_key)
    booked_by = wording.in_words(wording.CHANNEL, visit.booked_channel)
    day = wording.day(visit.starts_at.astimezone(zone).date())
    recent = now - visit.created_at < timedelta(days=1)
    return VisitRow(
        id=visit.id,
        patient_id=visit.patient_id,
        version=visit.version,
        starts=starts,
        ends=_time(visit.ends_at, zone),
        patient_name=visit.patient_name,
        date_of_birth=wording.birth_date(visit.date_of_birth),
        phone=phone(visit.phone),
        visit_type=visit_type,
        provider=visit.provider_name,
        room=visit.room_name,
        status=visit.status,
        status_words=wording.in_words(wording.STATUS, visit.status),
        booked_by=booked_by,
        booked_at=Instant(iso(visit.created_at), wording.moment(visit.created_at, zone)),
        booked_age=_ago(visit.created_at, now) if recent else "",
        announcement=say(
            "New visit: {name}, {day} at {time}, {visit_type} with {provider}, booked {how}.",
            name=visit.patient_name or say("name to be asked"),
            day=day,
            time=starts.words,
            visit_type=visit_type.lower(),
            provider=visit.provider_name,
            how=booked_by.lower(),
        ),
    )


def ticket_card(ticket: TicketSummary, zone: ZoneInfo, now: datetime) -> TicketCard:
    """An urgent call at `now` (aware), on the board or on its own page."""
    words = wording.in_words(wording.TICKET_STATUS, ticket.status)
    if ticket.accepted_by_name and ticket.status != "closed":
        words = say("{status} by {name}", status=words, name=ticket.accepted_by_name)
    return TicketCard(
        id=ticket.id,
        number=ticket.number,
        category=wording.in_words(wording.TICKET_CATEGORY, ticket.category),
        status=ticket.status,
        status_words=words,
        phone=phone(ticket.callback_number),
        opened_at=Instant(iso(ticket.opened_at), wording.moment(ticket.opened_at, zone)),
        age=wording.age(ticket.opened_at, now),
        waiting=ticket.accepted_by_name is None,
        dispositions=_dispositions(ticket),
    )


def _dispositions(ticket: TicketSummary) -> tuple[tuple[str, str], ...]:
    """How it may be closed now: stored value and words."""
    if ticket.status == "closed":
        return ()
    nobodys = ticket.accepted_by_name is None
    return tuple(
        (one.value, wording.in_words(wording.DISPOSITION, one.value))
        for one in Disposition
        if one in TELLS_OF_THE_CALLER or not nobodys
    )


def _time(instant: datetime, zone: ZoneInfo) -> Instant:
    return Instant(iso(instant), wording.clock(instant, zone))


def _ago(since: datetime, now: datetime) -> str:
    words = wording.age(since, now)
    return words if words == say("just now") else say("{age} ago", age=words)
