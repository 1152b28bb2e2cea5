"""The page of people, one's own account, and being logged out everywhere."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.frontdesk import people
from tests.frontdesk.office import OTHERS, OURS, PASSWORD, Office, log_in
from tests.frontdesk.people import administrator, send

NEW_PASSWORD = "five other words nobody guesses"


def add_nina(client: FlaskClient, **changed: str) -> str:
    """Fill in the form that adds somebody; returns the temporary password."""
    form = {"name": "Nina", "login": "nina", "role": "front_desk", "language": "es", **changed}
    page = send(client, "/frontdesk/users", "/frontdesk/users", **form)
    assert page.status_code == 200, page.text
    found = re.search(r'id="fresh-password">([a-z0-9-]{19})<', page.text)
    assert found
    return found[1]


def change_password(client: FlaskClient, present: str, new: str, again: str = "") -> int:
    """Fill in the form of one's own account."""
    form = {"password": present, "new_password": new, "new_password_again": again or new}
    return send(client, "/frontdesk/account/password", **form).status_code


def test_somebody_who_is_added_must_choose_a_password_before_anything_opens(
    office: Office,
) -> None:
    temporary = add_nina(administrator(office))
    nina = office.client()
    assert log_in(nina, "nina", temporary).status_code == 303
    assert nina.get("/frontdesk").location == "/frontdesk/account"
    assert "alguien" in nina.get("/frontdesk/account").text.lower()
    assert change_password(nina, temporary, NEW_PASSWORD) == 303
    assert nina.get("/frontdesk").status_code == 200
    assert log_in(office.client(), "nina", temporary).status_code == 401
    assert log_in(office.client(), "nina", NEW_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"login": "ROSA"}, "The login rosa is taken"),
        ({"login": "no spaces"}, "cannot be used"),
        ({"role": "boss"}, "does not exist"),
        ({"name": " "}, "The name is empty"),
    ],
)
def test_what_cannot_be_added_is_said_and_what_was_typed_stays(
    sqlite_office: Office, changed: dict[str, str], said: str
) -> None:
    form = {"name": "Nina Typed", "login": "nina", "role": "on_call", **changed}
    client = administrator(sqlite_office)
    answer = send(client, "/frontdesk/users", "/frontdesk/users", **form)
    assert answer.status_code == 400
    assert said in answer.text
    assert f'value="{form["login"]}"' in answer.text
    assert len(sqlite_office.rows("SELECT id FROM staff_user")) == 3


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(office: Office) -> None:
    client, rosa = administrator(office), office.signed_in()
    page = f"/frontdesk/users/{people.user(office, 'rosa').id}"
    closed = send(client, page, "/frontdesk/users", role="front_desk", active="no")
    assert "Rosa Diaz may not sign in." in closed.text
    assert rosa.get("/frontdesk").location.startswith("/frontdesk/login")
    assert log_in(office.client(), "rosa").status_code == 401
    send(client, page, "/frontdesk/users", role="front_desk", active="yes")
    assert log_in(office.client(), "rosa").status_code == 303


def test_another_role_holds_from_the_next_click(office: Office) -> None:
    client, rosa = administrator(office), office.signed_in()
    assert rosa.get("/frontdesk/users").status_code == 403
    page = f"/frontdesk/users/{people.user(office, 'rosa').id}"
    answer = send(client, page, "/frontdesk/users", role="admin", active="yes")
    assert "Rosa Diaz may sign in as: Administrator." in answer.text
    assert rosa.get("/frontdesk/users").status_code == 200


def test_nobody_closes_or_demotes_themselves(office: Office) -> None:
    client = administrator(office)
    page = f"/frontdesk/users/{people.user(office, 'ada').id}"
    for form in ({"role": "admin", "active": "no"}, {"role": "front_desk", "active": "yes"}):
        answer = send(client, page, "/frontdesk/users", **form)
        assert answer.status_code == 409
        assert "ask another administrator" in answer.text
    assert client.get("/frontdesk/users").status_code == 200


