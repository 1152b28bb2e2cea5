"""The REST calls that the product makes, by Twilio's own Python client."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from flask import Response
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from ivr.simulator.testing import Handset, PhoneCompany, PlannedFailure
from tests.simulator.conftest import ACCOUNT, CLINIC, NURSE, PATIENT, PRODUCT, TOKEN, TinyProduct


class LocalHttpClient(TwilioHttpClient):  # type: ignore[misc]  # twilio carries no types
    """Twilio's HTTP client, sent to another address."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=10)
        self.base_url = base_url

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> object:
        here = url.replace("https://api.twilio.com", self.base_url)
        return super().request(method, here, *args, **kwargs)


@pytest.fixture
def base_url(company: PhoneCompany) -> Iterator[str]:
    with company.serve() as address:
        yield address


@pytest.fixture
def rest(base_url: str) -> Client:
    return Client(ACCOUNT, TOKEN, http_client=LocalHttpClient(base_url))


@pytest.fixture(autouse=True)
def urgent_page(product: TinyProduct) -> None:
    product.says("/urgent", '<Gather numDigits="1" action="/accept"><Say>Press 1.</Say></Gather>')
    product.says("/accept", "<Say>Accepted.</Say>")
    product.says("/calls/status", lambda _: Response(status=204))
    product.says("/messages/status", lambda _: Response(status=204))


def place(rest: Client, **options: object) -> str:
    given: dict[str, object] = {"to": NURSE, "from_": CLINIC, "url": f"{PRODUCT}/urgent"}
    return str(rest.calls.create(**{**given, **options}).sid)


def test_a_call_rings_after_the_request_was_answered_and_then_fetches_its_document(
    rest: Client, product: TinyProduct, company: PhoneCompany, nurse: Handset
) -> None:
    created = rest.calls.create(to=NURSE, from_=CLINIC, url=f"{PRODUCT}/urgent")
    assert (created.status, created.direction) == ("queued", "outbound-api")
    assert nurse.ringing_from == CLINIC
    call = nurse.answer()
    assert call.heard == "Press 1."
    [asked] = product.asked_for("/urgent")
    assert (asked["CallSid"], asked["Direction"]) == (created.sid, "outbound-api")
    assert (asked["CallStatus"], asked["From"], asked["To"]) == ("in-progress", CLINIC, NURSE)
    call.press("1")
    assert call.heard == "Accepted."
    fetched = rest.calls(call.sid).fetch()
    assert (fetched.status, fetched.duration) == ("completed", "2")
    assert fetched.start_time is not None


