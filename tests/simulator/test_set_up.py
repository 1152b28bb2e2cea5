"""An account is set up over REST, by Twilio's own Python client, and the next call follows it."""

from collections.abc import Iterator

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from ivr.simulator.testing import Handset, PhoneCompany
from tests.simulator.conftest import ACCOUNT, CLINIC, PATIENT, PRODUCT, TOKEN, TinyProduct
from tests.simulator.test_rest import LocalHttpClient


@pytest.fixture
def rest(company: PhoneCompany) -> Iterator[Client]:
    with company.serve() as address:
        yield Client(ACCOUNT, TOKEN, http_client=LocalHttpClient(address))


def test_the_account_and_its_number_are_shown_as_they_are(rest: Client) -> None:
    account = rest.api.v2010.accounts(ACCOUNT).fetch()
    (number,) = rest.incoming_phone_numbers.list(phone_number=CLINIC)
    assert (account.status, account.type) == ("active", "Full")
    assert number.phone_number == CLINIC
    assert (number.voice_url, number.voice_method) == (f"{PRODUCT}/voice", "POST")
    assert rest.incoming_phone_numbers(number.sid).fetch().sms_url == f"{PRODUCT}/sms"
    assert rest.incoming_phone_numbers.list(phone_number=PATIENT) == []


def test_the_next_call_asks_the_address_that_was_set(
    rest: Client, product: TinyProduct, patient: Handset
) -> None:
    product.says("/new", "<Say>Newly set up.</Say>")
    (number,) = rest.incoming_phone_numbers.list()
    set_up = rest.incoming_phone_numbers(number.sid).update(
        voice_url=f"{PRODUCT}/new", voice_method="GET", sms_url="", voice_application_sid=""
    )
    assert (set_up.voice_url, set_up.voice_method, set_up.sms_url) == (
        f"{PRODUCT}/new",
        "GET",
        "",
    )
    assert set_up.voice_fallback_url == f"{PRODUCT}/fallback"
    assert patient.call(CLINIC).heard == "Newly set up."


@pytest.mark.parametrize(
    ("fields", "code"), [({"voice_url": "nowhere"}, 21402), ({"voice_method": "PUT"}, 21401)]
)
def test_what_cannot_be_asked_is_refused(
    fields: dict[str, str], code: int, rest: Client, company: PhoneCompany
) -> None:
    (number,) = rest.incoming_phone_numbers.list()
    with pytest.raises(TwilioRestException) as refusal:
        rest.incoming_phone_numbers(number.sid).update(**fields)
    assert refusal.value.code == code
    assert company.exchange.numbers[CLINIC].voice_url == f"{PRODUCT}/voice"


def test_texts_of_a_number_that_is_not_registered_do_not_arrive(
    rest: Client, company: PhoneCompany, patient: Handset
) -> None:
    numbers = company.exchange.numbers
    numbers[CLINIC] = numbers[CLINIC].model_copy(update={"text_registration": "in progress"})
    message = rest.messages.create(to=PATIENT, from_=CLINIC, body="Hello")
    company.settle()
    assert rest.messages(message.sid).fetch().error_code == 30034
    assert patient.texts == []
