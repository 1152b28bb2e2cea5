"""What the carrier says of a reminder, at once or later, is read at the desk as what it means."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import text

from ivr.messages.outcome_words import NEXT
from ivr.messages.patients import reminder_list
from ivr.simulator.testing import PlannedFailure
from scheduling.contact import ConsentKind
from tests.calls.on_file import File, austin
from tests.calls.test_confirmation_texts import agrees
from tests.calls.test_reminders import work
from tests.calls.town import Town

WEDNESDAY = date(2026, 12, 2)
HOURS = (8, 9, 10, 11, 13, 14, 15)


def phone_of(hour: int) -> str:
    """Whoever comes at this hour."""
    return f"+151255501{hour + 60}"


def book(town: Town, hour: int) -> None:
    """Somebody comes on Wednesday, and agreed to texts; who comes at one, to calls."""
    town.company.phone(phone_of(hour))
    file = File.of(town, f"Person {hour}", born=date(1940, 1, hour), phone=phone_of(hour))
    agrees(file, ConsentKind.CALL if hour == 13 else ConsentKind.SMS)
    file.visit(austin(WEDNESDAY, hour))
    with town.product.database.engine.begin() as connection:
        # As the line stores it, the number that they gave for the visit is their own.
        connection.execute(text("UPDATE visit SET callback_number = NULL"))


def remind(town: Town, hour: int) -> None:
    """Their reminder falls due and is sent."""
    work(town, austin(WEDNESDAY, hour) - timedelta(days=1))


def refuse(town: Town, code: int, status: int = 400, times: int = 1) -> None:
    """The carrier says no to what it is asked next."""
    town.company.fail_rest(PlannedFailure(status, code, "no"), times=times)


def outcomes(town: Town) -> list[str]:
    """As the desk's page has them, by the visits' time."""
    now = town.product.clock()
    told = town.product.database.read(
        lambda session: reminder_list.told_visits(
            session, "demo", now=now, until=now + timedelta(days=7)
        )
    )
    return [one.outcome.value for one in told]


def test_each_no_of_the_carrier_is_read_as_what_it_means_and_a_task_says_what_to_do(
    town: Town,
) -> None:
    for hour in HOURS:
        book(town, hour)
    refuse(town, 21211)
    remind(town, 8)
    refuse(town, 21610)
    remind(town, 9)
    town.company.next_message_fails(30003)
    remind(town, 10)
    town.company.next_message_fails(30007)
    remind(town, 11)
    refuse(town, 13224)
    remind(town, 13)
    refuse(town, 20429, 429, times=2)
    remind(town, 14)
    refuse(town, 30034)
    remind(town, 15)
    assert outcomes(town) == [
        *("bad_number", "opted_out", "unreachable", "filtered", "no_calls"),
        *("delivered", "not_registered"),
    ]
    tasks = town.product.rows("SELECT kind, note FROM desk_task ORDER BY created_at, id")
    assert {task["kind"] for task in tasks} == {"reminder_failed"}
    assert [task["note"].partition("). ")[2] for task in tasks] == [
        NEXT[which]
        for which in (
            *("bad_number", "opted_out", "unreachable", "filtered", "no_calls", "not_registered"),
        )
    ]
    # What the carrier was told counts with us, too.
    (word,) = town.product.rows("SELECT number, granted FROM text_consent")
    assert (word["number"], bool(word["granted"])) == (phone_of(9), False)
