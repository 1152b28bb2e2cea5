"""What the receptionist sees, and whose."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import DBAPIError

from ivr.messages import desk_tasks
from ivr.oncall import acceptance, board
from tests.frontdesk.office import (
    OTHERS,
    OURS,
    TASK_CALLER,
    TICKET_CALLER,
    TODAY_AT_ELEVEN,
    Office,
    csrf_token,
    version_of,
)

TOMORROW = TODAY_AT_ELEVEN.replace(day=24)


def _text(page: str) -> str:
    """What a person reads of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def _task(office: Office, *, clinic_id: str = OURS, note: str = "", kind: str = "callback") -> str:
    """Put a task on the desk's list; returns its id."""
    return str(
        office.database.write(
            lambda s: (
                desk_tasks.open_task(
                    s,
                    clinic_id=clinic_id,
                    kind=kind,
                    callback_number=TASK_CALLER,
                    language="es",
                    note=note,
                    source=None,
                    now=office.clock(),
                ).id
            )
        )
    )


def test_todays_visit_stands_there_with_all_that_is_known(office: Office) -> None:
    office.book("Ana María Fernández", TODAY_AT_ELEVEN)
    office.clock.advance(minutes=4)
    page = _text(office.signed_in().get("/frontdesk").text)
    assert "Today Monday, November 23 1 visit" in page
    assert "11:00 AM until – 11:30 AM Ana María Fernández Born Mar 4, 1961" in page
    assert "Consultation Doctor Fura · Room 1" in page
    assert "Callback number (512) 555-0142 Status Booked By phone 4 min ago" in page


def test_coming_days_follow_in_order_up_to_a_fortnight(office: Office) -> None:
    office.book("Last Shown", TODAY_AT_ELEVEN.replace(month=12, day=7, hour=18, minute=30))
    office.book("Too Far", TODAY_AT_ELEVEN.replace(month=12, day=8, hour=7), born=date(1970, 1, 1))
    office.book("Tom Orrow", TOMORROW, born=date(1980, 1, 1))
    page = _text(office.signed_in().get("/frontdesk").text)
    assert "Nobody is booked for today." in page
    assert "Tomorrow Tuesday, November 24 1 visit" in page
    assert page.index("Tom Orrow") < page.index("Last Shown")
    assert "Too Far" not in page
    assert "That is everything up to Monday, December 7." in page


def test_an_empty_book_says_so(office: Office) -> None:
    page = _text(office.signed_in().get("/frontdesk").text)
    assert "Nobody is booked for today." in page
    assert "Nothing is booked for the days after today, up to Monday, December 7." in page
    assert "No urgent call is open" in page
    assert "Nothing is waiting for the desk." in page


def test_the_day_is_the_clinics_and_not_the_servers(office: Office) -> None:
    office.book("Ana Late", TODAY_AT_ELEVEN.replace(hour=18))
    office.clock.now = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    page = _text(office.signed_in().get("/frontdesk").text)
    assert "Today Monday, November 23 1 visit" in page
    assert "6:00 PM" in page


def test_the_fortnight_in_which_the_clocks_change_keeps_its_times(office: Office) -> None:
    office.clock.now = datetime(2026, 10, 26, 15, 0, tzinfo=UTC)
    office.book("Before Change", datetime(2026, 10, 31, 9, 0))  # noqa: DTZ001  # wall clock
    office.book("After Change", datetime(2026, 11, 2, 9, 0), born=date(1970, 1, 1))  # noqa: DTZ001  # wall clock
    page = _text(office.signed_in().get("/frontdesk").text)
    assert page.count("9:00 AM until – 9:30 AM") == 2


def test_a_patient_without_a_name_is_marked(office: Office) -> None:
    office.book(None, TODAY_AT_ELEVEN)
    assert "Name to be asked" in _text(office.signed_in().get("/frontdesk").text)


def test_a_name_is_shown_as_text_whatever_it_holds(office: Office) -> None:
    office.book("<script>alert('x')</script> \"><img src=x>", TODAY_AT_ELEVEN)
    _task(office, note="<b onclick=steal()>hello</b>", kind="text_message")
    page = office.signed_in().get("/frontdesk").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b onclick" not in page
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("confirmed", "Confirmed"),
        ("checked_in", "Checked in"),
        ("completed", "Completed"),
        ("cancelled", "Cancelled"),
        ("no_show", "Did not come"),
    ],
)
def test_every_status_is_said_in_words(sqlite_office: Office, status: str, words: str) -> None:
    sqlite_office.book("Ana", TODAY_AT_ELEVEN)
    with sqlite_office.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE visit SET status = ?", (status,))
    page = sqlite_office.signed_in().get("/frontdesk").text
    assert f'data-status="{status}">{words}<' in page


def test_an_urgent_call_is_pinned_above_all_with_its_age(office: Office) -> None:
    office.open_ticket()
    office.clock.advance(hours=1, minutes=5)
    page = _text(office.signed_in().get("/frontdesk").text)
    assert "Urgent calls 1 1 h 05 min Urgent call Ticket 1 Nobody has it yet" in page
    assert "(512) 555-0188" in page
    assert page.index("Urgent calls") < page.index("Today Monday")


def test_an_accepted_urgent_call_says_who_has_it(office: Office) -> None:
    office.open_ticket()
    (stored,) = office.database.read(lambda s: board.open_tickets(s, OURS))
    office.database.write(
        lambda s: acceptance.accept(
            s, clinic_id=OURS, ticket_id=stored.id, person_key="ana", now=office.clock()
        )
    )
    assert "Accepted by Ana Ruiz" in _text(office.signed_in().get("/frontdesk").text)


