"""The outbox: what is claimed when and by whom, and what becomes of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import claiming, desk_tasks, outbox
from ivr.messages.outbox import Lane
from ivr.messages.outcome_words import ABOUT, OUTCOME, STAFF_NEXT
from ivr.messages.tables import OutboxMessage
from scheduling.database import Database
from scheduling.errors import NaiveTime, UnsuitablePhone, UnsuitableText
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import ANA, CLINIC, messages
from tests.oncall.racing import race

LEASE = timedelta(seconds=60)
MINUTE = timedelta(minutes=1)
STORED = 40


def enqueue(
    database: Database,
    subject: str = "ticket:1",
    *,
    lane: Lane = "ordinary",
    due_at: datetime = MONDAY_NIGHT,
    to_number: str = ANA.number,
    body: str = "Please look.",
) -> OutboxMessage:
    """Store a message."""
    return database.write(
        lambda session: outbox.enqueue(
            session,
            clinic_id=CLINIC,
            kind="page_sms",
            lane=lane,
            subject=subject,
            to_number=to_number,
            body=body,
            due_at=due_at,
            now=MONDAY_NIGHT,
        )
    )


def claim(database: Database, *, now: datetime = MONDAY_NIGHT, limit: int = 10) -> list[str]:
    """What a worker does; return the subjects it got."""
    return [message.subject for message in claim_messages(database, now=now, limit=limit)]


def claim_messages(
    database: Database, *, now: datetime = MONDAY_NIGHT, limit: int = 10
) -> list[OutboxMessage]:
    """The same, whole."""
    return database.write(
        lambda session: claiming.claim(session, now=now, limit=limit, lease=LEASE)
    )


def fail(database: Database, message: OutboxMessage, retry_at: datetime | None) -> None:
    """Record that the carrier would not take it."""
    database.write(
        lambda session: outbox.mark_failed(
            session,
            clinic_id=CLINIC,
            message_id=message.id,
            attempt=message.attempts,
            error="unreachable",
            error_code=30003,
            now=MONDAY_NIGHT,
            retry_at=retry_at,
        )
    )


def send(database: Database, message: OutboxMessage) -> None:
    """Record that the carrier has taken it."""
    database.write(
        lambda session: outbox.mark_sent(
            session,
            clinic_id=CLINIC,
            message_id=message.id,
            provider_id="SM1",
            now=MONDAY_NIGHT,
        )
    )


def tasks(database: Database) -> list[tuple[str, str | None, str]]:
    """The desk's list: kind, number, note."""
    found = database.read(lambda session: desk_tasks.open_tasks(session, CLINIC))
    return [(task.kind, task.callback_number, task.note) for task in found]


def test_nothing_is_claimed_before_it_is_due(database: Database) -> None:
    enqueue(database, due_at=MONDAY_NIGHT + MINUTE)
    assert claim(database) == []
    assert claim(database, now=MONDAY_NIGHT + MINUTE) == ["ticket:1"]


def test_urgent_messages_go_before_ordinary_ones_that_waited_longer(database: Database) -> None:
    enqueue(database, "reminder:early", due_at=MONDAY_NIGHT - 2 * MINUTE)
    enqueue(database, "reminder:late", due_at=MONDAY_NIGHT - MINUTE)
    enqueue(database, "ticket:late", lane="urgent")
    enqueue(database, "ticket:early", lane="urgent", due_at=MONDAY_NIGHT - MINUTE)
    assert claim(database, limit=3) == ["ticket:early", "ticket:late"]
    assert claim(database) == ["reminder:early", "reminder:late"]


def test_what_one_worker_has_no_other_gets(database: Database) -> None:
    enqueue(database)
    assert claim(database) == ["ticket:1"]
    assert claim(database) == []


def test_eight_workers_at_once_never_get_the_same_message_and_leave_none(
    database: Database, database_url: str
) -> None:
    subjects = {f"ticket:{n}" for n in range(STORED)}
    for subject in sorted(subjects):
        enqueue(database, subject)
    got = [subject for claimed in race(database_url, _claim_all) for subject in claimed]
    assert sorted(got) == sorted(subjects)


def test_a_claim_that_lapsed_is_taken_again(database: Database) -> None:
    enqueue(database)
    claim(database)
    assert claim(database, now=MONDAY_NIGHT + LEASE - timedelta(seconds=1)) == []
    again = claim_messages(database, now=MONDAY_NIGHT + LEASE)
    assert [message.attempts for message in again] == [2]


def test_what_is_sent_is_never_claimed_again(database: Database) -> None:
    enqueue(database)
    (message,) = claim_messages(database)
    send(database, message)
    assert claim(database, now=MONDAY_NIGHT + 2 * LEASE) == []
    (stored,) = messages(database)
    assert (stored.state, stored.provider_id, stored.sent_at) == ("sent", "SM1", MONDAY_NIGHT)


def test_a_failed_message_comes_again_when_it_is_time(database: Database) -> None:
    enqueue(database)
    (message,) = claim_messages(database)
    fail(database, message, retry_at=MONDAY_NIGHT + MINUTE)
    assert claim(database) == []
    assert claim(database, now=MONDAY_NIGHT + MINUTE) == ["ticket:1"]
    (stored,) = messages(database)
    assert (stored.last_error, stored.last_error_code) == ("unreachable", 30003)
    assert tasks(database) == []


