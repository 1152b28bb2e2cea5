"""A visit is cancelled on one phone, its time offered on another, refused, and taken on a third."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from ivr.messages.patients.offer_telling import DESK_HAS, desk_answers_by
from ivr.simulator.testing import PlannedFailure
from tests.calls.on_file import HEAR, MYSELF, File, austin, tasks
from tests.calls.test_answering_by_text import texts
from tests.calls.test_confirmation_texts import agrees
from tests.calls.test_offers_by_phone import states, visits
from tests.calls.test_reminders import inbox
from tests.calls.town import NO_TEXTS, Town
from tests.product import LINE

WEDNESDAY = date(2026, 11, 25)
LATER = (date(2026, 12, 3), date(2026, 12, 4))
SECOND, THIRD = "+15125550161", "+15125550162"


def works(town: Town, **step: float) -> None:
    """Time passes, and a worker works."""
    town.product.clock.advance(**(step or {"seconds": 6}))
    for _ in range(3):
        town.let_the_worker_work()


def waiting(town: Town, name: str, number: str, day: date, *, consent: bool = True) -> File:
    """Somebody with a visit of that day, who would come sooner."""
    file = File.of(town, name, born=date(1950, 5, 6), phone=number)
    town.company.phone(number)
    if consent:
        agrees(file)
    file.waits(file.visit(austin(day, 9)), day)
    return file


def scene(town: Town, *, consent: bool = True) -> UUID:
    """Maria comes on Wednesday at 9; Jo and then Sue would like to."""
    maria = File.of(town)
    visit = maria.visit(austin(WEDNESDAY, 9))
    waiting(town, "Jo Ann Smith", SECOND, LATER[0], consent=consent)
    town.product.clock.advance(minutes=1)
    waiting(town, "Sue Park", THIRD, LATER[1], consent=consent)
    return visit


def cancels_by_phone(town: Town) -> None:
    """Maria calls, and gives her visit up."""
    call = town.call(*HEAR, *MYSELF)
    call.press("3")
    call.press("1", NO_TEXTS)
    call.hang_up()


def test_cancelled_by_phone_refused_by_text_taken_by_the_next_and_seen_by_the_desk(
    town: Town,
) -> None:
    scene(town)
    cancels_by_phone(town)
    works(town)
    (offer,) = inbox(town, SECOND)
    assert offer.startswith("Dr. Fura's clinic: Wed, Nov 25, 9:00 AM is free. It is kept for you ")
    assert "until Mon, Nov 23, 10:1" in offer
    assert "in place of Thu, Dec 3, 9:00 AM. Reply 1 to take it, 2 to pass, 9 to opt out. " in offer
    assert inbox(town, THIRD) == []
    assert texts(town, "2", SECOND) == (
        "Dr. Fura's clinic: noted. You keep your place in line, and nothing else changes."
    )
    works(town)
    (offer,) = inbox(town, THIRD)
    assert texts(town, "1", THIRD) == (
        f"Dr. Fura's clinic: it is yours. We expect you Wed, Nov 25, 9:00 AM. Questions: {LINE}."
    )
    assert sorted(states(town)) == ["accepted", "declined"]
    assert visits(town) == ["2026-11-25 15:00", "2026-12-03 15:00"]
    works(town)
    assert len(inbox(town, SECOND)) + len(inbox(town, THIRD)) <= 5
    assert town.company.refused == []


def test_silence_passes_it_on_after_the_time_that_the_text_says(town: Town) -> None:
    File.of(town).desk_cancels(scene(town))
    works(town)
    assert len(inbox(town, SECOND)) == 1
    works(town, minutes=14)
    assert inbox(town, THIRD) == []
    works(town, minutes=2)
    assert len(inbox(town, THIRD)) == 1
    assert sorted(states(town)) == ["lapsed", "open"]
    assert texts(town, "1", SECOND) == (
        "Dr. Fura's clinic: that time is no longer free. You keep your place in line; we tell you "
        f"of the next one. Questions: {LINE}."
    )


def test_what_is_freed_at_night_is_offered_in_the_morning_and_kept_until_then(town: Town) -> None:
    visit = scene(town)
    town.product.clock.now = austin(date(2026, 11, 24), 2)
    File.of(town).desk_cancels(visit)
    works(town)
    works(town, hours=3)
    assert (inbox(town, SECOND), states(town)) == ([], ["open"])
    town.product.clock.now = austin(date(2026, 11, 24), 8)
    works(town)
    (offer,) = inbox(town, SECOND)
    assert "until Tue, Nov 24, 8:15 AM" in offer
    assert inbox(town, THIRD) == []


def test_whom_no_text_may_reach_the_desk_calls_while_it_is_kept(town: Town) -> None:
    File.of(town).desk_cancels(scene(town, consent=False))
    works(town)
    assert (inbox(town, SECOND), tasks(town)) == ([], ["callback"])
    (task,) = town.product.rows("SELECT note, callback_number FROM desk_task")
    assert task["callback_number"] == SECOND
    assert "2026-11-25 at 09:00, until 2026-11-23 at 11:0" in task["note"]
    works(town, minutes=50)
    assert states(town) == ["open"]
    of_the_offer = "SELECT done_by FROM desk_task WHERE source LIKE 'offer:%' ORDER BY created_at"
    assert town.product.rows(of_the_offer)[0]["done_by"] is None
    works(town, minutes=15)
    assert sorted(states(town)) == ["lapsed", "open"]
    works(town, minutes=2)
    assert town.product.rows(of_the_offer)[0]["done_by"] == "Call Now"


def test_who_opts_out_before_the_text_goes_out_is_not_texted(town: Town) -> None:
    File.of(town).desk_cancels(scene(town))
    town.company.fail_rest(PlannedFailure(429, 20429), times=1)
    works(town)
    texts(town, "STOP", SECOND)
    works(town, minutes=2)
    assert inbox(town, SECOND) == []
    works(town, minutes=20)
    assert len(inbox(town, THIRD)) == 1


def test_a_worker_that_works_again_tells_nobody_twice(town: Town) -> None:
    File.of(town).desk_cancels(scene(town))
    for _ in range(6):
        works(town)
    assert len(inbox(town, SECOND)) == 1


def test_a_time_taken_by_whoever_was_offered_it_before_is_answered_again_the_same(
    town: Town,
) -> None:
    File.of(town).desk_cancels(scene(town))
    works(town)
    first = texts(town, "yes", SECOND)
    webhook = [one for one in town.company.webhooks if one.url.endswith("/sms/incoming")][-1]
    assert first is not None
    assert "it is yours" in town.company.replay(webhook).text
    assert visits(town)[0] == "2026-11-25 15:00"


def test_the_desk_has_an_hour_of_its_own_day() -> None:
    now = datetime(2026, 11, 24, 8, tzinfo=austin(WEDNESDAY, 1).tzinfo)
    opens, closes = now + timedelta(hours=6), now + timedelta(hours=14)
    assert desk_answers_by(now, [(opens, closes)]) == opens + DESK_HAS
    assert desk_answers_by(opens + timedelta(hours=1), [(opens, closes)]) == (
        opens + timedelta(hours=1) + DESK_HAS
    )
    assert desk_answers_by(now, []) is None
