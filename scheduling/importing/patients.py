"""Stores the patients of the old book."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from scheduling import agenda, checked_input, directory, patient_log, refill_rules
from scheduling.errors import ImportRefused, InvalidInput, UnknownVisitType
from scheduling.importing.corrections import Known
from scheduling.importing.known import follow_file
from scheduling.importing.matching import duplicates, match
from scheduling.importing.newcomers import Newcomers
from scheduling.importing.records import Records, portions
from scheduling.importing.rows import PatientRow, Remark, Report
from scheduling.patients import wait_for_other_newcomers
from scheduling.refill_recalls import refill_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.importing.records import Record
    from scheduling.requests import Request

_STORED_AT_ONCE = 2_000
"""Rows whose tables are written in one go: what a portion takes in memory stays small."""


def import_patients(
    session: Session, *, clinic_id: str, rows: Sequence[PatientRow], request: Request
) -> Report:
    """Store the patients of `rows` with their phones, consents and pumps.

    A row whose patient is on file adds what is missing there. It corrects what it says otherwise
    for as long as the record has been changed by imports alone; what a caller or the desk has
    changed since stands, and the difference is reported. Pumps open their recalls at once.
    request: of the whole import; each row has a key of its own.
    Raises UnknownClinic, and ImportRefused with every fault of the rows; nothing is stored then.
    """
    today = directory.today(session, clinic_id, request.now)
    faults = [*duplicates(rows), *_faulty_days(rows, today)]
    try:
        refilled_by = refill_type(session, clinic_id) if any(row.pump for row in rows) else None
    except UnknownVisitType as error:
        refilled_by = None
        line = next(row.line for row in rows if row.pump)
        faults.append(Remark(line, "pump_alarm_on", str(error)))
    if faults:
        raise ImportRefused(sorted(faults))
    wait_for_other_newcomers(session, clinic_id)
    records = Records(session, clinic_id)
    event_ids = {row.key: _event_id(clinic_id, row, request) for row in rows}
    by_event = records.of_events(event_ids.values())
    imported = {key: by_event[one] for key, one in event_ids.items() if one in by_event}
    by_phone = records.of_phones({phone for row in rows for phone in row.phones})
    given, remarks = match(rows, imported, by_phone)
    report = Report(warnings=remarks)
    known = [
        Known(row, given[row.line], None if row.key in imported else event_ids[row.key])
        for row in _one_row_each(rows, given)
    ]
    for portion in portions(known):
        follow_file(session, clinic_id, portion, request, report)
    newcomers = Newcomers(session, clinic_id, request, event_ids, refilled_by)
    for some in portions((row for row in rows if row.line not in given), _STORED_AT_ONCE):
        newcomers.add(some, report)
        report.warnings.extend(_alarms_passed(some, today))
    report.warnings.sort()
    if report.done:
        agenda.record_change(session, clinic_id)
    return report


def _event_id(clinic_id: str, row: PatientRow, request: Request) -> UUID:
    """The event that notes a row's import: in whose history it stands, that patient is meant."""
    return patient_log.id_of(clinic_id, replace(request, key=row.key))


def _one_row_each(rows: Sequence[PatientRow], given: dict[int, Record]) -> Iterator[PatientRow]:
    """The rows with a record on file, of several with the same record the first."""
    seen: set[UUID] = set()
    for row in rows:
        if row.line in given and given[row.line].id not in seen:
            seen.add(given[row.line].id)
            yield row


def _alarms_passed(rows: Sequence[PatientRow], today: date) -> Iterator[Remark]:
    for row in rows:
        if row.pump is not None and row.pump.alarm_on <= today:
            yield Remark(
                row.line,
                "pump_alarm_on",
                "has come or passed: unless a visit is booked, a worker pages on-call staff "
                "about this patient as soon as it runs. Is it the date of the last refill?",
            )


def _faulty_days(rows: Sequence[PatientRow], today: date) -> Iterator[Remark]:
    for row in rows:
        for column, check in _checks(row, today):
            try:
                check()
            except InvalidInput as error:
                yield Remark(row.line, column, str(error))


def _checks(row: PatientRow, today: date) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "date_of_birth", partial(checked_input.date_of_birth, row.date_of_birth, today)
    if row.pump is None:
        return
    filled_on = row.pump.filled_on
    if filled_on is not None:
        yield "pump_filled_on", partial(refill_rules.check_filled_on, filled_on, today=today)
    yield (
        "pump_alarm_on",
        partial(refill_rules.check_alarm_date, row.pump.alarm_on, filled_on=filled_on, today=today),
    )
    yield (
        "pump_stable_until",
        partial(
            refill_rules.check_stability, row.pump.stable_until, filled_on=filled_on, today=today
        ),
    )
