"""Providers, rooms, kinds of visit and telephones, added, changed and retired at the desk."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect
from werkzeug.test import TestResponse

from ivr import loading
from ivr.clinics.definition import read_clinic
from ivr.oncall import rota
from ivr.oncall.supervisor import load_supervisor, supervisor_of
from scheduling import booking, directory
from scheduling.clinic_rules import clinic_rules
from tests.clinics.files import DEMO
from tests.frontdesk import people
from tests.frontdesk.browser import Desk
from tests.frontdesk.lists import TODAY, admin, audited, on, press, refill_pumps, text_of
from tests.frontdesk.office import OTHERS, OURS, ZONE, Office
from tests.frontdesk.test_settings_pages import go_on, hidden

TOMORROW = TODAY + timedelta(days=1)
TYPE = "/settings/visit-types"


def add(client: FlaskClient, kind: str, name: str) -> TestResponse:
    """Fill in the form and go where it leads."""
    page = f"/settings/add?kind={kind}"
    seen = hidden(client.get(f"/frontdesk{page}").text, "/settings/add")["seen"]
    return press(client, page, "/settings/add", kind=kind, name=name, seen=seen)


def undo_last(client: FlaskClient) -> TestResponse:
    """Press the first button of the list of changes."""
    change = re.search(r'id="change-([0-9a-f-]+)"', client.get("/frontdesk/settings").text)
    assert change
    return press(client, "/settings", f"/settings/changes/{change[1]}/undo")


def type_form(client: FlaskClient, key: str, **changed: Any) -> TestResponse:
    """Send the form of a kind of visit with some fields changed."""
    page = client.get(f"/frontdesk{TYPE}/{key}").text
    fields: dict[str, Any] = dict(
        re.findall(r'type="number"[^>]*name="(\w+)"[^>]*value="(\d+)"', page)
    )
    for name, options in re.findall(
        r'<select id="\w+" name="(\w+)">(.*?)</select>', page, re.DOTALL
    ):
        chosen = re.search(r'value="(\w+)" selected', options)
        fields[name] = chosen[1] if chosen else "yes"
    for name in ("providers", "rooms"):
        fields[name] = re.findall(rf'name="{name}" value="([\w-]+)" checked', page)
    data = {**hidden(page, f"{TYPE}/{key}"), **fields, **changed}
    return client.post(f"/frontdesk{TYPE}/{key}", data=data, follow_redirects=True)


def offered(office: Office, kind: str) -> set[str]:
    """Who is offered for tomorrow, in the first free times."""
    slots = office.database.read(
        lambda s: booking.find_slots(
            s,
            clinic_id=OURS,
            visit_type_key=kind,
            now=office.clock(),
            after=on(TOMORROW, 7).replace(tzinfo=ZONE),
            limit=8,
        )
    )
    return {slot.provider_name for slot in slots}


def test_a_provider_is_added_with_a_key_of_their_own_and_offered_once_they_have_hours(
    office: Office,
) -> None:
    client = admin(office)
    page = text_of(add(client, "provider", "Doctor Núñez").text)
    assert "Changed." in page
    assert "Doctor Núñez" in page
    assert "Weekly hours" in page
    (row,) = office.rows("SELECT key, active FROM provider WHERE name = 'Doctor Núñez'")
    assert row["key"] == "doctor-nunez"
    assert "Added: Doctor Núñez" in text_of(client.get("/frontdesk/settings").text)
    undone = text_of(undo_last(client).text)
    assert "Doctor Núñez (no longer here)" in undone
    assert len(audited(office, "settings.changed")) == 1


def test_a_name_that_is_taken_or_none_is_refused_and_stays_typed(office: Office) -> None:
    client = admin(office)
    answer = add(client, "provider", "doctor fura")
    assert answer.status_code == 409
    assert "Another one has this name" in text_of(answer.text)
    assert 'value="doctor fura"' in answer.text
    assert "The name has no letters" in text_of(add(client, "room", "!!").text)
    assert client.get("/frontdesk/settings/add?kind=clinic").status_code == 404


def test_a_retired_provider_with_visits_says_which_and_offers_to_plan_them_again(
    office: Office,
) -> None:
    visit = office.book("Ann", on(TOMORROW, 8))
    client = admin(office)
    path = "/settings/people/provider-fura"
    form = hidden(client.get("/frontdesk/settings/hours/provider-fura").text, path)
    answer = client.post(f"/frontdesk{path}", data={**form, "name": "Doctor Fura", "active": "no"})
    assert "1 visit is booked then" in text_of(answer.text)
    assert "Ann" in text_of(answer.text)
    go_on(client, answer.text, path)
    assert "Ann" in text_of(client.get("/frontdesk/plan-again").text)
    assert office.rows("SELECT status FROM visit") == [{"status": "booked"}]
    assert visit.provider_id is not None
    assert offered(office, "consultation") == {"Doctor Lane"}


def test_the_last_provider_and_the_last_needed_room_stay(office: Office) -> None:
    client = admin(office)
    said = []
    for owner in ("provider-fura", "provider-lane", "room-one", "room-two"):
        path = f"/settings/people/{owner}"
        form = hidden(client.get(f"/frontdesk/settings/hours/{owner}").text, path)
        data = {**form, "name": owner, "active": "no"}
        said.append(
            text_of(client.post(f"/frontdesk{path}", data=data, follow_redirects=True).text)
        )
    assert "Nobody would be left to book" in said[1]
    assert "No room would be left, and a kind of visit needs one" in said[3]
    active = office.rows("SELECT key FROM room WHERE active AND clinic_id = 'demo'")
    assert active == [{"key": "two"}]


def test_a_kind_of_visit_is_added_given_its_takers_and_booked(office: Office) -> None:
    client = admin(office)
    page = text_of(add(client, "visit_type", "Follow-up").text)
    assert "Follow up" in page
    page = text_of(
        type_form(
            client,
            "follow-up",
            duration_minutes="20",
            notice_minutes="0",
            booked_by="anyone",
            providers=["lane"],
            rooms=["two"],
        ).text
    )
    assert "Length in minutes: 30 → 20" in page
    assert "Providers who take it: all → lane" in page
    assert offered(office, "follow-up") == {"Doctor Lane"}
    type_form(client, "follow-up", active="no")
    rules = office.database.read(lambda s: clinic_rules(s, OURS))
    assert "follow-up" not in rules.visit_types
    assert "Follow up (no longer done)" in text_of(client.get("/frontdesk/settings").text)
    undo_last(client)
    assert offered(office, "follow-up") == {"Doctor Lane"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"duration_minutes": "17"}, "multiple of 5"),
        ({"horizon_days": "0"}, "Horizon days: input should be greater than or equal to 1"),
        ({"duration_minutes": "0"}, "greater than or equal to 5"),
        ({"providers": ["nobody"]}, "The clinic has none of this name"),
        ({"active": "no"}, "The line books this kind for callers"),
    ],
)
def test_what_the_clinics_file_would_refuse_is_refused_here(
    office: Office, changed: dict[str, Any], said: str
) -> None:
    answer = type_form(admin(office), "consultation", **changed)
    assert answer.status_code == 409
    assert said in text_of(answer.text)
    (row,) = office.rows("SELECT duration_minutes FROM visit_type WHERE clinic_id = 'demo'")
    assert row["duration_minutes"] == 30


def test_a_refill_keeps_its_rules_and_stays(office: Office) -> None:
    refill_pumps(office)
    client = admin(office)
    assert "The line books this kind" in text_of(type_form(client, "refill", active="no").text)
    page = text_of(type_form(client, "refill", refill_margin_days="9").text)
    assert "Refill due: days before the pump's alarm date: 7 → 9" in page


def numbers(client: FlaskClient, **typed: str) -> TestResponse:
    """Send the form of the clinic's telephones."""
    page = client.get("/frontdesk/settings/numbers").text
    data = {**hidden(page, "/settings/numbers"), **typed}
    return client.post("/frontdesk/settings/numbers", data=data, follow_redirects=True)


