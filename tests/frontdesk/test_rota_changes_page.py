"""Departing from the weekly shifts at the desk: away, override, swap, and taken back."""

from __future__ import annotations

import re

import pytest

from tests.frontdesk.lists import admin, audited, press, text_of
from tests.frontdesk.office import OTHERS, Office
from tests.frontdesk.test_rota_page import daily, give_shifts

SPAN = {"starts": "2026-11-24T08:00", "ends": "2026-11-24T18:00"}


@pytest.fixture(autouse=True)
def shifts(office: Office) -> None:
    """Ana is primary by day, Sam is backup at all hours."""
    give_shifts(office, *daily("primary", "ana", 0, 0), *daily("backup", "sam", 0, 0))


def test_only_admins_are_shown_the_forms_and_may_send_them(office: Office) -> None:
    client = office.signed_in()
    assert "Somebody is away" not in client.get("/frontdesk/rota").text
    assert press(client, "/rota", "/rota/away", person="ana", **SPAN).status_code == 403
    assert "Somebody is away" in admin(office).get("/frontdesk/rota").text


def test_somebody_away_is_told_with_the_gap_it_leaves_and_taken_back(office: Office) -> None:
    client = admin(office)
    page = text_of(press(client, "/rota", "/rota/away", person="ana", **SPAN).text)
    assert "Noted: they are rung last of all then." in page
    assert "Nobody is primary from 2026-11-24 08:00 CST to 2026-11-24 18:00 CST" in page
    assert "Ana Ruiz is away from Tue, Nov 24, 8:00 AM to Tue, Nov 24, 6:00 PM" in page
    assert "by The admin" in page
    change = re.search(r'id="departure-([0-9a-f-]+)"', client.get("/frontdesk/rota").text)
    assert change
    page = text_of(press(client, "/rota", f"/rota/changes/{change[1]}/withdraw").text)
    assert "Taken back" in page
    assert "Nobody is primary" not in page
    assert len(audited(office, "rota.changed")) == len(audited(office, "rota.withdrawn")) == 1


def test_somebody_else_takes_a_duty(office: Office) -> None:
    client = admin(office)
    page = text_of(
        press(client, "/rota", "/rota/override", person="sam", level="primary", **SPAN).text
    )
    assert "From Tue, Nov 24, 8:00 AM Sam Lee, then Ana Ruiz" in page
    assert "Sam Lee is primary from Tue, Nov 24, 8:00 AM" in page


def test_two_people_swap_and_both_halves_are_taken_back_together(office: Office) -> None:
    client = admin(office)
    form = {
        "person": "ana",
        "level": "primary",
        **SPAN,
        "other": "sam",
        "other_level": "backup",
        "other_starts": "2026-11-25T08:00",
        "other_ends": "2026-11-25T18:00",
    }
    page = press(client, "/rota", "/rota/swap", **form).text
    assert "Sam Lee is primary from Tue, Nov 24" in text_of(page)
    assert "Ana Ruiz is backup from Wed, Nov 25" in text_of(page)
    (change,) = re.findall(r'id="departure-([0-9a-f-]+)"', page)
    page = press(client, "/rota", f"/rota/changes/{change}/withdraw").text
    assert "departs from the weekly shifts" not in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"ends": "2026-11-24T07:00"}, "It ends no later than it starts"),
        ({"person": "nobody"}, "Nobody was chosen"),
        ({"starts": ""}, "The beginning is no date with a time"),
    ],
)
def test_what_will_not_do_is_said_and_what_was_typed_stays(
    office: Office, form: dict[str, str], said: str
) -> None:
    sent = {"form": "away", "person": "ana", **SPAN, **form}
    answer = press(admin(office), "/rota", "/rota/away", **sent)
    assert answer.status_code == 409
    assert said in text_of(answer.text)
    assert f'value="{sent["ends"]}"' in answer.text


def test_a_swap_of_a_duty_that_is_not_theirs_is_refused(office: Office) -> None:
    form = {
        "person": "sam",
        "level": "primary",
        **SPAN,
        "other": "ana",
        "other_level": "backup",
        "other_starts": "2026-11-25T08:00",
        "other_ends": "2026-11-25T18:00",
    }
    answer = press(admin(office), "/rota", "/rota/swap", **form)
    assert answer.status_code == 409
    assert "does not have all of that primary shift" in text_of(answer.text)


def test_another_clinics_change_cannot_be_taken_back(office: Office) -> None:
    client = admin(office)
    press(client, "/rota", "/rota/away", person="ana", **SPAN)
    change = re.search(r'id="departure-([0-9a-f-]+)"', client.get("/frontdesk/rota").text)
    assert change
    with office.database.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE staff_user SET role = 'admin' WHERE clinic_id = '{OTHERS}'"  # noqa: S608  # a constant
        )
    stranger = office.signed_in("otto")
    assert change[1] not in stranger.get("/frontdesk/rota").text
    answer = press(stranger, "/rota", f"/rota/changes/{change[1]}/withdraw")
    assert answer.status_code == 409
    assert "Ana Ruiz is away" in text_of(client.get("/frontdesk/rota").text)
