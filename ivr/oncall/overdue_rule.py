"""An overdue refill: when the desk is told of it, and when that is not enough any more. Pure.

A refill that is overdue is urgent whatever the patient feels: withdrawal was seen one to seven days
before a low volume in 24 % of one series [PubMed 15271246]. So the desk gets it at once, and who is
on call gets it where the desk lets its time pass or the low-reservoir alarm date comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from scheduling.hours import instant, local_day
from scheduling.intervals import Interval

MORNING = time(8)
"""When on-call staff get it on the alarm date itself, by the clinic's clock: at an hour at which a
patient can be called [a judgement]. The pump warns that day; it has not run dry."""


@dataclass(frozen=True, slots=True)
class OverdueRefill:
    """One recall of a pump as it stands. Days are of the clinic's calendar.

    visit_on: of the visit that is booked for it; None where none stands.
    told_at: when the desk was last told that this due date has passed; None where it was not.
    waits: whether what the desk was told still waits on its list.
    ticked_on: the day on which it last ticked that off; None where it never did.
    """

    due_on: date
    alarm_on: date
    visit_on: date | None
    told_at: datetime | None
    waits: bool
    ticked_on: date | None

    def is_arranged(self, today: date) -> bool:
        """Whether a visit stands that is still ahead and not after the alarm date.

        Today's counts on any day: the patient is expected, and no page brings them sooner.
        """
        if self.visit_on is None:
            return False
        return self.visit_on == today or today < self.visit_on <= self.alarm_on


def desk_is_told(refill: OverdueRefill, today: date, *, desk_opens: bool) -> bool:
    """Whether it goes on the desk's list now: at once, and anew the office day after it was done.

    desk_opens: whether the desk is there at all today. What was ticked off without a visit comes
    back on every office day until one is arranged.
    """
    if today <= refill.due_on or refill.waits:
        return False
    if refill.told_at is None:
        return True
    was_today = refill.ticked_on is not None and refill.ticked_on >= today
    return desk_opens and not was_today and not refill.is_arranged(today)


def desk_has_until(
    told_at: datetime, desk_hours: Sequence[Interval], zone: ZoneInfo
) -> datetime | None:
    """The end of the desk's first day with a session that begins after it was told, aware UTC.

    One office day [a judgement, to be signed by the clinic]. desk_hours: when the desk is there,
    ascending. None where it is not there at all in that time.
    """
    first = next((opens for opens, _ in desk_hours if opens >= told_at), None)
    if first is None:
        return None
    day = local_day(first, zone)
    return max(closes for opens, closes in desk_hours if local_day(opens, zone) == day)


def on_call_is_told(
    refill: OverdueRefill, now: datetime, desk_hours: Sequence[Interval], zone: ZoneInfo
) -> bool:
    """Whether it goes to on-call staff: the alarm date is there, or the desk let its day pass.

    now: aware. desk_hours: from when the desk was told on. A tick of the desk's stands for a day
    on which it was seen to; from the alarm date on only a visit does. A desk that opens on no day
    that is known has no time to be given.
    """
    today = local_day(now, zone)
    if today <= refill.due_on or refill.told_at is None or refill.is_arranged(today):
        return False
    if now >= instant(datetime.combine(refill.alarm_on, MORNING), zone):
        return True
    if not refill.waits:
        return False
    until = desk_has_until(refill.told_at, desk_hours, zone)
    return until is None or now >= until
