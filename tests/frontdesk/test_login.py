"""Who gets in, who does not, and when they are shown out again."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from ivr.frontdesk import accounts, sessions, throttle
from ivr.frontdesk.accounts import AccountRefused
from ivr.frontdesk.tables import StaffUser
from ivr.frontdesk.throttle import Source
from tests.frontdesk.office import OURS, PASSWORD, Office, log_in


def test_the_right_password_leads_to_the_board(office: Office) -> None:
    client = office.client()
    answer = log_in(client, "rosa")
    assert (answer.status_code, answer.location) == (303, "/frontdesk")
    page = client.get("/frontdesk")
    assert page.status_code == 200
    assert "Rosa Diaz" in page.text


def test_a_login_is_the_same_in_any_case_and_with_spaces_around_it(office: Office) -> None:
    assert log_in(office.client(), " ROSA ").status_code == 303


@pytest.mark.parametrize("login", ["rosa", "nobody"])
def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(
    office: Office, login: str
) -> None:
    answer = log_in(office.client(), login, "not the right password")
    assert answer.status_code == 401
    assert "Login and password do not match" in answer.text


def test_an_unknown_login_costs_the_same_hashing_as_a_known_one(sqlite_office: Office) -> None:
    user = sqlite_office.database.read(lambda s: accounts.find_user(s, "rosa"))
    assert user is not None
    known, unknown = user.password_hash, accounts._NOBODYS_HASH
    assert (
        known.rpartition("$")[0].rpartition("$")[0]
        == (unknown.rpartition("$")[0].rpartition("$")[0])
    )
    assert known.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_empty_form_is_told_what_is_missing(office: Office) -> None:
    answer = log_in(office.client(), "rosa", "")
    assert answer.status_code == 400
    assert "Give your login and your password" in answer.text


def test_a_closed_account_is_refused_and_its_open_page_ends(office: Office) -> None:
    client = office.signed_in()
    office.database.write(
        lambda s: s.execute(update(StaffUser).where(StaffUser.login == "rosa").values(active=False))
    )
    assert client.get("/frontdesk").location.startswith("/frontdesk/login")
    assert log_in(office.client(), "rosa").status_code == 401


def test_guessing_from_one_place_is_stopped_and_says_for_how_long(office: Office) -> None:
    guesses = [log_in(office.client(), "rosa", "a wrong guess").status_code for _ in range(8)]
    assert guesses == [401] * throttle.PER_LOGIN_AND_SOURCE
    stopped = log_in(office.client(), "rosa")
    assert stopped.status_code == 429
    assert stopped.headers["Retry-After"] == "900"
    assert "Wait 15 minutes and try again" in stopped.text
    office.clock.advance(minutes=15)
    assert log_in(office.client(), "rosa").status_code == 303


def test_guessing_an_unknown_login_is_stopped_in_the_same_way(office: Office) -> None:
    guesses = [log_in(office.client(), "nobody", "a wrong guess") for _ in range(9)]
    assert [answer.status_code for answer in guesses] == [401] * 8 + [429]


def test_a_stranger_who_guesses_does_not_lock_the_receptionist_out(office: Office) -> None:
    for _ in range(9):
        log_in(office.client(), "rosa", "a wrong guess", address="203.0.113.66")
    assert log_in(office.client(), "rosa", address="192.0.2.10").status_code == 303


def test_a_known_device_gets_in_while_the_whole_world_guesses_its_login(office: Office) -> None:
    receptionist = office.signed_in()
    receptionist.delete_cookie("callnow_desk", path="/frontdesk")
    for number in range(throttle.PER_LOGIN):
        assert office.attempt("rosa", Source(f"198.51.100.{number}")) is None
    assert office.attempt("rosa", Source("198.51.100.200")) is not None
    assert log_in(receptionist, "rosa", address="198.51.100.1").status_code == 303


def test_a_forged_device_cookie_counts_as_a_stranger(office: Office) -> None:
    for _ in range(8):
        log_in(office.client(), "rosa", "a wrong guess")
    client = office.client()
    client.set_cookie("callnow_device", "WyJhIiwiYiJd.forged", path="/frontdesk/login")
    assert log_in(client, "rosa").status_code == 429


def test_one_password_tried_on_many_logins_from_one_address_is_stopped(office: Office) -> None:
    source = Source("203.0.113.7")
    answers = [
        office.attempt(f"person{number}", source) for number in range(throttle.PER_ADDRESS + 1)
    ]
    assert answers[:-1] == [None] * throttle.PER_ADDRESS
    assert answers[-1] == office.clock() + throttle.WINDOW


def test_doing_nothing_for_fifteen_minutes_locks_the_session(office: Office) -> None:
    client = office.signed_in()
    office.clock.advance(minutes=14, seconds=59)
    assert client.get("/frontdesk").status_code == 200
    office.clock.advance(minutes=15)
    ended = client.get("/frontdesk")
    assert (ended.status_code, ended.location) == (303, "/frontdesk/lock")
    assert "The desk is locked" in client.get(ended.location).text


def test_the_page_that_polls_by_itself_does_not_count_as_doing_something(office: Office) -> None:
    client = office.signed_in()
    for _ in range(15):
        answer = client.get("/frontdesk/board", headers={"HX-Request": "true"})
        assert answer.status_code == 200
        office.clock.advance(minutes=1)
    ended = client.get("/frontdesk/board", headers={"HX-Request": "true"})
    assert ended.status_code == 401
    assert "HX-Redirect" not in ended.headers
    assert ended.headers["X-Desk-Locked"] == "1"


def test_a_person_who_is_busy_on_the_page_stays(office: Office) -> None:
    client = office.signed_in()
    for _ in range(5):
        office.clock.advance(minutes=10)
        assert client.get("/frontdesk/board?active=1").status_code == 200


def test_twelve_hours_end_the_busiest_session(office: Office) -> None:
    client = office.signed_in()
    for _ in range(71):
        office.clock.advance(minutes=10)
        assert client.get("/frontdesk").status_code == 200
    office.clock.advance(minutes=10)
    ended = client.get("/frontdesk")
    assert ended.location == "/frontdesk/login?ended=absolute"
    assert "12 hours had passed" in client.get(ended.location).text


def test_logging_out_revokes_a_copied_cookie_too(office: Office) -> None:
    client = office.signed_in()
    cookie = client.get_cookie("callnow_desk", path="/frontdesk")
    assert cookie is not None
    thief = office.client()
    thief.set_cookie("callnow_desk", cookie.value, path="/frontdesk")
    assert thief.get("/frontdesk").status_code == 200
    token = _form_token(client.get("/frontdesk").text)
    out = client.post("/frontdesk/logout", data={"csrf_token": token})
    assert out.location == "/frontdesk/login?ended=logout"
    assert thief.get("/frontdesk").status_code == 303
    assert client.get("/frontdesk").status_code == 303


def test_the_database_holds_nothing_that_signs_anybody_in(office: Office) -> None:
    with office.client() as client:
        log_in(client, "rosa")
        with client.session_transaction("/frontdesk") as cookie:
            secret = cookie["_user_id"].partition(":")[2]
    (stored,) = office.rows("SELECT id FROM staff_session")
    assert stored["id"] != secret
    assert stored["id"] == hashlib.sha256(secret.encode()).hexdigest()


def test_after_log_in_one_returns_to_the_page_that_was_wanted(office: Office) -> None:
    number = office.open_ticket()
    client = office.client()
    wanted = f"/frontdesk/tickets/{number}"
    assert client.get(wanted).location == f"/frontdesk/login?next={wanted}"
    assert log_in(client, "rosa", following=wanted).location == wanted


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/frontdesk/",
        "/frontdesk.evil.example",
        "/frontdesk/\\evil.example",
        "/frontdesk/\nx",
        "javascript:alert(1)",
        "/voice/incoming",
    ],
)
def test_log_in_leads_nowhere_else(sqlite_office: Office, elsewhere: str) -> None:
    assert log_in(sqlite_office.client(), "rosa", following=elsewhere).location == "/frontdesk"


def test_a_hash_with_old_parameters_is_renewed_at_log_in(office: Office) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    office.database.write(
        lambda s: s.execute(
            update(StaffUser).where(StaffUser.login == "rosa").values(password_hash=old)
        )
    )
    office.signed_in()
    (stored,) = office.rows("SELECT password_hash FROM staff_user WHERE login = 'rosa'")
    assert stored["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    office.signed_in()


def test_sessions_that_ended_by_themselves_are_cleared_away(office: Office) -> None:
    office.signed_in()
    office.clock.advance(hours=13)
    office.signed_in()
    assert len(office.rows("SELECT id FROM staff_session")) == 1


def test_opening_the_same_session_again_changes_nothing(office: Office) -> None:
    user = office.database.read(lambda s: accounts.find_user(s, "rosa"))
    assert user is not None
    token = sessions.new_token(OURS)
    for _ in range(2):
        office.database.write(
            lambda s: sessions.open_session(s, user=user, token=token, now=office.clock())
        )
    (stored,) = office.rows("SELECT count(*) AS n FROM staff_session")
    assert stored["n"] == 1
    found = office.database.read(
        lambda s: sessions.find_session(s, token=token, now=office.clock() + timedelta(minutes=1))
    )
    assert isinstance(found, sessions.SignedIn)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"login": "ROSA"}, "taken"),
        ({"login": "r"}, "cannot be used"),
        ({"login": "rosa diaz"}, "cannot be used"),
        ({"role": "boss"}, "front_desk, on_call, admin"),
        ({"name": "  "}, "name is empty"),
        ({"password": "fourteen chars"}, "give 15 to 256"),
    ],
)
def test_an_account_that_cannot_be_is_refused_with_a_reason(
    sqlite_office: Office, changed: dict[str, str], said: str
) -> None:
    asked: dict[str, Any] = {
        "clinic_id": OURS,
        "login": "nina",
        "name": "Nina",
        "password": PASSWORD,
        "role": "on_call",
        **changed,
    }
    with pytest.raises(AccountRefused, match=said):
        sqlite_office.database.write(
            lambda s: accounts.add_user(s, **asked, now=sqlite_office.clock())
        )


def _form_token(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]
