"""Text messages from telephones to the product, and what it replies."""

import pytest
from flask import Response

from ivr.simulator.messaging import segments
from ivr.simulator.testing import Handset, NothingToDoError, PhoneCompany
from tests.simulator.conftest import CLINIC, PATIENT, TinyProduct


def test_a_message_is_posted_with_twilios_fields_and_the_reply_arrives(
    product: TinyProduct, patient: Handset
) -> None:
    product.says("/sms", "<Message>Thank you.</Message>")
    sid = patient.send_sms(CLINIC, "1")
    [asked] = product.asked_for("/sms")
    assert asked["MessageSid"] == asked["SmsSid"] == sid
    assert (asked["From"], asked["To"], asked["Body"]) == (PATIENT, CLINIC, "1")
    assert (asked["NumMedia"], asked["NumSegments"]) == ("0", "1")
    assert [text.body for text in patient.texts] == ["Thank you."]


@pytest.mark.parametrize("answer", ["<Response/>", ""])
def test_an_empty_answer_replies_nothing(
    answer: str, product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/sms", lambda _: Response(answer, mimetype="text/xml"))
    patient.send_sms(CLINIC, "Hello")
    assert patient.texts == []
    assert company.refused == []


def test_a_broken_answer_is_written_down(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/sms", "<Say>Hello.</Say>")
    patient.send_sms(CLINIC, "Hello")
    assert "obeys only <Message>" in company.refused[0].text


def test_a_message_to_a_stranger_or_without_words_cannot_be_sent(patient: Handset) -> None:
    with pytest.raises(NothingToDoError, match="not a number of this account"):
        patient.send_sms("+15125550199", "Hello")
    with pytest.raises(NothingToDoError, match="empty"):
        patient.send_sms(CLINIC, " ")


@pytest.mark.parametrize(
    ("body", "count"),
    [("a" * 160, 1), ("a" * 161, 2), ("ñ" * 160, 1), ("ć" * 70, 1), ("ć" * 71, 2)],
)
def test_long_messages_and_rare_letters_take_more_segments(body: str, count: int) -> None:
    assert segments(body) == count
