"""What a row adds to and corrects in a record that is on file. Pure.

The file may correct what imports alone have written. What a caller or the desk has changed since
stands, since they spoke last; the difference is reported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from scheduling.contact import ConsentKind
from scheduling.duplicates import plain_name
from scheduling.importing.rows import SOURCE, PatientRow, Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from scheduling.importing.records import Record
    from scheduling.importing.rows import PumpRow
    from scheduling.tables import Pump

FIELDS = ("name", "preferred_name", "date_of_birth", "language", "interpreter_language")

_CHANGED_SINCE = (
    "is not what is on file, which was changed here since: the file's is left out; correct it at "
    "the desk if the file is right"
)


@dataclass(frozen=True, slots=True)
class Known:
    """A row and the record it is about. event_id: of its first import; None where that was."""

    row: PatientRow
    record: Record
    event_id: UUID | None


@dataclass(frozen=True, slots=True)
class OnFile:
    """What else stands in a record.

    changed_here: somebody else than an import has had a hand in it.
    consents: kind → the last word, and where it was given.
    """

    changed_here: bool
    consents: dict[str, tuple[bool, str]]
    pumps: Sequence[Pump]


@dataclass(slots=True)
class Correction:
    """What one row changes. new_pump and pump_to_correct get the row's dates."""

    known: Known
    fields: dict[str, Any] = field(default_factory=dict)
    phones: list[str] = field(default_factory=list)
    consents: dict[str, bool] = field(default_factory=dict)
    new_pump: PumpRow | None = None
    pump_to_correct: Pump | None = None

    @property
    def changed(self) -> list[str]:
        """Names of what changes, for the event."""
        return [
            *self.fields,
            *(["phone"] if self.phones else []),
            *(f"{kind}_consent" for kind in self.consents),
            *(["pump"] if self.new_pump or self.pump_to_correct else []),
        ]


def correction(known: Known, on_file: OnFile) -> tuple[Correction, list[Remark]]:
    """What the row changes, and what of it is left out."""
    planned = Correction(known)
    planned.phones = [
        one for one in dict.fromkeys(known.row.phones) if one not in known.record.phones
    ]
    remarks = [
        *_correct_fields(planned, on_file),
        *_correct_consents(planned, on_file),
        *_correct_pump(planned, on_file),
    ]
    return planned, remarks


def _correct_fields(planned: Correction, on_file: OnFile) -> Iterator[Remark]:
    row, record = planned.known.row, planned.known.record
    for name in FIELDS:
        told, has = getattr(row, name), getattr(record, name)
        if told is None or told == has:
            continue
        if has is None or not on_file.changed_here:
            planned.fields[name] = told
        elif not _means_the_same(name, row, record):
            yield Remark(row.line, name, _CHANGED_SINCE)


def _means_the_same(name: str, row: PatientRow, record: Record) -> bool:
    if name == "name":
        return plain_name(row.name) == record.plain_name
    return name == "date_of_birth" and row.date_of_birth in record.births


def _correct_consents(planned: Correction, on_file: OnFile) -> Iterator[Remark]:
    row = planned.known.row
    for kind, told in ((ConsentKind.SMS, row.sms_consent), (ConsentKind.CALL, row.call_consent)):
        given, source = on_file.consents.get(kind.value, (None, SOURCE))
        if told is None or told == given:
            continue
        if source == SOURCE:
            planned.consents[kind.value] = told
        else:
            yield Remark(
                row.line,
                f"{kind.value}_consent",
                "is not what the patient has said here since: their own word stands",
            )


def _correct_pump(planned: Correction, on_file: OnFile) -> Iterator[Remark]:
    told, line = planned.known.row.pump, planned.known.row.line
    if told is None:
        return
    if not on_file.pumps:
        planned.new_pump = told
        return
    meant = [one for one in on_file.pumps if told.label in (None, one.label)]
    active = [one for one in meant if one.active]
    if not meant or len(active) > 1:
        yield Remark(
            line,
            "pump_label",
            "the patient has another pump on file, or several: the file's is left out; enter it "
            "at the desk",
        )
    elif not active:
        yield Remark(
            line, "pump_alarm_on", "the pump was retired here: the file's dates are left out"
        )
    elif _says_otherwise(told, active[0]):
        if on_file.changed_here:
            yield Remark(line, "pump_alarm_on", _CHANGED_SINCE)
        elif (told.filled_on or date.max) < (active[0].filled_on or date.min):
            yield Remark(
                line, "pump_filled_on", "is before the refill on file: the file's is left out"
            )
        else:
            planned.pump_to_correct = active[0]


def _says_otherwise(told: PumpRow, pump: Pump) -> bool:
    has = (pump.alarm_on, pump.stable_until)
    return (told.alarm_on, told.stable_until) != has or told.filled_on not in (
        None,
        pump.filled_on,
    )
