"""Patients at the desk: found, registered, corrected, merged, and their pumps."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from tests.frontdesk.office import OTHERS, TODAY_AT_ELEVEN, Office, csrf_token
from tests.frontdesk.reception import HER_PHONE, Reception, on_call_login, words


@pytest.fixture
def reception(office: Office) -> Reception:
    """Signed in, on SQLite and on PostgreSQL."""
    return Reception.open(office)


@pytest.fixture
def quick(sqlite_office: Office) -> Reception:
    """The same on SQLite alone, where the database makes no difference."""
    return Reception.open(sqlite_office)


def _found(reception: Reception, query: str) -> str:
    return words(
        reception.send("/frontdesk/patients/search", {"q": query}, **{"HX-Request": "true"}).text
    )


@pytest.mark.parametrize(
    "query",
    [
        "jim",
        "ana jimenez",
        "Jimenez, Ana",
        "gimenes",
        "ximenez",
        "Himénez Ana",
        "jimenes maria",
        "0142",
        "(512) 555-014",
        "5125550142",
        "3/4/1961",
        "03-04-61",
        "1961-03-04",
        "03041961",
        "Mar 4 1961",
        "4 march 1961",
        "4 de marzo de 1961",
        "4/3/1961",
        "ana 0142",
    ],
)
def test_a_patient_is_found_however_they_are_asked_for(reception: Reception, query: str) -> None:
    reception.patient()
    reception.patient("Zoe Quill", born=date(1980, 7, 9), phone="+15125550177")
    found = _found(reception, query)
    assert "Ana María Jiménez" in found
    assert "Zoe Quill" not in found


@pytest.mark.parametrize("query", ["", "9", "zz", "3/4/1899", "0199", "%", "_", "'; --", "\x00"])
def test_what_means_nobody_finds_nobody(quick: Reception, query: str) -> None:
    quick.patient()
    assert "Ana" not in _found(quick, query)


def test_a_name_just_stored_or_corrected_is_found_at_once(reception: Reception) -> None:
    assert "Nobody found" in _found(reception, "jimenez")
    patient = reception.patient()
    assert "Ana María Jiménez" in _found(reception, "jimenez")
    page = f"/frontdesk/patients/{patient}"
    reception.done(
        f"{page}/correct",
        {
            "version": 1,
            "name": "Ana María Benavides",
            "date_of_birth": "1961-03-04",
            "language": "en",
        },
    )
    assert "Nobody found" in _found(reception, "jimenez")
    assert "Ana María Benavides" in _found(reception, "venavides")


def test_a_search_with_one_result_goes_there_and_names_nobody_in_the_address(
    quick: Reception,
) -> None:
    patient = quick.patient()
    answer = quick.send("/frontdesk/patients/search", {"q": "jimenez"})
    assert answer.location == f"/frontdesk/patients/{patient}"


def test_what_a_search_showed_is_audited_by_id(quick: Reception) -> None:
    patient = quick.patient()
    _found(quick, "jimenez")
    (row,) = quick.audited("patients.found")
    assert str(patient) in row["detail"]
    assert "imenez" not in row["detail"]


def test_a_patients_page_tells_all_that_is_on_file(reception: Reception) -> None:
    patient = reception.patient()
    reception.pump(patient)
    reception.book(patient, TODAY_AT_ELEVEN.replace(day=30), kind="refill")
    page = reception.read(f"/frontdesk/patients/{patient}")
    assert "Ana María Jiménez Born Mar 4, 1961 · (512) 555-0142" in page
    assert "Refill due by Dec 13, 2026" in page
    assert "Low-reservoir alarm Dec 20, 2026" in page
    assert "Nov 30, 2026, 11:00 AM Refill Doctor Fura Booked" in page
    assert "Recall: Refill, due Dec 13, 2026: booked" in page
    assert "Texts not agreed" in page
    assert "Pump put on file Otto Kern, at the desk" in page
    assert "Booked for Mon, Nov 30, 11:00 AM Otto Kern, at the desk" in page
    assert len(reception.audited("patient.viewed")) == 1


def test_a_newcomer_is_registered_once_however_often_the_form_is_sent(reception: Reception) -> None:
    form = {
        "name": "Bea Nuñez",
        "date_of_birth": "1950-01-02",
        "phone": "(512) 555-0163",
        "language": "es",
    }
    key = str(uuid4())
    first = reception.send("/frontdesk/patients/new", form, key=key)
    again = reception.send("/frontdesk/patients/new", {**form, "sure": "yes"}, key=key)
    assert first.location == again.location
    page = reception.read(first.location)
    assert "The patient is registered." in page
    assert "Bea Nuñez Born Jan 2, 1950 · (512) 555-0163" in page
    assert "Registered: date of birth, language, name, number Rosa Diaz, at the desk" in page
    assert len(reception.office.rows("SELECT * FROM patient")) == 1


def test_likely_duplicates_are_shown_before_anything_is_stored(reception: Reception) -> None:
    reception.patient()
    form = {
        "name": "Ana Jimenez",
        "date_of_birth": "1961-04-03",
        "phone": "512 555 0142",
        "language": "en",
    }
    asked = reception.send("/frontdesk/patients/new", form)
    page = words(asked.text)
    assert asked.status_code == 409
    assert "Is it one of these?" in page
    assert "Ana María Jiménez , born Mar 4, 1961" in page
    assert "day and month of birth swapped, same number, similar name" in page
    assert 'value="1961-04-03"' in asked.text
    assert len(reception.office.rows("SELECT * FROM patient")) == 1
    reception.done("/frontdesk/patients/new", {**form, "sure": "yes"})
    assert len(reception.office.rows("SELECT * FROM patient")) == 2


def test_twins_are_two(reception: Reception) -> None:
    reception.patient("Ana Twin")
    form = {
        "name": "Eva Twin",
        "date_of_birth": "1961-03-04",
        "phone": HER_PHONE,
        "language": "en",
        "sure": "yes",
    }
    reception.done("/frontdesk/patients/new", form)
    names = {row["name"] for row in reception.office.rows("SELECT name FROM patient")}
    assert names == {"Ana Twin", "Eva Twin"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"phone": "12"}, "number"),
        ({"phone": "call me"}, "The number is not a phone number"),
        ({"date_of_birth": "2031-01-01"}, "The date of birth is in the future"),
        ({"date_of_birth": "soon"}, "The date of birth is not a date"),
        ({"name": "  "}, "The name is empty"),
        ({"language": "xx"}, "The language is not chosen"),
        ({"name": "x" * 201}, "shorten it to 200"),
    ],
)
def test_what_cannot_be_stored_is_said_and_the_rest_stays_typed(
    quick: Reception, wrong: dict[str, str], said: str
) -> None:
    form = {
        "name": "Bea Nuñez",
        "date_of_birth": "1950-01-02",
        "phone": "512 555 0163",
        "language": "en",
        **wrong,
    }
    answer = quick.send("/frontdesk/patients/new", form)
    assert answer.status_code == 400
    assert said in words(answer.text)
    assert "Nothing was changed." in words(answer.text)
    typed = {"name": "Bea Nuñez", "date_of_birth": "1950-01-02", "phone": "512 555 0163"}
    for name, value in typed.items():
        if name not in wrong:
            assert f'value="{value}"' in answer.text
    assert quick.office.rows("SELECT * FROM patient") == []


def test_two_who_correct_one_record_lose_nothing(reception: Reception) -> None:
    patient = reception.patient()
    page = f"/frontdesk/patients/{patient}"
    reception.office.clock.advance(minutes=1)
    form = {"version": 1, "date_of_birth": "1961-03-04", "language": "en", "name": "Ana Jiménez"}
    reception.done(f"{page}/correct", {**form, "interpreter_language": "Mixteco"})
    late = reception.send(f"{page}/correct", {**form, "preferred_name": "Anita"})
    said = words(late.text)
    assert late.status_code == 409
    assert "Somebody was faster. Corrected: interpreter, name" in said
    assert "Rosa Diaz, at the desk." in said
    assert 'value="Anita"' in late.text
    assert "interpreter for Mixteco" in said
    (row,) = reception.office.rows("SELECT * FROM patient")
    assert (row["interpreter_language"], row["preferred_name"]) == ("Mixteco", None)


def test_numbers_and_consent_are_changed_on_the_page(reception: Reception) -> None:
    patient = reception.patient()
    page = f"/frontdesk/patients/{patient}"
    assert "(512) 555-0178" in reception.done(f"{page}/add-phone", {"phone": "512-555-0178"})
    said = reception.done(f"{page}/consent", {"kind": "sms", "granted": "yes"})
    assert "Texts agreed" in said
    assert "Consent recorded: texts Rosa Diaz, at the desk" in said
    assert "Texts not agreed" in reception.done(f"{page}/consent", {"kind": "sms", "granted": "no"})
    said = reception.done(f"{page}/remove-phone", {"phone": HER_PHONE})
    assert "(512) 555-0142" not in said


def test_the_last_number_of_somebody_who_is_expected_goes_only_knowingly(
    reception: Reception,
) -> None:
    patient = reception.patient()
    reception.book(patient, TODAY_AT_ELEVEN)
    page = f"/frontdesk/patients/{patient}"
    answer = reception.send(f"{page}/remove-phone", {"phone": HER_PHONE})
    assert "has a visit ahead and no other number" in words(answer.text)
    assert "Leave no number" in words(answer.text)
    said = reception.done(f"{page}/remove-phone", {"phone": HER_PHONE, "even_the_last": "yes"})
    assert "No number on file" in said


def test_a_pump_is_put_on_file_corrected_and_retired(reception: Reception) -> None:
    patient = reception.patient()
    page = f"/frontdesk/patients/{patient}"
    said = reception.done(f"{page}/add-pump", {"alarm_on": "2026-12-20", "filled_on": "2026-10-20"})
    assert "Refill due by Dec 13, 2026" in said
    pump = _pump(reception)
    reception.office.clock.advance(minutes=1)
    said = reception.done(
        f"{page}/correct-pump", {"pump": pump["id"], "version": 1, "alarm_on": "2026-12-10"}
    )
    assert "Refill due by Dec 3, 2026" in said
    assert "Recall: Refill, due Dec 3, 2026: to be booked" in said
    late = reception.send(
        f"{page}/correct-pump", {"pump": pump["id"], "version": 1, "alarm_on": "2026-12-24"}
    )
    assert "Somebody was faster. Pump's dates corrected: low-reservoir alarm date" in words(
        late.text
    )
    assert 'value="2026-12-24"' in late.text
    said = reception.done(f"{page}/retire-pump", {"pump": pump["id"], "version": 2})
    assert "no longer filled here" in said
    assert "Nothing is open." in said


def test_a_pump_whose_alarm_cannot_be_meant_is_refused(quick: Reception) -> None:
    patient = quick.patient()
    answer = quick.send(
        f"/frontdesk/patients/{patient}/add-pump",
        {"alarm_on": "2026-10-01", "filled_on": "2026-10-20"},
    )
    assert "The low-reservoir alarm date is not after the refill" in words(answer.text)
    assert 'value="2026-10-01"' in answer.text
    assert quick.office.rows("SELECT * FROM pump") == []


def test_a_pump_of_somebody_else_is_not_changed_through_this_page(quick: Reception) -> None:
    mine, other = quick.patient(), quick.patient("Zoe Quill", born=date(1980, 7, 9))
    pump = quick.pump(other)
    answer = quick.send(
        f"/frontdesk/patients/{mine}/retire-pump", {"pump": str(pump.id), "version": 1}
    )
    assert answer.status_code == 404
    assert _pump(quick)["active"]


def test_two_records_are_compared_and_become_one(reception: Reception) -> None:
    kept = reception.patient()
    other = reception.patient("Ana Jimenez", phone="+15125550199")
    reception.pump(other)
    reception.book(other, TODAY_AT_ELEVEN)
    page = reception.read(f"/frontdesk/patients/{kept}")
    assert "May be the same patient as Ana Jimenez , born Mar 4, 1961" in page
    path = f"/frontdesk/patients/{kept}/merge/{other}"
    preview = reception.read(path)
    assert "Name Ana María Jiménez Ana Jimenez Ana María Jiménez" in preview
    assert "Visits 0 ahead, 0 past 1 ahead, 0 past all of them" in preview
    said = reception.done(path)
    assert "The two records are one." in said
    assert "(512) 555-0199" in said
    assert "Another record merged into this one" in said
    assert "Nov 23, 2026, 11:00 AM" in said
    # Whoever still has the other record's address is shown this one.
    assert "Ana María Jiménez" in reception.read(f"/frontdesk/patients/{other}")


def test_records_whose_visits_collide_stay_two(reception: Reception) -> None:
    kept, other = reception.patient(), reception.patient("Ana Jimenez", phone="+15125550199")
    reception.book(kept, TODAY_AT_ELEVEN)
    reception.book(other, TODAY_AT_ELEVEN)
    answer = reception.send(f"/frontdesk/patients/{kept}/merge/{other}")
    assert answer.status_code == 409
    assert "Both records have a visit at 2026-11-23 11:00" in words(answer.text)
    assert [row["merged_into_id"] for row in reception.office.rows("SELECT * FROM patient")] == [
        None,
        None,
    ]


@pytest.mark.parametrize("path", ["", "/book", "/merge/{other}"])
def test_another_clinics_patients_do_not_exist_here(quick: Reception, path: str) -> None:
    mine = quick.patient()
    other = quick.patient("Vera Foreign", clinic_id=OTHERS)
    answer = quick.browser.get(f"/frontdesk/patients/{other}{path.format(other=mine)}")
    assert answer.status_code == 404
    assert "Vera" not in answer.text
    assert "Vera" not in _found(quick, "vera")
    changed = quick.send(f"/frontdesk/patients/{other}/consent", {"kind": "sms", "granted": "yes"})
    assert changed.status_code == 404
    assert quick.office.rows("SELECT * FROM patient_consent") == []


def test_whoever_is_on_call_reads_files_and_changes_none(quick: Reception) -> None:
    patient = quick.patient()
    nurse = quick.office.signed_in(on_call_login(quick.office))
    page = nurse.get(f"/frontdesk/patients/{patient}").text
    assert "Ana María Jiménez" in page
    assert "Correct the record" not in page
    assert "Book a visit" not in page
    token = csrf_token(nurse, "/frontdesk")
    form = {"csrf_token": token, "key": str(uuid4()), "kind": "sms", "granted": "yes"}
    for path in (f"/frontdesk/patients/{patient}/consent", "/frontdesk/patients/new"):
        assert nurse.post(path, data=form).status_code == 403
    assert nurse.get(f"/frontdesk/patients/{patient}/book").status_code == 403


def test_a_form_without_its_key_changes_nothing_and_says_so(quick: Reception) -> None:
    patient = quick.patient()
    answer = quick.send(
        f"/frontdesk/patients/{patient}/consent",
        {"kind": "sms", "granted": "yes", "key": "nonsense"},
    )
    assert "This form is incomplete: load the page again." in words(answer.text)


def _pump(reception: Reception) -> dict[str, object]:
    (row,) = reception.office.rows("SELECT * FROM pump")
    return {**row, "id": str(UUID(str(row["id"])))}
