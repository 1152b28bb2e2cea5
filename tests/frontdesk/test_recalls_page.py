"""Whom the desk has to call: overdue first, tried, put off, and closed."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from ivr.messages import outbox
from ivr.messages.tables import OutboxMessage
from scheduling.tables import Recall
from tests.frontdesk.lists import (
    TODAY,
    audited,
    press,
    pump,
    refill_pumps,
    register,
    text_of,
    yearly_check,
)
from tests.frontdesk.office import OTHERS, OURS, Office

RECALL_MESSAGE = uuid4()
SOON = TODAY + timedelta(days=10)


def section(page: str, title: str) -> str:
    """What a person reads below one heading."""
    found = re.search(rf'<h2 id="{title}-title">.*?</section>', page, re.DOTALL)
    return text_of(found[0]) if found else ""


def test_overdue_refills_stand_above_all_and_the_most_overdue_first(office: Office) -> None:
    refill_pumps(office)
    for name, due_in in (("Ann Soon", 9), ("Bob Late", -2), ("Cat Later", -5)):
        pump(office, register(office, name, phone="+15125550143"), due_in)
    page = office.signed_in().get("/frontdesk/recalls").text
    overdue = section(page, "overdue")
    assert overdue.index("Cat Later") < overdue.index("Bob Late")
    assert "5 days overdue" in overdue
    assert "An overdue refill is urgent" in overdue
    assert "Ann Soon" not in overdue
    due = section(page, "due")
    assert "Ann Soon" in due
    assert "Refill Due Dec 2, 2026, in 9 days" in due
    assert "(512) 555-0143" in due
    assert page.index("Cat Later") < page.index("Ann Soon")


def test_a_row_leads_to_the_patients_page_and_says_no_name_in_the_address(office: Office) -> None:
    who = register(office, "Ann Lee")
    yearly_check(office, who, SOON)
    page = office.signed_in().get("/frontdesk/recalls").text
    assert f'href="/frontdesk/patients/{who.id}"' in page


def test_attempts_are_counted_with_the_last_outcome(office: Office) -> None:
    recall = yearly_check(office, register(office, "Ann Lee"), SOON)
    client = office.signed_in()
    assert "Not tried yet" in text_of(client.get("/frontdesk/recalls").text)
    path = f"/recalls/{recall.id}/attempt"
    page = press(client, "/recalls", path, outcome="no_answer")
    assert "Noted: no answer." in text_of(page.text)
    office.clock.advance(minutes=5)
    page = press(client, "/recalls", path, outcome="left_message")
    assert "Tried 2 times · last Mon, Nov 23, 10:05 AM: left a message" in text_of(page.text)
    (first, second) = office.rows("SELECT outcome, channel, actor FROM recall_attempt ORDER BY at")
    assert first == {"outcome": "no_answer", "channel": "desk", "actor": "Rosa Diaz"}
    assert second["outcome"] == "left_message"
    assert len(audited(office, "recall.attempted")) == 2


def test_the_same_form_sent_twice_counts_once(office: Office) -> None:
    recall = yearly_check(office, register(office, "Ann Lee"), SOON)
    client = office.signed_in()
    page = client.get("/frontdesk/recalls").text
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    for _ in range(2):
        press(client, "/recalls", f"/recalls/{recall.id}/attempt", outcome="no_answer", key=key[1])
    assert len(office.rows("SELECT id FROM recall_attempt")) == 1


def test_put_off_it_leaves_the_list_and_comes_back_on_its_day(office: Office) -> None:
    recall = yearly_check(office, register(office, "Ann Lee"), SOON)
    client = office.signed_in()
    until = TODAY + timedelta(days=3)
    page = press(
        client,
        "/recalls",
        f"/recalls/{recall.id}/snooze",
        until=until.isoformat(),
        version=str(recall.version),
    ).text
    assert "comes back by itself on that day" in text_of(page)
    assert "Ann Lee" not in section(page, "due")
    assert "Put off until Thursday, November 26" in section(page, "put-off")
    office.clock.advance(days=3)
    assert "Ann Lee" in section(office.signed_in().get("/frontdesk/recalls").text, "due")


def test_put_off_by_mistake_it_is_taken_back_at_once(office: Office) -> None:
    recall = yearly_check(office, register(office, "Ann Lee"), SOON)
    client = office.signed_in()
    until = (TODAY + timedelta(days=3)).isoformat()
    press(client, "/recalls", f"/recalls/{recall.id}/snooze", until=until)
    page = press(client, "/recalls", f"/recalls/{recall.id}/wake", version="2").text
    assert "It is back on the list of calls." in text_of(page)
    assert "Ann Lee" in section(page, "due")
    assert section(page, "put-off") == ""


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (SOON + timedelta(days=1), "It cannot be put off beyond the day on which it is due"),
        (TODAY, "A recall is put off until a later day: choose one after today."),
    ],
)
def test_a_day_that_will_not_do_is_said_and_what_was_typed_stays(
    office: Office, until: object, said: str
) -> None:
    recall = yearly_check(office, register(office, "Ann Lee"), SOON)
    client = office.signed_in()
    answer = press(client, "/recalls", f"/recalls/{recall.id}/snooze", until=str(until))
    assert answer.status_code == 409
    assert said in text_of(answer.text)
    assert f'value="{until}"' in answer.text
    assert "Ann Lee" in section(answer.text, "due")


def test_two_receptionists_on_one_recall_the_second_is_told(office: Office) -> None:
    recall = yearly_check(office, register(office, "Ann Lee"), SOON)
    client = office.signed_in()
    path = f"/recalls/{recall.id}/snooze"
    until = (TODAY + timedelta(days=3)).isoformat()
    press(client, "/recalls", path, until=until, version="1")
    answer = press(client, "/recalls", path, until=until, version="1")
    assert answer.status_code == 409
    assert "Somebody changed this a moment ago" in text_of(answer.text)


def test_a_check_is_closed_by_hand_and_a_refill_is_not(office: Office) -> None:
    refill_pumps(office)
    recall = yearly_check(office, register(office, "Ann Lee"), SOON)
    who = register(office, "Bob Pump", phone="+15125550144")
    pump(office, who, 5)
    client = office.signed_in()
    page = client.get("/frontdesk/recalls").text
    assert page.count("Take off the list") == 1
    page = press(client, "/recalls", f"/recalls/{recall.id}/close", how="moved_away").text
    assert "Ann Lee" not in page
    assert office.rows("SELECT status FROM recall WHERE pump_id IS NULL") == [{"status": "dropped"}]
    refill = office.database.read(
        lambda session: session.scalars(select(Recall.id).where(Recall.pump_id.is_not(None))).one()
    )
    answer = press(client, "/recalls", f"/recalls/{refill}/close", how="done")
    assert answer.status_code == 409
    assert "A refill's recall is not closed by hand" in text_of(answer.text)


def test_another_clinics_recall_is_neither_seen_nor_changed(office: Office) -> None:
    recall = yearly_check(office, register(office, "Olga", clinic_id=OTHERS), SOON)
    client = office.signed_in()
    assert "Olga" not in client.get("/frontdesk/recalls").text
    answer = press(client, "/recalls", f"/recalls/{recall.id}/attempt", outcome="reached")
    assert answer.status_code == 409
    assert office.rows("SELECT id FROM recall_attempt") == []


def test_looking_is_recorded(office: Office) -> None:
    yearly_check(office, register(office, "Ann Lee"), SOON)
    office.signed_in().get("/frontdesk/recalls")
    (row,) = audited(office, "recalls.viewed")
    assert "Ann" not in str(row["detail"])


def test_a_row_says_what_the_line_itself_has_told_them(office: Office) -> None:
    refill_pumps(office)
    pump(office, register(office, "Ann Soon"), 9)
    (recall,) = office.rows("SELECT id, due_on FROM recall")
    subject = f"recall:{UUID(str(recall['id']))}:{recall['due_on']}:14"
    client = office.signed_in()

    def look(kind: outbox.Kind, state: str, delivery: str | None) -> str:
        message = OutboxMessage(
            clinic_id=OURS,
            id=RECALL_MESSAGE,
            kind=kind,
            lane="ordinary",
            subject=subject,
            to_number="+15125550142",
            body="",
            due_at=office.clock(),
            state=state,
            delivery=delivery,
            created_at=office.clock(),
        )
        office.database.write(lambda session: session.merge(message))
        return section(client.get("/frontdesk/recalls").text, "due")

    assert "on its way" in look("recall_sms", "pending", None)
    assert "Texted Mon, Nov 23, 10:00 AM" in look("recall_sms", "sent", "delivered")
    assert "The text of Mon, Nov 23, 10:00 AM did not" in look("recall_sms", "sent", "undelivered")
    assert "Called by the line Mon, Nov 23, 10:00 AM" in look("recall_call", "sent", "answered")
    assert "10:00 AM: nobody picked up" in look("recall_call", "sent", "no-answer")
    assert "Texted" not in look("recall_sms", "cancelled", None)
