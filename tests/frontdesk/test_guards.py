"""What every route of the desk refuses, also the routes that nobody has written yet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from ivr.frontdesk.desk import attach
from scheduling.database import Database
from tests.frontdesk import routes
from tests.frontdesk.office import (
    LINK_BASE,
    NO_CARRIER,
    Office,
    csrf_token,
    log_in,
    wordings,
)


def _ways_in(office: Office) -> list[tuple[str, str]]:
    """Every method and address of every route of the desk that needs a log-in."""
    ways = [(way.method, way.path) for way in routes.guarded(office.app)]
    assert ("GET", "/frontdesk") in ways
    assert any(method == "POST" for method, _ in ways)
    return ways


def test_only_log_in_and_static_files_are_open(sqlite_office: Office) -> None:
    everybodys = set()
    for way in routes.ways(sqlite_office.app):
        answer = sqlite_office.client().open(way.path, method=way.method)
        if answer.status_code == 200:
            everybodys.add(way.endpoint)
        answer.close()
    assert everybodys == {"login", "log_in", "login_code", "check_login_code", "static"}


def test_without_log_in_every_route_leads_to_the_log_in_page(sqlite_office: Office) -> None:
    for method, path in _ways_in(sqlite_office):
        answer = sqlite_office.client().open(path, method=method)
        assert answer.status_code == 303, f"{method} {path}"
        assert answer.location.startswith("/frontdesk/login"), f"{method} {path}"
        live = sqlite_office.client().open(path, method=method, headers={"HX-Request": "true"})
        assert live.status_code == 401, f"{method} {path}"
        assert live.headers["HX-Redirect"] == "/frontdesk/login", f"{method} {path}"
        assert live.data == b""


def test_a_route_added_later_is_refused_until_the_table_names_it(sqlite_office: Office) -> None:
    app = Flask("an app that grows", static_folder=None)
    app.config["SECRET_KEY"] = "a key that signs cookies in tests"
    attach(
        app,
        recordings=NO_CARRIER,
        wordings=wordings(sqlite_office.database),
        database=sqlite_office.database,
        clock=sqlite_office.clock,
        secure_cookies=False,
        link_base=LINK_BASE,
    )
    app.add_url_rule("/frontdesk/new", view_func=lambda: "patients", methods=["GET", "POST"])
    grown = Office(sqlite_office.database, sqlite_office.clock, app)
    assert grown.client().get("/frontdesk/new").status_code == 303
    receptionist = grown.signed_in()
    refused = receptionist.get("/frontdesk/new")
    assert refused.status_code == 403
    assert "Your account may not do this" in refused.text
    assert receptionist.post("/frontdesk/new").status_code == 400


def test_an_address_that_does_not_exist_tells_a_stranger_nothing(sqlite_office: Office) -> None:
    assert sqlite_office.client().get("/frontdesk/nothing").status_code == 303
    answer = sqlite_office.signed_in().get("/frontdesk/nothing")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_the_wrong_method_gets_a_page_that_says_what_to_do(sqlite_office: Office) -> None:
    answer = sqlite_office.signed_in().get("/frontdesk/logout")
    assert answer.status_code == 405
    assert "Go to the board and use its buttons" in answer.text


@pytest.mark.parametrize("token", [None, "", "forged"])
def test_every_change_needs_a_csrf_token(sqlite_office: Office, token: str | None) -> None:
    client = sqlite_office.signed_in()
    form = {} if token is None else {"csrf_token": token}
    changes = [path for method, path in _ways_in(sqlite_office) if method == "POST"]
    for path in [*changes, "/frontdesk/login"]:
        answer = client.post(path, data=form)
        assert answer.status_code == 400, path
        assert "This page was out of date" in answer.text
        assert "Nothing was changed" in answer.text
    assert client.get("/frontdesk").status_code == 200


def test_a_csrf_token_of_another_session_does_not_help(sqlite_office: Office) -> None:
    attackers_own = csrf_token(sqlite_office.client())
    answer = sqlite_office.signed_in().post("/frontdesk/logout", data={"csrf_token": attackers_own})
    assert answer.status_code == 400


def test_a_board_left_open_all_day_can_still_send_its_forms(sqlite_office: Office) -> None:
    client = sqlite_office.signed_in()
    token = csrf_token(client, "/frontdesk")
    for _ in range(12):
        sqlite_office.clock.advance(minutes=10)
        client.get("/frontdesk/board?active=1")
    assert client.post("/frontdesk/logout", data={"csrf_token": token}).status_code == 303


def test_routes_outside_the_desk_keep_their_own_rules(sqlite_office: Office) -> None:
    app = Flask("an app with a webhook", static_folder=None)
    app.config["SECRET_KEY"] = "a key that signs cookies in tests"
    app.add_url_rule("/voice/incoming", view_func=lambda: "<Response/>", methods=["POST"])
    attach(
        app,
        recordings=NO_CARRIER,
        wordings=wordings(sqlite_office.database),
        database=sqlite_office.database,
        clock=sqlite_office.clock,
        secure_cookies=False,
        link_base=LINK_BASE,
    )
    answer = app.test_client().post("/voice/incoming", data={"CallSid": "CA1"})
    assert answer.status_code == 200
    assert "Content-Security-Policy" not in answer.headers
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/frontdesk/login", "/frontdesk", "/frontdesk/static/desk.css", "/frontdesk/nothing"]
)
def test_every_answer_carries_the_security_headers(sqlite_office: Office, path: str) -> None:
    for client in (sqlite_office.client(), sqlite_office.signed_in()):
        answer = client.get(path)
        headers = answer.headers
        answer.close()
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        if "static" not in path:
            assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(sqlite_url: str, secure: bool) -> None:
    office = Office.open(sqlite_url, secure_cookies=secure)
    with office.client() as client:
        answer = log_in(client, "rosa", base_url="https://localhost" if secure else None)
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/frontdesk" in cookie
        assert ("Secure" in cookie) is secure


def test_over_https_the_browser_is_told_to_stay_there(sqlite_url: str) -> None:
    office = Office.open(sqlite_url, secure_cookies=True)
    answer = office.client().get("/frontdesk/login")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_pages_have_no_inline_script_or_style_and_ask_nobody_else(sqlite_office: Office) -> None:
    sqlite_office.open_ticket()
    pages = [
        sqlite_office.client().get("/frontdesk/login").text,
        sqlite_office.signed_in().get("/frontdesk").text,
    ]
    for page in pages:
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]* src=)", page)
        assert not re.search(r"(src|href|action)=\"(https?:)?//", page)


def test_a_desk_without_a_secret_key_does_not_start(sqlite_office: Office) -> None:
    with pytest.raises(ValueError, match="SECRET_KEY is not set"):
        attach(
            Flask("no key"),
            recordings=NO_CARRIER,
            wordings=wordings(sqlite_office.database),
            database=sqlite_office.database,
            clock=sqlite_office.clock,
            secure_cookies=False,
            link_base=LINK_BASE,
        )


def test_with_the_database_away_the_desk_says_so_and_that_callers_are_still_answered(
    sqlite_office: Office, tmp_path: Path
) -> None:
    cookie = sqlite_office.signed_in().get_cookie("callnow_desk", path="/frontdesk")
    assert cookie is not None
    away = Database(f"sqlite:///{tmp_path / 'no such folder' / 'callnow.db'}", budget_seconds=0.2)
    app = Flask("an app whose database is away", static_folder=None)
    app.config["SECRET_KEY"] = sqlite_office.app.config["SECRET_KEY"]
    attach(
        app,
        recordings=NO_CARRIER,
        wordings=wordings(away),
        database=away,
        clock=sqlite_office.clock,
        secure_cookies=False,
        link_base=LINK_BASE,
    )
    broken = Office(away, sqlite_office.clock, app)
    was_signed_in = broken.client()
    was_signed_in.set_cookie("callnow_desk", cookie.value, path="/frontdesk")
    for answer in (was_signed_in.get("/frontdesk"), log_in(broken.client(), "rosa")):
        assert answer.status_code == 503
        assert "urgent calls still reach the on-call phone" in answer.text
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
