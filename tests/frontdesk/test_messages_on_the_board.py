"""A spoken message on the desk's board: read, listened to, ticked off, by its own clinic alone."""

from __future__ import annotations

import html
import io
import re
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from ivr.app import create_app
from ivr.frontdesk import accounts
from ivr.simulator.testing import PhoneCompany, PlannedFailure
from scheduling import directory
from scheduling.database import Database
from tests.calls.town import WITH_CLINIC, Town
from tests.clock import ManualClock
from tests.frontdesk.office import (
    OTHERS,
    PASSWORD,
    clinic_definition,
    csrf_token,
    log_in,
    version_of,
)
from tests.product import Product, settings_for
from tests.provision.databases import Template
from tests.provision.ports import free_port


@pytest.fixture(scope="session")
def database_template() -> Template:
    """The demo clinic, which has a line; the other tests of the desk need none."""
    return WITH_CLINIC


OTHER_CLINIC = clinic_definition(OTHERS, "+15125550200")


@dataclass
class Reception:
    """A desk whose line and whose phone company are at work."""

    town: Town
    client: FlaskClient

    def board(self) -> str:
        return self.client.get("/frontdesk").text

    def read(self) -> str:
        """What a person reads on the board."""
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.board())).split())

    def link(self) -> str:
        """The address behind "Listen"."""
        found = re.search(r'href="(/frontdesk/tasks/[^"]+/recording)"', self.board())
        assert found, "no message can be listened to"
        return found[1]

    def leave_message(self, words: str) -> None:
        call = self.town.call("4", "2", "2")
        call.say(words)
        call.press("#", "1")
        call.hang_up()
        self.town.company.settle()


def add_user(database: Database, login: str, clinic_id: str = "demo") -> None:
    database.write(
        lambda session: accounts.add_user(
            session,
            clinic_id=clinic_id,
            login=login,
            name=login.title(),
            password=PASSWORD,
            role="front_desk",
            now=ManualClock()(),
        )
    )


@pytest.fixture
def reception(database_url: str) -> Iterator[Reception]:
    port = free_port()
    settings = settings_for(
        database_url, base="http://localhost", api_base=f"http://127.0.0.1:{port}"
    )
    database, clock = Database(database_url), ManualClock()
    add_user(database, "rosa")
    app = create_app(settings, clock=clock, database=database)
    product = Product(settings, database, clock, app)
    with httpx.Client(
        transport=httpx.WSGITransport(app=app), base_url=settings.public_base_url
    ) as http:
        company = PhoneCompany(Town.company_config(product), http=http)
        with company.serve(port=port):
            client = app.test_client()
            assert log_in(client, "rosa").status_code == 303
            yield Reception(Town(product, company), client)
    database.dispose()


def test_a_message_shows_its_transcript_its_number_and_how_long_it_is(
    reception: Reception,
) -> None:
    reception.leave_message("this is Ann Lee, please call about my insurance")
    board = reception.read()
    assert "(512) 555-0142" in board
    assert "Spoken message" in board
    assert "“this is Ann Lee, please call about my insurance”" in board
    assert re.search(r"Listen \(0:\d\d\)", board)


def test_the_open_board_is_told_when_the_transcript_arrives(reception: Reception) -> None:
    call = reception.town.call("4", "2", "2")
    call.say("please call me")
    call.press("#")
    (transcript,) = [w for w in reception.town.company.webhooks if w.url.endswith("/transcribed")]
    version = version_of(reception.board())
    assert reception.client.get(f"/frontdesk/board?seen={version}").status_code == 204
    # As it was before the transcript came.
    with reception.town.product.database.engine.begin() as connection:
        connection.execute(text("UPDATE desk_task SET transcript = NULL"))
    without = version_of(reception.board())
    assert without != version
    reception.town.company.replay(transcript)
    assert version_of(reception.board()) == version


def test_it_can_be_listened_to_through_the_desk_and_the_audit_says_who_did(
    reception: Reception,
) -> None:
    reception.leave_message("please call me about my insurance")
    heard = reception.client.get(reception.link())
    assert heard.status_code == 200
    assert heard.content_type == "audio/x-wav"
    assert heard.headers["Cache-Control"] == "no-store"
    with wave.open(io.BytesIO(heard.data)) as sound:
        assert sound.getnframes() > 0
    (row,) = reception.town.product.rows(
        "SELECT count(*) AS n FROM staff_audit WHERE action = 'message.heard'"
    )
    assert row["n"] == 1


def test_no_address_of_the_carriers_stands_on_the_board(reception: Reception) -> None:
    reception.leave_message("please call me")
    page = reception.board()
    assert "api.twilio.com" not in page
    assert not re.search(r"RE[0-9a-f]{32}", page)


def test_nobody_listens_without_a_log_in(reception: Reception) -> None:
    reception.leave_message("please call me")
    stranger = reception.town.product.app.test_client()
    answer = stranger.get(reception.link())
    assert answer.status_code == 303
    assert answer.location.startswith("/frontdesk/login")


def test_another_clinics_desk_finds_no_such_message(reception: Reception) -> None:
    reception.leave_message("please call me")
    database = reception.town.product.database
    database.write(lambda session: directory.load_clinic(session, OTHER_CLINIC))
    add_user(database, "otto", OTHERS)
    other = reception.town.product.app.test_client()
    assert log_in(other, "otto").status_code == 303
    answer = other.get(reception.link())
    assert answer.status_code == 404
    assert "There is no such message" in answer.text


def test_a_task_without_a_recording_has_none(reception: Reception) -> None:
    call = reception.town.call("0", "2")
    reception.town.desk.let_ring()
    call.press("3", "1")
    assert "Listen" not in reception.read()
    (task,) = reception.town.product.rows("SELECT id FROM desk_task")
    missing = reception.client.get(f"/frontdesk/tasks/{UUID(str(task['id']))}/recording")
    assert missing.status_code == 404


def test_a_carrier_in_trouble_is_named_and_the_board_goes_on(reception: Reception) -> None:
    reception.leave_message("please call me")
    link = reception.link()
    reception.town.company.fail_rest(
        PlannedFailure(500, 20500, "Internal error", path="Recordings", method="GET")
    )
    answer = reception.client.get(link)
    assert answer.status_code == 502
    assert "The recording cannot be fetched" in answer.text
    assert reception.client.get(link).status_code == 200


def test_a_recording_that_is_gone_is_no_crash(reception: Reception) -> None:
    reception.leave_message("please call me")
    reception.town.company.exchange.recordings.clear()
    assert reception.client.get(reception.link()).status_code == 502


def test_an_urgent_message_stands_beside_the_ticket_that_it_opened(reception: Reception) -> None:
    reception.leave_message("my pump is beeping")
    board = reception.read()
    assert "Pump alarm or missed refill Ticket 1" in board
    assert "Sounded urgent: opened urgent ticket 1." in board


def test_it_is_ticked_off_like_every_task(reception: Reception) -> None:
    reception.leave_message("please call me")
    (task,) = reception.town.product.rows("SELECT id FROM desk_task")
    done = reception.client.post(
        f"/frontdesk/tasks/{UUID(str(task['id']))}/done",
        data={"csrf_token": csrf_token(reception.client, "/frontdesk")},
    )
    assert done.status_code == 303
    assert "Nothing is waiting for the desk." in reception.read()


def test_what_a_caller_says_is_shown_as_text(reception: Reception) -> None:
    reception.leave_message("<script>alert(1)</script>")
    assert "<script>alert" not in reception.board()