def test_the_desks_and_the_supervisors_numbers_change_and_are_undone(office: Office) -> None:
    office.database.write(lambda s: load_supervisor(s, OURS, "+15125550119"))
    client = admin(office)
    page = text_of(numbers(client, desk="(512) 555-0160", supervisor="512-555-0161").text)
    assert "Changed." in page
    assert "Patients call (512) 555-0100." in page
    rules = office.database.read(lambda s: clinic_rules(s, OURS))
    assert rules.desk_number == "+15125550160"
    supervisor = office.database.read(lambda s: supervisor_of(s, OURS))
    assert supervisor is not None
    assert supervisor.number == "+15125550161"
    page = text_of(undo_last(client).text)
    assert "The supervisor's number: (512) 555-0119 → (512) 555-0161" in page
    assert office.database.read(lambda s: directory.clinic(s, OURS)).desk_number is None


@pytest.mark.parametrize(
    ("desk", "said"),
    [
        ("(512) 555-0100", "is the line's own number, so the line would call itself"),
        ("12", "phone number"),
        ("call me", "The number is not a phone number"),
    ],
)
def test_a_number_that_will_not_do_is_refused_and_stays_typed(
    office: Office, desk: str, said: str
) -> None:
    answer = numbers(admin(office), desk=desk, supervisor="(512) 555-0161")
    assert answer.status_code == 409
    assert said in text_of(answer.text) or "nobody can have" in text_of(answer.text)
    assert f'value="{desk}"' in answer.text


