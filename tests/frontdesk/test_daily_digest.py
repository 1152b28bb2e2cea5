"""What the desk reads first: counted before it opens, once a day, on the board of that day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import update

from ivr.digest import daily
from ivr.digest.counting import Counts
from ivr.frontdesk.tables import StaffUser
from ivr.rounds import Rounds
from scheduling import visits
from scheduling.tables import Closure
from tests.calls.on_file import austin
from tests.frontdesk.lists import TODAY, asked, on, pump, refill_pumps, register, text_of
from tests.frontdesk.office import OTHERS, OURS, Office, version_of
from tests.frontdesk.test_tasks_page import add as add_task

TUESDAY = TODAY + timedelta(days=1)


def make(office: Office, at: datetime, clinic_id: str = OURS) -> bool:
    """A worker comes by."""
    office.clock.now = at
    return daily.make(office.database, clinic_id, at)


def digests(office: Office, clinic_id: str = OURS) -> list[daily.Digest]:
    """All that there are, the latest first."""
    return office.database.read(partial(daily.latest, clinic_id=clinic_id, at_most=99))


def board(office: Office) -> str:
    """As it is read."""
    return text_of(office.signed_in().get("/frontdesk").text)


def test_it_is_made_half_an_hour_before_the_desk_opens_and_once_a_day(office: Office) -> None:
    assert not make(office, austin(TUESDAY, 6, 29))
    assert make(office, austin(TUESDAY, 6, 30))
    assert not make(office, austin(TUESDAY, 6, 31))
    assert not make(office, austin(TUESDAY, 16))
    assert make(office, austin(TUESDAY + timedelta(days=1), 6, 30))
    assert [one.day for one in digests(office)] == [TUESDAY + timedelta(days=1), TUESDAY]


def test_no_digest_comes_on_a_day_on_which_the_desk_is_not_there(office: Office) -> None:
    begins, ends = austin(TUESDAY, 0), austin(TUESDAY + timedelta(days=1), 0)
    office.database.write(
        lambda session: session.add(
            Closure(clinic_id=OURS, starts_at=begins, ends_at=ends, reason="Snow")
        )
    )
    assert not make(office, austin(TUESDAY, 10))
    assert make(office, austin(TUESDAY, 10), OTHERS)


def test_a_worker_that_was_away_in_the_morning_makes_it_later(office: Office) -> None:
    assert make(office, austin(TUESDAY, 11))
    (found,) = digests(office)
    assert found.made_at == austin(TUESDAY, 11)


def test_of_four_workers_at_once_one_makes_it(office: Office) -> None:
    now = austin(TUESDAY, 6, 30)
    with ThreadPoolExecutor(4) as workers:
        made = [*workers.map(lambda _: daily.make(office.database, OURS, now), range(4))]
    assert sorted(made) == [False, False, False, True]
    assert len(digests(office)) == 1


def test_a_workers_round_makes_it(office: Office) -> None:
    office.clock.now = austin(TUESDAY, 6, 30)
    for _, look in Rounds(office.database, office.clock, "https://line.example").due():
        look()
    assert len(digests(office)) == 1


def test_everything_in_it_is_counted_from_the_book(office: Office) -> None:
    refill_pumps(office)
    for name, due_in in (("Ann Soon", 3), ("Bob Late", -2), ("Cat Later", -5), ("Dan Far", 30)):
        pump(office, register(office, name, phone="+15125550143"), due_in)
    first = office.book("Ines Vale", on(TUESDAY, 9))
    office.book("Lou Park", on(TUESDAY, 11))
    office.book("Kim Day", on(TUESDAY + timedelta(days=1), 9))
    missed = office.book("Al Ortiz", on(TODAY, 13))
    office.book("Their Own", on(TUESDAY, 9), clinic_id=OTHERS)
    office.open_ticket()
    office.database.write(
        lambda session: visits.confirm(
            session, clinic_id=OURS, visit_id=first.id, request=asked(office)
        )
    )
    office.clock.now = austin(TODAY, 15)
    office.database.write(
        lambda session: visits.miss(
            session, clinic_id=OURS, visit_id=missed.id, request=asked(office)
        )
    )
    add_task(office, "callback")
    add_task(office, "reminder_failed")
    assert make(office, austin(TUESDAY, 6, 30))
    (found,) = digests(office)
    assert found.since == austin(TODAY, 6, 30)
    assert found.counts == Counts(
        visits=2,
        unconfirmed=1,
        overdue=2,
        to_book=1,
        urgent=1,
        urgent_open=1,
        calls=0,
        missed=1,
        filled=0,
        not_arrived=1,
        to_do=2,
    )


def test_a_visit_that_is_marked_as_missed_the_next_morning_is_in_the_next_one(
    office: Office,
) -> None:
    missed = office.book("Al Ortiz", on(TODAY, 13))
    make(office, austin(TUESDAY, 6, 30))
    office.clock.now = austin(TUESDAY, 9)
    office.database.write(
        lambda session: visits.miss(
            session, clinic_id=OURS, visit_id=missed.id, request=asked(office)
        )
    )
    for day in (1, 2):
        make(office, austin(TUESDAY + timedelta(days=day), 6, 30))
    assert sorted(one.counts.missed for one in digests(office)) == [0, 0, 1]


def test_one_made_late_in_the_day_counts_the_visits_that_are_over(office: Office) -> None:
    over = office.book("Al Ortiz", on(TUESDAY, 9))
    office.book("Lou Park", on(TUESDAY, 15))
    office.clock.now = austin(TUESDAY, 10)
    office.database.write(
        lambda session: visits.miss(
            session, clinic_id=OURS, visit_id=over.id, request=asked(office)
        )
    )
    make(office, austin(TUESDAY, 11))
    assert [one.counts.visits for one in digests(office)] == [2]


def test_the_next_one_counts_from_the_one_before_and_a_week_back_at_most(office: Office) -> None:
    make(office, austin(TUESDAY, 6, 30))
    make(office, austin(TUESDAY + timedelta(days=1), 6, 30))
    monday = TODAY + timedelta(days=14)
    make(office, austin(monday, 6, 30))
    assert [one.since for one in digests(office)] == [
        austin(monday - timedelta(days=7), 6, 30),
        austin(TUESDAY, 6, 30),
        austin(TODAY, 6, 30),
    ]


def test_it_stands_on_the_board_of_its_day_alone_and_names_nobody(office: Office) -> None:
    office.book("Ines Vale", on(TUESDAY, 9))
    assert "This morning" not in board(office)
    make(office, austin(TUESDAY, 6, 30))
    page = board(office)
    digest = page.partition("This morning")[2]
    assert digest.startswith(" As of Tue, Nov 24, 6:30 AM Refills overdue 0 Urgent calls since")
    assert "Visits today, not confirmed 1 Visits today, in all 1" in digest
    assert "Ines" not in digest
    office.clock.now = austin(TUESDAY + timedelta(days=1), 6)
    assert "This morning" not in board(office)


def test_an_open_board_learns_of_it(office: Office) -> None:
    office.clock.now = austin(TUESDAY, 6, 29)
    client = office.signed_in()
    seen = version_of(client.get("/frontdesk").text)
    assert client.get(f"/frontdesk/board?seen={seen}").status_code == 204
    make(office, austin(TUESDAY, 6, 30))
    assert "This morning" in client.get(f"/frontdesk/board?seen={seen}").text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Refills overdue 0"), ("es", "Recargas vencidas 0")],
)
def test_the_last_two_weeks_stand_on_a_page_in_the_readers_language(
    office: Office, language: str, said: str
) -> None:
    for days in range(30):
        make(office, austin(TODAY + timedelta(days=days), 6, 30))
    make(office, austin(TUESDAY, 6, 30), OTHERS)
    office.database.write(lambda s: s.execute(update(StaffUser).values(language=language)))
    page = text_of(office.signed_in().get("/frontdesk/digests").text)
    assert page.count(said) == 14


def test_before_the_first_the_page_says_when_it_comes(office: Office) -> None:
    page = text_of(office.signed_in().get("/frontdesk/digests").text)
    assert "There is none yet. The first comes half an hour before the desk next opens." in page
