"""When a caller or patient may be texted: 8:00 to 21:00 on the clinic's clock. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling.hours import instant

FROM, UNTIL = time(8), time(21)
"""Wall-clock time of the clinic, which is its callers' own [caller-safety]."""


def text_at(now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment from `now` (aware) on at which a text may go out, UTC."""
    local = now.astimezone(zone)
    if FROM <= local.time() < UNTIL:
        return now
    day = local.date() + timedelta(days=1) if local.time() >= UNTIL else local.date()
    return instant(datetime.combine(day, FROM), zone)
