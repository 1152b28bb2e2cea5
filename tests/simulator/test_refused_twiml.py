"""TwiML that Twilio would refuse, or that nobody taught this company, and why."""

import pytest
from flask import Response

from ivr.simulator.faults import TwimlRefusedError
from ivr.simulator.testing import Handset, PhoneCompany
from ivr.simulator.twiml import parse_messaging, parse_voice
from tests.simulator.conftest import CLINIC, NURSE, TinyProduct

XML = "text/xml; charset=utf-8"


def twiml(inner: str) -> bytes:
    return f"<?xml version='1.0'?><Response>{inner}</Response>".encode()


@pytest.mark.parametrize(
    ("inner", "code", "why"),
    [
        ("<Bogus/>", 12200, "Twilio knows no <Bogus>"),
        ("<say>hi</say>", 12200, "Twilio knows no <say>"),
        ("<Pay/>", 12200, "does not obey it"),
        ('<Record finishOnKey="x"/>', 13613, "keys among 0-9"),
        ('<Record timeout="0"/>', 12200, "from 1 to 600"),
        ('<Record maxLength="long"/>', 12200, "whole number"),
        ('<Record playBeep="yes"/>', 12200, 'must be "true" or "false"'),
        ('<Record transcribeCallback=""/>', 13615, "must not be empty"),
        ('<Record trim="do-not-trim"/>', 12200, "does not imitate it"),
        ("<Record><Say>hi</Say></Record>", 12200, "may not stand inside <Record>"),
        ("<Gather><Record/></Gather>", 13320, "may not stand inside <Gather>"),
        ("<Enqueue/>", 14204, "Write the queue's name"),
        (f"<Enqueue>{'q' * 65}</Enqueue>", 14205, "at most 64"),
        ('<Enqueue method="PUT">urgent</Enqueue>', 14201, "one of GET, POST"),
        ('<Enqueue action="">urgent</Enqueue>', 14203, "must not be empty"),
        ('<Enqueue waitUrlMethod="PUT">urgent</Enqueue>', 14206, "one of GET, POST"),
        ('<Enqueue waiturl="/w">urgent</Enqueue>', 12200, "no attribute 'waiturl'"),
        ('<Enqueue workflowSid="WW0">urgent</Enqueue>', 12200, "does not imitate it"),
        ("<Enqueue><Task>{}</Task></Enqueue>", 12200, "does not obey it"),
        ("<Enqueue><Say>hi</Say></Enqueue>", 12200, "may not stand inside <Enqueue>"),
        ('<Leave now="true"/>', 12200, "no attribute 'now'"),
        ("<Leave>now</Leave>", 12200, "Text may not stand"),
        ("<Queue>urgent</Queue>", 12200, "Twilio knows no <Queue> inside <Response>"),
        ("<Gather><Leave/></Gather>", 13320, "may not stand inside <Gather>"),
        ("stray words", 12200, "directly inside <Response>"),
        ('<Say speed="2">hi</Say>', 12200, "no attribute 'speed'"),
        ('<Say voice="bob">hi</Say>', 13511, "voice must be"),
        ('<Say loop="0">hi</Say>', 13510, "from 1 to 1000"),
        ("<Say></Say>", 13520, "nothing to say"),
        (f"<Say>{'a' * 4097}</Say>", 13521, "at most 4096"),
        (f'<Say voice="Polly.Joanna">{"a" * 3001}</Say>', 13521, "at most 3000"),
        ("<Say><Play>/x</Play></Say>", 12200, "may not stand inside <Say>"),
        ("<Play/>", 12200, "needs either"),
        ('<Pause length="-1"/>', 13910, "length must be"),
        ('<Gather numDigits="abc"/>', 13314, "whole number"),
        ('<Gather numDigits="1.0"/>', 13314, "whole number"),
        ('<Gather timeout="soon"/>', 13313, "whole number"),
        ('<Gather finishOnKey="##"/>', 13310, "one of 0-9"),
        ('<Gather method="PUT"/>', 13312, "one of GET, POST"),
        ('<Gather input="keys"/>', 12200, "input must be"),
        ('<Gather bargeIn="yes"/>', 12200, 'must be "true" or "false"'),
        ('<Gather partialResultCallback="/p"/>', 12200, "does not imitate it"),
        ("<Gather><Hangup/></Gather>", 13320, "may not stand inside <Gather>"),
        (f"<Gather><Dial>{NURSE}</Dial></Gather>", 13320, "may not stand inside <Gather>"),
        ("<Gather>Press 1</Gather>", 12200, "Text may not stand"),
        ('<Redirect method="PUT">/x</Redirect>', 13710, "one of GET, POST"),
        ("<Dial>the nurse</Dial>", 13223, "not a phone number"),
        ("<Dial></Dial>", 13223, "not a phone number"),
        ("<Dial><Say>hi</Say></Dial>", 13215, "may not stand inside <Dial>"),
        ("<Dial><Conference>room</Conference></Dial>", 13215, "does not obey it"),
        ("<Dial><Queue/></Dial>", 14212, "Write the queue's name"),
        (f"<Dial><Queue>{'q' * 65}</Queue></Dial>", 14213, "at most 64"),
        ('<Dial><Queue url="">urgent</Queue></Dial>', 14211, "must not be empty"),
        ('<Dial><Queue method="PUT">urgent</Queue></Dial>', 14210, "one of GET, POST"),
        ('<Dial><Queue reservationSid="WR0">q</Queue></Dial>', 12200, "does not imitate it"),
        ("<Dial>Nurse<Queue>urgent</Queue></Dial>", 12200, "Text may not stand"),
        (f"<Dial><Number>{NURSE}</Number><Queue>q</Queue></Dial>", 13215, "stand alone"),
        (f'<Dial timeout="0">{NURSE}</Dial>', 13212, "from 1 to 600"),
        (f'<Dial record="true">{NURSE}</Dial>', 12200, "does not imitate it"),
        (f'<Dial answerOnBridge="1">{NURSE}</Dial>', 13219, 'must be "true"'),
        (f"<Dial>{f'<Number>{NURSE}</Number>' * 11}</Dial>", 13215, "at most 10"),
        ("<Number>1</Number>", 12200, "Twilio knows no <Number> inside <Response>"),
        ("<Hangup>now</Hangup>", 12200, "Text may not stand"),
    ],
)
def test_a_document_is_refused_with_twilios_code_and_a_reason(
    inner: str, code: int, why: str
) -> None:
    with pytest.raises(TwimlRefusedError) as refused:
        parse_voice(twiml(inner), XML)
    assert refused.value.code == code
    assert why in refused.value.reason


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (twiml("<Say>hi</Say>"), "application/json", 12300),
        (twiml("<Say>hi</Say>"), "", 12300),
        (b"", XML, 11770),
        (b"<html><p>Internal error</html>", XML, 12100),
        (b"<Response><Say>hi</Response>", XML, 12100),
        (b"{}", XML, 12100),
        (b"<Answer/>", XML, 12102),
        (b"<!DOCTYPE x [<!ENTITY y 'z'>]><Response/>", XML, 12100),
        (twiml(f"<Say>{'a' * 4000}</Say>" * 17), XML, 11750),
    ],
)
def test_what_is_no_twiml_at_all_is_refused(body: bytes, content_type: str, code: int) -> None:
    with pytest.raises(TwimlRefusedError) as refused:
        parse_voice(body, content_type)
    assert refused.value.code == code


