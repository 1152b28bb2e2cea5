"""A worker that stands still with a message locked holds up no other worker."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from ivr.messages import claiming, outbox
from scheduling.database import Database
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import CLINIC, load_clinic


def test_what_a_stuck_transaction_has_locked_is_stepped_over(postgresql_url: str) -> None:
    # On SQLite writers come one after the other, so there is nothing to step over.
    database = Database(postgresql_url)
    load_clinic(database)

    def store(session: Session) -> None:
        for subject in ("ticket:1", "ticket:2"):
            outbox.enqueue(
                session,
                clinic_id=CLINIC,
                kind="page_sms",
                lane="urgent",
                subject=subject,
                to_number="+15125550111",
                body="Please look.",
                due_at=MONDAY_NIGHT,
                now=MONDAY_NIGHT,
            )

    def claim(session: Session, limit: int) -> list[str]:
        lease = timedelta(seconds=60)
        got = claiming.claim(session, now=MONDAY_NIGHT, limit=limit, lease=lease)
        return [message.subject for message in got]

    database.write(store)
    with Session(database.engine) as stuck:
        assert claim(stuck, 1) == ["ticket:1"]
        assert database.write(lambda session: claim(session, 5)) == ["ticket:2"]
        stuck.rollback()
    assert database.write(lambda session: claim(session, 5)) == ["ticket:1"]
    database.dispose()
