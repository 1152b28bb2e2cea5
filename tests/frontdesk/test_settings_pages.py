"""The settings: who may change them, what is checked, what stands in the way, and undoing."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from ivr import loading
from ivr.clinics.definition import read_clinic
from scheduling import booking, visits
from scheduling.stranded import stranded_visits
from scheduling.tables import Closure, Visit, WeeklyHours
from tests.clinics.files import DEMO
from tests.frontdesk.lists import (
    TODAY,
    admin,
    asked,
    audited,
    on,
    press,
    pump,
    refill_pumps,
    register,
    text_of,
)
from tests.frontdesk.office import OTHERS, OURS, ZONE, Office, csrf_token, version_of

TOMORROW = TODAY + timedelta(days=1)
CLOSURES = "/settings/closures"


def hidden(page: str, form_action: str) -> dict[str, str]:
    """The hidden fields of the form that leads to `form_action`, or that leads nowhere else."""
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    action = f'action="/frontdesk{form_action}"'
    form = next(one for one in forms if action in one or (not form_action and "seen_visits" in one))
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))


def closing(client: FlaskClient, **form: str) -> TestResponse:
    """Send the form that closes tomorrow, or what `form` says."""
    page = client.get(f"/frontdesk{CLOSURES}").text
    typed = {
        "whose": "clinic",
        "starts": f"{TOMORROW}T00:00",
        "ends": f"{TOMORROW + timedelta(days=1)}T00:00",
        "reason": "Snow",
    }
    data = {**hidden(page, CLOSURES), **typed, **form}
    return client.post(f"/frontdesk{CLOSURES}", data=data, follow_redirects=True)


def go_on(client: FlaskClient, page: str, path: str = CLOSURES) -> TestResponse:
    """Press the button below the list of visits in the way."""
    return client.post(f"/frontdesk{path}", data=hidden(page, ""), follow_redirects=True)


def book_refill(office: Office, name: str, due_in: int, hour: int) -> Visit:
    """Tomorrow's refill of somebody whose pump is due in so many days."""
    who = register(office, name, phone=f"+15125550{hour:03}")
    pump(office, who, due_in)
    now, starts_at = office.clock(), on(TOMORROW, hour).replace(tzinfo=ZONE)

    def work(session: Session) -> Visit:
        (slot,) = booking.find_slots(
            session,
            clinic_id=OURS,
            visit_type_key="refill",
            now=now,
            after=starts_at - timedelta(minutes=30),
            limit=1,
            patient_id=who.id,
            by_staff=True,
        )
        kept = booking.hold(session, slot=slot, holder=name, now=now, ttl=timedelta(minutes=2))
        return booking.book_hold(
            session,
            clinic_id=OURS,
            hold_id=kept.id,
            patient_id=who.id,
            callback_number=None,
            request=asked(office),
        )

    return office.database.write(work)


def tasks(office: Office) -> list[dict[str, object]]:
    """The desk's tasks to plan visits again that wait, the first first."""
    return office.rows(
        "SELECT note, language FROM desk_task "
        "WHERE kind = 'plan_again' AND done_at IS NULL ORDER BY id"
    )


@pytest.mark.parametrize("role", ["front_desk", "on_call"])
def test_only_admins_see_and_change_settings(office: Office, role: str) -> None:
    client = admin(office, "someone", role)
    for path in ("", "/closures", "/hours/desk", "/visit-types/consultation"):
        assert client.get(f"/frontdesk/settings{path}").status_code == 403
    token = csrf_token(client, "/frontdesk")
    for path in ("/closures", "/hours/desk", "/people/provider-fura", "/holidays"):
        answer = client.post(f"/frontdesk/settings{path}", data={"csrf_token": token})
        assert answer.status_code == 403
        assert "Your account may not do this" in answer.text
    assert 'href="/frontdesk/settings"' not in client.get("/frontdesk").text


def test_an_empty_day_is_closed_at_once_and_nothing_is_offered_then(office: Office) -> None:
    page = text_of(closing(admin(office)).text)
    assert "Changed. It holds for every caller from now on." in page
    assert "The whole clinic, Tue, Nov 24, 12:00 AM to Wed, Nov 25, 12:00 AM (Snow)" in page
    slots = office.database.read(
        lambda session: booking.find_slots(
            session,
            clinic_id=OURS,
            visit_type_key="consultation",
            now=office.clock(),
            after=on(TOMORROW, 7).replace(tzinfo=ZONE),
            limit=1,
        )
    )
    assert slots[0].starts_at.astimezone(ZONE).date() == TOMORROW + timedelta(days=1)
    (row,) = audited(office, "settings.changed")
    assert "closure" in str(row["detail"])


