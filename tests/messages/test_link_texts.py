"""A text that a caller asked for: whose word counts, and how often it may be sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from ivr.messages import delivery, link_texts, text_consent
from ivr.messages.consent_tables import TextConsent
from ivr.messages.link_texts import Fate
from ivr.messages.telephony import Trouble
from scheduling.database import Database
from scheduling.errors import UnsuitablePhone
from tests.clock import MONDAY_MORNING
from tests.oncall.clinic import CLINIC, PATIENT, messages
from tests.oncall.racing import race

AUSTIN = ZoneInfo("America/Chicago")
MINUTE = timedelta(minutes=1)
OTHER = "+15125550143"


def say(
    database: Database,
    granted: bool,
    source: str,
    at: datetime = MONDAY_MORNING,
    number: str = PATIENT,
) -> None:
    """Somebody says yes or no."""
    database.write(
        lambda session: text_consent.record(
            session, clinic_id=CLINIC, number=number, granted=granted, source=source, now=at
        )
    )


def consents(database: Database, number: str = PATIENT) -> bool | None:
    """The latest word."""
    return database.read(lambda session: text_consent.consents(session, CLINIC, number))


def send(database: Database, *, source: str = "CA1", now: datetime = MONDAY_MORNING) -> Fate:
    """A caller says yes."""
    return database.write(
        lambda session: link_texts.send(
            session,
            clinic_id=CLINIC,
            zone=AUSTIN,
            number=PATIENT,
            body="Your link.",
            source=source,
            now=now,
        )
    )


def test_silence_is_neither_yes_nor_no(database: Database) -> None:
    assert consents(database) is None


def test_the_latest_word_counts_and_of_two_at_once_the_no(database: Database) -> None:
    say(database, True, "CA1")
    assert consents(database) is True
    say(database, False, "SM1")
    assert consents(database) is False
    say(database, True, "SM2", MONDAY_MORNING + MINUTE)
    assert consents(database) is True
    assert consents(database, OTHER) is None


def _say_no(database: Database, _index: int) -> None:
    say(database, False, "SM1")


def test_the_same_source_says_a_thing_once_also_when_it_comes_eight_times_at_once(
    database: Database, database_url: str
) -> None:
    race(database_url, _say_no)
    say(database, False, "SM1", MONDAY_MORNING + MINUTE)
    (at,) = database.read(lambda session: session.scalars(select(TextConsent.at)).all())
    assert at == MONDAY_MORNING


def test_a_number_that_is_none_is_refused(database: Database) -> None:
    with pytest.raises(UnsuitablePhone):
        say(database, True, "CA1", number="5125550142")


def test_a_yes_in_a_call_cannot_undo_a_stop(database: Database) -> None:
    say(database, False, "SM1")
    assert send(database, now=MONDAY_MORNING + MINUTE) is Fate.OPTED_OUT
    assert consents(database) is False
    assert messages(database) == []


def test_a_text_that_waits_is_not_stored_twice(database: Database) -> None:
    night = MONDAY_MORNING.replace(hour=4)
    assert send(database, now=night) is Fate.MORNING
    assert send(database, now=night + MINUTE) is Fate.MORNING
    (message,) = messages(database)
    assert message.due_at == MONDAY_MORNING.replace(hour=14)
    assert (message.lane, message.kind) == ("ordinary", "link_sms")


def test_a_report_on_another_message_changes_nothing(database: Database) -> None:
    send(database)
    (message,) = messages(database)
    database.write(
        lambda session: delivery.report(
            session,
            clinic_id="another",
            message_id=message.id,
            status="undelivered",
            sid="SM1",
            trouble=Trouble.BAD_NUMBER,
            error_code=30006,
            now=MONDAY_MORNING,
        )
    )
    assert messages(database)[0].last_error is None
