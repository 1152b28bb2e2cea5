"""A call that goes on for very long is told so, led to a person, and then ended; never help."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.call.engine import advance
from ivr.call.events import Act, End, Input, Keyed, Said, Silent, Turn, Wait
from ivr.call.flow import FLOW, MESSAGE, PERSON, STAFF, URGENT
from ivr.call.nodes import Ask, Menu
from ivr.call.session import Session
from tests.carrier.rules import FACTS, NOW
from tests.corpus.scoring import wording

CALL = Session(
    "demo", "CA1", "+15125550142", node="directions", stood_at="directions", turn=9,
    trail=("main", "hours"), began_at=NOW.isoformat(),
)  # fmt: skip
AGAIN = Keyed("1")
"""At the node `directions`: hear them again."""


def after(minutes: float, session: Session = CALL, event: Input = AGAIN) -> Turn:
    """What follows when the call has lasted for so long."""
    return advance(FLOW, wording(), session, event, NOW + timedelta(minutes=minutes))


def told(times: str) -> Session:
    return CALL.knowing({"told_of_time": times})


@pytest.mark.parametrize(
    ("minutes", "before", "node"),
    [
        (19.9, "", "directions"),
        (20, "", "long_call"),
        (24.9, "once", "directions"),
        (25, "once", "person"),
        (25, "", "person"),
        (29.9, "twice", "directions"),
        (30, "twice", "too_long"),
        (30, "once", "person"),
        (90, "", "person"),
    ],
)
def test_the_clock_leads_on(minutes: float, before: str, node: str) -> None:
    assert after(minutes, told(before)).session.node == node


@pytest.mark.parametrize("answer", [Keyed("1"), Silent(), Said("go on", 0.9)])
def test_who_was_told_goes_on_where_they_were(answer: Input) -> None:
    turn = after(20)
    assert [line.name for line in turn.says][:1] == ["long_call"]
    turn = after(20.2, turn.session, answer)
    assert turn.session.node == "directions"
    assert turn.session.trail == CALL.trail
    assert after(21, turn.session).session.node == "directions"


@pytest.mark.parametrize(("key", "node"), [("2", "person"), ("3", "message")])
def test_or_leaves_it_to_a_person(key: str, node: str) -> None:
    assert after(20.2, after(20).session, Keyed(key)).session.node == node


def test_the_end_is_said_and_what_was_asked_for_stays_open() -> None:
    turn = after(31, told("twice"))
    assert isinstance(turn.then, End)
    assert "Any urgent request you made stays open." in wording().text("too_long", "en")


@pytest.mark.parametrize("minutes", [20, 25, 31, 500])
def test_urgent_words_and_keys_win_however_late_it_is(minutes: float) -> None:
    for session in (told(""), told("once"), told("twice")):
        assert after(minutes, session, Said("nurse", 0.1)).then == Act("open_ticket")
    main = replace(told("twice"), node="main", stood_at="main")
    assert after(minutes, main, Keyed("1")).then == Act("open_ticket")


def test_no_clock_counts_in_the_urgent_branch_nor_on_the_way_to_a_person() -> None:
    for node in (*URGENT, *STAFF, *PERSON, *MESSAGE):
        if not isinstance(node, Menu | Ask):
            continue
        session = replace(told("twice"), node=node.name, stood_at=node.name)
        turn = after(500, session.knowing(FACTS), Said("fluffernutter", 0.9))
        assert turn.session.node != "too_long", node.name


def test_a_call_whose_beginning_is_not_known_is_not_cut_short() -> None:
    assert isinstance(after(500, replace(CALL, began_at="")).then, Wait)