def test_a_booked_day_shows_its_visits_refills_first_before_anything_is_changed(
    office: Office,
) -> None:
    refill_pumps(office)
    office.book("Ann Early", on(TOMORROW, 8))
    book_refill(office, "Bob Later", 9, 10)
    book_refill(office, "Cat Sooner", 5, 11)
    client = admin(office)
    page = text_of(closing(client).text)
    assert "3 visits are booked then" in page
    assert "Nothing was changed yet." in page
    assert page.index("Cat Sooner") < page.index("Bob Later") < page.index("Ann Early")
    assert "Refill due Nov 28, 2026" in page
    assert office.rows("SELECT id FROM closure") == []
    assert tasks(office) == []


def test_closed_all_the_same_no_visit_is_dropped_and_each_becomes_a_task(office: Office) -> None:
    refill_pumps(office)
    office.book("Ann Early", on(TOMORROW, 8))
    book_refill(office, "Bob Pump", 5, 10)
    client = admin(office)
    page = text_of(go_on(client, closing(client).text).text)
    assert "2 visits are to be planned again" in page
    refill, other = (str(task["note"]) for task in tasks(office))
    assert refill.startswith("Refill, Tue, Nov 24, 10:00 AM, with Doctor ")
    assert refill.endswith("The refill is due Nov 28, 2026 at the latest.")
    assert other == "Consultation, Tue, Nov 24, 8:00 AM, with Doctor Fura."
    assert len(office.rows("SELECT id FROM visit WHERE status = 'booked'")) == 2
    again = text_of(office.signed_in().get("/frontdesk/plan-again").text)
    assert again.index("Bob Pump") < again.index("Ann Early")


def test_a_visit_booked_while_somebody_decides_is_shown_before_it_closes(office: Office) -> None:
    office.book("Ann", on(TOMORROW, 8))
    client = admin(office)
    page = closing(client).text
    office.book("Bob", on(TOMORROW, 9), born=date(1955, 5, 5))
    answer = go_on(client, page)
    assert "The list has changed since you looked" in text_of(answer.text)
    assert "Bob" in answer.text
    assert office.rows("SELECT id FROM closure") == []
    go_on(client, answer.text)
    assert len(tasks(office)) == 2


def test_one_providers_absence_leaves_the_others_visits_alone(office: Office) -> None:
    office.book("Ann", on(TOMORROW, 8))
    client = admin(office)
    page = text_of(closing(client, whose="provider lane").text)
    assert "Provider lane, Tue, Nov 24" in page
    assert tasks(office) == []


def test_a_closure_undone_opens_the_time_and_its_tasks_are_done(office: Office) -> None:
    office.book("Ann", on(TOMORROW, 8))
    client = admin(office)
    go_on(client, closing(client).text)
    assert len(tasks(office)) == 1
    (change,) = re.findall(r'id="change-([0-9a-f-]+)"', client.get("/frontdesk/settings").text)
    page = text_of(press(client, "/settings", f"/settings/changes/{change}/undo").text)
    assert "Undone." in page
    assert "by The admin" in page
    assert office.rows("SELECT id FROM closure") == []
    assert tasks(office) == []
    answer = press(client, "/settings", f"/settings/changes/{change}/undo")
    assert answer.status_code == 409
    assert "This change no longer stands" in text_of(answer.text)


def test_a_closure_is_opened_again_from_its_list_and_that_can_be_undone_too(
    office: Office,
) -> None:
    client = admin(office)
    page = closing(client).text
    closure = re.search(r"/settings/closures/([0-9a-f-]+)/remove", page)
    assert closure
    path = f"{CLOSURES}/{closure[1]}/remove"
    client.post(f"/frontdesk{path}", data=hidden(page, path))
    assert office.rows("SELECT id FROM closure") == []
    last, _first = re.findall(r'id="change-([0-9a-f-]+)"', client.get("/frontdesk/settings").text)
    press(client, "/settings", f"/settings/changes/{last}/undo")
    assert office.rows("SELECT reason FROM closure") == [{"reason": "Snow"}]


