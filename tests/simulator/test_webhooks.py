"""Requests to the product: signed, retried, redirected, given up, and replaced by the fallback."""

import httpx
import pytest
from flask import Response, redirect
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from ivr.simulator.signature import sign
from ivr.simulator.testing import Handset, PhoneCompany
from ivr.simulator.webhooks import Mishap
from tests.simulator.conftest import CLINIC, NURSE, PRODUCT, TOKEN, TinyProduct, config


@pytest.fixture(autouse=True)
def greeting(product: TinyProduct) -> None:
    product.says("/voice", "<Say>Hello.</Say>")


def test_twilios_own_package_accepts_every_signature(
    company: PhoneCompany, product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    product.says("/voice", '<Gather action="/menu?turn=1&amp;x=%20" numDigits="1" method="GET"/>')
    product.says("/menu", f'<Dial action="/after?a=b"><Number url="/voice">{NURSE}</Number></Dial>')
    product.says("/after", "")
    patient.call(CLINIC).press("1")
    nurse.let_ring()
    patient.send_sms(CLINIC, "¿Mañana? 100 % & más")
    validator = RequestValidator(TOKEN)
    assert len(company.webhooks) > 4
    for made in company.webhooks:
        form = made.params if made.method == "POST" else {}
        assert validator.validate(made.url, form, made.signature), made


def test_repeated_and_empty_fields_are_signed_as_twilios_package_signs_them() -> None:
    form = [("b", "2"), ("b", "1"), ("b", "2"), ("a", "")]
    ours = sign(TOKEN, f"{PRODUCT}/voice?x=1", form)
    theirs = RequestValidator(TOKEN).compute_signature(f"{PRODUCT}/voice?x=1", MultiDict(form))
    assert ours == theirs


def test_a_failed_connection_is_tried_once_more_with_the_same_token(
    company: PhoneCompany, patient: Handset
) -> None:
    company.next_webhook("connection lost")
    assert patient.call(CLINIC).heard == "Hello."
    first, second = company.webhooks[:2]
    assert (first.attempt, second.attempt) == (1, 2)
    token = "I-Twilio-Idempotency-Token"
    assert first.headers[token] == second.headers[token]
    assert first.params == second.params


def test_a_lost_answer_makes_the_product_hear_the_same_request_twice(
    company: PhoneCompany, product: TinyProduct, patient: Handset
) -> None:
    company.next_webhook("answer lost")
    patient.call(CLINIC)
    first, second = product.asked_for("/voice")
    assert first == second


@pytest.mark.parametrize(
    ("overrides", "mishap", "attempts"),
    [
        ("", "connection lost", 2),
        ("", "time out", 1),
        ("#rc=4", "connection lost", 5),
        ("#rc=0", "connection lost", 1),
        ("#rc=3&rp=rt", "time out", 4),
        ("#rc=3&rp=all", "time out", 4),
    ],
)
def test_retries_follow_the_connection_overrides(
    overrides: str, mishap: Mishap, attempts: int, product: TinyProduct
) -> None:
    company = company_with(product, voice_url=f"{PRODUCT}/voice{overrides}")
    company.next_webhook(*[mishap] * attempts)
    company.phone("+15125550142").call(CLINIC)
    tried = [made for made in company.webhooks if made.purpose == "incoming call"]
    assert [made.attempt for made in tried] == list(range(1, attempts + 1))
    assert all("#" not in made.url for made in tried)
    assert company.refused[0].code == 11205


def test_an_error_is_answered_by_the_fallback_which_learns_what_happened(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/voice", lambda _: Response("broken", status=500))
    call = patient.call(CLINIC)
    assert call.heard == "Please hold."
    [asked] = product.asked_for("/fallback")
    assert (asked["ErrorCode"], asked["ErrorUrl"]) == ("11200", f"{PRODUCT}/voice")
    assert "status 500" in company.refused[0].text


def test_a_time_out_is_answered_by_the_fallback(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    company.next_webhook("time out")
    assert patient.call(CLINIC).heard == "Please hold."
    assert product.asked_for("/fallback")[0]["ErrorCode"] == "11205"


def test_an_error_in_the_middle_of_a_call_is_answered_by_the_fallback(
    product: TinyProduct, patient: Handset
) -> None:
    product.says("/voice", '<Gather action="/missing" numDigits="1"/>')
    product.says("/fallback", '<Gather action="/missing" numDigits="1"><Say>Sorry.</Say></Gather>')
    call = patient.call(CLINIC)
    call.press("1", "1")
    assert len(product.asked_for("/fallback")) == 2
    assert call.heard == "Sorry."


def test_without_a_working_fallback_the_caller_hears_an_apology(
    product: TinyProduct, patient: Handset
) -> None:
    product.says("/voice", "<Nonsense/>")
    product.says("/fallback", "<Nonsense/>")
    call = patient.call(CLINIC)
    assert "application error" in call.heard
    assert call.is_over


@pytest.mark.parametrize("status", [301, 302, 303])
def test_most_redirects_are_followed_by_get(
    status: int, product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/voice", lambda _: _redirect("/elsewhere", status))
    product.says("/elsewhere", "<Say>Here.</Say>")
    assert patient.call(CLINIC).heard == "Here."
    assert company.webhooks[1].method == "GET"
    assert product.asked_for("/elsewhere")[0]["CallStatus"] == "ringing"


def test_a_307_keeps_the_form(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/voice", lambda _: _redirect("/elsewhere", 307))
    product.says("/elsewhere", "<Say>Here.</Say>")
    assert patient.call(CLINIC).heard == "Here."
    assert company.webhooks[1].method == "POST"


def test_a_308_is_an_error(product: TinyProduct, company: PhoneCompany, patient: Handset) -> None:
    product.says("/voice", lambda _: _redirect("/elsewhere", 308))
    assert patient.call(CLINIC).heard == "Please hold."
    assert "does not follow" in company.refused[0].text
    assert not product.asked_for("/elsewhere")


def test_redirects_in_a_circle_are_given_up(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/voice", lambda _: _redirect("/voice", 302))
    assert patient.call(CLINIC).heard == "Please hold."
    assert company.refused[0].code == 11215


def test_a_webhook_can_be_sent_again_exactly_as_it_was(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    patient.call(CLINIC)
    made = company.webhooks[0]
    again = company.replay(made)
    assert again.content == made.body
    first, second = product.asked_for("/voice")
    assert first == second


def test_a_product_that_is_not_there_leaves_its_caller_with_an_apology() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody listens on that port", request=request)

    http = httpx.Client(transport=httpx.MockTransport(refuse))
    company = PhoneCompany(config(), http=http)
    call = company.phone("+15125550142").call(CLINIC)
    assert "application error" in call.heard
    assert company.refused[0].code == 11205


def company_with(product: TinyProduct, **number: str) -> PhoneCompany:
    changed = config()
    changed["numbers"] = [{"phone_number": CLINIC, **number}]
    transport = httpx.WSGITransport(app=product.app())
    return PhoneCompany(changed, http=httpx.Client(transport=transport))


def _redirect(to: str, status: int) -> Response:
    made = redirect(to, status)
    assert isinstance(made, Response)
    return made
