"""Whether the audit is what the desk wrote."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from ivr.audit import sealing


def audit_is_whole(session: Session, clinic_id: str, *, key: bytes, now: datetime) -> Iterator[str]:
    """Every seal holds, and rows do get sealed. now: aware UTC."""
    broken = sealing.first_broken(session, clinic_id, key)
    if broken is not None:
        span = f"{broken.begins_at:%Y-%m-%d %H:%M} to {broken.ends_at:%Y-%m-%d %H:%M} UTC"
        if broken.missing:
            told = f"Seal {broken.number} of the audit is gone (rows up to {span} follow it)"
        elif broken.found != broken.rows:
            told = (
                f"Batch {broken.number} of the audit ({span}) does not hold: {broken.rows} rows "
                f"were sealed, {broken.found} are there"
            )
        else:
            told = f"Batch {broken.number} of the audit ({span}) does not hold: a row was altered"
        yield (
            f"{told}. Somebody wrote to the database past the desk, or SECRET_KEY was changed: "
            "keep a copy as it is, and compare it with your backups."
        )
    since = sealing.unsealed_since(session, clinic_id, now)
    if since is not None:
        yield (
            f"Audit rows since {since:%Y-%m-%d %H:%M} UTC are under no seal: see that callnow "
            "worker runs, and what it logs."
        )
