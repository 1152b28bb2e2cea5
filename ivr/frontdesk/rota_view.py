"""What the rota's page shows, as values: a rota in, words out. No session, no request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.frontdesk import wording
from ivr.frontdesk.wording import Words, say
from ivr.frontdesk.written import Instant, Phone, iso
from ivr.oncall.escalation import Person
from ivr.oncall.rota_changes import Part, StandingChange
from ivr.oncall.rota_gaps import SENTENCES, Fault, Gap, faults
from ivr.oncall.rota_rules import LEVELS, OnCall, Rota, boundaries, who_is_on_call
from ivr.oncall.trial_rings import Trial
from scheduling.hours import local_day, midnight

AHEAD = timedelta(days=7)
"""How far the page shows who is on call."""


DUTY: Words = {"primary": "Primary", "backup": "Backup"}


@dataclass(frozen=True)
class OnList:
    """Somebody whom an urgent call rings now. `duty`: "Primary", "Backup" or "Then".

    trial: how the latest ring to try went, in words.
    """

    key: str
    name: str
    phone: Phone
    duty: str
    trial: str


@dataclass(frozen=True)
class Stretch:
    """From when on whom an urgent call rings, first to last."""

    begins: Instant
    names: tuple[str, ...]


@dataclass(frozen=True)
class DutyLine:
    """Who has a duty from a time of a day on; since: empty from midnight; names: may be nobody."""

    duty: str
    since: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class CalendarDay:
    """One day of the calendar."""

    iso: str
    title: str
    is_today: bool
    is_holiday: bool
    lines: tuple[DutyLine, ...]


@dataclass(frozen=True)
class Departure:
    """What departs from the weekly shifts, and who said so."""

    id: UUID
    lines: tuple[str, ...]
    made: str


@dataclass(frozen=True)
class RotaPage:
    """`people`: in the order in which they are rung now. `faults`: what is to be put right.

    names: everybody on the list, key and name.
    """

    people: tuple[OnList, ...]
    coming: tuple[Stretch, ...]
    faults: tuple[str, ...]
    departures: tuple[Departure, ...]
    names: tuple[tuple[str, str], ...]


def build(
    rota: Rota,
    now: datetime,
    *,
    line: str,
    trials: Mapping[str, Trial],
    standing: Sequence[StandingChange] = (),
) -> RotaPage:
    """The page at `now` (aware), its times by the clinic's clock. line: the clinic's own number.

    trials: each person's latest ring to try, by key. standing: what departs from the shifts.
    """
    end = now + AHEAD
    return RotaPage(
        people=tuple(_on_list(who_is_on_call(rota, now), trials, rota.zone)),
        coming=tuple(_stretches(rota, now, end)),
        faults=tuple(_told(fault) for fault in faults(rota, now, end, line=line)),
        departures=tuple(_departure(one, rota.zone) for one in standing),
        names=tuple((person.key, person.name) for person in rota.people),
    )


def gaps_in_words(gaps: Sequence[Gap], zone: ZoneInfo) -> tuple[str, ...]:
    """Who is missing from when to when."""
    return tuple(
        say(
            "Nobody is {level} from {starts} to {ends}: all on the list are rung in turn then.",
            level=wording.in_words(DUTY, one.level).lower(),
            starts=wording.moment(one.starts_at, zone),
            ends=wording.moment(one.ends_at, zone),
        )
        for one in gaps
    )


def weeks(rota: Rota, now: datetime, *, number: int = 4) -> tuple[tuple[CalendarDay, ...], ...]:
    """The coming weeks from Monday on, as a calendar shows them: who has which duty on each day."""
    today = local_day(now, rota.zone)
    monday = today - timedelta(days=today.weekday())
    days = [monday + timedelta(days=n) for n in range(7 * number)]
    return tuple(
        tuple(_calendar_day(rota, day, today) for day in days[7 * week : 7 * week + 7])
        for week in range(number)
    )


def _calendar_day(rota: Rota, day: date, today: date) -> CalendarDay:
    start, end = midnight(day, rota.zone), midnight(day + timedelta(days=1), rota.zone)
    lines: list[DutyLine] = []
    for level in LEVELS:
        before: tuple[str, ...] | None = None
        for at in boundaries(rota, start, end):
            names = tuple(one.name for one in dict(who_is_on_call(rota, at).duty)[level])
            if names != before:
                since = "" if at == start else wording.clock(at, rota.zone)
                lines.append(DutyLine(wording.in_words(DUTY, level), since, names))
            before = names
    return CalendarDay(
        day.isoformat(), wording.short_day(day), day == today, day in rota.holidays, tuple(lines)
    )


def _departure(change: StandingChange, zone: ZoneInfo) -> Departure:
    return Departure(
        change.id,
        tuple(_departs(part, zone) for part in change.parts),
        say(
            "{moment} by {name}",
            moment=wording.moment(change.made_at, zone),
            name=change.made_by,
        ),
    )


def _departs(part: Part, zone: ZoneInfo) -> str:
    values = {
        "name": part.person_name,
        "start": wording.moment(part.starts_at, zone),
        "end": wording.moment(part.ends_at, zone),
    }
    if part.level is None:
        return say("{name} is away from {start} to {end}", **values)
    duty = wording.in_words(DUTY, part.level).lower()
    return say("{name} is {duty} from {start} to {end}", duty=duty, **values)


def _told(fault: Fault) -> str:
    values = dict(fault.values)
    if "level" in values:
        values["level"] = wording.in_words(DUTY, values["level"]).lower()
    return say(SENTENCES[fault.kind], **values)


def _on_list(present: OnCall, trials: Mapping[str, Trial], zone: ZoneInfo) -> Iterator[OnList]:
    duties: dict[Person, str] = {}
    for level, people in present.duty:
        for person in people:
            duties.setdefault(person, wording.in_words(DUTY, level))
    for person in present.ring_order():
        phone = Phone(f"tel:{person.number}", wording.phone(person.number))
        yield OnList(
            person.key,
            person.name,
            phone,
            duties.get(person, say("Then")),
            _trial(trials.get(person.key), zone),
        )


def _trial(trial: Trial | None, zone: ZoneInfo) -> str:
    if trial is None:
        return say("Never tried")
    words = wording.in_words(wording.TRIAL, trial.outcome)
    return words.format(moment=wording.moment(trial.at, zone))


def _stretches(rota: Rota, start: datetime, end: datetime) -> Iterator[Stretch]:
    before: tuple[Person, ...] | None = None
    for at in boundaries(rota, start, end):
        rung = who_is_on_call(rota, at).ring_order()
        if rung != before:
            begins = Instant(iso(at), wording.moment(at, rota.zone))
            yield Stretch(begins, tuple(person.name for person in rung))
        before = rung
