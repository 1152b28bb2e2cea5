"""What a corrected row changes of a patient on file, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from scheduling import contact, merging, patients, pumps
from scheduling.contact import ConsentKind
from scheduling.database import LostRace
from scheduling.importing.corrections import Known
from scheduling.importing.known import follow_file
from scheduling.importing.records import Records
from scheduling.importing.rows import PatientRow, PumpRow, Report
from scheduling.tables import Patient, Pump, Recall
from tests.scheduling.old_book import (
    ANN,
    BORN,
    LATER,
    PUMP,
    columns_of,
    everything,
    imports,
    load,
    names,
    phones,
    the_patient,
)
from tests.scheduling.sample import CLINIC, by_desk, patient, request

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.database import Database


@pytest.mark.parametrize(
    "corrected",
    [
        replace(ANN, name="Anne Lee"),
        replace(ANN, name="Lee, Ann"),
        replace(ANN, phones=("+15125550119", "+15125550111")),
        replace(ANN, language="es", preferred_name="Annie", sms_consent=False),
    ],
    ids=["name", "order of names", "phone", "other columns"],
)
def test_a_corrected_row_corrects_the_patient_and_doubles_nobody(
    corrected: PatientRow, database: Database
) -> None:
    imports(database, ANN)

    report = imports(database, corrected, later=LATER)

    assert report.done["patients changed"] == 1
    assert names(database) == [corrected.name]
    assert set(phones(database)) == {*ANN.phones, *corrected.phones}
    assert imports(database, corrected, later=2 * LATER).done == {}


def test_a_row_with_an_id_of_its_own_stays_the_same_patient_whatever_is_corrected(
    database: Database,
) -> None:
    imports(database, replace(ANN, external_id="17"))
    corrected = PatientRow(2, "Maria Gomez", date(1951, 2, 28), ("+15125550119",), "17")

    report = imports(database, corrected, later=LATER)

    assert report.done == {"patients changed": 1, "phones added": 1}
    ann = database.read(the_patient)
    assert (ann.name, ann.date_of_birth) == ("Maria Gomez", date(1951, 2, 28))


def test_what_somebody_has_changed_here_stands_and_the_difference_is_told(
    database: Database,
) -> None:
    load(database)
    imports(database, replace(ANN, external_id="17", sms_consent=True, pump=PUMP))

    def at_the_desk(session: Session) -> None:
        ann = the_patient(session)
        patients.update_patient(
            session,
            clinic_id=CLINIC,
            patient_id=ann.id,
            request=by_desk("a correction"),
            name="Ann Lee-Park",
            language="es",
        )
        contact.record_consent(
            session,
            clinic_id=CLINIC,
            patient_id=ann.id,
            kind=ConsentKind.SMS,
            granted=False,
            source="CA1",
            request=request("an opt-out"),
        )

    database.write(at_the_desk)
    before = everything(database)

    report = imports(
        database,
        replace(
            ANN,
            external_id="17",
            name="Ann Li",
            language="en",
            sms_consent=True,
            pump=replace(PUMP, alarm_on=date(2027, 1, 20)),
        ),
        later=LATER,
    )

    assert report.done == {}
    assert columns_of(report.warnings) == [
        (2, "language"),
        (2, "name"),
        (2, "pump_alarm_on"),
        (2, "sms_consent"),
    ]
    assert "changed here since: the file's is left out" in report.warnings[0].text
    assert everything(database) == before


def test_what_is_missing_on_file_is_added_even_where_somebody_else_keeps_the_record(
    database: Database,
) -> None:
    database.write(patient)

    report = imports(
        database, replace(ANN, preferred_name="Annie", call_consent=True, language="en")
    )

    assert report.done == {"patients changed": 1, "consents recorded": 1}
    assert database.read(the_patient).preferred_name == "Annie"


def test_a_pump_filled_again_in_the_old_book_moves_its_recall(database: Database) -> None:
    load(database)
    imports(database, replace(ANN, pump=PUMP))
    filled = PumpRow(date(2027, 3, 1), filled_on=date(2026, 11, 29))

    report = imports(database, replace(ANN, pump=filled), later=LATER)

    assert report.done == {"patients changed": 1, "pumps corrected": 1}
    recall = database.read(lambda session: session.scalars(select(Recall)).one())
    assert recall.due_on == date(2027, 2, 22)
    older = imports(database, replace(ANN, pump=PUMP), later=2 * LATER)
    assert columns_of(older.warnings) == [(2, "pump_filled_on")]


def test_a_pump_that_was_retired_here_is_not_put_back(database: Database) -> None:
    load(database)
    imports(database, replace(ANN, pump=PUMP))

    def retire(session: Session) -> None:
        pump = session.scalars(select(Pump)).one()
        pumps.retire_pump(
            session, clinic_id=CLINIC, pump_id=pump.id, request=by_desk(), version=pump.version
        )

    database.write(retire)

    report = imports(database, replace(ANN, pump=PUMP), later=LATER)

    assert columns_of(report.warnings) == [(2, "pump_alarm_on")]
    assert database.read(lambda session: session.scalars(select(Pump.active)).all()) == [False]


def test_records_that_the_desk_has_merged_stay_merged(database: Database) -> None:
    other = PatientRow(3, "Anna Lee", date(1951, 2, 28), ("+15125550119",))
    imports(database, ANN, other)

    def merge(session: Session) -> None:
        by_name = {one.name: one.id for one in session.scalars(select(Patient))}
        merging.merge(
            session,
            clinic_id=CLINIC,
            keep_id=by_name["Ann Lee"],
            merge_id=by_name["Anna Lee"],
            request=by_desk("a merge"),
        )

    database.write(merge)
    before = everything(database)

    report = imports(database, ANN, other, later=LATER)

    assert report.done == {}
    assert columns_of(report.warnings) == [(3, "name")]
    assert everything(database) == before


def test_a_record_that_somebody_changes_meanwhile_is_read_again(database: Database) -> None:
    imports(database, ANN)

    def change_in_between(session: Session) -> None:
        (record,) = Records(session, CLINIC).of_phones(ANN.phones)[BORN, ANN.phones[0]]
        patients.update_patient(
            session,
            clinic_id=CLINIC,
            patient_id=record.id,
            request=by_desk("a correction"),
            language="es",
        )
        corrected = replace(ANN, preferred_name="Annie")
        with pytest.raises(LostRace):
            follow_file(session, CLINIC, [Known(corrected, record, None)], request(), Report())

    database.read(change_in_between)
