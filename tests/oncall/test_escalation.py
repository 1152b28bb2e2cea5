"""The escalation rule, as a table of plan, events, now → whom to ring."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.oncall.escalation import (
    Event,
    EventKind,
    NobodyLeft,
    Person,
    Ring,
    WhyNobody,
    is_dialable,
    next_step,
)
from tests.clock import MONDAY_NIGHT

ANA = Person("ana", "Ana Ruiz", "+15125550111")
SAM = Person("sam", "Sam Lee", "+15125550112")
EVA = Person("eva", "Eva Paz", "+15125550113")
SAMS_WIFE = Person("joy", "Joy Lee", SAM.number)
DEAD = Person("dead", "Wrong Number", "+1512555")

OPENED = EventKind.OPENED
ROUND = EventKind.ROUND_STARTED
ACCEPTED = EventKind.ACCEPTED
PUT_BACK = EventKind.PUT_BACK
TRIED = NobodyLeft(WhyNobody.EVERYBODY_TRIED)
NOBODY = NobodyLeft(WhyNobody.NOBODY_ON_CALL)
TAKEN = NobodyLeft(WhyNobody.ACCEPTED)


def rings(person: Person) -> tuple[EventKind, str]:
    """The event of ringing them."""
    return (EventKind.RINGING, person.key)


TABLE = [
    # plan, events (a kind, or a kind and whom it concerns), what next
    ("the first is rung first", [ANA, SAM], [OPENED], Ring(ANA)),
    ("then the second", [ANA, SAM], [OPENED, rings(ANA), EventKind.NO_ANSWER], Ring(SAM)),
    ("at once after busy", [ANA, SAM], [OPENED, rings(ANA), EventKind.BUSY], Ring(SAM)),
    ("at once after a failure", [ANA, SAM], [OPENED, rings(ANA), EventKind.FAILED], Ring(SAM)),
    ("a voicemail is no acceptance", [ANA, SAM], [rings(ANA), EventKind.ANSWERED], Ring(SAM)),
    ("an outcome that never came holds nothing up", [ANA, SAM], [rings(ANA)], Ring(SAM)),
    ("each is rung once a round", [ANA, SAM], [rings(ANA), rings(SAM)], TRIED),
    ("a new round starts from the first", [ANA, SAM], [rings(ANA), rings(SAM), ROUND], Ring(ANA)),
    ("and goes on", [ANA, SAM], [rings(ANA), rings(SAM), ROUND, rings(ANA)], Ring(SAM)),
    ("and ends", [ANA, SAM], [ROUND, rings(ANA), rings(SAM)], TRIED),
    ("a round may start early", [ANA, SAM], [rings(ANA), ROUND], Ring(ANA)),
    ("who was rung out of turn is not rung again", [ANA, SAM, EVA], [rings(SAM)], Ring(ANA)),
    ("nor before the next is", [ANA, SAM, EVA], [rings(SAM), rings(ANA)], Ring(EVA)),
    ("a number that cannot be dialled is stepped over", [DEAD, SAM], [OPENED], Ring(SAM)),
    ("also in the middle", [ANA, DEAD, SAM], [rings(ANA)], Ring(SAM)),
    ("also at the end", [ANA, DEAD], [rings(ANA)], TRIED),
    ("one phone is rung once for the two who share it", [SAM, SAMS_WIFE], [rings(SAM)], TRIED),
    ("whoever of them it was rung for", [SAM, SAMS_WIFE, ANA], [rings(SAMS_WIFE)], Ring(ANA)),
    ("an empty plan says so", [], [OPENED], NOBODY),
    ("so does one without a number to dial", [DEAD], [OPENED], NOBODY),
    ("acceptance ends it", [ANA, SAM], [rings(ANA), (ACCEPTED, "ana")], TAKEN),
    ("from elsewhere too", [ANA, SAM], [rings(ANA), (ACCEPTED, "sam"), EventKind.BUSY], TAKEN),
    ("also before any ring", [ANA, SAM], [(ACCEPTED, "sam")], TAKEN),
    ("also after the last", [ANA], [rings(ANA), (ACCEPTED, "ana")], TAKEN),
    ("a new round alone takes it from nobody", [ANA, SAM], [(ACCEPTED, "ana"), ROUND], TAKEN),
    (
        "a ticket that was put back is rung for again",
        [ANA, SAM],
        [rings(ANA), (ACCEPTED, "ana"), PUT_BACK, ROUND],
        Ring(ANA),
    ),
    (
        "and can be accepted again",
        [ANA, SAM],
        [(ACCEPTED, "ana"), PUT_BACK, ROUND, rings(ANA), (ACCEPTED, "sam")],
        TAKEN,
    ),
    (
        "a caller who hung up changes nothing in the order",
        [ANA, SAM],
        [rings(ANA), EventKind.CALLER_LEFT, EventKind.PAGED, EventKind.CALLBACK_SET],
        Ring(SAM),
    ),
]


@pytest.mark.parametrize(
    ("plan", "happened", "expected"),
    [row[1:] for row in TABLE],
    ids=[row[0] for row in TABLE],
)
def test_whom_to_ring_next(
    plan: list[Person],
    happened: list[EventKind | tuple[EventKind, str]],
    expected: Ring | NobodyLeft,
) -> None:
    events = [
        Event(MONDAY_NIGHT + timedelta(seconds=position), *what)
        if isinstance(what, tuple)
        else Event(MONDAY_NIGHT + timedelta(seconds=position), what)
        for position, what in enumerate(happened)
    ]
    assert next_step(plan, events) == expected


def test_a_phone_rings_for_25_seconds() -> None:
    assert Ring(ANA).ring_seconds == 25


@given(st.permutations([ANA, SAM, EVA, DEAD]), st.integers(min_value=1, max_value=4))
def test_every_round_rings_everybody_who_can_be_rung_once_in_order(
    plan: list[Person], rounds: int
) -> None:
    events = [Event(MONDAY_NIGHT, OPENED)]
    for _ in range(rounds):
        rung = []
        while isinstance(step := next_step(plan, events), Ring):
            rung.append(step.person)
            events.append(Event(MONDAY_NIGHT, EventKind.RINGING, step.person.key))
        assert rung == [person for person in plan if person is not DEAD]
        events.append(Event(MONDAY_NIGHT, ROUND))


@pytest.mark.parametrize(
    ("number", "dialable"),
    [
        ("+15125550111", True),
        ("+34911234567", True),
        ("+15550100", False),
        ("15125550111", False),
        ("+1 512 555 0111", False),
        ("anonymous", False),
        ("", False),
    ],
)
def test_what_can_be_dialled(number: str, dialable: bool) -> None:
    assert is_dialable(number) is dialable
