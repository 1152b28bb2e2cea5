"""The front desk's list of things to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.messages import desk_tasks
from ivr.messages.tables import DeskTask
from scheduling.database import Database
from scheduling.errors import UnsuitablePhone
from tests.clock import MONDAY_MORNING
from tests.oncall.clinic import CLINIC, PATIENT
from tests.oncall.racing import race


def open_task(
    database: Database,
    source: str | None = None,
    *,
    note: str = "",
    callback_number: str | None = PATIENT,
    minutes: int = 0,
) -> DeskTask:
    """What asking for a callback does."""
    return database.write(
        lambda session: desk_tasks.open_task(
            session,
            clinic_id=CLINIC,
            kind="callback",
            callback_number=callback_number,
            language="es",
            note=note,
            source=source,
            now=MONDAY_MORNING + timedelta(minutes=minutes),
        )
    )


def waiting(database: Database) -> list[DeskTask]:
    """The list as the desk sees it."""
    return database.read(lambda session: desk_tasks.open_tasks(session, CLINIC))


def tick_off(database: Database, task: DeskTask, clinic_id: str = CLINIC) -> bool:
    """What the desk's button does."""
    return database.write(
        lambda session: desk_tasks.mark_done(
            session, clinic_id, task.id, by="desk", now=MONDAY_MORNING
        )
    )


def test_tasks_wait_in_the_order_in_which_they_came(database: Database) -> None:
    later, earlier = open_task(database, minutes=5), open_task(database, minutes=1)
    assert [task.id for task in waiting(database)] == [earlier.id, later.id]
    assert (earlier.kind, earlier.callback_number, earlier.language) == ("callback", PATIENT, "es")


def test_the_same_source_again_makes_no_second_task(database: Database) -> None:
    first = open_task(database, "CA1")
    assert open_task(database, "CA1", note="again").id == first.id
    assert [task.note for task in waiting(database)] == [""]


def test_the_same_source_from_eight_processes_at_once_makes_one_task(
    database: Database, database_url: str
) -> None:
    assert len(set(race(database_url, _open_the_same))) == 1
    assert len(waiting(database)) == 1


def test_a_task_done_once_is_not_opened_again_by_a_late_repeat(database: Database) -> None:
    task = open_task(database, "CA1")
    assert tick_off(database, task)
    open_task(database, "CA1")
    assert waiting(database) == []


@pytest.mark.parametrize("source", [None, ""])
def test_tasks_without_a_source_are_never_taken_for_repeats(
    database: Database, source: str | None
) -> None:
    open_task(database, source)
    open_task(database, source)
    assert len(waiting(database)) == 2


def test_a_task_is_ticked_off_once(database: Database) -> None:
    task = open_task(database)
    assert tick_off(database, task)
    assert not tick_off(database, task)
    assert waiting(database) == []


def test_another_clinic_cannot_tick_it_off(database: Database) -> None:
    task = open_task(database)
    assert not tick_off(database, task, "other")
    assert len(waiting(database)) == 1


def test_the_version_changes_when_the_list_does(database: Database) -> None:
    def version() -> tuple[str, ...]:
        asked = {"clinic_id": CLINIC, "now": MONDAY_MORNING}
        return database.read(
            lambda session: tuple(sorted(session.scalars(desk_tasks.MARKS, asked)))
        )

    empty = version()
    task = open_task(database)
    one = version()
    assert version() == one != empty
    other = open_task(database)
    both = version()
    tick_off(database, task)
    assert len({empty, one, both, version()}) == 4
    tick_off(database, other)
    assert version() == empty


def test_a_text_message_with_unstorable_characters_is_kept_without_them(
    database: Database,
) -> None:
    note = open_task(database, note="call\0 me \ud83d please, señor 🙂").note
    assert note == "call me ? please, señor 🙂"


def test_an_endless_note_is_cut(database: Database) -> None:
    assert len(open_task(database, note="x" * 5000).note) == desk_tasks.NOTE_LENGTH


def test_a_number_that_cannot_be_called_is_refused(database: Database) -> None:
    with pytest.raises(UnsuitablePhone, match=r"E\.164"):
        open_task(database, callback_number="555-0142")
    assert waiting(database) == []


def _open_the_same(database: Database, index: int) -> str:
    return str(open_task(database, "CA1", minutes=index).id)
