"""The manager's numbers: when people call, where they give up, how fast urgent calls are taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.call.call_log import Ending
from ivr.call.flow import FLOW
from ivr.frontdesk import bars, call_log_view, figure_rules, figures, permissions, wording
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.bars import Bar, Chart
from ivr.frontdesk.figures import MonthOfVisits
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.wording import say, say_number
from scheduling.hours import local_day, midnight

DAYS: Final = (7, 28, 90)
"""Over how many days calls can be looked at; the second one if nothing is asked for."""
MONTHS: Final = 12


@dataclass(frozen=True)
class Figure:
    """A table and its picture. head: its columns' headings; lines: its rows, words in each."""

    title: str
    head: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    chart: Chart


@dataclass(frozen=True)
class NumbersPage:
    """span: the days that the numbers of calls are of. facts: name and value of single numbers."""

    span: str
    days: int
    facts: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page."""

    @blueprint.get("/numbers")
    def numbers() -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()
        asked = request.args.get("days", "")
        days = int(asked) if asked in {str(one) for one in DAYS} else DAYS[1]
        page = desk.database.read(lambda session: _look(session, user, days, now))
        may_export = permissions.may(user.role, "frontdesk.export")
        return render_template(
            "frontdesk/numbers.html", page=page, user=user, choices=DAYS, may_export=may_export
        )


def _look(session: Session, user: SignedIn, days: int, now: datetime) -> NumbersPage:
    zone = ZoneInfo(user.zone)
    today = local_day(now, zone)
    first = today - timedelta(days=days - 1)
    span = midnight(first, zone), midnight(today + timedelta(days=1), zone)
    months = figure_rules.months_until(today, MONTHS)
    edges = [midnight(month, zone) for month in months]
    last_nodes = figures.last_nodes(session, user.clinic_id, *span)
    endings = figure_rules.by_ending(last_nodes, FLOW)
    urgent = figure_rules.acceptance(
        figures.tickets_accepted(session, user.clinic_id, *span),
        left=figures.callers_gone_first(session, user.clinic_id, *span),
    )
    began = figures.calls_began(session, user.clinic_id, *span)
    # Only of a call that is over it is known how it ended.
    over = sum(endings.values())
    answered = over - endings[Ending.UNANSWERED]
    gone = endings[Ending.ON_THE_WAY]
    return NumbersPage(
        span=say(
            "{first} to {last}",
            first=wording.birth_date(first),
            last=wording.birth_date(today),
        ),
        days=days,
        facts=(
            (say("Calls"), str(len(began))),
            *([(say("Not over yet"), str(len(began) - over))] if over < len(began) else []),
            (
                say_number(
                    over,
                    "Answered by the line, of {n} that is over",
                    "Answered by the line, of {n} that are over",
                ),
                f"{answered} ({_share(answered, over)})",
            ),
            (
                say_number(
                    answered,
                    "Given up on the way, of {n} answered",
                    "Given up on the way, of {n} answered",
                ),
                f"{gone} ({_share(gone, answered)})",
            ),
            (say("Urgent calls"), str(urgent.opened)),
            (say("Accepted"), f"{urgent.accepted} ({_share(urgent.accepted, urgent.opened)})"),
            (say("Caller gone before anybody accepted"), str(urgent.left)),
            (say("Time until accepted, half of them within"), figure_rules.length(urgent.middle)),
            (say("Time until accepted, the longest"), figure_rules.length(urgent.worst)),
        ),
        figures=(
            _hours(figure_rules.by_hour(began, zone)),
            _endings(endings),
            _leaving(figure_rules.where_callers_leave(last_nodes, FLOW)),
            _missed(months, figures.visits_by_month(session, user.clinic_id, edges)),
            _filled(months, figures.filled_by_month(session, user.clinic_id, edges)),
        ),
    )


_share = figure_rules.share


def _hours(counts: tuple[int, ...]) -> Figure:
    names = [wording.hour(hour) for hour in figure_rules.HOURS]
    busiest = max(figure_rules.HOURS, key=lambda hour: counts[hour])
    said = (
        say("most calls begin in the hour from {hour}", hour=names[busiest])
        if any(counts)
        else say("no calls")
    )
    drawn = [Bar(names[hour] if hour % 3 == 0 else "", counts[hour]) for hour in figure_rules.HOURS]
    return Figure(
        say("Calls by hour of the day"),
        (say("Hour from"), say("Calls")),
        tuple((name, str(count)) for name, count in zip(names, counts, strict=True) if count),
        bars.columns(drawn, title=say("Calls by hour of the day: {most}", most=said)),
    )


def _endings(counts: dict[Ending, int]) -> Figure:
    whole = sum(counts.values())
    named = [(wording.in_words(call_log_view.ENDING, one), count) for one, count in counts.items()]
    return Figure(
        say("How calls ended"),
        (say("Ending"), say("Calls"), say("Share")),
        tuple((name, str(count), _share(count, whole)) for name, count in named),
        bars.rows(
            [Bar(name, count) for name, count in named], title=say("How {n} calls ended", n=whole)
        ),
    )


def _leaving(nodes: list[tuple[str, int]]) -> Figure:
    named = [(wording.in_words({}, node), count) for node, count in nodes]
    said = say("most at {place}", place=named[0][0]) if named else say("nowhere")
    return Figure(
        say("Where callers give up"),
        (say("The line had asked"), say("Calls")),
        tuple((name, str(count)) for name, count in named),
        bars.rows(
            [Bar(*one) for one in named], title=say("Where callers give up: {most}", most=said)
        ),
    )


def _missed(months: list[date], visits: list[MonthOfVisits]) -> Figure:
    missed = [Bar(name, one.missed) for name, one in zip(_short(months), visits, strict=True)]
    return Figure(
        say("Patients who did not come, by month"),
        (say("Month"), say("Kept"), say("Did not come"), say("Share")),
        tuple(
            (name, str(one.kept), str(one.missed), _share(one.missed, one.kept + one.missed))
            for name, one in zip(_long(months), visits, strict=True)
            if one.kept + one.missed
        ),
        bars.columns(
            missed, title=say("Missed visits by month: {n}", n=sum(one.value for one in missed))
        ),
    )


def _filled(months: list[date], offers: list[tuple[int, int]]) -> Figure:
    drawn = [Bar(name, taken) for name, (_, taken) in zip(_short(months), offers, strict=True)]
    return Figure(
        say("Freed times filled from the waitlist, by month"),
        (say("Month"), say("Offered"), say("Filled"), say("Share")),
        tuple(
            (name, str(made), str(taken), _share(taken, made))
            for name, (made, taken) in zip(_long(months), offers, strict=True)
            if made
        ),
        bars.columns(
            drawn, title=say("Filled from the waitlist: {n}", n=sum(one.value for one in drawn))
        ),
    )


def _short(months: list[date]) -> list[str]:
    return [wording.short_month(month) for month in months[:-1]]


def _long(months: list[date]) -> list[str]:
    return [wording.month(month) for month in months[:-1]]
