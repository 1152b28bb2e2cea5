"""Whoever agreed to texts has their visit in writing, and on their calendar; nobody else has."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

from icalendar import Calendar
from sqlalchemy import text

from scheduling import contact
from scheduling.contact import ConsentKind
from tests.calls.on_file import HEAR, MYSELF, PHONE, File, austin, by_desk, tasks
from tests.calls.test_booking_by_phone import TO_THE_SLOTS
from tests.calls.town import Town
from tests.product import LINE, PATIENT

WEDNESDAY = date(2026, 12, 2)
STOP = "Reply 9 or STOP to opt out."


def agrees(file: File, kind: ConsentKind = ConsentKind.SMS, *, granted: bool = True) -> None:
    """As the desk records it."""
    town = file.town
    town.company.phone(PHONE)
    town.product.database.write(
        lambda session: contact.record_consent(
            session,
            clinic_id="demo",
            patient_id=file.patient_id,
            kind=kind,
            granted=granted,
            source="desk",
            request=by_desk(town, f"consent {kind} {granted} {file.patient_id}"),
        )
    )


def texts(town: Town, number: str = PHONE) -> list[str]:
    """What arrived at a telephone once a worker has worked."""
    for _ in range(3):
        town.let_the_worker_work()
    return [one.body for one in town.company.sms_inbox(number) if one.direction == "in"]


def call(town: Town, *keys: str) -> None:
    """The patient calls, presses these keys, and hangs up."""
    town.call(*keys).hang_up()


def link_in(body: str) -> str:
    """The path of the address in a text."""
    found = re.search(r"https://line\.example(/c/\S+)", body)
    assert found
    return found[1]


def notices(town: Town) -> list[tuple[str, str | None]]:
    """What each patient was told of, and why not where nobody was."""
    rows = town.product.rows("SELECT occasion, unreached FROM visit_notice ORDER BY id")
    return [(str(row["occasion"]), row["unreached"]) for row in rows]


def test_a_visit_moved_by_phone_is_texted_with_a_link_for_the_calendar(town: Town) -> None:
    file = File.of(town)
    agrees(file)
    visit = file.visit(austin(WEDNESDAY, 9))
    call(town, *HEAR, *MYSELF, "2", "1", "1")
    (said,) = texts(town)
    assert said.startswith("Dr. Fura's clinic: your appointment is now Tue, Nov 24, 10:00 AM. ")
    assert said.endswith(STOP)
    assert str(visit) not in said
    answer = town.product.client.get(link_in(said))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert event.decoded("dtstart") == austin(date(2026, 11, 24), 10)
    assert event["status"] == "CONFIRMED"
    for word in ("Maria", "Gonzalez", "Fura, ", "consult", str(visit), str(file.patient_id)):
        assert word not in answer.text
    assert notices(town) == [("moved", None)]


def test_a_visit_cancelled_by_phone_is_texted_and_its_calendar_entry_goes(town: Town) -> None:
    file = File.of(town)
    agrees(file)
    file.visit(austin(WEDNESDAY, 9))
    call(town, *HEAR, *MYSELF, "2", "1", "1")
    (moved,) = texts(town)
    call(town, *HEAR, *MYSELF, "3", "1")
    cancelled = texts(town)[-1]
    assert cancelled == (
        "Dr. Fura's clinic: your appointment of Tue, Nov 24, 10:00 AM is cancelled. "
        f"Questions: {LINE}. {STOP}"
    )
    calendar = Calendar.from_ical(town.product.client.get(link_in(moved)).data)
    assert calendar["method"] == "CANCEL"


def test_a_booking_by_phone_is_texted_in_the_patients_language_in_the_same_transaction(
    town: Town,
) -> None:
    file = File.of(town, None, phone="+15125550142")
    agrees(file)
    with town.product.database.engine.begin() as connection:
        connection.execute(text("UPDATE patient SET language = 'es'"))
    call(town, "2", "1", "1", "03041940", "1", "1", "1", "1")
    (message,) = town.product.rows("SELECT * FROM outbox_message")
    assert message["state"] == "pending"
    assert town.product.count("visit") == 1
    (said,) = texts(town, "+15125550142")
    assert said.startswith("Dr. Fura's clinic: su cita es el mar 24 nov, 10:00 a.m. ")


def test_who_has_not_agreed_is_not_texted_and_the_desk_can_see_why(town: Town) -> None:
    file = File.of(town)
    file.visit(austin(WEDNESDAY, 9))
    call(town, *HEAR, *MYSELF, "2", "1", "1")
    assert texts(town) == []
    assert notices(town) == [("moved", "no_consent")]
    # Calls are for reminders: nobody is rung about what they have just done.
    agrees(file, ConsentKind.CALL)
    call(town, *HEAR, *MYSELF, "3", "1")
    assert texts(town) == []
    assert notices(town)[-1] == ("cancelled", "no_consent")


def test_what_is_said_again_before_it_was_sent_takes_the_place_of_the_first(town: Town) -> None:
    file = File.of(town)
    agrees(file)
    file.visit(austin(WEDNESDAY, 9))
    call(town, *HEAR, *MYSELF, "2", "1", "1")
    call(town, *HEAR, *MYSELF, "3", "1")
    (said,) = texts(town)
    assert "is cancelled" in said
    assert notices(town) == [("cancelled", None)]


def test_at_night_it_waits_for_the_morning_and_stop_takes_it_away(town: Town) -> None:
    file = File.of(town)
    agrees(file)
    file.visit(austin(WEDNESDAY, 9))
    town.product.clock.advance(hours=13)
    call(town, *HEAR, *MYSELF, "2", "1", "1")
    assert texts(town) == []
    town.company.phone(PHONE).send_sms(LINE, "STOP")
    town.product.clock.advance(hours=9)
    assert texts(town) == []
    assert notices(town) == []
    call(town, *HEAR, *MYSELF, "3", "1")
    assert notices(town) == [("cancelled", "opted_out")]


def test_the_address_ends_after_the_visit_and_no_other_opens_anything(town: Town) -> None:
    file = File.of(town)
    agrees(file)
    file.visit(austin(WEDNESDAY, 9))
    call(town, *HEAR, *MYSELF, "2", "1", "1")
    path = link_in(texts(town)[0])
    assert town.product.client.get(path[:-5] + "x.ics").status_code == 404
    assert town.product.client.get(f"/c/{UUID(int=1)}.ics").status_code == 404
    town.product.clock.now = austin(date(2026, 11, 25), 10) + timedelta(hours=1)
    gone = town.product.client.get(path)
    assert gone.status_code == 404
    assert "Please call us" in gone.text
    town.let_the_worker_work()
    assert town.product.count("calendar_link") == 0


def test_a_text_that_the_carrier_could_not_deliver_is_the_desks(town: Town) -> None:
    file = File.of(town)
    agrees(file)
    file.visit(austin(WEDNESDAY, 9))
    call(town, *HEAR, *MYSELF, "2", "1", "1")
    town.company.next_message_fails(30006)
    assert texts(town) == []
    assert tasks(town) == ["reminder_failed"]
    (task,) = town.product.rows("SELECT note, callback_number FROM desk_task")
    assert task["callback_number"] == PHONE
    assert task["note"] == (
        "The text about what was done to the visit on 2026-11-24 at 10:00 did not arrive. A "
        "landline, or a phone whose company takes no texts (the telephone company's code 30006). "
        "Call it, since it may ring all the same, and ask whether we may call it."
    )


def test_whoever_agrees_in_the_call_has_in_writing_what_they_have_just_booked(town: Town) -> None:
    call(town, *TO_THE_SLOTS, "1", "1", "1")
    (said,) = texts(town, PATIENT)
    assert said.startswith("Dr. Fura's clinic: your appointment is ")
    assert said.endswith(STOP)
    assert notices(town) == [("booked", None)]


def test_whoever_declines_in_the_call_or_says_nothing_is_texted_nothing(town: Town) -> None:
    call(town, *TO_THE_SLOTS, "1", "1", "2")
    assert texts(town, PATIENT) == []
    assert notices(town) == [("booked", "no_consent")]
