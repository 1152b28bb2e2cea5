"""The table of permissions names every route, and the guard holds each to it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ivr.frontdesk import permissions, sessions
from ivr.frontdesk.tables import ROLES
from tests.frontdesk import people, routes
from tests.frontdesk.office import OTHERS, Office, csrf_token

EVERYBODY_HAS_LEFT = {401, 403, 404}


def test_every_route_has_a_row_and_every_row_a_route(sqlite_office: Office) -> None:
    exist = {permissions.short(rule.endpoint) for rule in routes.rules(sqlite_office.app)}
    named = set(permissions.MAY) | permissions.OPEN
    assert exist - named == set(), "give these a row in ivr/frontdesk/permissions.py"
    assert named - exist == set(), "these rows of ivr/frontdesk/permissions.py name no route"


def test_the_table_names_only_roles_there_are_and_leaves_none_useless() -> None:
    named = set().union(*permissions.MAY.values())
    assert named == set(ROLES)
    assert all(permissions.MAY.values())


def test_what_is_open_while_locked_or_before_a_new_password_is_in_the_table() -> None:
    assert set(permissions.MAY) >= permissions.LOCKED
    assert set(permissions.MAY) >= permissions.BEFORE_A_NEW_PASSWORD
    assert not permissions.OPEN & set(permissions.MAY)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_what_the_table_gives_it_and_nothing_else(
    sqlite_office: Office, role: str
) -> None:
    people.add(sqlite_office, "nina", role)
    for way in routes.guarded(sqlite_office.app):
        if way.method not in ("GET", "POST"):
            continue
        client = sqlite_office.signed_in("nina")
        form = {"csrf_token": csrf_token(client, "/frontdesk")} if way.method == "POST" else {}
        answer = client.open(way.path, method=way.method, data=form)
        refused = answer.status_code == 403 and "Your account may not do this" in answer.text
        answer.close()
        assert refused is (role not in permissions.MAY[way.endpoint]), way


def test_a_role_that_no_row_names_reaches_nothing(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sqlite_office.signed_in()
    for endpoint, roles in permissions.MAY.items():
        monkeypatch.setitem(permissions.MAY, endpoint, roles - {"front_desk"})
    for way in routes.guarded(sqlite_office.app):
        if way.method == "GET":
            assert client.get(way.path).status_code == 403, way


def test_every_form_refuses_a_session_that_ended(sqlite_office: Office) -> None:
    client = sqlite_office.signed_in()
    token = csrf_token(client, "/frontdesk")
    sqlite_office.clock.advance(hours=12)
    for way in routes.guarded(sqlite_office.app):
        if way.method != "POST":
            continue
        answer = client.post(way.path, data={"csrf_token": token})
        assert answer.status_code == 303, way
        assert answer.location == "/frontdesk/login?ended=absolute", way


def test_every_form_refuses_a_locked_session_but_those_of_the_lock(sqlite_office: Office) -> None:
    for way in routes.guarded(sqlite_office.app):
        if way.method != "POST" or way.endpoint in permissions.LOCKED:
            continue
        client = sqlite_office.signed_in()
        token = csrf_token(client, "/frontdesk")
        sqlite_office.clock.advance(seconds=sessions.IDLE / timedelta(seconds=1))
        answer = client.post(way.path, data={"csrf_token": token})
        assert answer.status_code == 401, way
        assert "The desk is locked" in answer.text, way


@pytest.mark.parametrize("token", [None, "forged"])
@pytest.mark.parametrize("role", ROLES)
def test_every_form_refuses_without_a_csrf_token(
    sqlite_office: Office, role: str, token: str | None
) -> None:
    people.add(sqlite_office, "nina", role)
    client = sqlite_office.signed_in("nina")
    form = {} if token is None else {"csrf_token": token}
    for way in routes.guarded(sqlite_office.app):
        if way.method == "POST":
            assert client.post(way.path, data=form).status_code == 400, way
    assert client.get("/frontdesk").status_code == 200


def test_what_is_another_clinics_does_not_exist_for_us(office: Office) -> None:
    ours = people.administrator(office)
    number = office.open_ticket(clinic_id=OTHERS)
    otto = people.user(office, "otto").id
    form = {"csrf_token": csrf_token(ours, "/frontdesk"), "role": "admin", "active": "no"}
    theirs = [
        ours.get(f"/frontdesk/tickets/{number}"),
        ours.post(f"/frontdesk/tickets/{number}/close", data={**form, "disposition": "helped"}),
        ours.post(f"/frontdesk/users/{otto}", data=form),
        ours.post(f"/frontdesk/users/{otto}/reset", data=form),
    ]
    assert [answer.status_code for answer in theirs] == [404] * len(theirs)


def test_an_id_that_nobody_has_is_404_on_every_route_that_takes_one(
    sqlite_office: Office,
) -> None:
    client = people.administrator(sqlite_office)
    form = {
        "csrf_token": csrf_token(client, "/frontdesk"),
        "disposition": "helped",
        "role": "admin",
        "active": "no",
    }
    idempotent = {"task_done", "task_ticked", "task_reopened", "ring_to_try"}
    for way in routes.guarded(sqlite_office.app):
        if not way.with_ids or way.method not in ("GET", "POST") or way.endpoint in idempotent:
            continue
        answer = client.open(way.path, method=way.method, data=form if way.method == "POST" else {})
        assert answer.status_code in {400, 404, 409}, way