def test_who_waits_for_the_desk_is_listed_until_somebody_does_it(office: Office) -> None:
    task = _task(office, note="Please call after five", kind="text_message")
    office.clock.advance(minutes=22)
    client = office.signed_in()
    page = _text(client.get("/frontdesk").text)
    assert "To do 1 (512) 555-0177 22 min Text message · Spanish Please call after five" in page
    path, token = f"/frontdesk/tasks/{task}/done", csrf_token(client, "/frontdesk")
    done = client.post(path, data={"csrf_token": token})
    assert done.location == "/frontdesk"
    assert "Nothing is waiting for the desk." in _text(client.get("/frontdesk").text)
    assert [row["done_by"] for row in office.rows("SELECT done_by FROM desk_task")] == ["Rosa Diaz"]
    again = client.post(path, data={"csrf_token": token}, headers={"HX-Request": "true"})
    assert again.status_code == 200
    assert "Nothing is waiting for the desk." in _text(again.text)


def test_the_open_page_is_told_nothing_while_nothing_changes(office: Office) -> None:
    office.book("Ana", TODAY_AT_ELEVEN)
    client = office.signed_in()
    seen = version_of(client.get("/frontdesk").text)
    office.clock.advance(seconds=59)
    answer = client.get(f"/frontdesk/board?seen={seen}")
    assert (answer.status_code, answer.data) == (204, b"")


def test_the_open_page_is_told_every_kind_of_change(office: Office) -> None:
    client = office.signed_in()
    seen = version_of(client.get("/frontdesk").text)

    def news() -> str:
        nonlocal seen
        answer = client.get(f"/frontdesk/board?seen={seen}")
        assert answer.status_code == 200
        assert "<html" not in answer.text
        seen = version_of(answer.text)
        assert client.get(f"/frontdesk/board?seen={seen}").status_code == 204
        return _text(answer.text)

    office.book("Ana New", TODAY_AT_ELEVEN)
    assert "Ana New" in news()
    office.open_ticket()
    assert TICKET_CALLER[-4:] in news()
    _task(office)
    assert TASK_CALLER[-4:] in news()
    office.clock.advance(minutes=10)
    client.get("/frontdesk/board?active=1")
    office.clock.now = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    client = office.signed_in()
    assert "Today Tuesday, November 24" in news()


def test_the_other_clinics_board_shows_nothing_of_ours(office: Office) -> None:
    office.book("Ana Ours", TODAY_AT_ELEVEN)
    number = office.open_ticket()
    task = _task(office, note="ours alone")
    theirs = office.signed_in("otto")
    before = version_of(theirs.get("/frontdesk").text)
    page = theirs.get("/frontdesk").text
    assert "Ana Ours" not in page
    assert "ours alone" not in page
    assert "No urgent call is open" in page
    assert theirs.get(f"/frontdesk/tickets/{number}").status_code == 404
    token = csrf_token(theirs, "/frontdesk")
    theirs.post(f"/frontdesk/tasks/{task}/done", data={"csrf_token": token})
    assert [row["done_at"] for row in office.rows("SELECT done_at FROM desk_task")] == [None]
    office.book("Ana Again", TOMORROW, born=date(1970, 1, 1))
    assert theirs.get(f"/frontdesk/board?seen={before}").status_code == 204


@pytest.mark.parametrize("parameter", ["clinic_id", "clinic"])
def test_a_request_cannot_name_its_clinic(office: Office, parameter: str) -> None:
    office.book("Ana Ours", TODAY_AT_ELEVEN)
    theirs = office.signed_in("otto")
    for path in ("/frontdesk", "/frontdesk/board"):
        answer = theirs.get(f"{path}?{parameter}={OURS}")
        assert answer.status_code == 200
        assert "Ana Ours" not in answer.text


def test_a_session_of_another_clinic_with_the_same_secret_does_not_exist(office: Office) -> None:
    with office.client() as client:
        client.post("/frontdesk/login")
        with client.session_transaction("/frontdesk") as cookie:
            cookie["_user_id"] = f"{OTHERS}:guessed"
        assert client.get("/frontdesk").status_code == 303


def test_each_look_at_patients_is_in_the_audit_and_a_poll_without_news_is_not(
    office: Office,
) -> None:
    office.book("Ana", TODAY_AT_ELEVEN)
    client = office.signed_in()
    seen = version_of(client.get("/frontdesk").text)
    for _ in range(3):
        client.get(f"/frontdesk/board?seen={seen}")
    office.book("Ben", TOMORROW, born=date(1970, 1, 1))
    client.get(f"/frontdesk/board?seen={seen}")
    rows = office.rows(
        "SELECT a.clinic_id, a.action, u.login FROM staff_audit a JOIN staff_user u"
        " ON u.clinic_id = a.clinic_id AND u.id = a.staff_id ORDER BY a.id"
    )
    assert [row["action"] for row in rows] == ["staff.logged_in", "board.viewed", "board.viewed"]
    assert {(row["clinic_id"], row["login"]) for row in rows} == {(OURS, "rosa")}


def test_the_audit_names_no_patient(office: Office) -> None:
    office.book("Ana Fernández", TODAY_AT_ELEVEN)
    office.signed_in().get("/frontdesk")
    stored = str(office.rows("SELECT * FROM staff_audit"))
    assert "Fern" not in stored
    assert "5550142" not in stored
    assert "1961" not in stored


@pytest.mark.parametrize(
    "change", ["UPDATE staff_audit SET action = 'nothing'", "DELETE FROM staff_audit"]
)
def test_the_audit_cannot_be_altered(office: Office, change: str) -> None:
    office.signed_in()
    with (
        pytest.raises(DBAPIError, match="append-only"),
        office.database.engine.begin() as connection,
    ):
        connection.exec_driver_sql(change)
    assert len(office.rows("SELECT id FROM staff_audit")) == 1
