"""An urgent call's page, and closing it at the desk."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ivr.frontdesk.wording import DISPOSITION, TICKET_EVENT
from ivr.oncall import acceptance, board, ringing
from ivr.oncall.dispositions import Disposition
from ivr.oncall.escalation import EventKind
from tests.frontdesk.office import OURS, Office, csrf_token

WAITING_ONLY = "Called back, could not be reached"


def _text(page: str) -> str:
    """What a person reads of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def _accept(office: Office) -> None:
    (stored,) = office.database.read(lambda s: board.open_tickets(s, OURS))
    office.database.write(
        lambda s: acceptance.accept(
            s, clinic_id=OURS, ticket_id=stored.id, person_key="ana", now=office.clock()
        )
    )


def _close(client: FlaskClient, disposition: str, **headers: str) -> TestResponse:
    form = {"disposition": disposition, "csrf_token": csrf_token(client, "/frontdesk")}
    return client.post("/frontdesk/tickets/1/close", data=form, headers=headers)


def _stored(office: Office) -> list[str]:
    return [str(row["status"]) for row in office.rows("SELECT status FROM ticket")]


def test_the_link_in_an_on_call_text_leads_to_the_whole_story(office: Office) -> None:
    number = office.open_ticket()
    (stored,) = office.database.read(lambda s: board.open_tickets(s, OURS))
    office.clock.advance(seconds=7)
    office.database.write(
        lambda s: ringing.next_ring(s, clinic_id=OURS, ticket_id=stored.id, now=office.clock())
    )
    _accept(office)
    page = _text(office.signed_in().get(f"/frontdesk/tickets/{number}").text)
    assert "About Urgent call Status Accepted by Ana Ruiz Who has it Ana Ruiz" in page
    assert "Callback number (512) 555-0188" in page
    assert (
        "Mon, Nov 23, 10:00:00 AM The caller asked for urgent help "
        "Mon, Nov 23, 10:00:07 AM Rang Ana Ruiz "
        "Mon, Nov 23, 10:00:07 AM Ana Ruiz accepted the call"
    ) in page


def test_every_kind_of_event_has_words() -> None:
    assert set(TICKET_EVENT) == set(EventKind)
    assert set(DISPOSITION) == set(Disposition)


def test_a_number_nobody_has_leads_to_the_board(office: Office) -> None:
    gone = office.signed_in().get("/frontdesk/tickets/99")
    assert gone.status_code == 404
    assert "There is no urgent call 99" in gone.text


def test_an_accepted_call_is_closed_from_the_board_and_its_page_tells_of_it(office: Office) -> None:
    office.open_ticket()
    _accept(office)
    client = office.signed_in()
    assert _close(client, "not_reached").location == "/frontdesk"
    assert "No urgent call is open" in client.get("/frontdesk").text
    assert _stored(office) == ["closed"]
    page = client.get("/frontdesk/tickets/1").text
    assert "Closed by Rosa Diaz: Called back, could not be reached" in _text(page)
    assert "<select" not in page


def test_closing_is_in_the_audit_once(office: Office) -> None:
    office.open_ticket()
    client = office.signed_in()
    for _ in range(2):
        _close(client, "helped")
    audited = office.rows("SELECT detail FROM staff_audit WHERE action = 'ticket.closed'")
    assert len(audited) == 1
    assert '"helped"' in str(audited[0]["detail"]).replace("'", '"')


def test_a_call_nobody_accepted_cannot_be_closed_as_not_reached(office: Office) -> None:
    office.open_ticket()
    client = office.signed_in()
    assert WAITING_ONLY not in client.get("/frontdesk").text
    refused = _close(client, "not_reached")
    assert refused.status_code == 409
    assert "nobody on call has accepted it" in _text(refused.text)
    assert _stored(office) == ["open"]
    _accept(office)
    assert WAITING_ONLY in client.get("/frontdesk").text


@pytest.mark.parametrize("chosen", ["", "forgotten", "HELPED"])
def test_a_call_is_not_closed_without_saying_what_became_of_it(
    sqlite_office: Office, chosen: str
) -> None:
    sqlite_office.open_ticket()
    refused = _close(sqlite_office.signed_in(), chosen)
    assert refused.status_code == 400
    assert "choose first what became of the call" in _text(refused.text)
    assert _stored(sqlite_office) == ["open"]


def test_the_second_of_two_who_close_at_once_reads_who_was_first(office: Office) -> None:
    office.open_ticket()
    client = office.signed_in()
    _close(client, "sent_to_911")
    late = _close(client, "no_need")
    assert late.status_code == 409
    assert (
        "Rosa Diaz closed urgent call 1 before you, Mon, Nov 23, 10:00 AM. "
        "Told to call 911, or went to an emergency room."
    ) in _text(late.text)
    live = _close(client, "no_need", **{"HX-Request": "true"})
    assert live.status_code == 200
    assert "Rosa Diaz closed urgent call 1 before you" in _text(live.text)
    assert "<html" not in live.text


def test_the_other_clinic_neither_sees_nor_closes_our_call(office: Office) -> None:
    office.open_ticket()
    theirs = office.signed_in("otto")
    assert theirs.get("/frontdesk/tickets/1").status_code == 404
    assert _close(theirs, "helped").status_code == 404
    assert _stored(office) == ["open"]


def test_a_role_that_was_not_allowed_it_closes_nothing(sqlite_office: Office) -> None:
    sqlite_office.open_ticket()
    client = sqlite_office.signed_in()
    with sqlite_office.database.engine.connect() as connection:
        # A role of a later version, which this one's CHECK knows nothing of.
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        connection.exec_driver_sql("UPDATE staff_user SET role = 'visitor' WHERE login = 'rosa'")
        connection.commit()
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")
    refused = _close(client, "helped")
    assert refused.status_code == 403
    assert "Your account may not do this" in refused.text
    assert _stored(sqlite_office) == ["open"]


def test_a_call_that_its_caller_opened_again_is_back_on_the_board(office: Office) -> None:
    office.open_ticket()
    client = office.signed_in()
    (stored,) = office.database.read(lambda s: board.open_tickets(s, OURS))
    _close(client, "helped")
    office.database.write(
        lambda s: ringing.start_round(s, clinic_id=OURS, ticket_id=stored.id, now=office.clock())
    )
    assert "Nobody has it yet" in client.get("/frontdesk").text
    story = _text(client.get("/frontdesk/tickets/1").text)
    assert "Opened again: the caller still asked for help" in story
