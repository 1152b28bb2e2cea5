"""What an urgent call's page shows, as values: rows in, words out. No session, no request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.frontdesk import board_view, wording, written
from ivr.frontdesk.board_view import TicketCard
from ivr.frontdesk.wording import say
from ivr.frontdesk.written import Instant
from ivr.oncall.board import StoryEvent, TicketSummary
from ivr.oncall.closing import Closed, NobodyHasIt


@dataclass(frozen=True)
class StoryLine:
    """One thing that happened."""

    at: Instant
    words: str


@dataclass(frozen=True)
class TicketPage:
    """An urgent call and its story. `holder`: who has it, or had it when it was closed."""

    card: TicketCard
    holder: str | None
    story: tuple[StoryLine, ...]


def build(
    ticket: TicketSummary, story: Sequence[StoryEvent], zone: ZoneInfo, now: datetime
) -> TicketPage:
    """The page at `now` (aware), its times by the clinic's clock."""
    return TicketPage(
        card=board_view.ticket_card(ticket, zone, now),
        holder=ticket.accepted_by_name,
        story=tuple(StoryLine(_instant(one.at, zone), _words(one, zone)) for one in story),
    )


def what_came_of_closing(outcome: Closed | NobodyHasIt, number: int, zone: ZoneInfo) -> str:
    """What whoever pressed the button is told."""
    if isinstance(outcome, NobodyHasIt):
        return say(
            "Urgent call {number} stays open: nobody on call has accepted it, so somebody must"
            " still reach the caller. Close it as soon as somebody has.",
            number=number,
        )
    closing = outcome.closing
    as_what = wording.in_words(wording.DISPOSITION, closing.disposition)
    if outcome.first:
        return say("Urgent call {number} is closed. {as_what}.", number=number, as_what=as_what)
    at = wording.moment(closing.at, zone)
    return say(
        "{name} closed urgent call {number} before you, {moment}. {as_what}.",
        name=closing.by,
        number=number,
        moment=at,
        as_what=as_what,
    )


def _words(event: StoryEvent, zone: ZoneInfo) -> str:
    said = wording.in_words(wording.TICKET_EVENT, event.kind)
    disposition = wording.in_words(wording.DISPOSITION, event.disposition or "")
    came = wording.moment(event.came_at, zone) if event.came_at else ""
    return (
        said.replace("{name}", event.name or say("somebody"))
        .replace("{disposition}", disposition)
        .replace("{came}", came)
    )


def _instant(at: datetime, zone: ZoneInfo) -> Instant:
    return Instant(written.iso(at), wording.moment_to_the_second(at, zone))
