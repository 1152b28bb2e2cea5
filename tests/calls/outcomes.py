"""How a leg that reaches for a person can end, and short words for what happens around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from ivr.simulator.testing import Handset, PlacedCall
from ivr.simulator.webhooks import Mishap
from tests.calls.town import ALARM, Town

Move = Callable[[Handset], object]

LOST: tuple[Mishap, ...] = ("connection lost", "connection lost")
"""A webhook that never arrives: the carrier tries twice."""


def nothing(_phone: Handset) -> None:
    """Just be there."""


def passes(phone: Handset) -> None:
    phone.answer()
    phone.press("2")


def says_nothing(phone: Handset) -> None:
    phone.answer()
    phone.stay_silent()
    phone.stay_silent()


def presses_anything_else(phone: Handset) -> None:
    phone.answer()
    phone.press("7", "9")


def hangs_up(phone: Handset) -> None:
    phone.answer().hang_up()


@dataclass(frozen=True)
class Outcome:
    """What a phone does before it is called, and what its owner does once it rings."""

    before: Move = nothing
    once_it_rings: Move = nothing


NOT_REACHED = {
    "no answer": Outcome(once_it_rings=Handset.let_ring),
    "busy": Outcome(before=Handset.go_busy),
    "failed": Outcome(before=Handset.switch_off),
    "rejected": Outcome(once_it_rings=Handset.reject),
}
NOT_ACCEPTED = {
    "passed": Outcome(once_it_rings=passes),
    "silent": Outcome(once_it_rings=says_nothing),
    "another key": Outcome(once_it_rings=presses_anything_else),
    "hung up": Outcome(once_it_rings=hangs_up),
    "voicemail": Outcome(once_it_rings=Handset.voicemail_picks_up),
}
NOT_TAKEN = NOT_REACHED | NOT_ACCEPTED


def ticket(town: Town) -> tuple[str, str | None]:
    """The status of the only ticket, and who has it."""
    (row,) = town.product.rows(
        "SELECT t.status, p.key FROM ticket t LEFT JOIN on_call_person p ON p.id = t.accepted_by"
    )
    return str(row["status"]), row["key"]


def happened(town: Town) -> list[str]:
    return [
        str(row["kind"])
        for row in town.product.rows("SELECT kind FROM ticket_event ORDER BY sequence")
    ]


def missed(town: Town) -> None:
    """A caller who hangs up while the nurse's phone rings."""
    town.call(*ALARM).hang_up()


def waiting(town: Town) -> PlacedCall:
    """A caller in the queue, for whom nobody's phone has been called yet."""
    call = town.call(*ALARM)
    town.nurse.let_ring()
    town.backup.let_ring()
    return call


def accepts(phone: Handset) -> None:
    phone.answer()
    phone.press("1")


def minutes_pass(town: Town, minutes: float) -> None:
    town.product.clock.advance(minutes=minutes)


def nobody_was_left_in_silence(town: Town, call: PlacedCall) -> None:
    assert call.longest_silence <= timedelta(seconds=10)
    assert town.company.refused == []