def test_each_step_of_a_call_is_reported_in_order(
    rest: Client, product: TinyProduct, nurse: Handset
) -> None:
    place(
        rest,
        status_callback=f"{PRODUCT}/calls/status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    nurse.answer().hang_up()
    steps = product.asked_for("/calls/status")
    assert [(step["SequenceNumber"], step["CallStatus"]) for step in steps] == [
        ("0", "initiated"),
        ("1", "ringing"),
        ("2", "in-progress"),
        ("3", "completed"),
    ]
    assert steps[-1]["Timestamp"].endswith("+0000")


def test_only_the_end_is_reported_where_no_events_are_named(
    rest: Client, product: TinyProduct, nurse: Handset
) -> None:
    place(rest, status_callback=f"{PRODUCT}/calls/status", timeout=20)
    nurse.let_ring()
    [step] = product.asked_for("/calls/status")
    assert (step["CallStatus"], step["CallDuration"]) == ("no-answer", "0")


def test_a_machine_is_told_from_a_human_where_that_was_asked(
    rest: Client, product: TinyProduct, nurse: Handset
) -> None:
    for answer in (nurse.answer, nurse.voicemail_picks_up):
        place(rest, machine_detection="Enable")
        answer()
        if nurse.in_call:
            nurse.hang_up()
    told = [asked["AnsweredBy"] for asked in product.asked_for("/urgent")]
    assert told == ["human", "machine_start"]


def test_a_document_may_come_with_the_request(rest: Client, nurse: Handset) -> None:
    rest.calls.create(to=NURSE, from_=CLINIC, twiml="<Response><Say>Hi.</Say></Response>")
    assert nurse.answer().heard == "Hi."


def test_a_call_can_be_canceled_and_completed(rest: Client, nurse: Handset) -> None:
    ringing = place(rest)
    assert nurse.ringing_from == CLINIC
    assert rest.calls(ringing).update(status="canceled").status == "canceled"
    running = place(rest)
    nurse.answer()
    assert rest.calls(running).update(status="completed").status == "completed"
    assert not nurse.in_call


def test_a_running_call_can_be_sent_elsewhere(
    rest: Client, product: TinyProduct, nurse: Handset
) -> None:
    sid = place(rest)
    nurse.answer()
    rest.calls(sid).update(url=f"{PRODUCT}/accept")
    assert "Accepted." in nurse.heard


def test_calls_are_listed_newest_first_and_by_number(rest: Client, company: PhoneCompany) -> None:
    sids = [place(rest, to=number) for number in (NURSE, PATIENT, NURSE)]
    company.settle()
    assert [call.sid for call in rest.calls.list()] == sids[::-1]
    assert [call.sid for call in rest.calls.list(to=NURSE)] == [sids[2], sids[0]]
    assert [call.sid for call in rest.calls.list(page_size=1)] == sids[::-1]


def test_a_message_arrives_and_its_way_is_reported(
    rest: Client, product: TinyProduct, company: PhoneCompany
) -> None:
    sent = rest.messages.create(
        to=NURSE, from_=CLINIC, body="Ticket 7", status_callback=f"{PRODUCT}/messages/status"
    )
    assert sent.status == "queued"
    [text] = company.sms_inbox(NURSE)
    assert (text.body, text.other) == ("Ticket 7", CLINIC)
    steps = product.asked_for("/messages/status")
    assert [step["MessageStatus"] for step in steps] == ["sent", "delivered"]
    assert sent.sid
    assert rest.messages(sent.sid).fetch().status == "delivered"
    assert [message.sid for message in rest.messages.list(to=NURSE)] == [sent.sid]


def test_a_message_that_does_not_arrive_says_why(
    rest: Client, product: TinyProduct, company: PhoneCompany
) -> None:
    callback = f"{PRODUCT}/messages/status"
    rest.messages.create(to="+15125550177", from_=CLINIC, body="Anybody?", status_callback=callback)
    company.settle()
    company.next_message_fails(30007)
    rest.messages.create(to=NURSE, from_=CLINIC, body="Spam?", status_callback=callback)
    assert company.sms_inbox(NURSE) == []
    ends = [
        (step["To"], step["ErrorCode"])
        for step in product.asked_for("/messages/status")
        if step["MessageStatus"] == "undelivered"
    ]
    assert ends == [("+15125550177", "30005"), (NURSE, "30007")]


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"to": "+15550100"}, 400, 21211),
        ({"to": ""}, 400, 21201),
        ({"from_": "+15125550188"}, 400, 21210),
        ({"url": "nonsense"}, 400, 21205),
        ({"timeout": 5000}, 400, 20001),
        ({"status_callback": "ftp://x"}, 400, 21609),
        (
            {"status_callback": f"{PRODUCT}/s", "status_callback_event": ["picked-up"]},
            400,
            21626,
        ),
    ],
)
def test_a_call_that_twilio_would_refuse_is_refused(
    options: dict[str, object], status: int, code: int, rest: Client, company: PhoneCompany
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        place(rest, **options)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert company.refused[-1].code == code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"to": "911"}, 21211),
        ({"from_": NURSE}, 21606),
        ({"to": CLINIC}, 21266),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
    ],
)
def test_a_message_that_twilio_would_refuse_is_refused(
    options: dict[str, str], code: int, rest: Client
) -> None:
    given = {"to": NURSE, "from_": CLINIC, "body": "Hello", **options}
    with pytest.raises(TwilioRestException) as refused:
        rest.messages.create(**given)
    assert refused.value.code == code


def test_a_call_that_is_over_or_unknown_cannot_be_sent_elsewhere(
    rest: Client, nurse: Handset
) -> None:
    sid = place(rest)
    nurse.reject()
    with pytest.raises(TwilioRestException) as refused:
        rest.calls(sid).update(url=f"{PRODUCT}/accept")
    assert refused.value.code == 21220
    with pytest.raises(TwilioRestException) as unknown:
        rest.calls("CA" + "f" * 32).fetch()
    assert (unknown.value.status, unknown.value.code) == (404, 20404)


def test_a_wrong_token_and_another_account_are_turned_away(base_url: str) -> None:
    path = f"{base_url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    for auth in (None, (ACCOUNT, "wrong"), ("AC" + "1" * 32, TOKEN)):
        answer = httpx.get(path, auth=auth)
        assert answer.status_code == 401
        assert answer.json()["code"] == 20003
        assert set(answer.json()) == {"code", "message", "more_info", "status"}
    other = httpx.get(path.replace(ACCOUNT, "AC" + "1" * 32), auth=(ACCOUNT, TOKEN))
    assert other.status_code == 404


def test_planned_failures_come_once_each_where_they_fit(
    rest: Client, company: PhoneCompany, nurse: Handset
) -> None:
    company.fail_rest(PlannedFailure(path="Calls"))
    company.fail_rest(PlannedFailure(500, 20500, "Internal Server Error", path="Messages"))
    with pytest.raises(TwilioRestException) as too_many:
        place(rest)
    assert (too_many.value.status, too_many.value.code) == (429, 20429)
    assert not nurse.ringing
    with pytest.raises(TwilioRestException) as broken:
        rest.messages.create(to=NURSE, from_=CLINIC, body="Hello")
    assert broken.value.code == 20500
    assert place(rest)