def test_a_forgotten_password_is_replaced_and_every_browser_logged_out(office: Office) -> None:
    client, rosa = administrator(office), office.signed_in()
    page = f"/frontdesk/users/{people.user(office, 'rosa').id}/reset"
    answer = send(client, page, "/frontdesk/users")
    found = re.search(r'id="fresh-password">([a-z0-9-]{19})<', answer.text)
    assert found
    assert rosa.get("/frontdesk").status_code == 303
    assert log_in(office.client(), "rosa").status_code == 401
    assert log_in(office.client(), "rosa", found[1]).status_code == 303


@pytest.mark.parametrize("lost", ["yes", "no"])
def test_a_lost_phone_is_forgotten_only_where_the_administrator_says_so(
    office: Office, lost: str
) -> None:
    client, rosa = administrator(office), office.signed_in()
    people.enrol(office, rosa)
    page = f"/frontdesk/users/{people.user(office, 'rosa').id}/reset"
    send(client, page, "/frontdesk/users", lost_phone=lost)
    assert (people.user(office, "rosa").factor_salt is None) is (lost == "yes")


def test_an_administrator_sees_and_changes_nobody_of_another_clinic(office: Office) -> None:
    client = administrator(office)
    assert "Otto" not in client.get("/frontdesk/users").text
    page = f"/frontdesk/users/{people.user(office, 'otto').id}"
    assert send(client, page, "/frontdesk/users", role="admin", active="no").status_code == 404
    assert send(client, f"{page}/reset", "/frontdesk/users").status_code == 404
    assert log_in(office.client(), "otto").status_code == 303


def test_every_change_of_an_account_is_in_the_audit(office: Office) -> None:
    client = administrator(office)
    add_nina(client)
    nina = people.user(office, "nina").id
    page = f"/frontdesk/users/{nina}"
    send(client, page, "/frontdesk/users", role="on_call", active="no")
    send(client, page, "/frontdesk/users", role="on_call", active="yes")
    send(client, f"{page}/reset", "/frontdesk/users")
    rows = office.rows("SELECT action FROM staff_audit WHERE action LIKE 'user.%' ORDER BY id")
    assert [row["action"] for row in rows] == [
        "user.added",
        "user.role_changed",
        "user.closed",
        "user.opened",
        "user.password_reset",
    ]


@pytest.mark.parametrize(
    ("present", "new", "again", "status"),
    [
        ("not the present one", NEW_PASSWORD, NEW_PASSWORD, 401),
        (PASSWORD, "too short", "too short", 400),
        (PASSWORD, NEW_PASSWORD, "five other words mistyped", 400),
        (PASSWORD, PASSWORD, PASSWORD, 400),
    ],
)
def test_a_password_change_that_cannot_be_changes_nothing(
    sqlite_office: Office, present: str, new: str, again: str, status: int
) -> None:
    assert change_password(sqlite_office.signed_in(), present, new, again) == status
    assert log_in(sqlite_office.client(), "rosa").status_code == 303


def test_a_new_password_logs_every_other_browser_out_and_not_this_one(office: Office) -> None:
    here, elsewhere = office.signed_in(), office.signed_in()
    assert change_password(here, PASSWORD, NEW_PASSWORD) == 303
    assert here.get("/frontdesk").status_code == 200
    assert elsewhere.get("/frontdesk").status_code == 303


def test_guessing_ones_way_through_the_password_form_is_stopped(office: Office) -> None:
    client = office.signed_in()
    tried = [change_password(client, "a wrong guess", NEW_PASSWORD) for _ in range(9)]
    assert tried == [401] * 8 + [429]


def test_logging_out_everywhere_ends_every_browser(office: Office) -> None:
    here, elsewhere = office.signed_in(), office.signed_in()
    assert "In 2 browsers" in here.get("/frontdesk/account").text
    answer = send(here, "/frontdesk/account/logout-everywhere")
    assert answer.location == "/frontdesk/login?ended=everywhere"
    for client in (here, elsewhere):
        assert client.get("/frontdesk").status_code == 303
    assert office.rows("SELECT id FROM staff_session") == []


def test_people_of_both_clinics_may_not_share_a_login(office: Office) -> None:
    client = administrator(office)
    answer = send(
        client, "/frontdesk/users", "/frontdesk/users", name="Otto", login="otto", role="on_call"
    )
    assert answer.status_code == 400
    stored = office.rows("SELECT clinic_id FROM staff_user WHERE login = 'otto'")
    assert [row["clinic_id"] for row in stored] == [OTHERS]
    assert OURS != OTHERS
