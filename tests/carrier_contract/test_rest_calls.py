"""Twilio's published API description accepts every request that we make of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from twilio.rest import Client

from ivr.carrier.rest import TwilioRest
from ivr.messages.telephony import CarrierError, Trouble

pytestmark = pytest.mark.xdist_group("carrier_contract")

ACCOUNT = "AC" + "a" * 32
TOKEN = "0123456789abcdef0123456789abcdef"
CALL = "CA" + "b" * 32
RECORDING = "RE" + "c" * 32
PATIENT, CLINIC = "+15125550142", "+15125550100"
LINE = "https://line.example.com"

SINCE = datetime(2026, 11, 24, 8, 40, tzinfo=UTC)

REQUESTS: dict[str, Callable[[TwilioRest], object]] = {
    "send_sms": lambda rest: rest.send_sms(
        to=PATIENT,
        from_=CLINIC,
        body="Se abrió una llamada urgente — ¿la toma?",
        status_callback=f"{LINE}/sms/status",
    ),
    "place_call": lambda rest: rest.place_call(
        to=PATIENT,
        from_=CLINIC,
        url=f"{LINE}/voice/whisper?ticket=1&person=ana",
        status_callback=f"{LINE}/voice/status",
        timeout_seconds=25,
    ),
    "hang_up": lambda rest: rest.hang_up(CALL),
    "delete_recording": lambda rest: rest.delete_recording(RECORDING),
    "list_calls": lambda rest: rest.list_calls(since=SINCE, to=CLINIC, from_=PATIENT),
    "list_received": lambda rest: rest.list_received(since=SINCE, to=CLINIC),
    "list_texts": lambda rest: rest.list_texts(since=SINCE, to=PATIENT, from_=CLINIC),
}


@pytest.fixture
def rest(twilio_api: str) -> TwilioRest:
    """Our client, talking to the server built from Twilio's description."""
    return TwilioRest(ACCOUNT, TOKEN, twilio_api)


def test_every_request_that_the_client_can_make_is_held_against_the_description() -> None:
    """Fails when somebody adds a method without a request below."""
    methods = inspect.getmembers(TwilioRest, inspect.isfunction)
    asked = {name for name, _ in methods if not name.startswith("_")}
    # The sound itself stands at an address that the description does not have.
    assert asked - {"recording"} == set(REQUESTS)


@pytest.mark.parametrize("name", REQUESTS)
def test_twilio_accepts_the_request(rest: TwilioRest, name: str) -> None:
    assert REQUESTS[name](rest) is None or name != "hang_up"


@pytest.mark.parametrize(("name", "prefix"), [("send_sms", ("SM", "MM")), ("place_call", ("CA",))])
def test_the_answer_carries_the_id_that_we_keep(
    rest: TwilioRest, name: str, prefix: tuple[str, ...]
) -> None:
    assert str(REQUESTS[name](rest)).startswith(prefix)


def test_a_call_of_twilios_list_is_read(rest: TwilioRest) -> None:
    """The description's own example, of 2019."""
    call = rest.list_calls(since=datetime(2019, 10, 18, tzinfo=UTC))[0]
    assert call.sid.startswith("CA")
    assert call.parent_sid == "CAdeadbeefdeadbeefdeadbeefdeadbeef"
    assert call.started_at == datetime(2019, 10, 18, 17, 2, tzinfo=UTC)
    assert call.ended_at == datetime(2019, 10, 18, 17, 3, tzinfo=UTC)


def test_a_request_without_status_callback_is_accepted_too(rest: TwilioRest) -> None:
    assert rest.send_sms(to=PATIENT, from_=CLINIC, body="Hello", status_callback=None)
    assert rest.place_call(
        to=PATIENT, from_=CLINIC, url=LINE, status_callback=None, timeout_seconds=25
    )


def test_an_address_that_is_none_is_refused(rest: TwilioRest) -> None:
    with pytest.raises(CarrierError) as refusal:
        rest.place_call(
            to=PATIENT, from_=CLINIC, url="not one", status_callback=None, timeout_seconds=25
        )
    assert refusal.value.kind is Trouble.CARRIER_TROUBLE
    assert refusal.value.http_status == httpx.codes.UNPROCESSABLE_ENTITY


def test_a_call_id_of_the_wrong_shape_is_refused(rest: TwilioRest) -> None:
    with pytest.raises(CarrierError):
        rest.hang_up("SM" + "b" * 32)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"From": CLINIC, "Url": LINE}, "required property 'To'"),
        ({"To": PATIENT, "From": CLINIC, "Url": LINE, "Timeout": "soon"}, "must be integer"),
        ({"To": PATIENT, "From": CLINIC, "Url": LINE, "Method": "PUT"}, "allowed values"),
    ],
)
def test_the_server_refuses_what_twilio_forbids(
    twilio_api: str, fields: dict[str, str], complaint: str
) -> None:
    """Without this, accepting our requests would prove nothing."""
    answer = httpx.post(_calls(twilio_api), data=fields, auth=(ACCOUNT, TOKEN))
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert complaint in answer.text


def test_the_server_refuses_a_request_without_credentials(twilio_api: str) -> None:
    answer = httpx.post(_calls(twilio_api), data={"To": PATIENT, "From": CLINIC, "Url": LINE})
    assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_a_repeated_form_field_is_taken_for_a_list(rest: TwilioRest) -> None:
    """The next request to need one is StatusCallbackEvent, when calls are followed to their end."""
    client: Client = rest._client
    call = client.calls.create(
        to=PATIENT,
        from_=CLINIC,
        url=LINE,
        status_callback=LINE,
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    assert call.sid.startswith("CA")


def _calls(base: str) -> str:
    return f"{base}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
