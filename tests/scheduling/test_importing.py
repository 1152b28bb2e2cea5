"""Patients of an old book: stored once, never made one of two."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from scheduling import contact, pumps
from scheduling.contact import ConsentKind
from scheduling.database import Database
from scheduling.errors import ImportRefused, InvalidInput
from scheduling.importing.rows import PatientRow
from scheduling.tables import Patient, PatientConsent, PatientEvent, PatientPhone, Pump, Recall
from tests.scheduling.old_book import (
    ANN,
    BETH,
    BORN,
    LATER,
    PUMP,
    columns_of,
    everything,
    imports,
    load,
    names,
)
from tests.scheduling.sample import CLINIC, NOW, by_desk, patient

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def test_a_patient_is_stored_with_all_that_the_row_says(database: Database) -> None:
    load(database)
    row = replace(
        ANN,
        preferred_name="Annie",
        phones=("+15125550111", "+15125550119"),
        language="es",
        interpreter_language="Tagalog",
        sms_consent=True,
        call_consent=False,
        pump=PUMP,
    )

    report = imports(database, row, BETH)

    assert report.done == {
        "patients added": 2,
        "phones added": 3,
        "consents recorded": 2,
        "pumps added": 1,
    }
    assert report.warnings == []

    def look(session: Session) -> None:
        ann = session.scalars(select(Patient).where(Patient.name == "Ann Lee")).one()
        assert (ann.preferred_name, ann.language, ann.interpreter_language) == (
            "Annie",
            "es",
            "Tagalog",
        )
        assert ann.date_of_birth == BORN
        assert contact.phones_of(session, CLINIC, ann.id) == ["+15125550111", "+15125550119"]
        assert contact.consent_of(session, CLINIC, ann.id, ConsentKind.SMS)
        assert not contact.consent_of(session, CLINIC, ann.id, ConsentKind.CALL)
        assert session.scalars(select(PatientConsent.source)).all() == ["import", "import"]
        recall = session.scalars(select(Recall)).one()
        assert (recall.patient_id, recall.due_on, recall.status) == (
            ann.id,
            date(2026, 12, 13),
            "open",
        )

    database.read(look)


def test_an_imported_pump_stands_as_one_that_the_desk_puts_on_file(database: Database) -> None:
    load(database)
    imports(database, replace(ANN, pump=PUMP), BETH)

    def register(session: Session) -> None:
        beth = session.scalars(select(Patient).where(Patient.name == BETH.name)).one()
        pumps.register_pump(
            session,
            clinic_id=CLINIC,
            patient_id=beth.id,
            alarm_on=PUMP.alarm_on,
            stable_until=PUMP.stable_until,
            filled_on=PUMP.filled_on,
            label=PUMP.label,
            request=by_desk("a pump"),
        )

    database.write(register)

    def but_for_ids(session: Session, table: type[Pump] | type[Recall]) -> list[dict[str, object]]:
        ids = {"id", "patient_id", "pump_id"}
        return [
            {
                column.key: getattr(row, column.key)
                for column in table.__table__.columns
                if column.key not in ids
            }
            for row in session.scalars(select(table))
        ]

    for table in (Pump, Recall):
        one, other = database.read(partial(but_for_ids, table=table))
        assert one == other


def test_the_same_rows_again_change_nothing(database: Database) -> None:
    load(database)
    rows = (replace(ANN, external_id="17", sms_consent=True, pump=PUMP), BETH)
    imports(database, *rows)
    before = everything(database)

    report = imports(database, *rows, later=LATER)

    assert report.done == {}
    assert (report.unchanged, report.warnings) == (2, [])
    assert everything(database) == before


def test_a_patient_whom_the_line_registered_is_taken_for_the_same(database: Database) -> None:
    database.write(partial(patient, name=None))

    report = imports(database, ANN)

    assert report.done == {"patients changed": 1}
    assert names(database) == ["Ann Lee"]


def test_twins_in_the_same_household_stay_two_people(database: Database) -> None:
    twin = replace(ANN, line=3, name="Bea Lee")

    report = imports(database, ANN, twin)

    assert names(database) == ["Ann Lee", "Bea Lee"]
    assert columns_of(report.warnings) == [(3, "name")]
    assert "with the patient of line 2: kept as two people" in report.warnings[0].text
    assert imports(database, twin, ANN, later=LATER).done == {}


def test_a_new_twin_is_not_taken_for_a_misspelling_of_the_one_in_the_same_file(
    database: Database,
) -> None:
    maria, mario = replace(ANN, name="Maria Lopez"), replace(ANN, line=3, name="Mario Lopez")
    imports(database, maria)

    report = imports(database, maria, mario, later=LATER)

    assert report.done["patients added"] == 1
    assert names(database) == ["Maria Lopez", "Mario Lopez"]


def test_one_twin_is_not_taken_for_the_other_who_is_on_file(database: Database) -> None:
    imports(database, ANN)

    report = imports(database, replace(ANN, name="Roberto Lee"), later=LATER)

    assert report.done["patients added"] == 1
    assert names(database) == ["Ann Lee", "Roberto Lee"]
    assert "another patient on file" in report.warnings[0].text


def test_a_patient_who_stands_there_twice_is_a_fault_at_the_second_row(
    database: Database,
) -> None:
    rows = (
        replace(ANN, external_id="17"),
        replace(ANN, line=3, phones=("+15125550113", "+15125550111")),
        replace(BETH, line=4, external_id="17"),
    )

    with pytest.raises(ImportRefused) as caught:
        imports(database, *rows)

    assert [str(fault) for fault in caught.value.faults] == [
        "line 3: is the same patient as line 2: remove one of the two",
        "line 4, external_id: is the same patient as line 2: remove one of the two",
    ]
    assert names(database) == []


def test_all_that_only_the_clinic_can_tell_is_told_at_once_and_nothing_is_stored(
    database: Database,
) -> None:
    load(database)
    before = everything(database)

    with pytest.raises(ImportRefused) as caught:
        imports(
            database,
            replace(ANN, date_of_birth=date(2026, 12, 1)),
            replace(BETH, pump=replace(PUMP, alarm_on=date(2026, 9, 20))),
            PatientRow(4, "Cleo", date(1880, 1, 1), ("+15125550113",)),
            PatientRow(
                5, "Dora", BORN, ("+15125550114",), pump=replace(PUMP, filled_on=date(2026, 12, 1))
            ),
        )

    assert columns_of(caught.value.faults) == [
        (2, "date_of_birth"),
        (3, "pump_alarm_on"),
        (4, "date_of_birth"),
        (5, "pump_filled_on"),
    ]
    assert everything(database) == before


def test_a_pump_whose_alarm_date_has_come_is_told_of_for_somebody_is_paged_about_it(
    database: Database,
) -> None:
    load(database)
    sounded = replace(PUMP, alarm_on=NOW.date(), filled_on=None)
    report = imports(
        database,
        replace(ANN, pump=replace(sounded, alarm_on=NOW.date() + timedelta(days=1))),
        replace(BETH, pump=sounded),
    )
    (warning,) = report.warnings
    assert (warning.line, warning.column) == (3, "pump_alarm_on")
    assert "pages on-call staff about this patient as soon as it runs" in warning.text


def test_a_pump_is_a_fault_where_the_clinic_refills_none(database: Database) -> None:
    with pytest.raises(ImportRefused) as caught:
        imports(database, ANN, replace(BETH, pump=PUMP))

    (fault,) = caught.value.faults
    assert (fault.line, fault.column) == (3, "pump_alarm_on")
    assert "has no visit type that refills pumps" in fault.text


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "x" * 201},
        {"name": "Ann\ud800"},
        {"phones": ()},
        {"phones": ("5125550111",)},
        {"phones": ("+15550100",)},
        {"language": "fr"},
        {"external_id": "\0"},
        {"interpreter_language": "x" * 65},
    ],
    ids=str,
)
def test_a_row_of_values_that_cannot_be_stored_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        replace(ANN, **changes)


def test_no_event_of_an_import_holds_what_the_row_said(database: Database) -> None:
    imports(database, ANN)
    imports(database, replace(ANN, name="Anne Lee"), later=LATER)

    events = database.read(
        lambda session: [(one.kind, one.detail) for one in session.scalars(select(PatientEvent))]
    )

    assert ("imported", {"fields": ["name"]}) in events
    assert not any("Lee" in str(detail) or "1950" in str(detail) for _, detail in events)


def test_each_phone_of_a_patient_is_stored_once(database: Database) -> None:
    imports(database, replace(ANN, phones=(ANN.phones[0], ANN.phones[0])))

    stored = database.read(lambda session: session.scalars(select(PatientPhone.number)).all())
    assert stored == [ANN.phones[0]]
