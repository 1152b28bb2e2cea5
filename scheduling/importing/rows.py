"""The rows that can be imported, and what is said about them. Values, without a database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

from scheduling import checked_input
from scheduling.duplicates import plain_name
from scheduling.errors import InvalidInput
from scheduling.patients import LANGUAGES
from scheduling.states import VisitStatus

STATUSES = (
    VisitStatus.BOOKED,
    VisitStatus.COMPLETED,
    VisitStatus.CANCELLED,
    VisitStatus.NO_SHOW,
)
"""What a visit of an old book can be."""

SOURCE = "import"
"""Where a consent of the old book was given, as far as is known here."""

LONGEST_MINUTES = 1440
"""No visit lasts longer than a day; see scheduling.agenda."""


@dataclass(frozen=True, slots=True, order=True)
class Remark:
    """Something about one row. text: never holds what the row says of a patient.

    line: where the row starts in its file, from 1. column: "" where it is about the whole row.
    """

    line: int
    column: str
    text: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{place}: {self.text}"


@dataclass(slots=True)
class Report:
    """What an import did.

    done: "patients added" → how many, and so on; nothing that happened no time.
    unchanged: rows that say what is on file already.
    """

    done: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    warnings: list[Remark] = field(default_factory=list)

    def count(self, what: str, times: int = 1) -> None:
        """`what` happened so many times more."""
        if times:
            self.done[what] += times


@dataclass(frozen=True, slots=True)
class PumpRow:
    """A patient's pump. Days are of the clinic's calendar; see scheduling.tables.Pump."""

    alarm_on: date
    stable_until: date | None = None
    filled_on: date | None = None
    label: str | None = None

    def __post_init__(self) -> None:
        if self.label is not None:
            checked_input.text(self.label, "the pump's label")


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient of the old book.

    external_id: their number there; it stays theirs when everything else is corrected.
    phones: E.164, at least one, the best one first.
    language: None where the old book does not say.
    sms_consent, call_consent: None where nobody asked.
    key: the row's own name, the same in every import: by it a row is known again.
    Raises InvalidInput where a value will not do.
    """

    line: int
    name: str
    date_of_birth: date
    phones: tuple[str, ...]
    external_id: str | None = None
    preferred_name: str | None = None
    language: str | None = None
    interpreter_language: str | None = None
    sms_consent: bool | None = None
    call_consent: bool | None = None
    pump: PumpRow | None = None
    key: str = field(init=False)

    def __post_init__(self) -> None:
        checked_input.text(self.name, "the name")
        for value, what, at_most in (
            (self.external_id, "the external id", checked_input.HOLDER_LENGTH),
            (self.preferred_name, "the preferred name", checked_input.NAME_LENGTH),
            (self.interpreter_language, "the interpreter's language", checked_input.KEY_LENGTH),
        ):
            if value is not None:
                checked_input.text(value, what, at_most=at_most)
        if not self.phones:
            raise InvalidInput("the row has no phone: give at least one")
        for phone in self.phones:
            checked_input.phone(phone, "the phone")
        if self.language not in (None, *LANGUAGES):
            raise InvalidInput(
                f"the language is not one of {', '.join(LANGUAGES)}: use one of them"
            )

        identity = (plain_name(self.name), self.date_of_birth.isoformat(), self.phones[0])
        if self.external_id is not None:
            identity = ("external id", self.external_id, "")
        object.__setattr__(self, "key", _key("patient", *identity))


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit of the old book.

    name, phone: whose it is, together with the date of birth; one of the two may be missing.
    visit_type, provider, room: keys of the clinic's definition.
    starts: wall time of the clinic, without a zone. minutes: elapsed time; None is as long as the
        visit type says. pump_label: which of several pumps a refill fills.
    key: the row's own name; its provider, room, length and status may be corrected under it.
    Raises InvalidInput where a value will not do.
    """

    line: int
    date_of_birth: date
    visit_type: str
    provider: str
    starts: datetime
    name: str | None = None
    phone: str | None = None
    room: str | None = None
    minutes: int | None = None
    status: VisitStatus = VisitStatus.BOOKED
    pump_label: str | None = None
    key: str = field(init=False)

    def __post_init__(self) -> None:
        if self.name is None and self.phone is None:
            raise InvalidInput("the row has neither a name nor a phone: give one of them")
        if self.phone is not None:
            checked_input.phone(self.phone, "the phone")
        if self.starts.tzinfo is not None:
            raise InvalidInput("the start has a zone: give the clinic's wall time without one")
        if self.minutes is not None and not 1 <= self.minutes <= LONGEST_MINUTES:
            raise InvalidInput(f"the length is not 1 to {LONGEST_MINUTES} minutes: correct it")
        if self.status not in STATUSES:
            raise InvalidInput(f"the status is not one of {', '.join(STATUSES)}: use one of them")

        who = (self.date_of_birth.isoformat(), self.phone or "", plain_name(self.name))
        key = _key("visit", *who, self.visit_type, self.starts.isoformat())
        object.__setattr__(self, "key", key)


def _key(kind: str, *parts: str) -> str:
    # A hash: keys stand in events, where no patient's data belongs.
    hashed = sha256("\n".join(parts).encode()).hexdigest()
    return f"import:{kind}:{hashed}"
