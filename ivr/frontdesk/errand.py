"""One request of one person at the desk: who asks, when, and how it is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, flash, get_flashed_messages, make_response, request
from sqlalchemy.orm import Session

from ivr.frontdesk import audit
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.wording import say
from ivr.messages.patients import notices
from ivr.messages.patients.wording import Occasion
from scheduling.database import new_id
from scheduling.errors import InvalidInput
from scheduling.requests import Request
from scheduling.states import Channel
from scheduling.tables import Visit

T = TypeVar("T")


@dataclass(frozen=True)
class Errand:
    """Everything under a route that reads or changes a patient's data begins with one."""

    desk: Desk
    user: SignedIn
    now: datetime

    @classmethod
    def begin(cls, desk: Desk) -> Errand:
        """The present request's."""
        return cls(desk, signed_in(), desk.clock())

    @property
    def clinic_id(self) -> str:
        """Of the person who is signed in, and of nobody else."""
        return self.user.clinic_id

    @property
    def zone(self) -> ZoneInfo:
        """In which the clinic's clocks and calendars are read."""
        return ZoneInfo(self.user.zone)

    @property
    def today(self) -> date:
        """The day of the clinic's calendar."""
        return self.now.astimezone(self.zone).date()

    def request(self) -> Request:
        """As scheduling wants it. A form sent twice is one request: it carries its own key.

        Raises InvalidInput where the form has no key of ours.
        """
        return Request(self.user.name, Channel.DESK, self.now, f"desk:{self.form_key()}")

    def form_key(self) -> UUID:
        """Under which the present form was given out. Raises InvalidInput."""
        try:
            return UUID(request.form.get("key", ""))
        except ValueError as error:
            raise InvalidInput(say("this form is incomplete: load the page again")) from error

    def note(self, session: Session, action: str, **detail: str | int | UUID) -> None:
        """Write down in the audit what this transaction reads or changes: ids and counts."""
        audit.record(
            session,
            clinic_id=self.clinic_id,
            staff_id=self.user.staff_id,
            action=action,
            detail={
                name: str(value) if isinstance(value, UUID) else value
                for name, value in detail.items()
            },
            now=self.now,
        )

    def tell_patient(self, session: Session, visit: Visit, occasion: Occasion) -> None:
        """Let the patient know, by text, what this transaction did to their visit."""
        notices.tell(
            session, visit=visit, occasion=occasion, base=self.desk.link_base, now=self.now
        )

    def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in one transaction; see Database.write()."""
        return self.desk.database.write(work)


def fresh_key() -> str:
    """What a form carries so that sending it twice does it once."""
    return str(new_id())


def refused(page: str, status: int = 409) -> Response:
    """A page that says why nothing was done. htmx takes in no page that came with an error."""
    return make_response(page, 200 if "HX-Request" in request.headers else status)


def say_next(code: str) -> None:
    """Let the next page say what was done. The code is all that the browser's cookie carries."""
    flash(code)


def what_was_said() -> list[str]:
    """The codes that say_next() left for this page."""
    return [str(code) for code in get_flashed_messages()]
