"""Makes up for texts that came while we stored nothing.

Whoever wrote was told to call, or was told nothing at all where no process of ours answered. What
they wrote stands in the carrier's list: urgent words get their ticket, a STOP counts, and the desk
reads the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from ivr.call.turn import Line
from ivr.carrier.incoming_text import IncomingText
from ivr.carrier.stored_text import Storing, store_missed
from ivr.messages import received_texts
from ivr.messages.at_most_once import CLOCKS_DIFFER
from ivr.messages.list_looks import TextListLook
from ivr.messages.telephony import ListedText, Telephony
from ivr.recovery.reach import Made, Reach
from scheduling.database import Database, DatabaseUnavailable

SETTLED_AFTER = timedelta(minutes=1) + CLOCKS_DIFFER
"""How old a text is before it counts as missed: the carrier waits 15 s for an answer of ours, then
15 s for one from the fallback address [Twilio, error 11200], and what a process kept in mind it
stores right after the database is back [a judgement: twice as long]."""

URGENT_AFTER = timedelta(seconds=35)
"""The same of urgent words: as soon as both of the carrier's requests are over. Where our clocks
differ the request may still come, and its sender reads the same answer twice: the lesser evil."""

KNOWN_FOR = received_texts.REMEMBERED - timedelta(days=1)
"""How far back a look reaches at most: what came before may have been stored, and forgotten."""

AT_ONCE = 50
"""Texts made up for in one look, the urgent ones first."""

log = structlog.get_logger(__name__)


class MissedTexts:
    """One worker's looks through the list of texts. clock: aware UTC.

    lines: number called → its line, whose words for urgent things count.
    """

    marks = TextListLook
    not_read = "text_list_not_read"
    """What the log says where the carrier fails."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        telephony: Telephony,
        lines: Mapping[str, Line],
    ) -> None:
        self._database = database
        self._clock = clock
        self._telephony = telephony
        self._lines = lines
        self._told: set[str] = set()

    def make_up(self, reach: Reach) -> Made:
        """Make up for what is found. Raises CarrierError and DatabaseUnavailable."""
        now, line = self._clock(), self._lines.get(reach.number)
        if line is None:
            return self._leave(reach)
        since = max(reach.since, now - KNOWN_FOR)
        texts = self._telephony.list_received(since=since, to=reach.number)
        settled = [one for one in texts if _is_settled(one, line, now)]
        unknown = self._database.read(partial(_unknown, reach.clinic_id, settled))
        missed = sorted(unknown, key=lambda one: (not _is_urgent(one, line), one.created_at))
        urgent: list[bool] = []
        faulty = 0
        for one in missed:
            if len(urgent) == AT_ONCE:
                break
            made_up = self._makes_up(line, one, now)
            if made_up is None:
                faulty += 1
            else:
                urgent.append(made_up)
        return Made(
            tickets=sum(urgent),
            is_whole=len(urgent) == len(missed),
            has_more=len(urgent) + faulty < len(missed),
        )

    def _leave(self, reach: Reach) -> Made:
        """A line that no file tells of: its texts are found once one does."""
        if reach.clinic_id not in self._told:
            self._told.add(reach.clinic_id)
            log.warning("texts_of_an_unknown_line_left", clinic_id=reach.clinic_id)
        return Made(0, is_whole=False, has_more=False)

    def _makes_up(self, line: Line, text: ListedText, now: datetime) -> bool | None:
        """Whether it was urgent; None where it could not be stored."""
        try:
            missed = Storing(line, _incoming(text), now, came_at=text.created_at)
            urgent = self._database.write(partial(store_missed, missed))
        except DatabaseUnavailable:
            raise
        except Exception:
            # What is wrong with one text must not keep the others from being read.
            log.exception("text_not_recovered", clinic_id=line.clinic.id, message_sid=text.sid)
            return None
        log.warning("text_recovered", clinic_id=line.clinic.id, message_sid=text.sid)
        return urgent


def _incoming(text: ListedText) -> IncomingText:
    return IncomingText.of({"From": text.from_number, "Body": text.body, "MessageSid": text.sid})


def _is_settled(text: ListedText, line: Line, now: datetime) -> bool:
    age = now - text.created_at
    return age >= SETTLED_AFTER or (age >= URGENT_AFTER and _is_urgent(text, line))


def _is_urgent(text: ListedText, line: Line) -> bool:
    return bool(text.body) and _incoming(text).urgent(line) is not None


def _unknown(clinic_id: str, texts: Sequence[ListedText], session: Session) -> list[ListedText]:
    known = received_texts.known_among(session, clinic_id, [one.sid for one in texts])
    return [one for one in texts if one.sid not in known]
