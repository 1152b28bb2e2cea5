"""THE AUDIT RULE, as a table: what happened, now -> what should have happened and did not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.oncall.audit_rule import GRACE, Finding, Step, audit
from ivr.oncall.escalation import Event, EventKind, Person
from ivr.oncall.plan import Plan
from ivr.oncall.repage_rule import repage
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import ANA, SAM

K = EventKind

BY_PAGE = "accepted by page"
"""As an event: an acceptance in a call that paged them."""

PROMISED = 7200
"""When the desk is to call back, in seconds: it counts only where a ticket was left to it."""

HOUR, DAY = 3600, 24 * 3600

Happened = list[tuple[int, EventKind | str]]

RUNG: Happened = [(0, K.OPENED), (5, K.RINGING), (30, K.NO_ANSWER)]
PAGED: Happened = [*RUNG, *((at, K.REPAGED) for at in (80, 200, 320, 440, 560, 680, 800, 920))]
LEFT: Happened = [(0, K.OPENED), (40, K.DEFERRED), (45, K.CALLER_LEFT)]
ACCEPTED: Happened = [(0, K.OPENED), (5, K.RINGING), (20, K.ACCEPTED)]
TAKEN: Happened = [(0, K.OPENED), (20, K.CALLER_LEFT), (20, K.REPAGED), (60, BY_PAGE)]

TABLE = [
    # what happened (seconds and kinds of events) | now, s | missing: step, due at, came at
    #
    # The first ring, while the caller is on the line.
    ([(0, K.OPENED)], 120, []),
    ([(0, K.OPENED)], 121, [("first_ring", 60, None)]),
    ([(0, K.OPENED), (120, K.RINGING)], 130, []),
    ([(0, K.OPENED), (125, K.RINGING)], 130, [("first_ring", 60, 125)]),
    # They were still saying what it is about.
    ([(0, K.OPENED), (100, K.CLASSIFIED)], 140, []),
    ([(0, K.OPENED), (70, K.CLASSIFIED), (80, K.REPAGED)], 191, [("first_ring", 130, None)]),
    # Nobody can be rung for whoever is gone, is not on the line, or is helped already.
    ([(0, K.OPENED), (20, K.CALLER_LEFT), (20, K.REPAGED)], 130, []),
    ([(0, K.OPENED), (0, K.RECOVERED), (80, K.REPAGED)], 130, []),
    ([(0, K.OPENED), (90, K.REPAGED), (100, BY_PAGE)], 130, []),
    #
    # A ring that ended, and one that did not.
    ([(0, K.OPENED), (5, K.RINGING), (80, K.REPAGED)], 125, []),
    ([(0, K.OPENED), (5, K.RINGING), (80, K.REPAGED)], 126, [("ring_outcome", 65, None)]),
    ([*RUNG, (31, K.RINGING), (80, K.REPAGED)], 152, [("ring_outcome", 91, None)]),
    ([(0, K.OPENED), (5, K.RINGING), (20, K.CALLER_LEFT), (20, K.REPAGED)], 140, []),
    ([(0, K.OPENED), (5, K.RINGING), (20, K.ACCEPTED)], HOUR, []),
    #
    # Everybody is called after 80 s and then every two minutes,
    (RUNG, 140, []),
    (RUNG, 141, [("pages", 80, None)]),
    ([*RUNG, (80, K.REPAGED)], 260, []),
    ([*RUNG, (130, K.REPAGED)], 310, []),
    ([*RUNG, (80, K.REPAGED)], 261, [("pages", 200, None)]),
    ([*RUNG, (141, K.REPAGED)], 142, [("pages", 80, 141)]),
    ([*RUNG, (80, K.REPAGED), (500, K.REPAGED)], 501, [("pages", 200, 500)]),
    # at once where nobody is being rung any more,
    ([*RUNG, (50, K.CALLER_LEFT)], 111, [("pages", 50, None)]),
    ([*RUNG, (40, K.PAGED)], 101, [("pages", 40, None)]),
    ([*RUNG, (40, K.QUEUED)], 101, [("pages", 40, None)]),
    # once more for whoever waits on after that round has rung out,
    ([*RUNG, (40, K.QUEUED), (40, K.REPAGED), (64, K.QUEUED)], 126, []),
    ([*RUNG, (40, K.QUEUED), (40, K.REPAGED), (65, K.QUEUED)], 126, [("pages", 65, None)]),
    ([*RUNG, (80, K.REPAGED), (90, K.CALLER_LEFT)], 151, [("pages", 90, None)]),
    ([*RUNG, (80, K.REPAGED), (90, K.PAGED)], 151, []),
    # and no more once somebody has it; that it was not done before is told all the same.
    ([*RUNG, (130, K.ACCEPTED)], HOUR, []),
    ([*RUNG, (200, K.ACCEPTED)], HOUR, [("pages", 80, None)]),
    # A ticket that is put back waits anew.
    ([*ACCEPTED, (45, K.PUT_BACK)], 185, []),
    ([*ACCEPTED, (45, K.PUT_BACK)], 186, [("pages", 125, None)]),
    ([*ACCEPTED, (45, K.PUT_BACK), (125, K.REPAGED)], 240, []),
    # One that is closed needs nothing, until its caller opens it again.
    ([*RUNG, (100, K.CLOSED)], HOUR, []),
    ([*RUNG, (200, K.CLOSED)], HOUR, [("pages", 80, None)]),
    ([*RUNG, (100, K.CLOSED), (110, K.REOPENED)], 250, []),
    ([*RUNG, (100, K.CLOSED), (110, K.REOPENED)], 251, [("pages", 190, None)]),
    #
    # The supervisor after ten minutes, the desk's alarm after fifteen.
    (PAGED, 660, []),
    (PAGED, 661, [("supervisor", 600, None)]),
    ([*PAGED, (600, K.SUPERVISOR_PAGED)], 960, []),
    ([*PAGED, (600, K.SUPERVISOR_PAGED)], 961, [("alarm", 900, None)]),
    ([*PAGED, (600, K.SUPERVISOR_PAGED), (900, K.ALARM_RAISED)], 1000, []),
    ([*PAGED, (700, K.SUPERVISOR_PAGED), (900, K.ALARM_RAISED)], 1000, [("supervisor", 600, 700)]),
    ([*PAGED, (950, K.ACCEPTED)], HOUR, [("supervisor", 600, None)]),
    # A worker that was away all night, before and after it has come back.
    (RUNG, HOUR, [("pages", 80, None), ("supervisor", 600, None), ("alarm", 900, None)]),
    (
        [*RUNG, (HOUR, K.REPAGED), (HOUR, K.SUPERVISOR_PAGED), (HOUR, K.ALARM_RAISED)],
        HOUR + 1,
        [("pages", 80, HOUR), ("supervisor", 600, HOUR), ("alarm", 900, HOUR)],
    ),
    #
    # A call back was promised by 7200 s: nothing before, and then everybody is called.
    (LEFT, 7260, []),
    (LEFT, 7261, [("promise", 7200, None)]),
    ([*LEFT, (7000, K.ACCEPTED)], 9000, []),
    ([*LEFT, (7000, K.ACCEPTED), (7001, K.RINGING), (7002, K.NO_ANSWER)], 9000, []),
    ([*LEFT, (7200, K.REPAGED)], 7380, []),
    ([*LEFT, (7200, K.REPAGED)], 7381, [("pages", 7320, None)]),
    ([*LEFT, (7300, K.REPAGED)], 7301, [("promise", 7200, 7300)]),
    # They asked for somebody after all: as if there had been no promise.
    ([(0, K.OPENED), (40, K.DEFERRED), (60, K.ROUND_STARTED), (61, K.RINGING)], 61, []),
    (
        [*LEFT[:2], (60, K.ROUND_STARTED), (61, K.RINGING), (70, K.BUSY)],
        201,
        [("pages", 140, None)],
    ),
    #
    # Whoever accepted in a call that paged them calls back within ten minutes;
    (TAKEN, 720, []),
    (TAKEN, 721, [("call_back", 660, None)]),
    ([*TAKEN, (600, K.CALLED_BACK)], HOUR, []),
    ([*TAKEN, (800, K.CALLED_BACK)], HOUR, [("call_back", 660, 800)]),
    ([*TAKEN, (500, K.PUT_BACK), (580, K.REPAGED)], 690, []),
    # so does whoever came too late for the caller's own call;
    ([*ACCEPTED, (21, K.NOT_BRIDGED)], 681, [("call_back", 620, None)]),
    # and everybody says within a day what became of it.
    (ACCEPTED, 20 + DAY + 60, []),
    (ACCEPTED, 20 + DAY + 61, [("disposition", 20 + DAY, None)]),
    ([*ACCEPTED, (HOUR, K.CLOSED)], 2 * DAY, []),
    ([*ACCEPTED, (2 * DAY, K.CLOSED)], 2 * DAY, [("disposition", 20 + DAY, 2 * DAY)]),
    ([*TAKEN, (500, K.CLOSED)], 2 * DAY, []),
]


@pytest.mark.parametrize(("happened", "now", "missing"), TABLE)
def test_what_is_missing(
    happened: Happened, now: int, missing: list[tuple[str, int, int | None]]
) -> None:
    found = audit(_plan(), _events(happened), _at(now), _at(PROMISED))
    assert [_seconds(finding) for finding in found] == missing


@pytest.mark.parametrize(
    "plan", [(), (Person("ana", "Ana Ruiz", "+1555"),)], ids=["nobody", "no number"]
)
def test_no_ring_is_missed_where_nobody_on_the_plan_can_be_rung(plan: tuple[Person, ...]) -> None:
    events = _events([(0, K.OPENED), (10, K.PAGED), (10, K.REPAGED)])
    assert audit(_plan(plan), events, _at(125)) == []


def test_a_finding_stays_the_same_while_it_lasts() -> None:
    """Its task is opened once."""
    found = [audit(_plan(), _events(RUNG), _at(now)) for now in (141, 300, 599)]
    assert found[0] == found[1] == found[2] != []


def test_one_that_is_put_back_and_missed_again_is_found_again() -> None:
    put_back: Happened = [*RUNG, (200, K.ACCEPTED), (220, K.PUT_BACK)]
    found = audit(_plan(), _events(put_back), _at(600))
    assert [(one.step, one.since) for one in found] == [
        (Step.PAGES, _at(0)),
        (Step.PAGES, _at(220)),
    ]


@given(st.lists(st.integers(1, 55), min_size=1, max_size=60), st.data())
def test_a_worker_that_looks_within_the_grace_misses_nothing_and_one_that_stops_is_found(
    waits: list[int], data: st.DataObject
) -> None:
    happened, now = list(RUNG), 30
    for wait in waits:
        now += wait
        if data.draw(st.booleans()) and K.CALLER_LEFT not in {kind for _, kind in happened}:
            happened.append((now - 1, K.CALLER_LEFT))
        step = repage(_events(happened), _at(now))
        due = {
            K.REPAGED: step.everybody,
            K.SUPERVISOR_PAGED: step.supervisor,
            K.ALARM_RAISED: step.alarm,
        }
        happened += [(now, kind) for kind, is_due in due.items() if is_due]
        assert audit(_plan(), _events(happened), _at(now)) == []
    stopped = repage(_events(happened), _at(now)).next_at
    assert stopped is not None
    assert audit(_plan(), _events(happened), stopped + GRACE + timedelta(seconds=1)) != []


def _plan(people: tuple[Person, ...] = (ANA, SAM)) -> Plan:
    return Plan(people=people, page="a page", supervisor=ANA)


def _at(seconds: int) -> datetime:
    return MONDAY_NIGHT + timedelta(seconds=seconds)


def _events(happened: Happened) -> list[Event]:
    return [
        Event(_at(at), K.ACCEPTED, "ana", by_page=True)
        if kind == BY_PAGE
        else Event(_at(at), EventKind(kind))
        for at, kind in happened
    ]


def _seconds(finding: Finding) -> tuple[str, int, int | None]:
    came = None if finding.came_at is None else _since(finding.came_at)
    return finding.step.value, _since(finding.due_at), came


def _since(instant: datetime) -> int:
    return int((instant - MONDAY_NIGHT).total_seconds())
