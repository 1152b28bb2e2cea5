"""The desk sees who was told of their visit, what came of it, and whom it has to call."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from ivr.messages.outcome_words import NEXT, OUTCOME
from ivr.messages.outcomes import NEEDS_SOMEBODY, Outcome
from scheduling import visits
from tests.frontdesk.lists import TODAY, asked, audited, text_of
from tests.frontdesk.office import OTHERS, Office
from tests.frontdesk.told import a_little_of_everything, told


def page(office: Office) -> str:
    """As it is read."""
    return text_of(office.signed_in().get("/frontdesk/reminders").text)


def group(office: Office, heading: str) -> str:
    """What stands below a heading."""
    found = re.search(
        rf"{heading} \d+ (.*?)(?= Told, no answer yet \d| Confirmed \d|$)", page(office)
    )
    assert found, heading
    return found[1]


def test_whoever_has_to_be_called_comes_first_with_the_reason_and_what_to_do(
    office: Office,
) -> None:
    a_little_of_everything(office)
    to_call = group(office, "Somebody has to call")
    assert (
        "Lou Park Wed, Nov 25, 8:00 AM (512) 555-0142 Reminded 3 days before by text · "
        "Mon, Nov 23, 10:00 AM Wants another time Call, and find another time: the visit stands "
        "until then." in to_call
    )
    assert "A landline, or a phone whose company takes no texts Call it, since it may" in to_call
    assert "Al Ortiz Wed, Nov 25, 12:00 PM (512) 555-0142 Not told" in to_call
    assert "Ines Vale" not in to_call
    waiting = group(office, "Told, no answer yet")
    assert "Reminded 3 days before by a call · Mon, Nov 23, 10:00 AM Left a message" in waiting
    assert "Reminded 1 day before by text · Mon, Nov 23, 10:00 AM Waiting to be sent" in waiting
    assert "Ines Vale" not in waiting
    assert "Ines Vale" in group(office, "Confirmed")
    assert len(audited(office, "reminders.viewed")) == 3


def test_a_visit_that_was_confirmed_by_any_way_asks_nothing_of_the_desk(office: Office) -> None:
    visit = told(office, "Joe Roe", delivery="undelivered", error="unreachable", code=30003)
    assert "Joe Roe" in group(office, "Somebody has to call")
    office.database.write(
        lambda session: visits.confirm(
            session, clinic_id=visit.clinic_id, visit_id=visit.id, request=asked(office)
        )
    )
    assert "Somebody has to call 0" in page(office)
    assert "Joe Roe" in group(office, "Confirmed")


def test_what_is_over_moved_or_another_clinics_is_not_on_the_page(office: Office) -> None:
    told(office, "Not Ours", clinic_id=OTHERS)
    gone = told(office, "Gone Roe")
    office.database.write(
        lambda session: visits.cancel(
            session,
            clinic_id=gone.clinic_id,
            visit_id=gone.id,
            reason="asked for",
            request=asked(office),
        )
    )
    told(office, "Far Roe", TODAY + timedelta(days=9))
    said = page(office)
    for name in ("Not Ours", "Gone Roe", "Far Roe"):
        assert name not in said


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_its_own_words_and_what_needs_somebody_says_what_to_do(
    outcome: Outcome,
) -> None:
    assert outcome.value in OUTCOME
    assert (outcome.value in NEXT) == (outcome in NEEDS_SOMEBODY)
    assert len(set(OUTCOME.values())) == len(Outcome)
