"""The pace of sending: ordinary messages wait for a place that all workers share, pages never."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from ivr.messages import claiming, outbox, pace
from ivr.messages.outbox import Kind, Lane
from ivr.messages.pace import PAUSE, Pace, segments
from ivr.messages.tables import OutboxMessage
from scheduling.database import Database
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import ANA, CLINIC
from tests.oncall.racing import race

LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)
ONE_A_SECOND = Pace(calls=1, segments=1)
WAITING = 40


def enqueue(
    database: Database,
    kind: Kind,
    *,
    lane: Lane = "ordinary",
    count: int = 1,
    body: str = "We look forward to seeing you.",
) -> None:
    """Messages that are due."""

    def store(session: Session) -> None:
        for number in range(count):
            outbox.enqueue(
                session,
                clinic_id=CLINIC,
                kind=kind,
                lane=lane,
                subject=f"{kind}:{number}",
                to_number=ANA.number,
                body=body,
                due_at=MONDAY_NIGHT - timedelta(hours=1),
                now=MONDAY_NIGHT - timedelta(hours=1),
            )

    database.write(store)


def claim(database: Database, now: datetime, limit: int = 4) -> list[OutboxMessage]:
    """What one look of a worker gets."""
    return database.write(
        lambda session: claiming.claim(
            session, now=now, limit=limit, lease=LEASE, speed=ONE_A_SECOND
        )
    )


def kinds(database: Database, now: datetime) -> list[str]:
    """Of what one look gets."""
    return [message.kind for message in claim(database, now)]


def claimed_over(database: Database, seconds: float, every: float = 0.25) -> int:
    """By a worker that looks so often."""
    looks = int(seconds / every)
    return sum(
        len(claim(database, MONDAY_NIGHT + timedelta(seconds=look * every)))
        for look in range(looks)
    )


@pytest.mark.parametrize("kind", ["reminder_sms", "reminder_call"])
def test_ordinary_ones_go_out_one_a_second_however_often_workers_look(
    database: Database, kind: Kind
) -> None:
    enqueue(database, kind, count=WAITING)
    # One more at the start: the second before was not used.
    assert claimed_over(database, seconds=10) == 11


def test_eight_workers_that_look_at_the_same_moment_share_the_places_of_one(
    database: Database, database_url: str
) -> None:
    enqueue(database, "reminder_sms", count=WAITING)
    claim(database, MONDAY_NIGHT)
    # One for the second that begins, one for the second before it.
    assert 1 <= sum(race(database_url, _claim_later)) <= 2


def _claim_later(database: Database, index: int) -> int:
    del index
    return len(claim(database, MONDAY_NIGHT + 3 * SECOND))


def test_a_text_of_three_segments_takes_three_places(database: Database) -> None:
    enqueue(database, "reminder_sms", count=WAITING, body="a" * 400)
    assert claimed_over(database, seconds=9) in (3, 4)


def test_texts_that_wait_for_their_place_keep_no_call_from_its_own(database: Database) -> None:
    enqueue(database, "reminder_sms", count=WAITING, body="a" * 1500)
    claim(database, MONDAY_NIGHT)
    enqueue(database, "reminder_call")
    assert kinds(database, MONDAY_NIGHT + SECOND) == ["reminder_call"]


def test_pages_never_wait_for_a_place_but_what_they_take_counts(database: Database) -> None:
    enqueue(database, "reminder_call", count=WAITING)
    while claim(database, MONDAY_NIGHT):
        continue
    enqueue(database, "page_call", lane="urgent", count=4)
    assert kinds(database, MONDAY_NIGHT) == ["page_call"] * 4
    assert kinds(database, MONDAY_NIGHT + 3 * SECOND) == []
    assert kinds(database, MONDAY_NIGHT + 5 * SECOND) == ["reminder_call"]


def test_too_many_requests_hold_back_all_that_is_ordinary_for_a_while_and_no_page(
    database: Database,
) -> None:
    enqueue(database, "reminder_sms", count=WAITING)
    database.write(lambda session: pace.pause(session, MONDAY_NIGHT))
    enqueue(database, "page_sms", lane="urgent")
    assert kinds(database, MONDAY_NIGHT + SECOND) == ["page_sms"]
    assert kinds(database, MONDAY_NIGHT + PAUSE - SECOND) == []
    assert "reminder_sms" in kinds(database, MONDAY_NIGHT + PAUSE)


def test_what_somebody_asked_for_goes_before_the_reminders_of_a_morning(
    database: Database,
) -> None:
    enqueue(database, "reminder_sms", count=WAITING)
    enqueue(database, "link_sms")
    assert kinds(database, MONDAY_NIGHT)[0] == "link_sms"


@pytest.mark.parametrize(
    ("body", "pieces"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        # A sign outside the short alphabet makes the whole text of wide ones.
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("é" * 160, 1),
        # These take two signs each.
        ("€" * 81, 2),
    ],
)
def test_a_text_is_so_many_segments(body: str, pieces: int) -> None:
    assert segments(body) == pieces