def test_a_visit_that_is_moved_leaves_the_list_by_itself(office: Office) -> None:
    visit = office.book("Ann", on(TOMORROW, 8))
    client = admin(office)
    go_on(client, closing(client).text)

    def move(session: Session) -> None:
        (slot,) = booking.find_slots(
            session,
            clinic_id=OURS,
            visit_type_key="consultation",
            now=office.clock(),
            after=on(TOMORROW, 7).replace(tzinfo=ZONE),
            limit=1,
        )
        visits.reschedule(
            session, clinic_id=OURS, visit_id=visit.id, slot=slot, request=asked(office)
        )

    office.database.write(move)
    assert "No visit stands in closed time." in client.get("/frontdesk/plan-again").text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"ends": f"{TODAY}T00:00"}, "swap or correct them"),
        ({"starts": "soon"}, "The beginning is no date with a time"),
        ({"reason": " "}, "A closure's reason is empty"),
        ({"whose": "provider nobody"}, "The clinic has none of this name"),
    ],
)
def test_what_will_not_do_is_said_and_what_was_typed_stays(
    office: Office, form: dict[str, str], said: str
) -> None:
    answer = closing(admin(office), **{"reason": "A long storm", **form})
    assert answer.status_code == 409
    assert said in text_of(answer.text)
    assert ('value="A long storm"' in answer.text) is ("reason" not in form)
    assert office.rows("SELECT id FROM closure") == []


def hours_form(client: FlaskClient, owner: str, **changed: str) -> TestResponse:
    """Send the form of somebody's hours, with some fields changed."""
    page = client.get(f"/frontdesk/settings/hours/{owner}").text
    form = next(
        one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if "weekday-0" in one
    )
    data = dict(re.findall(r'<input type="[a-z]+" name="([^"]+)" value="([^"]*)"', form))
    for name, options in re.findall(r'<select name="([^"]+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="(\d)" selected', options)
        data[name] = chosen[1] if chosen else ""
    return client.post(
        f"/frontdesk/settings/hours/{owner}", data={**data, **changed}, follow_redirects=True
    )


def test_hours_of_the_desk_are_changed_listed_and_undone(office: Office) -> None:
    client = admin(office)
    page = text_of(hours_form(client, "desk", **{"opens-0": "09:30", "weekday-6": ""}).text)
    assert "Hours: desk" in page
    assert "Now: Mon 09:30–19:00, Tue 07:00–19:00" in page
    assert "Sun 07:00–19:00" in page[page.index("Before:") : page.index("Now:")]
    assert "Sun" not in page[page.index("Now:") :]
    change = re.search(r'id="change-([0-9a-f-]+)"', client.get("/frontdesk/settings").text)
    assert change
    press(client, "/settings", f"/settings/changes/{change[1]}/undo")
    desk = office.rows(
        "SELECT opens FROM weekly_hours WHERE provider_id IS NULL AND clinic_id = 'demo'"
    )
    assert len(desk) == 7


def test_hours_that_leave_a_visit_in_closed_time_are_shown_it_first(office: Office) -> None:
    office.book("Ann", on(TOMORROW, 8))
    client = admin(office)
    answer = hours_form(client, "provider-fura", **{"opens-1": "09:00"})
    assert "1 visit is booked then" in text_of(answer.text)
    go_on(client, answer.text, "/settings/hours/provider-fura")
    assert len(tasks(office)) == 1
    ours = office.database.read(lambda s: stranded_visits(s, OURS, office.clock()))
    assert len(ours) == 1


def test_an_incomplete_row_is_named_and_the_others_stay_as_typed(office: Office) -> None:
    answer = hours_form(admin(office), "desk", **{"opens-0": "09:30", "closes-2": ""})
    assert answer.status_code == 409
    assert "Row 3 is not complete" in text_of(answer.text)
    assert 'value="09:30"' in answer.text


