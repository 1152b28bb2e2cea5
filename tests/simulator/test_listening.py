"""What a caller hears, and what becomes of the keys and words they give."""

import io
import wave
from datetime import timedelta

import pytest
from flask import Response

from ivr.simulator.testing import Handset, NothingToDoError, PhoneCompany
from tests.simulator.conftest import CLINIC, PATIENT, TinyProduct

MENU = (
    '<Gather action="/menu" numDigits="1" input="dtmf speech" timeout="8" hints="nurse"'
    ' actionOnEmptyResult="true"><Say>Press 1 or 2.</Say></Gather>'
)


@pytest.fixture
def menu(product: TinyProduct) -> None:
    product.says("/voice", MENU)
    product.says("/menu", "<Say>Thank you.</Say>")


def test_an_incoming_call_is_announced_with_twilios_fields(
    product: TinyProduct, patient: Handset, menu: None
) -> None:
    call = patient.call(CLINIC)
    [asked] = product.asked_for("/voice")
    assert asked["CallSid"] == call.sid
    assert asked["CallStatus"] == "ringing"
    assert asked["Direction"] == "inbound"
    assert asked["From"] == asked["Caller"] == PATIENT
    assert asked["To"] == asked["Called"] == CLINIC
    assert asked["ApiVersion"] == "2010-04-01"
    assert asked["FromCity"] == ""
    assert "ParentCallSid" not in asked


def test_a_withheld_number_is_anonymous(product: TinyProduct, patient: Handset, menu: None) -> None:
    patient.call(CLINIC, withhold_number=True)
    assert product.asked_for("/voice")[0]["From"] == "anonymous"


def test_a_key_is_sent_to_the_action_as_soon_as_it_completes_the_entry(
    product: TinyProduct, patient: Handset, menu: None
) -> None:
    call = patient.call(CLINIC)
    assert call.heard == "Press 1 or 2."
    call.press("2")
    assert call.heard == "Thank you."
    [asked] = product.asked_for("/menu")
    assert (asked["Digits"], asked["FinishedOnKey"]) == ("2", "")
    assert asked["CallStatus"] == "in-progress"


def test_spoken_words_are_sent_with_the_recognisers_confidence(
    product: TinyProduct, patient: Handset, menu: None
) -> None:
    patient.call(CLINIC).say("next tuesday", confidence=0.75)
    [asked] = product.asked_for("/menu")
    assert (asked["SpeechResult"], asked["Confidence"]) == ("next tuesday", "0.75")
    assert "Digits" not in asked


def test_silence_reaches_the_action_only_where_empty_results_are_wanted(
    product: TinyProduct, patient: Handset, menu: None
) -> None:
    call = patient.call(CLINIC)
    call.stay_silent()
    assert product.asked_for("/menu")[0]["Digits"] == ""
    product.says("/voice", '<Gather action="/menu"><Say>Well?</Say></Gather><Say>Nobody.</Say>')
    call = patient.call(CLINIC)
    call.stay_silent()
    assert call.heard == "Nobody."
    assert len(product.asked_for("/menu")) == 1


def test_the_finish_key_ends_an_entry_and_is_not_part_of_it(
    product: TinyProduct, patient: Handset, menu: None
) -> None:
    product.says("/voice", '<Gather action="/menu"/>')
    patient.call(CLINIC).press("0402#")
    [asked] = product.asked_for("/menu")
    assert (asked["Digits"], asked["FinishedOnKey"]) == ("0402", "#")


def test_the_finish_key_alone_is_no_entry(
    product: TinyProduct, patient: Handset, menu: None
) -> None:
    product.says("/voice", '<Gather action="/menu"/><Say>Nothing entered.</Say>')
    call = patient.call(CLINIC)
    call.press("#")
    assert call.heard == "Nothing entered."


def test_an_unfinished_entry_is_sent_when_no_further_key_comes(
    product: TinyProduct, patient: Handset, menu: None
) -> None:
    product.says("/voice", '<Gather action="/menu" finishOnKey=""/>')
    call = patient.call(CLINIC)
    call.press("12#")
    assert not product.asked_for("/menu")
    call.stay_silent()
    assert product.asked_for("/menu")[0]["Digits"] == "12#"


def test_without_an_action_the_same_document_is_asked_for_again(
    product: TinyProduct, patient: Handset
) -> None:
    product.says("/voice", '<Gather numDigits="1"/>')
    patient.call(CLINIC).press("5")
    assert [asked.get("Digits") for asked in product.asked_for("/voice")] == [None, "5"]