def test_the_largest_documents_and_prompts_are_accepted() -> None:
    assert parse_voice(twiml(f"<Say>{'a' * 4096}</Say>"), XML)
    assert parse_voice(twiml(f'<Say voice="Polly.Joanna">{"a" * 3000}</Say>'), XML)
    assert parse_voice(twiml("") + b" " * (64 * 1024 - len(twiml(""))), XML) == ()


def test_only_messages_are_obeyed_in_answer_to_a_message() -> None:
    assert [m.body for m in parse_messaging(twiml("<Message>Hi</Message>"), XML)] == ["Hi"]
    assert parse_messaging(b"", "text/html") == ()
    with pytest.raises(TwimlRefusedError, match="obeys only <Message>"):
        parse_messaging(twiml("<Say>hi</Say>"), XML)


def test_a_refused_document_sends_the_call_to_the_fallback_and_is_written_down(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/voice", '<Gather numDigits="abc"/>')
    assert patient.call(CLINIC).heard == "Please hold."
    assert product.asked_for("/fallback")[0]["ErrorCode"] == "13314"
    [refused] = company.refused
    assert refused.code == 13314
    assert "whole number" in refused.text


def test_a_page_of_another_kind_sends_the_call_to_the_fallback(
    product: TinyProduct, patient: Handset
) -> None:
    product.says("/voice", lambda _: Response("hello", mimetype="text/plain"))
    assert patient.call(CLINIC).heard == "Please hold."
    assert product.asked_for("/fallback")[0]["ErrorCode"] == "12300"