def test_two_admins_on_one_setting_the_second_is_told(office: Office) -> None:
    client = admin(office)
    page = client.get("/frontdesk/settings").text
    form = hidden(page, "/settings/holidays")
    first, second = (
        client.post(
            "/frontdesk/settings/holidays",
            data={**form, "observes_holidays": "no"},
            follow_redirects=True,
        )
        for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (200, 409)
    assert "Somebody changed this a moment ago" in text_of(second.text)


def test_a_later_change_is_undone_before_an_earlier_one(office: Office) -> None:
    client = admin(office)
    hours_form(client, "desk", **{"opens-0": "09:30"})
    hours_form(client, "desk", **{"opens-0": "10:30"})
    _, first = re.findall(r'id="change-([0-9a-f-]+)"', client.get("/frontdesk/settings").text)
    answer = press(client, "/settings", f"/settings/changes/{first}/undo")
    assert answer.status_code == 409
    assert "undo the later change first" in text_of(answer.text)


def test_a_visit_types_figures_pass_the_checks_of_a_clinics_file(office: Office) -> None:
    refill_pumps(office)
    client = admin(office)
    path = "/settings/visit-types/refill"
    form = {
        **hidden(client.get(f"/frontdesk{path}").text, path),
        "duration_minutes": "45",
        "buffer_before_minutes": "0",
        "buffer_after_minutes": "0",
        "notice_minutes": "0",
        "horizon_days": "90",
        "refill_margin_days": "7",
        "refill_preparation_days": "30",
        "refill_opens_days": "21",
        "booked_by": "anyone",
    }
    answer = client.post(f"/frontdesk{path}", data=form)
    assert answer.status_code == 409
    assert "opens_days must not be less than preparation_days" in text_of(answer.text)
    assert 'value="45"' in answer.text
    form["refill_preparation_days"] = "5"
    page = text_of(client.post(f"/frontdesk{path}", data=form, follow_redirects=True).text)
    assert "Length in minutes: 30 → 45" in page
    assert "Days to prepare the drug: 3 → 5" in page


def test_a_provider_who_has_left_leaves_their_visits_to_be_planned_again(office: Office) -> None:
    office.book("Ann", on(TOMORROW, 8))
    client = admin(office)
    path = "/settings/people/provider-fura"
    page = client.get("/frontdesk/settings/hours/provider-fura").text
    form = {**hidden(page, path), "name": "Doctor Fura", "active": "no"}
    answer = client.post(f"/frontdesk{path}", data=form)
    assert "1 visit is booked then" in text_of(answer.text)
    go_on(client, answer.text, path)
    assert len(tasks(office)) == 1


def test_what_belongs_to_nobody_here_is_said_to_be_so(office: Office) -> None:
    client = admin(office)
    for path in ("/hours/provider-nobody", "/visit-types/nothing"):
        answer = client.get(f"/frontdesk/settings{path}")
        assert answer.status_code == 404
        assert "The clinic has none of this name" in text_of(answer.text)


def test_another_clinics_settings_and_visits_are_out_of_reach(office: Office) -> None:
    client = admin(office)
    closing(client)
    (change,) = re.findall(r'id="change-([0-9a-f-]+)"', client.get("/frontdesk/settings").text)
    with office.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE staff_user SET role = 'admin' WHERE login = 'otto'")
    stranger = office.signed_in("otto")
    assert change not in stranger.get("/frontdesk/settings").text
    assert "Snow" not in stranger.get(f"/frontdesk{CLOSURES}").text
    assert press(stranger, "/settings", f"/settings/changes/{change}/undo").status_code == 409
    office.book("Olga", on(TOMORROW, 8), clinic_id=OTHERS)
    assert "Olga" not in client.get("/frontdesk/plan-again").text


def test_what_was_changed_at_the_desk_the_clinics_file_leaves_alone(
    office: Office,
) -> None:
    clinic = read_clinic(DEMO / "clinic.toml")
    office.database.write(lambda session: loading.load(session, clinic))
    client = admin(office)
    closing(client, starts="2027-03-01T00:00", ends="2027-03-02T00:00")
    hours_form(client, "desk", **{"opens-0": "09:30"})
    loaded = office.database.write(lambda session: loading.load(session, clinic))
    assert loaded.changes == ()

    def look(session: Session) -> tuple[list[str], list[time]]:
        monday = select(WeeklyHours.opens).where(
            WeeklyHours.clinic_id == OURS,
            WeeklyHours.provider_id.is_(None),
            WeeklyHours.room_id.is_(None),
            WeeklyHours.weekday == 0,
        )
        return list(session.scalars(select(Closure.reason))), list(session.scalars(monday))

    reasons, opens = office.database.read(look)
    assert "Snow" in reasons
    assert time(9, 30) in opens


def test_a_page_that_stands_open_learns_of_a_changed_setting_and_of_its_undoing(
    office: Office,
) -> None:
    client, board = admin(office), office.signed_in()
    seen = [version_of(board.get("/frontdesk/day").text)]
    closing(client)
    change = re.search(r'id="change-([0-9a-f-]+)"', client.get("/frontdesk/settings").text)
    seen.append(version_of(board.get("/frontdesk/day").text))
    assert change is not None
    press(client, "/settings", f"/settings/changes/{change[1]}/undo")
    seen.append(version_of(board.get("/frontdesk/day").text))
    assert len(set(seen)) == 3
