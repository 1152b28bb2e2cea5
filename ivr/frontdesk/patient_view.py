"""What patients' pages show, as values: rows in, words out. No session, no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.frontdesk import board_view, visit_view, wording, written
from ivr.frontdesk.board_view import VisitRow
from ivr.frontdesk.visit_view import ChangeLine
from ivr.frontdesk.wording import Words, say
from ivr.frontdesk.written import Instant, Phone
from scheduling.duplicates import Reason
from scheduling.refill_rules import Standing
from scheduling.states import OPEN_STATUSES

if TYPE_CHECKING:
    from scheduling.duplicates import Duplicate
    from scheduling.patient_file import PatientFile, PumpOnFile, RecallOnFile
    from scheduling.patient_search import FoundPatient
    from scheduling.tables import Patient, WaitlistEntry

STANDING: Final[Words] = {
    Standing.AHEAD: "not due yet",
    Standing.DUE_SOON: "due soon",
    Standing.OVERDUE: "OVERDUE",
}

REASON: Final[Words] = {
    Reason.SAME_BIRTH_DATE: "same date of birth",
    Reason.SWAPPED_BIRTH_DATE: "day and month of birth swapped",
    Reason.SAME_PHONE: "same number",
    Reason.SIMILAR_NAME: "similar name",
}


@dataclass(frozen=True)
class PatientHead:
    """Who somebody is, in a line."""

    id: UUID
    name: str
    preferred_name: str | None
    born: str
    phones: tuple[Phone, ...]
    has_pump: bool = False
    deceased: bool = False


@dataclass(frozen=True)
class PumpCard:
    """A pump: dates in words, and as date fields take them."""

    id: UUID
    version: int
    label: str
    active: bool
    standing: str
    standing_words: str
    due: str
    alarm: str
    alarm_on: str
    stable: str | None
    stable_until: str
    filled: str


@dataclass(frozen=True)
class VisitLine:
    """One visit in a list, with its day."""

    row: VisitRow
    day: str


@dataclass(frozen=True)
class NoteLine:
    """A note, line by line, and who wrote it when."""

    at: Instant
    lines: tuple[str, ...]
    by: str


@dataclass(frozen=True)
class PatientPage:
    """A patient's page. `fields`: as the form for corrections takes them."""

    head: PatientHead
    version: int
    fields: Mapping[str, str]
    language: str
    interpreter: str | None
    deceased: str | None
    texts: bool
    calls: bool
    zones: tuple[tuple[str, str], ...]
    """Where a patient may live: IANA name, and the city that stands for it."""
    pumps: tuple[PumpCard, ...]
    ahead: tuple[VisitLine, ...]
    past: tuple[VisitLine, ...]
    recalls: tuple[str, ...]
    waiting: tuple[str, ...]
    changes: tuple[ChangeLine, ...]
    latest: ChangeLine | None
    """Of the changes, the latest of the record itself."""
    duplicates: tuple[tuple[PatientHead, str], ...]
    notes: tuple[NoteLine, ...]


def head(patient: Patient, phones: Sequence[str]) -> PatientHead:
    """Who a record is."""
    return PatientHead(
        id=patient.id,
        name=patient.name or say("Name to be asked"),
        preferred_name=patient.preferred_name,
        born=wording.birth_date(patient.date_of_birth),
        phones=_phones(phones),
        deceased=patient.deceased_on is not None,
    )


def found(one: FoundPatient) -> PatientHead:
    """A record that a search has found."""
    return PatientHead(
        id=one.id,
        name=one.name or say("Name to be asked"),
        preferred_name=one.preferred_name,
        born=wording.birth_date(one.date_of_birth),
        phones=_phones(one.phones),
        has_pump=one.has_pump,
        deceased=one.deceased,
    )


def why_alike(pair: Duplicate) -> str:
    """What two records have in common, in words."""
    return ", ".join(wording.in_words(REASON, one) for one in REASON if one in pair.reasons)