def test_giving_up_opens_a_desk_task_that_names_the_reason(database: Database) -> None:
    enqueue(database)
    (message,) = claim_messages(database)
    fail(database, message, retry_at=None)
    assert tasks(database) == [
        (
            "page_failed",
            ANA.number,
            (
                f"{ABOUT['page_sms']} {OUTCOME['unreachable']} "
                f"(the telephone company's code 30003). {STAFF_NEXT['other']}"
            ),
        )
    ]
    assert [stored.state for stored in messages(database)] == ["failed"]
    assert claim(database, now=MONDAY_NIGHT + 2 * LEASE) == []


def test_a_worker_that_comes_back_late_cannot_fail_what_another_has_in_hand(
    database: Database,
) -> None:
    enqueue(database)
    (late,) = claim_messages(database)
    (current,) = claim_messages(database, now=MONDAY_NIGHT + LEASE)
    fail(database, late, retry_at=None)
    assert tasks(database) == []
    (stored,) = messages(database)
    assert (stored.state, stored.claimed_until) == ("pending", current.claimed_until)


def test_a_worker_that_comes_back_late_may_say_that_it_was_sent(database: Database) -> None:
    enqueue(database)
    (late,) = claim_messages(database)
    claim_messages(database, now=MONDAY_NIGHT + LEASE)
    send(database, late)
    assert [stored.state for stored in messages(database)] == ["sent"]


def test_cancelling_takes_what_is_pending_about_the_subject_and_nothing_else(
    database: Database,
) -> None:
    enqueue(database, "ticket:1")
    send(database, claim_messages(database)[0])
    enqueue(database, "ticket:1")
    enqueue(database, "ticket:2")

    def cancel() -> int:
        return database.write(
            lambda session: outbox.cancel(session, clinic_id=CLINIC, subject="ticket:1")
        )

    assert (cancel(), cancel()) == (1, 0)
    assert [(m.subject, m.state) for m in messages(database)] == [
        ("ticket:1", "sent"),
        ("ticket:1", "cancelled"),
        ("ticket:2", "pending"),
    ]


def test_a_message_cancelled_while_it_was_being_sent_is_told_as_sent(database: Database) -> None:
    enqueue(database)
    (message,) = claim_messages(database)
    database.write(lambda session: outbox.cancel(session, clinic_id=CLINIC, subject="ticket:1"))
    send(database, message)
    assert [stored.state for stored in messages(database)] == ["sent"]


def test_a_message_cancelled_while_it_failed_bothers_nobody(database: Database) -> None:
    enqueue(database)
    (message,) = claim_messages(database)
    database.write(lambda session: outbox.cancel(session, clinic_id=CLINIC, subject="ticket:1"))
    fail(database, message, retry_at=None)
    assert tasks(database) == []
    assert [stored.state for stored in messages(database)] == ["cancelled"]


def test_hurrying_moves_what_is_due_later_and_not_what_the_carrier_put_off(
    database: Database,
) -> None:
    enqueue(database, due_at=MONDAY_NIGHT + 5 * MINUTE)
    enqueue(database, due_at=MONDAY_NIGHT)
    (refused,) = claim_messages(database)
    fail(database, refused, retry_at=MONDAY_NIGHT + 5 * MINUTE)
    hurried = database.write(
        lambda session: outbox.make_due(
            session, clinic_id=CLINIC, subject="ticket:1", now=MONDAY_NIGHT
        )
    )
    assert hurried == 1
    assert len(claim(database)) == 1


def test_a_released_message_is_there_for_the_next_worker_as_if_untouched(
    database: Database,
) -> None:
    enqueue(database)
    claimed = claim_messages(database)
    database.write(lambda session: claiming.release(session, claimed))
    (again,) = claim_messages(database)
    assert again.attempts == 1
    # The first worker, told twice to stop, gives back nothing that is no longer its own.
    later = claim_messages(database, now=MONDAY_NIGHT + LEASE)
    database.write(lambda session: claiming.release(session, claimed))
    assert [m.claimed_until for m in messages(database)] == [later[0].claimed_until]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"to_number": "5550111"}, UnsuitablePhone),
        ({"body": " "}, UnsuitableText),
        ({"body": "x" * 1601}, UnsuitableText),
        ({"due_at": datetime(2026, 11, 23, 8, 0)}, NaiveTime),  # noqa: DTZ001  # what is refused
    ],
)
def test_a_message_that_could_not_be_sent_is_not_stored(
    database: Database, fault: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        enqueue(database, **fault)  # type: ignore[arg-type]  # the faults are of several types
    assert messages(database) == []


def _claim_all(database: Database, index: int) -> list[str]:
    del index
    claimed: list[str] = []

    def unit(session: Session) -> list[str]:
        return [m.subject for m in claiming.claim(session, now=MONDAY_NIGHT, limit=3, lease=LEASE)]

    # An empty answer means that all the rest is locked or taken; what is locked is taken a moment
    # later, unless its claimer fails, so look until no message is left unclaimed.
    while _unclaimed(database):
        claimed += database.write(unit)
    return claimed


def _unclaimed(database: Database) -> bool:
    return database.read(
        lambda session: (
            session.scalar(
                select(OutboxMessage.id).where(OutboxMessage.claimed_until.is_(None)).limit(1)
            )
            is not None
        )
    )
