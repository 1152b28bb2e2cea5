"""No worker lives: each clinic's supervisor is texted, by the web process, which needs none.

The text goes out before it is recorded: two processes that notice at once may both send it, and
none relies on another that dies.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages import desk_tasks, wording
from ivr.messages.tables import DeskTask
from ivr.messages.telephony import CarrierError, Telephony
from ivr.oncall.supervisor import supervisor_of
from scheduling.database import Database
from scheduling.tables import Clinic

TELL_AFTER = timedelta(minutes=2)
"""Without a beat: longer than a worker takes to be started again."""

TASK = "no_worker"

STAFF_LANGUAGE = "en"

log = structlog.get_logger(__name__)


def tell_supervisors(
    database: Database, telephony: Telephony, last_beat: datetime, now: datetime
) -> None:
    """Text the supervisors who do not know it yet. Times are aware UTC; last_beat names the outage.

    What the carrier does not take is tried again at the next call. Raises DatabaseUnavailable.
    """
    if now - last_beat < TELL_AFTER:
        return
    source = f"{TASK}:{last_beat.isoformat()}"
    for clinic in database.read(lambda session: _untold(session, source)):
        if _told(database, telephony, clinic):
            database.write(partial(_open_task, clinic_id=clinic.id, source=source, now=now))


def _told(database: Database, telephony: Telephony, clinic: Clinic) -> bool:
    supervisor = database.read(partial(supervisor_of, clinic_id=clinic.id))
    if supervisor is None:
        return True
    try:
        telephony.send_sms(
            to=supervisor.number,
            from_=clinic.phone_number,
            body=wording.no_worker_text(STAFF_LANGUAGE, clinic.name),
            status_callback=None,
        )
    except CarrierError as error:
        log.warning("supervisor_not_told", clinic_id=clinic.id, reason=str(error.kind))
        return False
    return True


def _untold(session: Session, source: str) -> list[Clinic]:
    told = select(DeskTask.clinic_id).where(DeskTask.source == source)
    return list(session.scalars(select(Clinic).where(Clinic.id.not_in(told)).order_by(Clinic.id)))


def _open_task(session: Session, *, clinic_id: str, source: str, now: datetime) -> None:
    desk_tasks.open_task(
        session,
        clinic_id=clinic_id,
        kind=TASK,
        callback_number=None,
        language=STAFF_LANGUAGE,
        note="The supervisor was texted. Look whether every urgent caller has been called back.",
        source=source,
        now=now,
    )
