"""Freed time is offered in the order in which everybody takes their locks: on PostgreSQL."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import text

from scheduling import directory
from scheduling.database import Database
from tests.scheduling.sample import at, book, hold, offered
from tests.scheduling.test_lock_order import _waiting_for_a_lock
from tests.scheduling.waiting_line import TWO_DOCTORS, Line

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def test_who_frees_time_and_who_books_what_it_is_offered_for_do_not_wait_for_each_other(
    postgresql_url: str,
) -> None:
    """Ann waits for one doctor's time, which a caller books while the other's is given up."""
    database = Database(postgresql_url, budget_seconds=30)
    database.write(partial(directory.load_clinic, definition=TWO_DOCTORS))
    line = Line(database)
    first = line.visit(line.person("Zoe"), at(8))
    second = line.visit(line.person("Yan"), at(8))
    line.cancels(first)
    line.newcomer("Ann", provider_id=first.provider_id)
    caller = line.person("Cal")
    freeing = threading.Thread(target=line.cancels, args=(second,))
    tries: list[None] = []

    def take(session: Session) -> None:
        tries.append(None)
        slot = offered(session, after=at(7), limit=1)[0]
        assert slot.provider_id == first.provider_id
        kept = hold(session, slot, holder="a caller")
        if freeing.ident is None:
            freeing.start()
        while not database.read(_waiting_for_a_lock):
            assert freeing.is_alive()
        book(session, kept, caller)

    database.write(take)
    freeing.join(20)
    assert not freeing.is_alive()
    assert len(tries) == 1
    assert database.read(deadlocks) == 0
    assert line.told() == []
    database.dispose()


def deadlocks(session: Session) -> int:
    """How many the server has had to break up in this database."""
    return (
        session.scalar(
            text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        )
        or 0
    )
