"""Notes on a patient: who wrote what, kept as it was written, and read by nobody else."""

from __future__ import annotations

import logging
from datetime import date
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from scheduling import deletion, merging
from tests.frontdesk.browser import Desk
from tests.frontdesk.office import OTHERS, OURS, Office
from tests.frontdesk.reception import Reception, on_call_login, words

SAID = "Prefers mornings.\nBring the interpreter along: <b>Mixteco</b>"


@pytest.fixture
def reception(office: Office) -> Reception:
    """A clinic that fills pumps, and Rosa at its desk."""
    return Reception.open(office)


def test_a_note_stands_on_the_record_with_its_author_and_time(
    reception: Reception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    patient = reception.patient()
    page, form = f"/frontdesk/patients/{patient}", {"text": f"\r\n{SAID}\r\n"}
    said = reception.done(f"{page}/notes", form)
    assert "The note is on the record." in said
    assert "Prefers mornings. Bring the interpreter along: <b>Mixteco</b>" in said
    assert "Rosa Diaz, Mon, Nov 23, 10:00 AM" in said
    html = reception.browser.get(page).text
    assert "mornings.<br>Bring" in html
    assert "<b>Mixteco" not in html
    (row,) = reception.audited("patient.note")
    assert str(patient) in row["detail"]
    assert "mornings" not in str(row) + caplog.text


def test_a_form_sent_twice_is_one_note_and_a_correction_is_another(reception: Reception) -> None:
    patient, key = reception.patient(), str(uuid4())
    path = f"/frontdesk/patients/{patient}/notes"
    for text, by_key in (("Walks badly", key), ("Walks badly", key), ("Walks well", None)):
        assert reception.send(path, {"text": text}, key=by_key).status_code == 303
        reception.office.clock.advance(minutes=1)
    said = reception.read(f"/frontdesk/patients/{patient}")
    assert said.count("Walks badly") == 1
    assert said.index("Walks well") < said.index("Walks badly")


@pytest.mark.parametrize("text", ["", " \n ", "x" * 2001, "bell \x07"])
def test_what_cannot_be_kept_is_refused_and_stays_typed(reception: Reception, text: str) -> None:
    patient = reception.patient()
    answer = reception.send(f"/frontdesk/patients/{patient}/notes", {"text": text})
    assert answer.status_code == 409
    assert "Nothing was changed." in words(answer.text)
    assert reception.office.rows("SELECT id FROM patient_note") == []
    assert ("xxxx" in answer.text) is text.startswith("x")


def test_a_nurse_on_call_writes_notes_too(reception: Reception) -> None:
    patient = reception.patient()
    nurse = Reception(reception.office, reception.office.signed_in(on_call_login(reception.office)))
    assert "Nina Nurse, " in nurse.done(f"/frontdesk/patients/{patient}/notes", {"text": "Called."})


def test_another_clinics_patient_takes_no_note_of_ours(reception: Reception) -> None:
    other = reception.patient("Vera Foreign", clinic_id=OTHERS)
    answer = reception.send(f"/frontdesk/patients/{other}/notes", {"text": "x"})
    assert answer.status_code == 404
    assert reception.office.rows("SELECT id FROM patient_note") == []


def test_notes_follow_a_merge_and_go_with_the_patient(reception: Reception) -> None:
    database = reception.office.database
    kept, twin = reception.patient(), reception.patient("Ana Jimenez", born=date(1961, 4, 3))
    for one, text in ((kept, "of the kept"), (twin, "of the twin")):
        reception.done(f"/frontdesk/patients/{one}/notes", {"text": text})
    database.write(
        lambda s: merging.merge(
            s, clinic_id=OURS, keep_id=kept, merge_id=twin, request=reception.request()
        )
    )
    said = reception.read(f"/frontdesk/patients/{kept}")
    assert "of the kept" in said
    assert "of the twin" in said
    gone = database.write(
        lambda s: deletion.delete_patient(
            s, clinic_id=OURS, patient_id=kept, now=reception.office.clock()
        )
    )
    assert gone["patient_note"] == 2


def test_a_note_is_written_by_mouse_and_by_keyboard(desk: Desk, sqlite_office: Office) -> None:
    patient = Reception.open(sqlite_office).patient()
    desk.sign_in()
    page = desk.page
    page.goto(f"{desk.address}/frontdesk/patients/{patient}")
    page.get_by_label("A new note").fill("Deaf in one ear")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator(".note")).to_contain_text("Deaf in one ear")
    sqlite_office.clock.advance(minutes=1)
    page.get_by_label("A new note").focus()
    page.keyboard.type("The left one")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".note")).to_have_count(2)
    expect(page.locator(".note").first).to_contain_text("The left one")