def test_an_answer_can_be_lost_after_the_request_was_obeyed(
    base_url: str, company: PhoneCompany, nurse: Handset
) -> None:
    company.fail_rest(PlannedFailure(path="Messages", lost=True))
    with pytest.raises(httpx.TransportError):
        httpx.post(
            f"{base_url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
            data={"To": NURSE, "From": CLINIC, "Body": "Hello"},
            auth=(ACCOUNT, TOKEN),
        )
    assert [text.body for text in nurse.texts] == ["Hello"]
    company.fail_rest(PlannedFailure(500, 20500, "Oops", path="Messages", after_accepting=True))
    answer = httpx.post(
        f"{base_url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        data={"To": NURSE, "From": CLINIC, "Body": "Again"},
        auth=(ACCOUNT, TOKEN),
    )
    assert answer.status_code == 500
    assert [text.body for text in nurse.texts] == ["Hello", "Again"]


@pytest.mark.parametrize(
    ("failure", "seen"),
    [
        (PlannedFailure(unheard=True), httpx.RemoteProtocolError),
        (PlannedFailure(unanswered=True), httpx.ReadTimeout),
    ],
    ids=["connection broken", "no answer"],
)
def test_a_request_can_be_lost_before_it_is_obeyed(
    base_url: str,
    company: PhoneCompany,
    nurse: Handset,
    failure: PlannedFailure,
    seen: type[httpx.TransportError],
) -> None:
    company.fail_rest(failure)
    with pytest.raises(seen):
        httpx.post(
            f"{base_url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
            data={"To": NURSE, "From": CLINIC, "Body": "Hello"},
            auth=(ACCOUNT, TOKEN),
            timeout=0.2,
        )
    assert nurse.texts == []


def test_a_request_that_is_obeyed_may_go_without_any_answer(
    base_url: str, company: PhoneCompany, nurse: Handset
) -> None:
    company.fail_rest(PlannedFailure(path="Messages", after_accepting=True, unanswered=True))
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{base_url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
            data={"To": NURSE, "From": CLINIC, "Body": "Hello"},
            auth=(ACCOUNT, TOKEN),
            timeout=0.2,
        )
    assert [text.body for text in nurse.texts] == ["Hello"]


def test_a_request_from_another_process_can_be_waited_for(
    rest: Client, company: PhoneCompany, nurse: Handset
) -> None:
    place(rest)
    assert company.wait_for(lambda: nurse.ringing, timeout_s=5)
    with pytest.raises(TimeoutError, match="in vain"):
        company.wait_for(lambda: nurse.in_call, timeout_s=0.01)


def test_a_call_has_a_start_once_it_was_dialled_even_if_nobody_answers(
    rest: Client, company: PhoneCompany, nurse: Handset
) -> None:
    created = rest.calls.create(to=NURSE, from_=CLINIC, url=f"{PRODUCT}/urgent")
    dialled = company.clock.now()
    assert created.start_time is None
    nurse.let_ring()
    fetched = rest.calls(created.sid).fetch()
    assert (fetched.status, fetched.duration) == ("no-answer", "0")
    assert fetched.start_time == dialled


def test_every_page_of_a_list_keeps_to_the_filters(
    rest: Client, base_url: str, company: PhoneCompany
) -> None:
    sids = [place(rest, to=number) for number in (NURSE, PATIENT, NURSE)]
    company.settle()
    assert [call.sid for call in rest.calls.list(to=NURSE, page_size=1)] == [sids[2], sids[0]]
    tomorrow = company.clock.now().date() + timedelta(days=1)
    first = httpx.get(
        f"{base_url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json",
        params={"To": NURSE, "StartTime<": tomorrow.isoformat(), "PageSize": 1},
        auth=(ACCOUNT, TOKEN),
    ).json()
    second = httpx.get(f"{base_url}{first['next_page_uri']}", auth=(ACCOUNT, TOKEN)).json()
    assert [call["sid"] for call in first["calls"] + second["calls"]] == [sids[2], sids[0]]
    assert second["next_page_uri"] is None
    assert second["previous_page_uri"] == first["uri"]


def test_lists_lag_by_half_a_minute_behind_what_was_asked_for(
    rest: Client, company: PhoneCompany
) -> None:
    company.exchange.list_lag = timedelta(seconds=30)
    text, call = rest.messages.create(to=NURSE, from_=CLINIC, body="Hello"), place(rest)
    assert (rest.messages.list(), rest.calls.list()) == ([], [])
    assert rest.messages(text.sid).fetch().sid == text.sid
    company.elapse(30)
    assert [one.sid for one in rest.messages.list()] == [text.sid]
    assert [one.sid for one in rest.calls.list()] == [call]


def test_messages_of_later_pages_keep_to_the_filters(rest: Client) -> None:
    for number in (NURSE, PATIENT, NURSE):
        rest.messages.create(to=number, from_=CLINIC, body=f"For {number}")
    assert [sent.to for sent in rest.messages.list(to=NURSE, page_size=1)] == [NURSE, NURSE]


def test_calls_are_listed_by_the_day_they_started(rest: Client, company: PhoneCompany) -> None:
    sid, today = place(rest), company.clock.now().date()
    day = timedelta(days=1)
    assert [call.sid for call in rest.calls.list(start_time_after=today)] == [sid]
    assert rest.calls.list(start_time_after=today + day) == []
    assert rest.calls.list(start_time_before=today - day) == []
