"""Whether what came while nothing could be stored is looked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ivr.messages.list_looks import CallListLook, TextListLook
from scheduling.hours import zone_of
from scheduling.tables import Clinic

LATE = timedelta(minutes=15)
"""Looks come once a minute: so many that failed are not the carrier's short trouble."""


def carriers_lists_are_read(session: Session, clinic_id: str, now: datetime) -> Iterator[str]:
    """The carrier's lists of calls and texts were compared with ours lately. now: aware UTC.

    Of a line that no worker has looked at yet nothing is said: another check finds that.
    """
    zone = zone_of(session.get_one(Clinic, clinic_id).timezone)
    for what, marks in (("calls", CallListLook), ("texts", TextListLook)):
        look = session.get(marks, clinic_id)
        if look is not None and look.looked_at < now - LATE:
            yield (
                f"The carrier's list of {what} was last read to its end at "
                f"{look.looked_at.astimezone(zone):%Y-%m-%d %H:%M %Z}, so {what} that came while "
                "nothing could be stored are not found. See what callnow worker logs, and that it "
                "runs with this clinic's files (CLINICS_DIR)."
            )
