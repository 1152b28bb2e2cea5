"""The rota's weekly shifts, edited on their page: checked, gaps shown first, undone, and kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from ivr import loading
from ivr.clinics.definition import read_clinic
from ivr.frontdesk import rota_view
from ivr.frontdesk.settings_shifts import as_value, from_value
from ivr.oncall import rota
from ivr.oncall.escalation import Person
from ivr.oncall.rota_rules import Rota, Shift, who_is_on_call
from scheduling.hours import WeeklySession
from tests.clinics.files import DEMO
from tests.frontdesk import people
from tests.frontdesk.browser import Desk
from tests.frontdesk.lists import admin, audited, text_of
from tests.frontdesk.office import OURS, ZONE, Office
from tests.frontdesk.test_settings_of_resources import go_on_with_gaps, undo_last
from tests.frontdesk.test_settings_pages import hidden

PATH = "/rota/shifts"
ALL_WEEK = ["0", "1", "2", "3", "4", "5", "6"]
ANA, SAM = Person("ana", "Ana Ruiz", "+15125550111"), Person("sam", "Sam Lee", "+15125550112")


@pytest.fixture
def client(office: Office) -> FlaskClient:
    """An administrator of a clinic with two people on call."""
    office.database.write(lambda s: rota.load_people(s, OURS, [ANA, SAM]))
    return admin(office)


def row(person: str, level: str = "primary", **other: object) -> dict[str, object]:
    """A row of the form: around the clock, all week."""
    return {
        "person": person,
        "level": level,
        "opens": "07:00",
        "closes": "07:00",
        "days": ALL_WEEK,
        **other,
    }


def send(client: FlaskClient, *rows: dict[str, object]) -> TestResponse:
    """Fill in the form and send it."""
    data: dict[str, object] = {**hidden(client.get(f"/frontdesk{PATH}").text, PATH)}
    for n, one in enumerate(rows):
        data |= {f"{name}-{n}": value for name, value in one.items()}
    return client.post(f"/frontdesk{PATH}", data=data, follow_redirects=True)


def on_duty(office: Office, at: datetime) -> list[list[str]]:
    """Keys of who is primary, and who backup, then."""

    def look(session: Session) -> list[list[str]]:
        stored = rota.stored_rota(session, OURS, at, at)
        return [[one.key for one in who] for _, who in who_is_on_call(stored, at).duty]

    return office.database.read(look)


def test_shifts_without_a_gap_are_stored_at_once_and_hold(
    office: Office, client: FlaskClient
) -> None:
    page = text_of(send(client, row("ana"), row("sam", "backup")).text)
    assert "Changed." in page
    assert "To put right" not in page
    assert "Mon, Nov 23 Primary Ana Ruiz Backup Sam Lee" in page
    assert on_duty(office, office.clock()) == [["ana"], ["sam"]]
    settings = text_of(client.get("/frontdesk/settings").text)
    assert "Now: Primary: ana, Mon, Tue, Wed, Thu, Fri, Sat, Sun 07:00–07:00" in settings
    assert len(audited(office, "settings.changed")) == 1
    undo_last(client)
    assert on_duty(office, office.clock()) == [[], []]


def test_gaps_are_shown_before_anything_is_stored_and_who_is_rung_then(
    office: Office, client: FlaskClient
) -> None:
    nights = row("sam", "backup", opens="19:00", days=["0"])
    answer = send(client, row("ana"), nights)
    page = text_of(answer.text)
    assert "A duty would have nobody for a while" in page
    assert "Nobody is backup from Tue, Nov 24, 7:00 AM to Mon, Nov 30, 7:00 PM" in page
    assert "all on the list are rung in turn" in page
    assert office.rows("SELECT id FROM on_call_shift") == []
    office.clock.advance(minutes=3)
    page = text_of(go_on_with_gaps(client, answer.text, PATH).text)
    assert "Changed." in page
    assert "To put right" in page
    assert len(office.rows("SELECT id FROM on_call_shift")) == 8


def test_a_rotation_takes_turns_week_by_week(office: Office, client: FlaskClient) -> None:
    weeks = {"every_weeks": "2", "from": "2026-11-23"}
    send(
        client,
        row("ana", week="1", **weeks),
        row("sam", week="2", **weeks),
        row("sam", "backup", week="1", **weeks),
        row("ana", "backup", week="2", **weeks),
    )
    noon = datetime(2026, 11, 24, 18, tzinfo=UTC)
    assert on_duty(office, noon) == [["ana"], ["sam"]]
    assert on_duty(office, noon + timedelta(days=7)) == [["sam"], ["ana"]]
    settings = text_of(client.get("/frontdesk/settings").text)
    assert "(week 2 of 2) from 2026-11-23" in settings


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"days": []}, "Row 1 has no day"),
        ({"opens": ""}, "Row 1 is not complete"),
        ({"every_weeks": "3"}, "Row 1 rotates: give the first day"),
        ({"every_weeks": "2", "week": "5", "from": "2026-11-23"}, "Week 4 never comes among 2"),
        ({"every_weeks": "60", "from": "2026-11-23"}, "1 to 52 weeks"),
        ({"from": "2026-12-23", "until": "2026-12-01"}, "The last day is before the first"),
        ({"person": "nobody"}, "Nobody was chosen"),
    ],
)
def test_what_will_not_do_is_said_and_what_was_typed_stays(
    client: FlaskClient, office: Office, changed: dict[str, object], said: str
) -> None:
    answer = send(client, {**row("ana", closes="06:45"), **changed})
    assert answer.status_code == 409
    assert said in text_of(answer.text)
    assert 'value="06:45"' in answer.text
    assert office.rows("SELECT id FROM on_call_shift") == []


def test_loading_the_clinics_file_again_leaves_the_shifts_alone(office: Office) -> None:
    clinic = read_clinic(DEMO / "clinic.toml")
    office.database.write(lambda s: loading.load(s, clinic))
    client = admin(office)
    send(client, row("sam-lee"), row("ana-ruiz", "backup"))
    loaded = office.database.write(lambda s: loading.load(s, clinic))
    assert (loaded.changes, loaded.conflicts) == ((), ())
    assert on_duty(office, office.clock()) == [["sam-lee"], ["ana-ruiz"]]


@pytest.mark.parametrize("role", ["front_desk", "on_call"])
def test_only_admins_edit_shifts(office: Office, role: str) -> None:
    client = admin(office, "someone", role)
    assert client.get(f"/frontdesk{PATH}").status_code == 403


def test_entries_and_shifts_are_each_others_inverse() -> None:
    hours = [WeeklySession(day, time(19), time(7), date(2026, 11, 23), None) for day in (0, 2, 4)]
    shifts = [Shift("primary", "ana", one, 2, 1) for one in hours]
    shifts.append(Shift("backup", "sam", WeeklySession(6, time(7), time(7)), on_holidays=True))
    value = as_value(shifts)
    assert [one["days"] for one in value] == [[0, 2, 4], [6]]
    assert set(from_value(value)) == set(shifts)


def test_the_calendar_says_who_takes_over_in_the_middle_of_a_day() -> None:
    rule = Rota(
        zone=ZONE,
        people=(ANA, SAM),
        shifts=(
            Shift("primary", "ana", WeeklySession(0, time(7), time(19))),
            Shift("primary", "sam", WeeklySession(0, time(19), time(7))),
        ),
        holidays=frozenset({date(2026, 11, 26)}),
    )
    (week,) = rota_view.weeks(rule, datetime(2026, 11, 25, 12, tzinfo=ZONE), number=1)
    monday = [(one.since, one.names) for one in week[0].lines if one.duty == "Primary"]
    assert monday == [("", ()), ("7:00 AM", ("Ana Ruiz",)), ("7:00 PM", ("Sam Lee",))]
    assert [day.is_today for day in week].index(True) == 2
    assert [day.is_holiday for day in week].index(True) == 3


def test_a_week_of_shifts_is_made_by_mouse_and_by_keyboard(desk: Desk) -> None:
    people.add(desk.office, "ada", "admin")
    desk.office.database.write(lambda s: rota.load_people(s, OURS, [ANA, SAM]))
    desk.page.set_viewport_size({"width": 1440, "height": 1000})
    desk.sign_in("ada")
    page = desk.page
    page.goto(f"{desk.address}/frontdesk{PATH}")
    for n, (person, duty) in enumerate((("Ana Ruiz", "Primary"), ("Sam Lee", "Backup"))):
        entry = page.locator("fieldset").nth(n)
        entry.get_by_label("Who").select_option(person)
        entry.get_by_label("Duty").select_option(duty)
        entry.get_by_label("From").fill("07:00")
        entry.get_by_label("Until").fill("07:00")
        for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"):
            if n:
                entry.get_by_label(day).press("Space")
            elif day != "Sun":
                entry.get_by_label(day).check()
    page.get_by_role("button", name="Change the shifts").press("Enter")
    expect(page.get_by_role("heading", name="A duty would have nobody for a while")).to_be_visible()
    expect(page.get_by_text("Nobody is primary from Sun, Nov 29, 7:00 AM")).to_be_visible()
    page.get_by_role("button", name="Store it with these gaps").click()
    expect(page.get_by_role("status").first).to_contain_text("Changed.")
    expect(page.locator("td.today")).to_contain_text("Ana Ruiz")
    expect(page.locator("td .nobody").first).to_contain_text("Nobody")
