"""<Record>: what is said after the tone, how it ends, and what becomes of the recording."""

import io
import wave
from collections.abc import Iterator

import httpx
import pytest
from flask import Response

from ivr.simulator.signature import sign
from ivr.simulator.testing import Handset, NothingToDoError, PhoneCompany
from tests.simulator.conftest import ACCOUNT, CLINIC, PRODUCT, TOKEN, TinyProduct

RECORD = (
    '<Say>Speak.</Say><Record action="/done" maxLength="60" timeout="5" finishOnKey="#"'
    ' recordingStatusCallback="/recorded" transcribe="true" transcribeCallback="/transcribed"/>'
    "<Say>Nothing was said.</Say>"
)


@pytest.fixture(autouse=True)
def pages(product: TinyProduct) -> None:
    product.says("/voice", RECORD)
    product.says("/done", "<Say>Thank you.</Say>")
    product.says("/recorded", lambda _: Response(status=204))
    product.says("/transcribed", lambda _: Response(status=204))


@pytest.fixture
def rest(company: PhoneCompany) -> Iterator[httpx.Client]:
    with (
        company.serve() as address,
        httpx.Client(
            base_url=f"{address}/2010-04-01/Accounts/{ACCOUNT}",
            auth=(ACCOUNT, TOKEN),
            trust_env=False,
        ) as client,
    ):
        yield client


def test_a_tone_is_heard_and_the_finish_key_ends_it(product: TinyProduct, patient: Handset) -> None:
    call = patient.call(CLINIC)
    assert call.heard == "Speak.\nBeep"
    recorded = [call.is_recorded]
    call.say("please call me")
    call.press("#")
    assert [*recorded, call.is_recorded] == [True, False]
    assert call.heard == "Thank you."
    [asked] = product.asked_for("/done")
    assert asked["Digits"] == "#"
    assert asked["RecordingSid"].startswith("RE")
    assert asked["RecordingUrl"].endswith(f"/Recordings/{asked['RecordingSid']}")
    assert int(asked["RecordingDuration"]) >= 1


def test_silence_after_words_ends_it_too(product: TinyProduct, patient: Handset) -> None:
    call = patient.call(CLINIC)
    call.say("please call me")
    call.say("at home")
    call.stay_silent()
    [asked] = product.asked_for("/done")
    assert asked["Digits"] == ""
    # The words, and the five seconds of silence that ended it.
    assert int(asked["RecordingDuration"]) >= 6


def test_another_key_ends_nothing(product: TinyProduct, patient: Handset) -> None:
    call = patient.call(CLINIC)
    call.say("please call me")
    call.press("1")
    assert call.is_recorded
    assert product.asked_for("/done") == []


def test_a_recording_with_nothing_on_it_asks_nobody_and_the_document_goes_on(
    product: TinyProduct, patient: Handset
) -> None:
    call = patient.call(CLINIC)
    call.stay_silent()
    assert call.heard_in_all.endswith("Nothing was said.")
    assert product.asked_for("/done") == product.asked_for("/recorded") == []
    with pytest.raises(NothingToDoError):
        call.stay_silent()


def test_it_ends_at_its_longest(
    product: TinyProduct, patient: Handset, company: PhoneCompany
) -> None:
    call = patient.call(CLINIC)
    while call.is_recorded:
        call.say("and then I said to her that the other appointment was better")
        company.elapse(4)
    [asked] = product.asked_for("/done")
    assert asked["RecordingDuration"] == "60"


def test_who_hangs_up_while_they_speak_is_recorded_so_far(
    product: TinyProduct, patient: Handset
) -> None:
    call = patient.call(CLINIC)
    call.say("please call me")
    call.hang_up()
    assert call.is_over
    [asked] = product.asked_for("/done")
    assert (asked["Digits"], asked["CallStatus"]) == ("hangup", "completed")
    [reported] = product.asked_for("/recorded")
    assert reported["RecordingSid"] == asked["RecordingSid"]


def test_the_report_names_the_call_and_not_between_whom_it_was(
    product: TinyProduct, patient: Handset
) -> None:
    call = patient.call(CLINIC)
    call.say("please call me")
    call.press("#")
    [reported] = product.asked_for("/recorded")
    assert reported["CallSid"] == call.sid
    assert reported["RecordingStatus"] == "completed"
    assert not {"From", "To"} & set(reported)


def test_what_was_said_becomes_the_transcript_later(
    product: TinyProduct, patient: Handset, company: PhoneCompany
) -> None:
    call = patient.call(CLINIC)
    call.say("please call me")
    call.say("at home")
    call.press("#")
    company.settle()
    [transcribed] = product.asked_for("/transcribed")
    assert transcribed["TranscriptionText"] == "please call me at home"
    assert transcribed["TranscriptionStatus"] == "completed"
    assert transcribed["CallSid"] == call.sid
    assert transcribed["From"] == patient.number


def test_without_transcription_asked_for_there_is_none(
    product: TinyProduct, patient: Handset, company: PhoneCompany
) -> None:
    product.says("/voice", '<Record action="/done"/>')
    call = patient.call(CLINIC)
    call.say("please call me")
    call.press("5")
    company.settle()
    assert len(product.asked_for("/done")) == 1
    assert product.asked_for("/transcribed") == []


def test_its_webhooks_are_signed(patient: Handset, company: PhoneCompany) -> None:
    call = patient.call(CLINIC)
    call.say("please call me")
    call.press("#")
    company.settle()
    about = [
        w
        for w in company.webhooks
        if w.url.removeprefix(PRODUCT) in ("/done", "/recorded", "/transcribed")
    ]
    assert len(about) == 3
    assert all(w.signature == sign(TOKEN, w.url, w.form) for w in about)


def test_the_recording_is_fetched_as_sound_by_the_account_alone_and_can_be_deleted(
    product: TinyProduct, patient: Handset, rest: httpx.Client
) -> None:
    call = patient.call(CLINIC)
    call.say("please call me")
    call.press("#")
    [asked] = product.asked_for("/done")
    sid, seconds = asked["RecordingSid"], int(asked["RecordingDuration"])
    assert rest.get(f"/Recordings/{sid}.json").json()["duration"] == str(seconds)
    heard = rest.get(f"/Recordings/{sid}.wav")
    assert heard.headers["Content-Type"] == "audio/x-wav"
    with wave.open(io.BytesIO(heard.content)) as sound:
        assert sound.getnframes() / sound.getframerate() == seconds
    assert rest.get(f"/Recordings/{sid}.wav", auth=("AC0", "wrong")).status_code == 401
    assert rest.get(f"/Recordings/RE{'0' * 32}.wav").status_code == 404
    assert rest.delete(f"/Recordings/{sid}.json").status_code == 204
    assert rest.get(f"/Recordings/{sid}.wav").status_code == 404
