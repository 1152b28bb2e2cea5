"""A message for the desk: announced, recorded, filed whatever happens, read for urgency."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.frontdesk import task_rows
from ivr.messages import desk_tasks, outbox
from ivr.simulator.testing import PlacedCall
from tests.calls.town import NO_TEXTS, Town
from tests.clock import MONDAY_NIGHT
from tests.product import LINE, incoming

TO_THE_TONE = ("4", "2", "2")
"""Hours, leave a message, begin."""

THANKSGIVING = datetime(2026, 11, 26, 16, 0, tzinfo=UTC)
"""10:00 at the clinic, on a Thursday on which it is closed."""


def messages(town: Town) -> list[tuple[str | None, str | None, str]]:
    """What waits for the desk: number, transcript, note."""
    town.company.settle()
    return [
        (row["callback_number"], row["transcript"], row["note"])
        for row in town.product.rows(
            "SELECT callback_number, transcript, note FROM desk_task WHERE kind = 'message' "
            "ORDER BY created_at"
        )
    ]


def to_listen_now(town: Town) -> list[bool]:
    """Of each message: whether the desk is told to listen to it now."""
    tasks = town.product.database.read(lambda session: desk_tasks.open_tasks(session, "demo"))
    now, zone = town.product.clock(), ZoneInfo("America/Chicago")
    return [task_rows.task_row(task, zone, now).listen_now for task in tasks]


def leave(call: PlacedCall, words: str) -> None:
    """Speak and press pound."""
    call.say(words)
    call.press("#")


def test_a_message_is_announced_recorded_and_filed_with_number_and_transcript(town: Town) -> None:
    call = town.call("4", "2")
    assert "Your message will be recorded." in call.heard
    assert "If this is urgent, press 1." in call.heard
    recorded = [call.is_recorded]
    call.press("2")
    assert "After the tone you are recorded." in call.heard
    assert [*recorded, call.is_recorded] == [False, True]
    leave(call, "this is Ann Lee, please call me about my insurance")
    assert "call you back on the number ending in 0 1 4 2" in call.heard
    call.press("1")
    assert "The front desk has your message" in call.heard
    assert messages(town) == [
        ("+15125550142", "this is Ann Lee, please call me about my insurance", "")
    ]
    assert town.product.count("ticket") == 0
    assert town.company.refused == []


def test_silence_after_a_message_ends_it_and_silence_at_the_number_keeps_the_number(
    town: Town,
) -> None:
    call = town.call(*TO_THE_TONE)
    call.say("please call me")
    call.stay_silent()
    assert "your message is kept" in call.heard
    call.stay_silent()
    call.stay_silent()
    assert call.is_over
    assert messages(town) == [("+15125550142", "please call me", "")]


def test_another_number_may_be_keyed(town: Town) -> None:
    call = town.call(*TO_THE_TONE)
    leave(call, "please call my daughter")
    call.press("2", "5125550177")
    assert "on the number ending in 0 1 7 7" in call.heard
    assert messages(town) == [("+15125550177", "please call my daughter", "")]


def test_who_hides_their_number_is_asked_for_one(town: Town) -> None:
    call = town.call(*TO_THE_TONE, withhold_number=True)
    leave(call, "please call me")
    assert call.heard.startswith("Thank you, your message is kept. Please key the ten-digit")
    call.press("5125550177")
    assert messages(town) == [("+15125550177", "please call me", "")]


def test_who_keys_no_number_has_left_the_message_all_the_same(town: Town) -> None:
    call = town.call(*TO_THE_TONE, withhold_number=True)
    leave(call, "it is Ann, you have my number")
    for _ in range(3):
        call.stay_silent()
    assert "I could not take down a number" in call.heard
    assert call.is_over
    assert messages(town) == [(None, "it is Ann, you have my number", "")]


def test_an_empty_message_is_asked_for_again_once_and_then_the_number_alone_is_left(
    town: Town,
) -> None:
    call = town.call(*TO_THE_TONE)
    call.stay_silent()
    assert call.heard.startswith("I did not hear anything.")
    assert call.is_recorded
    call.stay_silent()
    assert "We will call you back on the number ending in 0 1 4 2" in call.heard
    call.press("1")
    assert call.is_over
    kinds = [row["kind"] for row in town.product.rows("SELECT kind FROM desk_task")]
    assert kinds == ["callback"]


def test_who_hangs_up_while_they_speak_has_left_their_message_and_number(town: Town) -> None:
    call = town.call(*TO_THE_TONE)
    call.say("this is Ann, please call")
    call.hang_up()
    assert messages(town) == [("+15125550142", "this is Ann, please call", "")]


def test_a_message_of_a_broken_call_is_filed_by_the_carriers_report_alone(town: Town) -> None:
    call = town.call(*TO_THE_TONE)
    call.say("this is Ann, please call")
    # The turn after the recording never arrives; the report of it does.
    town.company.next_webhook("connection lost", "connection lost")
    call.hang_up()
    assert messages(town) == [("+15125550142", "this is Ann, please call", "")]


def test_a_report_that_comes_again_files_nothing_twice(town: Town) -> None:
    call = town.call(*TO_THE_TONE)
    leave(call, "please call me about my pump, it keeps beeping")
    town.company.settle()
    for webhook in [w for w in town.company.webhooks if "/voice/message/" in w.url]:
        assert town.company.replay(webhook).status_code == 204
    assert len(messages(town)) == 1
    assert town.product.count("ticket") == 1


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("my pump is beeping since yesterday", "alarm"),
        ("my mother won't wake up", "danger"),
        ("I have a fever and the scar is red", "symptom"),
        ("could the nurse call me", "unknown"),
    ],
)
def test_an_urgent_word_in_a_message_opens_a_ticket_and_pages(
    town: Town, words: str, category: str
) -> None:
    town.product.clock.now = MONDAY_NIGHT
    call = town.call(*TO_THE_TONE)
    call.say(words)
    call.hang_up()
    ((number, _, note),) = messages(town)
    assert number == "+15125550142"
    assert note == "Sounded urgent: opened urgent ticket 1."
    (ticket,) = town.product.rows("SELECT category, callback_number, status FROM ticket")
    assert ticket == {"category": category, "callback_number": "+15125550142", "status": "open"}
    pages = town.product.rows("SELECT due_at FROM outbox_message WHERE kind = 'page_sms'")
    assert len(pages) == 2
    town.let_the_worker_work()
    assert len(town.company.sms_inbox(town.nurse.number)) == 1


def test_an_urgent_message_whose_caller_is_still_there_pages_when_they_go_on(town: Town) -> None:
    call = town.call(*TO_THE_TONE)
    leave(call, "the alarm of my pump goes off")
    call.press("1")
    assert not call.is_over
    town.company.settle()
    town.let_the_worker_work()
    assert len(town.company.sms_inbox(town.nurse.number)) == 1
    call.hang_up()
    assert town.product.count("ticket") == 1


def test_urgent_help_is_offered_before_the_tone(town: Town) -> None:
    town.call("4", "2", "1", "2")
    assert town.nurse.ringing


def test_in_spanish_nothing_is_transcribed_and_the_message_is_kept(town: Town) -> None:
    call = town.call("9", *TO_THE_TONE)
    assert call.heard == "Antes del tono, diga en pocas palabras de qué se trata su mensaje."
    call.say("es por mi factura")
    assert call.heard.startswith("Después del tono se le graba.")
    leave(call, "soy Ana, llámeme por favor")
    call.press("1")
    (row,) = town.product.rows("SELECT language, transcript, note FROM desk_task")
    note = "Said before the tone: “es por mi factura”."
    assert row == {"language": "es", "transcript": None, "note": note}
    assert [w for w in town.company.webhooks if w.url.endswith("/transcribed")] == []
    assert to_listen_now(town) == [True]


def test_in_spanish_an_urgent_word_is_heard_before_the_tone(town: Town) -> None:
    call = town.call("9", *TO_THE_TONE)
    call.say("es que mi bomba está pitando")
    assert town.nurse.ringing
    (ticket,) = town.product.rows("SELECT category, language FROM ticket")
    assert ticket == {"category": "alarm", "language": "es"}


def test_in_spanish_nobody_has_to_say_what_it_is_about(town: Town) -> None:
    call = town.call("9", *TO_THE_TONE)
    call.stay_silent()
    assert call.is_recorded
    leave(call, "soy Ana")
    (row,) = town.product.rows("SELECT note FROM desk_task")
    assert row["note"] == ""
    assert to_listen_now(town) == [True]


def test_in_spanish_while_nobody_listens_the_sentence_about_911_comes_first(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT
    call = town.call("9", *TO_THE_TONE)
    assert call.heard.startswith("Si alguien no se despierta, respira mal o está en peligro,")
    assert call.heard.endswith("diga en pocas palabras de qué se trata su mensaje.")


def test_who_needs_an_interpreter_is_not_transcribed_and_listened_to_at_once(town: Town) -> None:
    call = town.call("0", "4")
    town.desk.let_ring()
    call.press("2", "2")
    assert call.is_recorded
    leave(call, "xin chào")
    town.company.settle()
    assert [w for w in town.company.webhooks if w.url.endswith("/transcribed")] == []
    assert to_listen_now(town) == [True]


def report(town: Town, what: str, **form: str) -> None:
    """The carrier tells of a message: that it was "recorded", or "transcribed"."""
    told = incoming(RecordingSid=f"RE{'1' * 32}", RecordingDuration="12", **form)
    assert town.product.post(f"/voice/message/demo/{what}", told).status_code == 204


def test_a_message_is_listened_to_where_no_transcript_comes_in_time(town: Town) -> None:
    report(town, "recorded")
    assert to_listen_now(town) == [False]
    town.product.clock.advance(minutes=15)
    assert to_listen_now(town) == [True]
    said = {"TranscriptionStatus": "completed", "TranscriptionText": "please call me"}
    report(town, "transcribed", **said)
    assert to_listen_now(town) == [False]


@pytest.mark.parametrize(
    ("status", "text"), [("failed", ""), ("completed", " "), ("failed", "beep")]
)
def test_one_that_the_carrier_made_nothing_of_is_listened_to_at_once(
    town: Town, status: str, text: str
) -> None:
    report(town, "recorded")
    report(town, "transcribed", TranscriptionStatus=status, TranscriptionText=text)
    assert to_listen_now(town) == [True]


def test_nothing_else_is_recorded(town: Town) -> None:
    call = town.call("2", "1", "1", "03041940", "1", "1", "1", "1")
    call.press(NO_TEXTS, "2", "3", "3", "4", "1", "3")
    assert not any("<Record" in webhook.text for webhook in town.company.webhooks)
    assert "press 4." in call.heard


def test_a_recording_that_is_to_be_forgotten_is_deleted_at_the_carrier_once_and_for_all(
    town: Town,
) -> None:
    call = town.call(*TO_THE_TONE)
    leave(call, "please call me")
    town.company.settle()
    (sid,) = town.company.exchange.recordings
    now = town.product.clock()
    for _ in range(2):
        town.product.database.write(
            lambda session: outbox.enqueue(
                session,
                clinic_id="demo",
                kind="delete_recording",
                lane="ordinary",
                subject=f"recording:{sid}",
                to_number=LINE,
                body=sid,
                due_at=now,
                now=now,
            )
        )
    town.let_the_worker_work()
    assert town.company.exchange.recordings == {}
    states = town.product.rows("SELECT state FROM outbox_message")
    assert [row["state"] for row in states] == ["sent", "sent"]


# Hours: what stands in the book, and the truth about now.


def test_by_day_the_line_says_until_when_the_desk_is_there(town: Town) -> None:
    call = town.call("4")
    assert "Monday to Friday, eight to five. We are open now, until 5 in the" in call.heard
    call.press("1")
    assert "Parking is behind the building" in call.heard
    call.press("3")
    assert "For appointments, press 2." in call.heard


def test_at_night_it_says_when_the_desk_opens(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT
    assert "We are closed now. We open today at 8 in the morning." in town.call("4").heard


def test_in_the_evening_it_opens_tomorrow(town: Town) -> None:
    town.product.clock.advance(hours=9)
    assert "We are closed now. We open tomorrow at 8 in the morning." in town.call("4").heard


def test_a_holiday_changes_what_is_said(town: Town) -> None:
    town.product.clock.now = THANKSGIVING
    call = town.call("4")
    assert "We are closed now." in call.heard
    assert "until" not in call.heard
    assert call.heard_in_all.count("We are open now") == 0


def test_in_spanish_hours_are_said_as_they_are_said(town: Town) -> None:
    call = town.call("9", "4")
    assert "Está abierto ahora, hasta las 5 de la tarde." in call.heard
    town.product.clock.advance(days=4, hours=9)
    call = town.company.phone("+15125550143").call("+15125550100")
    call.press("9", "4")
    assert "Abrimos el lunes 30 de noviembre a las 8 de la mañana." in call.heard


def test_a_caller_for_whom_the_desk_is_closed_hears_when_it_opens_and_may_leave_a_message(
    town: Town,
) -> None:
    town.product.clock.now = MONDAY_NIGHT
    call = town.call("0", "2")
    assert "The front desk is closed now. We open today at 8 in the morning." in call.heard
    call.press("2", "2")
    leave(call, "please call me")
    assert len(messages(town)) == 1


def test_a_desk_that_does_not_answer_for_25_seconds_is_followed_by_the_offer_of_a_message(
    town: Town,
) -> None:
    call = town.call("0", "2")
    town.desk.let_ring()
    assert "To leave a message, press 2. Only to be called back, press 3." in call.heard
    call.press("2", "2")
    assert call.is_recorded