def test_what_is_listened_for_can_be_looked_up(patient: Handset, menu: None) -> None:
    expected = patient.call(CLINIC).expects
    assert expected is not None
    assert (expected.num_digits, expected.timeout, expected.hints) == (1, 8, "nurse")
    assert expected.input == ("dtmf", "speech")


def test_a_key_in_the_middle_of_a_prompt_cuts_it_short(
    company: PhoneCompany, patient: Handset, menu: None
) -> None:
    with company.time_held():
        call = patient.call(CLINIC)
        company.elapse(0.5)
        call.press("1")
    prompt = call.transcript[0]
    assert prompt.cut_short
    assert prompt.until == prompt.at + timedelta(seconds=0.5)
    assert call.heard == "Thank you."


def test_a_prompt_without_barge_in_plays_to_its_end(
    company: PhoneCompany, product: TinyProduct, patient: Handset, menu: None
) -> None:
    product.says("/voice", MENU.replace("<Gather", '<Gather bargeIn="false"'))
    with company.time_held():
        call = patient.call(CLINIC)
        company.elapse(0.5)
        call.press("1")
        call.say("nurse")
        assert not product.asked_for("/menu")
        company.elapse(2)
        call.press("1")
    assert not call.transcript[0].cut_short
    assert len(product.asked_for("/menu")) == 1


def test_keys_nobody_listens_for_are_written_down_and_change_nothing(
    company: PhoneCompany, product: TinyProduct, patient: Handset, menu: None
) -> None:
    product.says("/voice", '<Gather input="speech" action="/menu"/>')
    call = patient.call(CLINIC)
    call.press("1")
    assert "nobody listened" in company.log[-1].text
    assert call.expects is not None


def test_a_document_that_ends_ends_the_call(product: TinyProduct, patient: Handset) -> None:
    product.says("/voice", "<Say>Goodbye.</Say>")
    call = patient.call(CLINIC)
    assert (call.is_over, call.status) == (True, "completed")
    [reported] = product.asked_for("/status")
    assert (reported["CallStatus"], reported["CallSid"]) == ("completed", call.sid)
    assert reported["CallDuration"] == "1"


def test_hanging_up_ends_the_call_at_once(
    product: TinyProduct, patient: Handset, menu: None
) -> None:
    call = patient.call(CLINIC)
    call.hang_up()
    assert call.is_over
    with pytest.raises(NothingToDoError, match="not in anybody's hand"):
        call.press("1")
    assert product.asked_for("/status")


def test_say_pause_redirect_and_hangup_are_obeyed_in_order(
    product: TinyProduct, patient: Handset
) -> None:
    product.says(
        "/voice", '<Say language="es-US">Hola.</Say><Pause length="3"/><Redirect>/b</Redirect>'
    )
    product.says("/b", "<Say>Bye.</Say><Hangup/><Say>Never heard.</Say>")
    call = patient.call(CLINIC)
    assert [(heard.kind, heard.language) for heard in call.transcript[:3]] == [
        ("speech", "es-US"),
        ("pause", ""),
        ("speech", "en-US"),
    ]
    assert call.heard_in_all == "Hola.\nBye."


def test_a_recording_is_fetched_and_takes_its_own_time(
    product: TinyProduct, patient: Handset, company: PhoneCompany
) -> None:
    product.says("/voice", "<Play>/chime.wav</Play><Say>Hello.</Say>")
    product.says("/chime.wav", lambda _: _recording(seconds=2))
    heard = patient.call(CLINIC).transcript
    assert heard[0].kind == "audio"
    assert heard[0].until == heard[0].at + timedelta(seconds=2)
    assert company.webhooks[1].method == "GET"


def test_something_else_in_place_of_a_recording_is_refused(
    product: TinyProduct, patient: Handset, company: PhoneCompany
) -> None:
    product.says("/voice", "<Play>/fallback</Play>")
    call = patient.call(CLINIC)
    assert company.refused[0].code == 13420
    assert call.heard == "Please hold."


def test_a_phone_in_a_call_cannot_place_another(patient: Handset, menu: None) -> None:
    patient.call(CLINIC)
    with pytest.raises(NothingToDoError, match="hang up first"):
        patient.call(CLINIC)


def test_a_number_of_nobody_cannot_be_called(patient: Handset) -> None:
    with pytest.raises(NothingToDoError, match="not a number of this account"):
        patient.call("+15125550199")


def _recording(seconds: int) -> Response:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(8000)
        writer.writeframes(b"\x80" * 8000 * seconds)
    return Response(sound.getvalue(), mimetype="audio/wav")
