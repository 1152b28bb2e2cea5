"""An open page that asks for news: seldom of the database, and never told less than is so."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from ivr.frontdesk import sessions
from ivr.frontdesk.pulse import SIGN_IN_HOLDS, VERSION_HOLDS
from ivr.frontdesk.tables import StaffUser
from ivr.messages import heartbeat
from scheduling.database import Database
from tests.frontdesk.office import OURS, TODAY_AT_ELEVEN, Office, version_of


class OpenBoard:
    """A signed-in browser that knows the version it shows."""

    def __init__(self, office: Office) -> None:
        self.client: FlaskClient = office.signed_in()
        self._seen = version_of(self.client.get("/frontdesk").text)

    def asks(self, **also: str) -> TestResponse:
        return self.client.get("/frontdesk/board", query_string={"seen": self._seen, **also})


@pytest.fixture
def board(office: Office) -> OpenBoard:
    opened = OpenBoard(office)
    assert opened.asks().status_code == 204
    return opened


def elsewhere(office: Office) -> Office:
    """The same desk in another process."""
    return Office.open(office.database.url.render_as_string(hide_password=False))


def test_while_nothing_happens_it_costs_no_look_into_the_database(
    office: Office, board: OpenBoard
) -> None:
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(office.database.engine, "before_cursor_execute", note)
    assert {board.asks().status_code for _ in range(20)} == {204}
    assert statements == []
    office.clock.now += VERSION_HOLDS
    assert board.asks().status_code == 204
    assert statements != []


def test_a_change_of_this_process_is_seen_at_once(office: Office, board: OpenBoard) -> None:
    office.book("Maria", TODAY_AT_ELEVEN)
    assert "Maria" in board.asks().text


def test_a_change_of_another_process_is_seen_within_half_a_second(
    office: Office, board: OpenBoard
) -> None:
    other = elsewhere(office)
    other.book("Maria", TODAY_AT_ELEVEN)
    other.database.dispose()
    office.clock.now += VERSION_HOLDS
    assert "Maria" in board.asks().text


def test_a_browser_signed_out_by_another_process_gets_no_page_and_soon_no_answer(
    office: Office, board: OpenBoard
) -> None:
    other = Database(office.database.url.render_as_string(hide_password=False))
    rosa = select(StaffUser.id).where(StaffUser.clinic_id == OURS, StaffUser.login == "rosa")
    staff_id = other.read(lambda s: s.scalars(rosa).one())
    other.write(lambda s: sessions.close_all(s, clinic_id=OURS, staff_id=staff_id))
    other.dispose()
    assert board.asks(active="1").status_code == 303
    office.clock.now += SIGN_IN_HOLDS
    assert board.asks().status_code == 303


def test_it_locks_to_the_second_however_often_the_page_asked(
    office: Office, board: OpenBoard
) -> None:
    office.clock.now += sessions.IDLE - 2 * VERSION_HOLDS
    assert board.asks().status_code == 204
    office.clock.now += 2 * VERSION_HOLDS
    locked = board.asks()
    assert locked.status_code == 303
    assert "/frontdesk/lock" in (locked.location or "")


def test_the_early_answer_carries_the_headers_of_any_page(office: Office, board: OpenBoard) -> None:
    early, page = board.asks(), board.asks(active="1")
    assert (early.status_code, page.status_code) == (204, 204)
    assert early.headers["Cache-Control"] == "no-store"
    missing = dict(page.headers).items() - dict(early.headers).items()
    assert {name for name, _ in missing} <= {"Content-Type", "Vary"}


def test_a_cookie_that_was_altered_is_asked_to_sign_in(office: Office, board: OpenBoard) -> None:
    cookie = board.client.get_cookie("callnow_desk", path="/frontdesk")
    assert cookie is not None
    board.client.set_cookie("callnow_desk", cookie.value + "x", path="/frontdesk")
    assert board.asks().status_code == 303


def test_without_the_database_the_page_says_so(sqlite_office: Office) -> None:
    board = OpenBoard(sqlite_office)
    assert board.asks().status_code == 204
    sqlite_office.database.dispose()
    file = Path(str(sqlite_office.database.url.database))
    file.unlink()
    file.mkdir()
    sqlite_office.clock.now += VERSION_HOLDS
    answer = board.asks()
    assert answer.status_code == 503
    assert "urgent calls still reach the on-call phone" in answer.text


def test_that_a_worker_has_begun_is_news_where_none_ever_did(
    office: Office, board: OpenBoard
) -> None:
    now = office.clock()
    office.database.write(lambda s: heartbeat.beat(s, worker_id="w", started_at=now, now=now))
    assert board.asks().status_code == 200


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns"])
@pytest.mark.parametrize("microsecond", [0, 120_000, 123_456])
def test_the_last_beat_is_the_same_however_it_is_asked_for(
    office: Office, zone: str, microsecond: int
) -> None:
    now = office.clock().replace(microsecond=microsecond)
    office.database.write(lambda s: heartbeat.beat(s, worker_id="w", started_at=now, now=now))

    def ask(session: Session) -> datetime | None:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(f"SET LOCAL TIME ZONE '{zone}'"))
        return heartbeat.beat_of(filter(None, session.scalars(heartbeat.LAST_BEAT)))

    assert office.database.read(ask) == office.database.read(heartbeat.last_beat) == now


def test_where_no_worker_ever_began_there_is_no_beat(office: Office) -> None:
    def ask(session: Session) -> datetime | None:
        return heartbeat.beat_of(filter(None, session.scalars(heartbeat.LAST_BEAT)))

    assert office.database.read(ask) is None
