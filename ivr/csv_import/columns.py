"""The columns of patients.csv and visits.csv, each row checked by itself."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator

from ivr.csv_import.cells import (
    Day,
    Language,
    Minutes,
    Phone,
    Phones,
    ShortText,
    Status,
    Text,
    WallTime,
    YesOrNo,
)
from scheduling.importing.rows import PatientRow, PumpRow, VisitRow
from scheduling.states import VisitStatus


class Columns(BaseModel):
    """A row of a file; an empty cell is a missing one."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @classmethod
    def required(cls) -> tuple[str, ...]:
        """Columns that every file has."""
        return tuple(name for name, one in cls.model_fields.items() if one.is_required())

    @classmethod
    def optional(cls) -> tuple[str, ...]:
        """Columns that a file may leave out."""
        return tuple(name for name, one in cls.model_fields.items() if not one.is_required())


class PatientColumns(Columns):
    """A row of patients.csv; see docs/reference/csv-files.md."""

    name: Text
    date_of_birth: Day
    phone: Phone
    external_id: Text | None = None
    preferred_name: Text | None = None
    other_phones: Phones = ()
    language: Language | None = None
    interpreter_language: ShortText | None = None
    sms_consent: YesOrNo | None = None
    call_consent: YesOrNo | None = None
    pump_alarm_on: Day | None = None
    pump_stable_until: Day | None = None
    pump_filled_on: Day | None = None
    pump_label: Text | None = None

    @field_validator("pump_stable_until", "pump_filled_on", "pump_label")
    @classmethod
    def _of_a_pump(cls, value: object, info: ValidationInfo) -> object:
        # A faulty alarm date is missing here, and has been told.
        if value is not None and info.data.get("pump_alarm_on", date.min) is None:
            raise ValueError(
                "is given without pump_alarm_on: add that, from the programmer's printout"
            )
        return value

    def to_row(self, line: int) -> PatientRow:
        """The row for scheduling. Raises its InvalidInput."""
        pump = None
        if self.pump_alarm_on is not None:
            pump = PumpRow(
                self.pump_alarm_on, self.pump_stable_until, self.pump_filled_on, self.pump_label
            )
        return PatientRow(
            line,
            self.name,
            self.date_of_birth,
            (self.phone, *self.other_phones),
            external_id=self.external_id,
            preferred_name=self.preferred_name,
            language=self.language,
            interpreter_language=self.interpreter_language,
            sms_consent=self.sms_consent,
            call_consent=self.call_consent,
            pump=pump,
        )


class VisitColumns(Columns):
    """A row of visits.csv; see docs/reference/csv-files.md."""

    date_of_birth: Day
    visit_type: Text
    provider: Text
    starts: WallTime
    phone: Phone | None = None
    name: Text | None = None
    room: Text | None = None
    minutes: Minutes | None = None
    status: Status = VisitStatus.BOOKED
    pump_label: Text | None = None

    @model_validator(mode="after")
    def _somebodys(self) -> Self:
        if self.phone is None and self.name is None:
            raise ValueError("has neither phone nor name: give one of them")
        return self

    def to_row(self, line: int) -> VisitRow:
        """The row for scheduling. Raises its InvalidInput."""
        return VisitRow(
            line,
            self.date_of_birth,
            self.visit_type,
            self.provider,
            self.starts,
            name=self.name,
            phone=self.phone,
            room=self.room,
            minutes=self.minutes,
            status=self.status,
            pump_label=self.pump_label,
        )
