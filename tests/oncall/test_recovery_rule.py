"""THE RECOVERY RULE as a table: the carrier's list, what we have stored -> what to make up for."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.messages.telephony import ListedCall
from ivr.oncall.recovery_rule import Finding, Known, find_unrecorded
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import ANA, LINE, PATIENT, SAM

NOTHING = ""
DESK = "+15125550150"

TABLE = [
    # began, ended (s before now) | what we have stored | rung for it | what to make up for
    (120, 60, None, None, "ticket end"),
    (120, 60, None, ANA.number, "ticket end"),
    # However short: whoever hung up at once has heard that something is broken, or nothing at all.
    (60, 60, None, None, "ticket end"),
    # It still goes on: somebody may reach the caller before they give up.
    (120, None, None, ANA.number, "ticket"),
    # Its row may be on its way.
    (14, None, None, None, NOTHING),
    (14, 2, None, None, NOTHING),
    (15, None, None, None, "ticket"),
    # An ordinary call.
    (300, 200, Known(ended=True, has_ticket=False), None, NOTHING),
    (300, None, Known(ended=False, has_ticket=False), None, NOTHING),
    (300, 200, Known(ended=True, has_ticket=False), DESK, NOTHING),
    # An urgent one.
    (300, 200, Known(ended=True, has_ticket=True), ANA.number, NOTHING),
    # It lost the database on its way: on-call staff were rung, and there is no ticket.
    (300, None, Known(ended=False, has_ticket=False), ANA.number, "ticket"),
    (300, 200, Known(ended=True, has_ticket=False), SAM.number, "ticket"),
    (300, 200, Known(ended=False, has_ticket=False), SAM.number, "ticket end"),
    # Whoever accepted it told us of it, and who called was known to a process that has died.
    (300, 200, Known(ended=True, has_ticket=True, lacks_number=True), SAM.number, "ticket"),
    # Nobody told us of its end, which may be under way for a minute.
    (300, 59, Known(ended=False, has_ticket=False), None, NOTHING),
    (300, 60, Known(ended=False, has_ticket=False), None, "ticket end"),
    (300, 60, Known(ended=False, has_ticket=True), ANA.number, "end"),
]


def call(
    began: float,
    ended: float | None,
    *,
    sid: str = "CA1",
    from_number: str = PATIENT,
    to_number: str = LINE,
    parent_sid: str | None = None,
) -> ListedCall:
    """From the patient to the line, unless told otherwise; seconds before now."""
    return ListedCall(
        sid=sid,
        from_number=from_number,
        to_number=to_number,
        started_at=MONDAY_NIGHT - timedelta(seconds=began),
        ended_at=None if ended is None else MONDAY_NIGHT - timedelta(seconds=ended),
        parent_sid=parent_sid,
    )


def findings(
    calls: list[ListedCall],
    known: dict[str, Known],
    *,
    ends_are_told: bool = True,
    now: datetime = MONDAY_NIGHT,
) -> list[Finding]:
    """Of the rule, with two people on call."""
    return find_unrecorded(
        calls,
        known,
        line=LINE,
        staff={ANA.number, SAM.number},
        ends_are_told=ends_are_told,
        now=now,
    )


def in_words(found: list[Finding]) -> str:
    """Of one finding at most."""
    assert len(found) <= 1
    return " ".join(
        word
        for finding in found
        for word, due in (("ticket", finding.ticket), ("end", finding.ended))
        if due
    )


@pytest.mark.parametrize(("began", "ended", "stored", "rung", "expected"), TABLE)
def test_the_table(
    began: float, ended: float | None, stored: Known | None, rung: str | None, expected: str
) -> None:
    listed = [call(began, ended)]
    if rung is not None:
        leg = call(began, ended, sid="CA2", from_number=LINE, to_number=rung, parent_sid="CA1")
        listed.append(leg)
    found = findings(listed, {"CA1": stored} if stored else {})
    assert in_words(found) == expected


def test_where_the_carrier_never_tells_of_an_end_a_missing_one_is_no_sign() -> None:
    stored = {"CA1": Known(ended=False, has_ticket=False)}
    assert in_words(findings([call(300, 60)], stored, ends_are_told=False)) == "end"


def test_calls_that_the_line_made_are_nobodys_call_for_help() -> None:
    page = call(300, 200, from_number=LINE, to_number=ANA.number)
    assert findings([page], {}) == []


def test_the_call_that_came_first_is_found_first() -> None:
    later, earlier = call(100, 50, sid="CA1"), call(200, 150, sid="CA2")
    assert [found.call for found in findings([later, earlier], {})] == [earlier, later]


@given(
    began=st.floats(0, 7200),
    lasted=st.none() | st.floats(0, 3600),
    stored=st.none() | st.builds(Known, ended=st.booleans(), has_ticket=st.booleans()),
    later=st.floats(0, 3600),
    told=st.booleans(),
)
def test_what_is_found_once_is_found_until_it_is_made_up_for(
    *, began: float, lasted: float | None, stored: Known | None, later: float, told: bool
) -> None:
    ended = None if lasted is None else max(0.0, began - lasted)
    listed, known = [call(began, ended)], {"CA1": stored} if stored else {}
    first = findings(listed, known, ends_are_told=told)
    then = MONDAY_NIGHT + timedelta(seconds=later)
    again = findings(listed, known, ends_are_told=told, now=then)
    for finding in first:
        assert any((one.ticket, one.ended) >= (finding.ticket, finding.ended) for one in again)
    # Once it is stored there is nothing left to do.
    if first:
        made_up = Known(
            ended=first[0].ended or bool(stored and stored.ended),
            has_ticket=first[0].ticket or bool(stored and stored.has_ticket),
        )
        assert findings(listed, {"CA1": made_up}, ends_are_told=told) == []
