"""A message that did not arrive, as facts, and the note that tells the desk of it in any language.

The facts are the message's own: the desk's page words them anew for whoever reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages.notice_tables import VisitNotice
from ivr.messages.outcome_words import (
    ABOUT,
    NEXT,
    NOT_FOR_A_PERSON_NEXT,
    OUTCOME,
    STAFF_NEXT,
    THEN,
    TRIAL_NEXT,
    WHY,
)
from ivr.messages.outcomes import Outcome, not_arrived
from ivr.messages.tables import DeskTask, OutboxMessage

TASK_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys(("visit_sms", "reminder_sms", "reminder_call"), "reminder_failed"),
    **dict.fromkeys(("page_sms", "page_call", "hang_up"), "page_failed"),
    "trial_call": "trial_failed",
    "delete_recording": "recording_kept",
}
"""The kind of the task, by that of the message. Of every other message it is OTHER_TASK."""

OTHER_TASK: Final = "text_failed"

UNREMINDED: Final = "unreminded"
"""In place of a message's kind, where there was no message."""

_NAMED: Final = "message:"
"""How the source of such a task begins; the message's id follows."""

_THE_NUMBER: Final = frozenset(
    {
        *(Outcome.BAD_NUMBER, Outcome.NO_CALLS, Outcome.NO_ROUTE, Outcome.NO_SUCH_PHONE),
        *(Outcome.NO_TEXTS, Outcome.LANDLINE),
    }
)
_THE_OPERATOR: Final = frozenset(
    {
        *(Outcome.FILTERED, Outcome.NOT_REGISTERED, Outcome.COUNTRY_CLOSED, Outcome.THROTTLED),
        *(Outcome.OUR_ACCOUNT, Outcome.SUSPENDED),
    }
)


class Say(Protocol):
    """Says a sentence in the reader's language, its {placeholders} filled in."""

    def __call__(self, english: str, /, **values: object) -> str: ...


def in_english(english: str, /, **values: object) -> str:
    """As it is stored, for whoever reads the database."""
    return english.format(**values) if values else english


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one message did not arrive.

    kind: the message's, or UNREMINDED. code: the carrier's own, where it gave one. starts: of the
    visits that it told of, aware UTC. sid: the carrier's id of a recording to delete; else "".
    """

    kind: str
    outcome: Outcome
    code: int | None = None
    starts: Sequence[datetime] = ()
    sid: str = ""

    def note(self, say: Say, moment: Callable[[datetime], str]) -> str:
        """What the desk reads: what it was, why, and what to do. moment: says a time."""
        when = say(" and ").join(moment(one) for one in self.starts)
        why = WHY["code" if self.code else "plain"]
        reason = say(OUTCOME[self.outcome.value])
        told = (
            say(ABOUT[self.kind], when=when, sid=self.sid),
            say(why, why=reason, code=self.code),
            *(say(one) for one in self._next()),
        )
        return " ".join(told)

    def _next(self) -> Sequence[str]:
        if self.kind in NOT_FOR_A_PERSON_NEXT:
            return (NOT_FOR_A_PERSON_NEXT[self.kind],)
        if self.kind == "trial_call":
            blamed = _blamed(self.outcome)
            return (TRIAL_NEXT.get(blamed, TRIAL_NEXT["other"]),)
        if TASK_OF.get(self.kind) == "page_failed":
            return (STAFF_NEXT[_blamed(self.outcome)],)
        then = THEN.get(self.kind)
        return (NEXT[self.outcome.value], *([then] if then else []))


def source_of(message_id: UUID) -> str:
    """What brought in the task about a message; see DeskTask."""
    return f"{_NAMED}{message_id}"


def task_of(kind: str) -> str:
    """The kind of the task about a message of this kind."""
    return TASK_OF.get(kind, OTHER_TASK)


def of_message(
    session: Session, message: OutboxMessage, *, error: str | None, code: int | None
) -> Failure:
    """error: a Trouble, or how the worker ended. code: the carrier's own."""
    starts = _starts(session, message.clinic_id, [message.id])
    return _failure(message, error, code, starts.get(message.id, ()))


def of_tasks(
    session: Session, clinic_id: str, tasks: Collection[DeskTask]
) -> Mapping[UUID, Failure]:
    """What stands behind those of these tasks that are about such a message, by the task's id.

    A task whose message was deleted with its patient has none: its note stays as it was stored.
    """
    about = {task.id: found for task in tasks if (found := message_of(task)) is not None}
    if not about:
        return {}
    of_these = (OutboxMessage.clinic_id == clinic_id, OutboxMessage.id.in_(about.values()))
    messages = {one.id: one for one in session.scalars(select(OutboxMessage).where(*of_these))}
    starts = _starts(session, clinic_id, messages)
    failures = {
        one.id: _failure(one, one.last_error, one.last_error_code, starts.get(one.id, ()))
        for one in messages.values()
        # The visit itself may have been deleted: then its time stands in the stored note alone.
        if "{when}" not in ABOUT[one.kind] or one.id in starts
    }
    return {task: failures[message] for task, message in about.items() if message in failures}


def _failure(
    message: OutboxMessage, error: str | None, code: int | None, starts: Sequence[datetime]
) -> Failure:
    return Failure(
        kind=message.kind,
        outcome=not_arrived(reported=message.delivery, error=error, code=code),
        code=code,
        starts=starts,
        sid=message.body if message.kind == "delete_recording" else "",
    )


def _starts(
    session: Session, clinic_id: str, messages: Collection[UUID]
) -> Mapping[UUID, Sequence[datetime]]:
    rows = session.execute(
        select(VisitNotice.message_id, VisitNotice.starts_at)
        .where(VisitNotice.clinic_id == clinic_id, VisitNotice.message_id.in_(messages))
        .order_by(VisitNotice.starts_at)
    )
    found: dict[UUID, list[datetime]] = {}
    for message_id, starts_at in rows:
        if message_id is not None:
            found.setdefault(message_id, []).append(starts_at)
    return found


def message_of(task: DeskTask) -> UUID | None:
    """The message that a task is about; None where it is about none."""
    if task.kind not in (*TASK_OF.values(), OTHER_TASK):
        return None
    named = (task.source or "").partition(_NAMED)
    return UUID(named[2]) if named[1] and not named[0] else None


def _blamed(outcome: Outcome) -> str:
    """Who has to mend it: a key of STAFF_NEXT."""
    if outcome in _THE_NUMBER:
        return "number"
    if outcome is Outcome.OPTED_OUT:
        return "opted_out"
    return "operator" if outcome in _THE_OPERATOR else "other"