def build(
    file: PatientFile,
    alike: Sequence[tuple[PatientHead, str]],
    providers: Mapping[str, str],
    zone: ZoneInfo,
    now: datetime,
) -> PatientPage:
    """The page at `now` (aware). alike: records that may be the same patient's, and why."""
    patient = file.patient
    lines = [
        VisitLine(
            board_view.visit_row(one, zone, now),
            wording.birth_date(one.starts_at.astimezone(zone).date()),
        )
        for one in file.visits
    ]
    ahead = [one.ends_at > now and one.status in OPEN_STATUSES for one in file.visits]
    return PatientPage(
        head=head(patient, file.phones),
        version=patient.version,
        fields=as_fields(patient),
        language=wording.in_words(wording.LANGUAGE, patient.language),
        interpreter=patient.interpreter_language,
        deceased=None if patient.deceased_on is None else wording.birth_date(patient.deceased_on),
        texts=file.texts,
        calls=file.calls,
        zones=_zones(patient.timezone),
        pumps=tuple(_pump(one) for one in file.pumps),
        ahead=tuple(one for one, is_ahead in zip(lines, ahead, strict=True) if is_ahead),
        past=tuple(
            one for one, is_ahead in reversed(list(zip(lines, ahead, strict=True))) if not is_ahead
        ),
        recalls=tuple(_recall(one) for one in file.recalls),
        waiting=tuple(_waiting(entry, key) for entry, key in file.waiting),
        changes=tuple(visit_view.line(one, zone, providers) for one in file.changes),
        latest=next(
            (visit_view.line(one, zone, providers) for one in file.changes if not one.visit_id),
            None,
        ),
        duplicates=tuple(alike),
        notes=tuple(
            NoteLine(
                Instant(written.iso(one.at), wording.moment(one.at, zone)),
                tuple(one.text.splitlines()),
                one.actor,
            )
            for one in file.notes
        ),
    )


def as_fields(patient: Patient) -> dict[str, str]:
    """A record as the form for corrections takes it."""
    return {
        "name": patient.name or "",
        "preferred_name": patient.preferred_name or "",
        "date_of_birth": patient.date_of_birth.isoformat(),
        "language": patient.language,
        "interpreter_language": patient.interpreter_language or "",
        "deceased_on": _iso(patient.deceased_on),
        "preferred_channel": patient.preferred_channel or "",
        "timezone": patient.timezone or "",
    }


ZONES: Final = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix"),
    *("America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico"),
    *("America/Mexico_City", "America/Tijuana"),
)
"""What the form offers; whoever lives elsewhere is given a zone by an import [a judgement]."""


def _zones(theirs: str | None) -> tuple[tuple[str, str], ...]:
    offered = ZONES if theirs is None or theirs in ZONES else (theirs, *ZONES)
    return tuple((one, one.rpartition("/")[2].replace("_", " ")) for one in offered)


def _pump(pump: PumpOnFile) -> PumpCard:
    return PumpCard(
        id=pump.id,
        version=pump.version,
        label=pump.label or say("Pump"),
        active=pump.active,
        standing="retired" if pump.standing is None else pump.standing.value,
        standing_words=say("no longer filled here")
        if pump.standing is None
        else wording.in_words(STANDING, pump.standing),
        due=wording.birth_date(pump.due_on),
        alarm=wording.birth_date(pump.alarm_on),
        alarm_on=pump.alarm_on.isoformat(),
        stable=None if pump.stable_until is None else wording.birth_date(pump.stable_until),
        stable_until=_iso(pump.stable_until),
        filled=say("not known") if pump.filled_on is None else wording.birth_date(pump.filled_on),
    )


def _recall(one: RecallOnFile) -> str:
    words = say(
        "{visit}, due {day}",
        visit=wording.in_words(wording.VISIT_TYPE, one.visit_type_key),
        day=wording.birth_date(one.due_on),
    )
    if one.status == "booked":
        return say("{recall}: booked", recall=words)
    if one.snoozed_until is not None:
        until = wording.birth_date(one.snoozed_until)
        return say("{recall}: put off until {day}", recall=words, day=until)
    return say("{recall}: to be booked", recall=words)


def _waiting(entry: WaitlistEntry, key: str) -> str:
    words = say(
        "{visit}, until {day}",
        visit=wording.in_words(wording.VISIT_TYPE, key),
        day=wording.birth_date(entry.until_on),
    )
    if entry.status == "offered":
        return say("{wish}: a time is offered", wish=words)
    if entry.visit_id is None:
        return words
    return say("{wish}: an earlier time is wanted", wish=words)


def _phones(numbers: Sequence[str]) -> tuple[Phone, ...]:
    return tuple(Phone(f"tel:{one}", wording.phone(one)) for one in numbers)


def _iso(day: date | None) -> str:
    return "" if day is None else day.isoformat()
