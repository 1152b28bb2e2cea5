"""The state machine of a visit, whole: which step leads where, and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.errors import IllegalStep, NotYet, TooLate
from scheduling.states import (
    OCCUPYING_STATUSES,
    TRANSITIONS,
    UNDO_WITHIN,
    UNDOES,
    Step,
    VisitStatus,
    refuse_after_start,
    status_after,
    status_undone,
)
from tests.scheduling.sample import at

CHICAGO = ZoneInfo("America/Chicago")
STARTS = at(9)
DURING = at(9, 20)

# Written out by hand from what a front desk may do; None is refused.
EXPECTED = {
    Step.CONFIRM: {"booked": "confirmed", "confirmed": "confirmed"},
    Step.RESCHEDULE: {"booked": "booked", "confirmed": "booked"},
    Step.CHECK_IN: {
        "booked": "checked_in",
        "confirmed": "checked_in",
        "no_show": "checked_in",
    },
    Step.UNDO_CHECK_IN: {"checked_in": "booked"},
    Step.COMPLETE: {"checked_in": "completed"},
    Step.CANCEL: {"booked": "cancelled", "confirmed": "cancelled", "checked_in": "cancelled"},
    Step.MISS: {"booked": "no_show", "confirmed": "no_show"},
    # Where an undoing leads depends on the visit's log: see below.
    Step.UNDO_COMPLETE: {},
    Step.UNDO_CANCEL: {},
    Step.UNDO_MISS: {},
}


@pytest.mark.parametrize(("step", "status"), list(product(Step, VisitStatus)))
def test_each_step_leads_where_the_desk_expects_it(step: Step, status: VisitStatus) -> None:
    expected = EXPECTED[step].get(status)
    if expected is None:
        with pytest.raises(IllegalStep, match=f"{status} does not allow {step}"):
            status_after(step, status, starts_at=STARTS, now=DURING, zone=CHICAGO)
    else:
        assert status_after(step, status, starts_at=STARTS, now=DURING, zone=CHICAGO) == expected


@given(st.lists(st.sampled_from(Step), max_size=12))
def test_whatever_is_done_to_a_visit_nothing_leads_out_of_completed_or_cancelled(
    steps: list[Step],
) -> None:
    status, ended = VisitStatus.BOOKED, False
    for step in steps:
        try:
            status = status_after(step, status, starts_at=STARTS, now=DURING, zone=CHICAGO)
        except IllegalStep:
            continue
        assert not ended
        ended = status in (VisitStatus.COMPLETED, VisitStatus.CANCELLED)


def test_nobody_has_missed_a_visit_before_it_begins() -> None:
    before = STARTS - timedelta(seconds=1)
    with pytest.raises(NotYet, match="wait"):
        status_after(Step.MISS, VisitStatus.BOOKED, starts_at=STARTS, now=before, zone=CHICAGO)


def test_the_day_of_a_check_in_is_the_clinics_day_and_not_utcs() -> None:
    """23:30 in Chicago on 30 November is 5:30 UTC on 1 December, the day of the visit there."""
    last_evening = at(23, 30, day=30, month=11)
    assert last_evening.date() == STARTS.date()
    with pytest.raises(NotYet, match="on that day"):
        status_after(
            Step.CHECK_IN, VisitStatus.BOOKED, starts_at=STARTS, now=last_evening, zone=CHICAGO
        )
    assert (
        status_after(Step.CHECK_IN, VisitStatus.BOOKED, starts_at=STARTS, now=at(0), zone=CHICAGO)
        == "checked_in"
    )


def test_a_patient_can_change_a_visit_until_it_begins() -> None:
    refuse_after_start(Step.CANCEL, starts_at=STARTS, now=STARTS - timedelta(seconds=1))
    with pytest.raises(TooLate, match="desk"):
        refuse_after_start(Step.CANCEL, starts_at=STARTS, now=STARTS)


def test_a_cancelled_or_missed_visit_keeps_no_time() -> None:
    assert set(VisitStatus) - set(OCCUPYING_STATUSES) == {"cancelled", "no_show"}


def undone(
    step: Step, *kinds: str, status: str | None = None, after: timedelta = UNDO_WITHIN
) -> str:
    """Where an undoing leads after these events, of which the last was so long ago."""
    reached = {"completed": "completed", "cancelled": "cancelled", "missed": "no_show"}
    return status_undone(
        step,
        VisitStatus(status or reached.get(kinds[-1], "booked")),
        [(kind, {}) for kind in kinds],
        done_at=DURING,
        now=DURING + after,
    )


@pytest.mark.parametrize(
    ("step", "kinds", "expected"),
    [
        (Step.UNDO_CANCEL, ("booked", "cancelled"), "booked"),
        (Step.UNDO_CANCEL, ("booked", "confirmed", "cancelled"), "confirmed"),
        (Step.UNDO_CANCEL, ("booked", "confirmed", "rescheduled", "cancelled"), "booked"),
        (Step.UNDO_CANCEL, ("booked", "checked_in", "cancelled"), "checked_in"),
        (Step.UNDO_MISS, ("booked", "confirmed", "missed"), "confirmed"),
        (Step.UNDO_MISS, ("booked", "confirmed", "missed", "miss_undone", "missed"), "confirmed"),
        (Step.UNDO_COMPLETE, ("booked", "checked_in", "completed"), "checked_in"),
        (
            Step.UNDO_CANCEL,
            ("booked", "checked_in", "completed", "completion_undone", "cancelled"),
            "checked_in",
        ),
    ],
)
def test_undoing_leads_to_where_the_visit_stood(
    step: Step, kinds: tuple[str, ...], expected: str
) -> None:
    assert undone(step, *kinds) == expected


@given(st.lists(st.sampled_from(Step), max_size=14))
def test_an_undoing_always_restores_what_the_step_before_it_left(steps: list[Step]) -> None:
    statuses, kinds = [VisitStatus.BOOKED], ["booked"]
    for step in steps:
        try:
            if step in UNDOES:
                to = undone(step, *kinds, status=statuses[-1])
                assert to == statuses[-2]
            else:
                to = status_after(step, statuses[-1], starts_at=STARTS, now=DURING, zone=CHICAGO)
        except IllegalStep:
            continue
        statuses.append(VisitStatus(to))
        kinds.append(TRANSITIONS[step].event)


def test_only_the_last_step_is_undone_and_only_for_a_week() -> None:
    with pytest.raises(IllegalStep):
        undone(Step.UNDO_MISS, "booked", "missed", "checked_in", status="checked_in")
    with pytest.raises(IllegalStep):
        undone(Step.UNDO_CANCEL, "booked", "missed")
    with pytest.raises(TooLate, match="another visit"):
        undone(Step.UNDO_MISS, "booked", "missed", after=UNDO_WITHIN + timedelta(seconds=1))


def test_an_imported_visit_stood_as_its_file_said() -> None:
    log: list[tuple[str, dict[str, object]]] = [
        ("imported", {"status": "confirmed"}),
        ("cancelled", {}),
    ]
    cancelled = Step.UNDO_CANCEL, VisitStatus.CANCELLED
    assert status_undone(*cancelled, log, done_at=DURING, now=DURING) == "confirmed"
    with pytest.raises(IllegalStep):
        status_undone(*cancelled, log[1:], done_at=DURING, now=DURING)
