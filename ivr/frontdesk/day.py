"""The day by provider and the week of one provider, live, with what is urgent pinned above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import board_view, errors, fields, grid, permissions, pulse
from ivr.frontdesk.access import Desk
from ivr.frontdesk.board_view import TicketCard
from ivr.frontdesk.errand import Errand
from ivr.frontdesk.grid import By, Grid
from ivr.frontdesk.wording import say
from ivr.messages import heartbeat
from ivr.oncall import board as tickets
from scheduling import agenda, directory
from scheduling.clinic_rules import clinic_rules
from scheduling.hours import midnight
from scheduling.intervals import Interval, clipped, union

DAYS_OF_A_WEEK = 7


@dataclass(frozen=True)
class Shown:
    """What the page needs. days: ISO dates to go to; provider: id, empty for all.

    view: "day" or "week". by: what the columns are.
    """

    view: str
    by: By
    version: str
    zone: str
    clinic_name: str
    silence: str | None
    tickets: tuple[TicketCard, ...]
    grid: Grid
    title: str
    on: str
    before: str
    after: str
    today: str
    provider: str
    providers: tuple[tuple[str, str], ...]

    @property
    def waiting_tickets(self) -> int:
        """Urgent calls that nobody has accepted."""
        return sum(one.waiting for one in self.tickets)

    @property
    def asked(self) -> dict[str, str | None]:
        """What an address of the same view carries beside the day."""
        return {
            "provider": self.provider or None,
            "by": self.by.value if self.by is By.ROOM else None,
        }


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add both pages, and what they ask by themselves while they stay open."""

    def page(view: str) -> ResponseReturnValue:
        mine = Errand.begin(desk)
        try:
            shown = mine.write(lambda s: _look(s, mine, view, request.args))
        except ValueError:
            return errors.problem(
                404, say("There is no such day"), say("Write the date as 2026-11-23.")
            )
        may_change = permissions.may(mine.user.role, "frontdesk.book_visit")
        return render_template(
            "frontdesk/day.html", shown=shown, user=mine.user, may_change=may_change
        )

    def fragment(view: str) -> ResponseReturnValue:
        mine = Errand.begin(desk)
        if request.args.get("seen") == desk.pulse.version(mine.user.clinic_id, mine.user.zone):
            return "", 204
        shown = mine.write(lambda s: _look(s, mine, view, request.args))
        may_change = permissions.may(mine.user.role, "frontdesk.book_visit")
        return render_template("frontdesk/_day.html", shown=shown, may_change=may_change)

    @blueprint.get("/day")
    def day() -> ResponseReturnValue:
        return page("day")

    @blueprint.get("/week")
    def week() -> ResponseReturnValue:
        return page("week")

    @blueprint.get("/day/live")
    def day_fragment() -> ResponseReturnValue:
        return fragment("day")

    @blueprint.get("/week/live")
    def week_fragment() -> ResponseReturnValue:
        return fragment("week")

    @blueprint.get("/go")
    def go_to_day() -> ResponseReturnValue:
        wanted = request.args.get("view")
        view = "week" if wanted == "week" else "day"
        on, provider = (request.args.get(name) or None for name in ("on", "provider"))
        by = By.ROOM.value if wanted == "rooms" else None
        return redirect(url_for(f"frontdesk.{view}", on=on, provider=provider, by=by), code=303)


def _look(session: Session, mine: Errand, view: str, asked: Mapping[str, str]) -> Shown:
    """Raises ValueError for a day that is none."""
    on = date.fromisoformat(asked["on"]) if asked.get("on") else mine.today
    if view == "week":
        on -= timedelta(days=on.weekday())
    # First the version, then the rows: see board.py.
    version = pulse.version(session, mine.user.clinic_id, mine.user.zone, mine.now)
    clinic = directory.clinic(session, mine.clinic_id)
    length = timedelta(days=DAYS_OF_A_WEEK if view == "week" else 1)
    days = [on + timedelta(days=n) for n in range(length.days)]
    within = midnight(on, mine.zone), midnight(on + length, mine.zone)
    open_times, names = _providers(session, mine.clinic_id, within)
    wanted = fields.an_id(asked.get("provider", ""))
    if view == "week" and wanted not in names:
        wanted = next(iter(names), None)
    visits = agenda.visits_between(session, mine.clinic_id, *within, provider_id=wanted)
    by = By.DAY if view == "week" else By.PROVIDER
    owners = {one: name for one, name in names.items() if wanted in (None, one)}
    if view == "day" and asked.get("by") == By.ROOM:
        by = By.ROOM
        open_times, owners = _rooms(session, mine.clinic_id, within, open_times)
    open_tickets = tickets.open_tickets(session, mine.clinic_id)
    mine.note(
        session, f"{view}.viewed", on=on.isoformat(), visits=len(visits), tickets=len(open_tickets)
    )
    return Shown(
        view=view,
        by=by,
        version=version,
        zone=mine.zone.key,
        clinic_name=clinic.name,
        silence=board_view.silence(heartbeat.last_beat(session), mine.now),
        tickets=tuple(board_view.ticket_card(one, mine.zone, mine.now) for one in open_tickets),
        grid=grid.build(visits, days, owners, open_times, zone=mine.zone, now=mine.now, by=by),
        title=grid.title(days),
        on=on.isoformat(),
        before=(on - length).isoformat(),
        after=(on + length).isoformat(),
        today=mine.today.isoformat(),
        provider="" if wanted is None else str(wanted),
        providers=tuple((str(one), name) for one, name in names.items()),
    )


def _providers(
    session: Session, clinic_id: str, within: Interval
) -> tuple[dict[UUID, list[Interval]], dict[UUID, str]]:
    """When each active provider sees patients, and their names in the order of their keys."""
    rules = clinic_rules(session, clinic_id)
    names: dict[UUID, str] = {}
    for fit in rules.resources.values():
        names.update(fit.providers)
    return rules.hours.of_providers(session, names, within), names


def _rooms(
    session: Session,
    clinic_id: str,
    within: Interval,
    providers: Mapping[UUID, list[Interval]],
) -> tuple[dict[UUID, list[Interval]], dict[UUID, str]]:
    """When each active room is open and anybody is there, and the names of the rooms."""
    rules = clinic_rules(session, clinic_id)
    names: dict[UUID, str] = {}
    for fit in rules.resources.values():
        names.update(fit.rooms)
    anybody = union(one for times in providers.values() for one in times)
    open_times = rules.hours.of(session, (), names, within)
    return {
        one: [part for span in anybody for part in clipped(times, span)]
        for one, times in open_times.items()
    }, names