def chain(client: FlaskClient, *rows: tuple[str, str, str, str]) -> TestResponse:
    """Send the list of whom urgent calls ring: key, place, name, number of each."""
    page = client.get("/frontdesk/settings/numbers").text
    data = {"csrf_token": "", **hidden(page, "/settings/on-call")}
    for n, row in enumerate(rows):
        data |= dict(zip((f"key-{n}", f"place-{n}", f"name-{n}", f"number-{n}"), row, strict=True))
    answer = client.post("/frontdesk/settings/on-call", data=data, follow_redirects=True)
    if "seen_gaps" in answer.text:
        answer = go_on_with_gaps(client, answer.text, "/settings/on-call")
    return answer


def go_on_with_gaps(client: FlaskClient, page: str, path: str) -> TestResponse:
    """Press the button below the gaps."""
    form = re.search(r'<form method="post" class="inline-form.*?</form>', page, re.DOTALL)
    assert form
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]):
        fields.setdefault(name, []).append(value)
    return client.post(f"/frontdesk{path}", data=fields, follow_redirects=True)


def test_the_fallback_chain_is_put_in_order_and_somebody_joins_it(office: Office) -> None:
    client = admin(office)
    answer = chain(
        client,
        ("ana", "2", "Ana Ruiz", "(512) 555-0111"),
        ("", "1", "Sam Lee", "(512) 555-0112"),
        ("", "", "", ""),
    )
    assert answer.status_code == 200, text_of(answer.text)
    listed = office.database.read(lambda s: rota.people_listed(s, OURS))
    assert [(one.key, one.number) for one in listed] == [
        ("sam-lee", "+15125550112"),
        ("ana", "+15125550111"),
    ]
    page = text_of(undo_last(client).text)
    assert "Now: Sam Lee (512) 555-0112" in page
    listed = office.database.read(lambda s: rota.people_listed(s, OURS))
    assert [one.key for one in listed] == ["ana"]
    assert "nobody would be left" in text_of(chain(client, ("ana", "1", "", "")).text).casefold()


def test_another_clinics_things_are_not_ours_to_change(office: Office) -> None:
    office.database.write(lambda s: rota.load_people(s, OTHERS, []))
    client = admin(office)
    add(client, "provider", "Doctor New")
    numbers(client, desk="(512) 555-0160", supervisor="(512) 555-0161")
    theirs = office.rows("SELECT name FROM provider WHERE clinic_id = 'other' ORDER BY name")
    assert [row["name"] for row in theirs] == ["Doctor Fura", "Doctor Lane"]
    assert office.database.read(lambda s: directory.clinic(s, OTHERS)).desk_number is None


def test_loading_the_clinics_file_again_overwrites_nothing_of_it(office: Office) -> None:
    clinic = read_clinic(DEMO / "clinic.toml")
    office.database.write(lambda s: loading.load(s, clinic))
    client = admin(office)
    add(client, "provider", "Doctor New")
    add(client, "visit_type", "Follow-up")
    type_form(client, "refill", duration_minutes="40", rooms=["consultation"])
    numbers(client, desk="(512) 555-0160", supervisor="(512) 555-0161")
    chain(client, ("sam-lee", "1", "Sam Lee", "(512) 555-0112"))
    before = office.rows("SELECT * FROM on_call_person ORDER BY id")
    loaded = office.database.write(lambda s: loading.load(s, clinic))
    assert loaded.changes == ()
    assert loaded.conflicts == ()
    assert office.rows("SELECT * FROM on_call_person ORDER BY id") == before
    rules = office.database.read(lambda s: clinic_rules(s, OURS))
    assert rules.desk_number == "+15125550160"
    assert rules.visit_types["refill"].duration_minutes == 40
    assert "follow-up" in rules.visit_types
    supervisor = office.database.read(lambda s: supervisor_of(s, OURS))
    assert supervisor is not None
    assert supervisor.number == "+15125550161"


def test_a_room_is_added_and_a_kind_of_visit_given_to_it_by_mouse_and_by_keyboard(
    desk: Desk,
) -> None:
    people.add(desk.office, "ada", "admin")
    desk.sign_in("ada")
    page = desk.page
    page.goto(f"{desk.address}/frontdesk/settings")
    page.get_by_role("button", name="Add a room").click()
    page.get_by_label("Name").fill("Room 3")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Room 3")
    page.goto(f"{desk.address}/frontdesk/settings/visit-types/consultation")
    page.get_by_label("Room 3").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Change").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Changed.")
    expect(page.get_by_text("Rooms fit for it: all → room-3")).to_be_visible()
