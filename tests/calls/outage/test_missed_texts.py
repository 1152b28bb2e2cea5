"""Somebody writes while we store nothing: the text is found in the carrier's list, and counts."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from ivr.messages import late_answers, link_texts, text_consent
from ivr.simulator.testing import PlannedFailure
from tests.calls.outage.away import (
    answers_again,
    back,
    the_web_process_dies,
    tickets,
)
from tests.calls.town import Town
from tests.carrier.outages import Outage
from tests.product import LINE, PATIENT

BEEPS = "my pump is beeping"
CALL_911 = "if this is an emergency, call 911 now."


def writes(town: Town, body: str) -> list[str]:
    """The patient texts the line; what they are answered with at once."""
    before = len(heard(town))
    town.patient.send_sms(LINE, body)
    return heard(town)[before:]


def writes_to_nobody(town: Town, body: str) -> None:
    """The same while no process of ours answers, at neither address."""
    town.company.next_webhook(*("connection lost",) * 4)
    assert writes(town, body) == []


def heard(town: Town) -> list[str]:
    """The texts that the patient's phone has received."""
    return [one.body for one in town.patient.texts if one.direction == "in"]


def found(town: Town) -> None:
    """Some time passes, and a worker looks until nothing is left to do."""
    town.company.elapse(121)
    for _ in range(4):
        town.let_the_worker_work()


def on_the_desk(town: Town) -> list[tuple[str, str]]:
    """Kind and note of each task."""
    rows = town.product.rows("SELECT kind, note FROM desk_task ORDER BY created_at, id")
    return [(str(row["kind"]), str(row["note"])) for row in rows]


def waits_for_the_morning(town: Town) -> None:
    """A text to the patient that is not to go out at night."""
    now = town.product.clock()
    town.product.database.write(
        lambda session: link_texts.send(
            session,
            clinic_id="demo",
            zone=ZoneInfo("America/Chicago"),
            number=PATIENT,
            body="The link",
            source="CA1",
            now=now,
        )
    )


def waiting(town: Town) -> list[str]:
    """The kinds of what is still to be sent."""
    rows = town.product.rows("SELECT kind FROM outbox_message WHERE state = 'pending'")
    return [str(row["kind"]) for row in rows]


def consents(town: Town) -> bool | None:
    """The patient's latest word on texts."""
    return town.product.database.read(
        lambda session: text_consent.consents(session, "demo", PATIENT)
    )


def test_an_urgent_text_of_an_outage_rings_the_nurse_though_the_process_that_took_it_died(
    outage: Outage, town: Town
) -> None:
    with outage.happening():
        (said,) = writes(town, BEEPS)
        assert CALL_911 in said
        assert "We may not reach our staff about this text." in said
    the_web_process_dies(town)
    back(outage, town)
    found(town)
    assert tickets(town) == [("open", PATIENT)]
    assert town.nurse.ringing_from == LINE
    note = f"Urgent ticket 1. Came Tue, Nov 24, 2:40 AM, and was found late. “{BEEPS}”"
    assert on_the_desk(town) == [("text_message", note)]
    (_, late) = heard(town)
    assert f"{CALL_911} We are calling our on-call staff about your text, number 1." in late


def test_a_text_that_its_process_stored_after_the_outage_is_not_found_a_second_time(
    outage: Outage, town: Town
) -> None:
    with outage.happening():
        writes(town, BEEPS)
    answers_again(outage, town)
    town.product.app.extensions["callnow_unrecorded"].record()
    town.let_the_worker_work()
    found(town)
    assert tickets(town) == [("open", PATIENT)]
    assert len(on_the_desk(town)) == len(heard(town)) == 1


def test_a_text_that_the_desk_never_got_stands_on_its_list_and_changed_nothing(
    outage: Outage, town: Town
) -> None:
    with outage.happening():
        (said,) = writes(town, "Is there parking?")
        assert "we could not take your text. Please call us." in said
    back(outage, town)
    found(town)
    ((kind, note),) = on_the_desk(town)
    assert kind == "text_message"
    assert note == (
        "Came Tue, Nov 24, 2:40 AM, and was found late. It changed nothing here, and they may "
        "believe that it did: look, and call them. “Is there parking?”"
    )
    assert (tickets(town), len(heard(town))) == ([], 1)


def test_an_urgent_text_that_no_process_answered_is_answered_as_soon_as_it_is_found(
    town: Town,
) -> None:
    writes_to_nobody(town, BEEPS)
    found(town)
    assert tickets(town) == [("open", PATIENT)]
    (said,) = heard(town)
    assert CALL_911 in said


