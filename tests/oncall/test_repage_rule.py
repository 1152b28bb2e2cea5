"""THE ESCALATION RULE after the call, as a table: what happened, now -> what next."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.oncall.escalation import Event, EventKind
from ivr.oncall.repage_rule import repage
from tests.clock import MONDAY_NIGHT

K = EventKind

PROMISED = MONDAY_NIGHT + timedelta(seconds=7200)
"""When the desk is to call back: it counts only where a ticket was left to it."""

TABLE = [
    # seconds and kinds of events | now, s | what to do      | ask again at, s
    ([(0, K.OPENED)], 0, "", 80),
    ([(0, K.OPENED)], 79, "", 80),
    ([(0, K.OPENED)], 80, "calls", 200),
    ([(0, K.OPENED), (20, K.CALLER_LEFT)], 20, "calls", 140),
    ([(0, K.OPENED), (55, K.PAGED)], 55, "calls", 175),
    ([(0, K.OPENED), (80, K.REPAGED)], 81, "", 200),
    ([(0, K.OPENED), (80, K.REPAGED)], 200, "calls texts", 320),
    ([(0, K.OPENED), (80, K.REPAGED), (90, K.CALLER_LEFT)], 90, "calls texts", 210),
    ([(0, K.OPENED), (80, K.REPAGED), (90, K.CALLER_LEFT), (90, K.REPAGED)], 100, "", 210),
    # The hurried texts were for a round that has been called since.
    ([(0, K.OPENED), (80, K.REPAGED), (90, K.PAGED)], 100, "", 200),
    # The supervisor and the alarm come in their time, not at the next round's.
    ([(0, K.OPENED), (560, K.REPAGED)], 590, "", 600),
    ([(0, K.OPENED), (560, K.REPAGED)], 600, "supervisor", 680),
    ([(0, K.OPENED), (560, K.REPAGED), (600, K.SUPERVISOR_PAGED)], 610, "", 680),
    (
        [(0, K.OPENED), (560, K.REPAGED), (600, K.SUPERVISOR_PAGED)],
        680,
        "calls texts supervisor",
        800,
    ),
    ([(0, K.OPENED), (800, K.REPAGED), (800, K.SUPERVISOR_PAGED)], 890, "", 900),
    ([(0, K.OPENED), (800, K.REPAGED), (800, K.SUPERVISOR_PAGED)], 900, "alarm", 920),
    (
        [
            (0, K.OPENED),
            (800, K.REPAGED),
            (800, K.SUPERVISOR_PAGED),
            (900, K.ALARM_RAISED),
        ],
        910,
        "",
        920,
    ),
    # A worker that was away all night pages once and goes on from there.
    ([(0, K.OPENED)], 9000, "calls supervisor alarm", 9120),
    # Acceptance ends it; whoever is put back waits anew.
    ([(0, K.OPENED), (30, K.ACCEPTED)], 9000, "", None),
    ([(0, K.OPENED), (30, K.ACCEPTED), (60, K.PUT_BACK)], 139, "", 140),
    ([(0, K.OPENED), (30, K.ACCEPTED), (60, K.PUT_BACK)], 140, "calls", 260),
    ([(0, K.OPENED), (580, K.ACCEPTED), (590, K.PUT_BACK)], 1189, "calls", 1190),
    # So does closing, accepted or not; whoever is reopened waits anew.
    ([(0, K.OPENED), (30, K.CLOSED)], 9000, "", None),
    ([(0, K.OPENED), (30, K.ACCEPTED), (40, K.CLOSED)], 9000, "", None),
    ([(0, K.OPENED), (30, K.CLOSED), (60, K.REOPENED)], 139, "", 140),
    ([(0, K.OPENED), (30, K.ACCEPTED), (40, K.CLOSED), (60, K.REOPENED)], 140, "calls", 260),
    # A call back was promised by 7200 s: nobody is called before, and then everybody, by text too.
    ([(0, K.OPENED), (40, K.DEFERRED)], 7199, "", 7200),
    ([(0, K.OPENED), (40, K.DEFERRED), (45, K.CALLER_LEFT)], 50, "", 7200),
    ([(0, K.OPENED), (40, K.DEFERRED)], 7200, "calls texts", 7320),
    ([(0, K.OPENED), (40, K.DEFERRED), (7200, K.REPAGED)], 7800, "calls texts supervisor", 7920),
    # They asked for somebody after all: as if there had been no promise.
    ([(0, K.OPENED), (40, K.DEFERRED), (60, K.ROUND_STARTED)], 80, "calls", 200),
]


@pytest.mark.parametrize(("happened", "now", "what", "next_at"), TABLE)
def test_what_is_due(
    happened: list[tuple[int, EventKind]], now: int, what: str, next_at: int | None
) -> None:
    step = repage(_events(happened), _at(now), PROMISED)
    named = {
        "calls": step.everybody,
        "texts": step.texts,
        "supervisor": step.supervisor,
        "alarm": step.alarm,
    }
    assert " ".join(name for name, due in named.items() if due) == what
    assert step.next_at == (None if next_at is None else _at(next_at))


@given(st.lists(st.integers(1, 400), min_size=1, max_size=60))
def test_however_irregular_the_worker_nobody_waits_two_minutes_longer_than_it_was_away(
    waits: list[int],
) -> None:
    happened: list[tuple[int, EventKind]] = [(0, K.OPENED)]
    now, rounds = 0, [0]
    for wait in waits:
        now += wait
        step = repage(_events(happened), _at(now))
        assert step.next_at is not None
        assert step.next_at > _at(now)
        if step.everybody:
            assert now - rounds[-1] >= (120 if len(rounds) > 1 else 80)
            rounds.append(now)
            happened.append((now, K.REPAGED))
        else:
            assert now - rounds[-1] < 120
        if step.supervisor:
            happened.append((now, K.SUPERVISOR_PAGED))
        if step.alarm:
            happened.append((now, K.ALARM_RAISED))
    kinds = [kind for _, kind in happened]
    assert (K.SUPERVISOR_PAGED in kinds) == (now >= 600)
    assert kinds.count(K.ALARM_RAISED) == (now >= 900)


def _at(seconds: int) -> datetime:
    return MONDAY_NIGHT + timedelta(seconds=seconds)


def _events(happened: list[tuple[int, EventKind]]) -> list[Event]:
    return [Event(MONDAY_NIGHT + timedelta(seconds=at), kind) for at, kind in happened]
