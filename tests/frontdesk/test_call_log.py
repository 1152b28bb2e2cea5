"""The log of calls: when, how long, in which language, which way, how it ended."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from ivr import housekeeping
from ivr.call import session as call_session
from ivr.call.call_log import Ending, ending_of, path_of
from ivr.call.flow import FLOW
from ivr.call.tables import CallRow, CallTurnRow
from tests.frontdesk.lists import audited, text_of
from tests.frontdesk.office import OTHERS, OURS, TICKET_CALLER, Office


def call(
    office: Office,
    *nodes: str,
    sid: str = "CA-1",
    clinic_id: str = OURS,
    language: str = "es",
    seconds: int | None = 95,
    ended_as: str = "completed",
) -> None:
    """A call that began now and stood at these nodes, one turn after the other."""
    began = office.clock()

    def store(session: Session) -> None:
        session.add(
            CallRow(
                clinic_id=clinic_id,
                call_sid=sid,
                from_number=TICKET_CALLER,
                started_at=began,
                ended_at=None if seconds is None else began + timedelta(seconds=seconds),
                ended_as=None if seconds is None else ended_as,
            )
        )
        for turn, node in enumerate(nodes):
            state = call_session.Session(
                clinic_id, sid, TICKET_CALLER, language=language, facts={"name": "Ana Secret"}
            )
            session.add(
                CallTurnRow(
                    clinic_id=clinic_id,
                    call_sid=sid,
                    turn=turn,
                    node=node,
                    state=state.to_json(),
                    answer="<Response/>",
                    answered_at=began + timedelta(seconds=5 * turn),
                )
            )

    office.database.write(store)


def read(office: Office, query: str = "") -> str:
    """What a person reads of the page."""
    return text_of(office.signed_in().get(f"/frontdesk/calls{query}").text)


def test_a_call_shows_its_time_number_length_language_end_and_way(office: Office) -> None:
    call(office, "main", "main", "appointments", "callback_promised")
    page = read(office)
    assert "Calls of Monday, November 23 1" in page
    assert "10:00 AM (512) 555-0188 Length 1:35 min · Spanish Came to a goodbye" in page
    assert "The way it took (3 steps) Main Appointments Callback promised" in page


def test_its_language_and_way_stay_when_its_answers_are_gone(office: Office) -> None:
    call(office, "main", "appointments")
    office.clock.advance(hours=2)
    office.database.write(lambda session: housekeeping.tidy(session, office.clock()))
    assert office.rows("SELECT state FROM call_turn WHERE state IS NOT NULL") == []
    page = read(office)
    assert "Spanish" in page
    assert "Main Appointments" in page


def test_nothing_that_the_caller_gave_is_shown(office: Office) -> None:
    call(office, "main")
    assert "Secret" not in office.signed_in().get("/frontdesk/calls").text


def test_an_urgent_call_leads_to_its_ticket(office: Office) -> None:
    call(office, "urgent_ring", sid="CA-urgent")
    number = office.open_ticket("CA-urgent")
    page = office.signed_in().get("/frontdesk/calls").text
    assert f'<a href="/frontdesk/tickets/{number}">Urgent call {number}</a>' in page
    assert "With a person, or waiting for one" in text_of(page)


def test_ends_are_told_apart(office: Office) -> None:
    call(office, "main", sid="CA-1")
    call(office, sid="CA-2", ended_as="canceled")
    call(office, "main", sid="CA-3", seconds=None)
    page = read(office)
    assert "Hung up on the way" in page
    assert "No answer of the line is on file: given up before it was answered" in page
    assert "Still going on" in page


def test_it_goes_day_by_day_of_the_clinics_calendar(office: Office) -> None:
    call(office, "main")
    assert "Day after" not in read(office)
    assert "Nobody called on this day." in read(office, "?day=2026-11-22")
    office.clock.advance(days=1)
    page = read(office, "?day=2026-11-23")
    assert "Calls of Monday, November 23 1" in page
    assert "Day after" in page


def test_a_day_that_is_none_or_to_come_shows_today(office: Office) -> None:
    for query in ("?day=yesterday", "?day=2027-01-01"):
        assert "Calls of Monday, November 23 0" in read(office, query)


def test_another_clinics_calls_are_not_shown_and_looking_is_recorded(office: Office) -> None:
    call(office, "main", clinic_id=OTHERS)
    assert "Nobody called on this day." in read(office)
    (row,) = audited(office, "calls.viewed")
    assert TICKET_CALLER not in str(row)


def test_every_way_out_of_the_flow_is_one_of_the_endings() -> None:
    assert ending_of(FLOW, "urgent_done") is Ending.FINISHED
    assert ending_of(FLOW, "urgent_everybody") is Ending.WITH_PERSON
    assert ending_of(FLOW, "main") is Ending.ON_THE_WAY
    assert ending_of(FLOW, "a node of an older flow") is Ending.ON_THE_WAY
    assert ending_of(FLOW, None) is Ending.UNANSWERED


def test_a_way_names_each_place_once_for_as_long_as_the_call_stays() -> None:
    assert path_of(["main", "main", "about", "main"]) == ("main", "about", "main")
    assert path_of([]) == ()