def test_looking_again_opens_no_second_ticket_and_sends_no_second_answer(town: Town) -> None:
    writes_to_nobody(town, BEEPS)
    for _ in range(3):
        found(town)
    assert tickets(town) == [("open", PATIENT)]
    assert len(on_the_desk(town)) == len(heard(town)) == 1


def test_a_stop_that_nobody_took_counts_from_when_it_was_written(town: Town) -> None:
    writes_to_nobody(town, "STOP")
    found(town)
    assert consents(town) is False
    note = "Came Tue, Nov 24, 2:40 AM, and was found late. “STOP”"
    assert on_the_desk(town) == [("opt_out", note)]


def test_a_start_written_since_is_not_undone_by_a_stop_that_is_found_late(town: Town) -> None:
    writes_to_nobody(town, "STOP")
    town.company.elapse(20)
    writes(town, "START")
    waits_for_the_morning(town)
    found(town)
    assert consents(town) is True
    assert on_the_desk(town) == []
    assert waiting(town) == ["link_sms"]


def test_whoever_writes_five_times_in_fear_is_answered_once(town: Town) -> None:
    for body in (BEEPS, "help me", BEEPS, "my pump alarm does not stop", BEEPS):
        writes_to_nobody(town, body)
    for _ in range(3):
        found(town)
    assert tickets(town) == [("open", PATIENT)]
    assert len(heard(town)) == 1
    assert [kind for kind, _ in on_the_desk(town)].count("text_message") == 5


def test_a_stop_does_not_take_the_911_text_from_whoever_wrote_of_their_pump(town: Town) -> None:
    writes_to_nobody(town, BEEPS)
    writes_to_nobody(town, "9")
    found(town)
    assert CALL_911 in heard(town)[0]
    assert consents(town) is False


def test_a_text_of_hours_ago_pages_and_is_not_answered_as_if_it_had_just_come(
    town: Town,
) -> None:
    writes_to_nobody(town, BEEPS)
    town.company.elapse(late_answers.WITHIN.total_seconds())
    found(town)
    assert tickets(town) == [("open", PATIENT)]
    assert town.nurse.ringing_from == LINE
    assert heard(town) == []


def test_an_answer_that_could_not_be_sent_in_time_is_not_sent_any_more(town: Town) -> None:
    writes_to_nobody(town, BEEPS)
    failure = PlannedFailure(http_status=429, code=20429, path="Messages", method="POST")
    town.company.fail_rest(failure, times=20)
    found(town)
    assert waiting(town).count("answer_sms") == 1
    town.company.exchange.planned.clear()
    town.company.elapse(late_answers.WITHIN.total_seconds())
    found(town)
    assert waiting(town).count("answer_sms") == 0
    assert not [text for text in heard(town) if CALL_911 in text]


def test_the_ticket_tells_the_nurse_when_it_was_written(town: Town) -> None:
    writes_to_nobody(town, BEEPS)
    town.company.elapse(1200)
    found(town)
    (event,) = town.product.rows("SELECT detail FROM ticket_event WHERE kind = 'recovered'")
    assert "2026-11-24T08:40:" in str(event["detail"])


def test_what_was_stored_when_it_came_is_left_alone(town: Town) -> None:
    assert len(writes(town, "Is there parking?")) == 1
    stored = on_the_desk(town)
    found(town)
    assert on_the_desk(town) == stored
    assert "our records were away" not in stored[0][1]


def test_a_text_is_not_taken_from_the_request_that_brings_it(town: Town) -> None:
    writes_to_nobody(town, "Is there parking?")
    town.company.elapse(90)
    town.let_the_worker_work()
    assert on_the_desk(town) == []
    found(town)
    assert len(on_the_desk(town)) == 1


def test_urgent_words_do_not_wait_for_more_than_the_carriers_two_requests(town: Town) -> None:
    writes_to_nobody(town, BEEPS)
    town.company.elapse(25)
    town.let_the_worker_work()
    assert tickets(town) == []
    town.company.elapse(61)
    town.let_the_worker_work()
    assert tickets(town) == [("open", PATIENT)]


def test_a_carrier_that_does_not_list_texts_keeps_no_call_from_being_found(
    outage: Outage, town: Town
) -> None:
    with outage.happening():
        town.call().hang_up()
    the_web_process_dies(town)
    back(outage, town)
    writes_to_nobody(town, BEEPS)
    town.company.elapse(121)
    failure = PlannedFailure(http_status=500, code=20500, path="Messages", method="GET")
    town.company.fail_rest(failure, times=1)
    town.let_the_worker_work()
    assert tickets(town) == [("open", PATIENT)]
    assert on_the_desk(town) == []
    found(town)
    assert [kind for kind, _ in on_the_desk(town)] == ["text_message"]
