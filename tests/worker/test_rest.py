"""Our client of the carrier's REST API: where it sends, and what it makes of every refusal."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from ivr.carrier.answers import TROUBLES, trouble
from ivr.carrier.rest import TwilioRest
from ivr.messages.telephony import CarrierError, Trouble
from ivr.simulator.testing import PlannedFailure
from tests.clock import MONDAY_NIGHT
from tests.oncall.clinic import ANA, LINE, PATIENT
from tests.worker.network import ACCOUNT, TOKEN, Network


def send(rest: TwilioRest, to: str = ANA.number) -> str:
    """One text."""
    return rest.send_sms(to=to, from_=LINE, body="Please look.", status_callback=None)


def refusal(rest: TwilioRest) -> tuple[Trouble, int | None, int | None]:
    """What sending ends in: kind, the carrier's code, HTTP status."""
    with pytest.raises(CarrierError) as error:
        send(rest)
    return error.value.kind, error.value.code, error.value.http_status


@contextmanager
def answering(status: bytes, body: bytes, asked: list[bytes] | None = None) -> Iterator[str]:
    """A server that gives its first visitor this answer, and keeps what it was asked."""

    def serve() -> None:
        visitor, _ = server.accept()
        with visitor:
            request = visitor.recv(65536)
            if asked is not None:
                asked.append(request)
            visitor.sendall(
                b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                % (status, len(body), body)
            )

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(10)


def test_a_text_is_handed_over_and_its_id_returned(network: Network) -> None:
    sid = send(network.rest())
    assert network.texts(ANA.number) == ["Please look."]
    assert list(network.company.exchange.messaging.messages) == [sid]


def test_a_call_is_placed_and_hung_up(network: Network) -> None:
    rest = network.rest()
    sid = rest.place_call(
        to=ANA.number,
        from_=LINE,
        url="http://127.0.0.1:1/whisper",
        status_callback=None,
        timeout_seconds=25,
    )
    assert [call.sid for call in network.company.calls] == [sid]
    assert network.company.phone(ANA.number).ringing
    rest.hang_up(sid)
    assert not network.company.phone(ANA.number).ringing


def test_the_calls_to_the_line_are_listed_from_an_instant_on(network: Network) -> None:
    company, rest = network.company, network.rest()
    company.phone(PATIENT).call(LINE)
    between = company.clock.now() + timedelta(seconds=1)
    company.elapse(2)
    second = company.phone(ANA.number).call(LINE)
    to_line = rest.list_calls(since=between - timedelta(hours=1), to=LINE)
    assert {call.from_number for call in to_line} == {PATIENT, ANA.number}
    (listed,) = rest.list_calls(since=between, to=LINE)
    assert (listed.sid, listed.to_number, listed.parent_sid) == (second.sid, LINE, None)
    assert rest.list_calls(since=between, from_=LINE) == []


def test_texts_that_came_in_are_listed_from_an_instant_on_and_none_of_ours(
    network: Network,
) -> None:
    company, rest = network.company, network.rest()
    company.phone(PATIENT).send_sms(LINE, "Before")
    company.elapse(2)
    since = company.clock.now()
    company.phone(PATIENT).send_sms(LINE, "Hello?")
    send(rest, PATIENT)
    company.elapse(60)
    (listed,) = rest.list_received(since=since, to=LINE)
    assert (listed.from_number, listed.to_number, listed.body) == (PATIENT, LINE, "Hello?")
    assert listed.created_at >= since


def test_of_a_days_texts_no_page_is_fetched_that_holds_only_what_is_older() -> None:
    def text(sid: str, hour: int) -> dict[str, str | None]:
        at = f"Tue, 24 Nov 2026 {hour:02}:00:00 +0000"
        mine = {"sid": sid, "from": PATIENT, "to": LINE, "body": "Hello?", "direction": "inbound"}
        return {**mine, "date_created": at, "date_sent": at, "date_updated": at}

    page = {
        "messages": [text("SM2", 12), text("SM1", 9)],
        "next_page_uri": "/2010-04-01/Accounts/AC/Messages.json?Page=1",
        "page_size": 2,
    }
    # It answers one visitor: whoever asks for the next page finds nobody.
    with answering(b"200 OK", json.dumps(page).encode()) as base:
        rest = TwilioRest(ACCOUNT, TOKEN, base)
        since = datetime(2026, 11, 24, 11, tzinfo=UTC)
        assert [one.sid for one in rest.list_received(since=since, to=LINE)] == ["SM2"]


def test_a_listed_call_tells_when_it_ended(network: Network) -> None:
    company, rest = network.company, network.rest()
    company.exchange.list_lag = timedelta(0)
    rest.place_call(
        to=ANA.number,
        from_=LINE,
        url="http://127.0.0.1:1/whisper",
        status_callback=None,
        timeout_seconds=25,
    )
    since = company.clock.now()
    (ringing,) = rest.list_calls(since=since, from_=LINE)
    assert ringing.ended_at is None
    company.phone(ANA.number).let_ring()
    (over,) = rest.list_calls(since=since, from_=LINE)
    assert over.ended_at == company.clock.now()


@pytest.mark.parametrize("answer", [b"<html>Bad gateway</html>", b"{}", b'{"calls": [{}]}'])
def test_a_list_that_makes_no_sense_is_trouble_not_a_crash(answer: bytes) -> None:
    with (
        answering(b"200 OK", answer) as base_url,
        pytest.raises(CarrierError) as error,
    ):
        TwilioRest(ACCOUNT, TOKEN, base_url).list_calls(since=MONDAY_NIGHT, to=LINE)
    assert error.value.kind is Trouble.CARRIER_TROUBLE


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (13224, 400, Trouble.BAD_NUMBER),
        (21211, 400, Trouble.BAD_NUMBER),
        (21214, 400, Trouble.UNREACHABLE),
        (21610, 400, Trouble.OPTED_OUT),
        (21614, 400, Trouble.BAD_NUMBER),
        (30003, 400, Trouble.UNREACHABLE),
        (30004, 400, Trouble.UNREACHABLE),
        (30005, 400, Trouble.BAD_NUMBER),
        (30006, 400, Trouble.BAD_NUMBER),
        (30007, 400, Trouble.CARRIER_TROUBLE),
        (30008, 400, Trouble.CARRIER_TROUBLE),
        (30034, 400, Trouble.NOT_REGISTERED),
        (20003, 401, Trouble.REFUSED_CREDENTIALS),
        (20429, 429, Trouble.THROTTLED),
        (20500, 500, Trouble.CARRIER_TROUBLE),
        (20503, 503, Trouble.CARRIER_TROUBLE),
        (99999, 429, Trouble.THROTTLED),
        (99999, 403, Trouble.REFUSED_CREDENTIALS),
        (99999, 400, Trouble.CARRIER_TROUBLE),
    ],
)
def test_every_refusal_of_the_carrier_means_one_thing(
    network: Network, code: int, status: int, kind: Trouble
) -> None:
    network.company.fail_rest(PlannedFailure(http_status=status, code=code))
    assert refusal(network.rest()) == (kind, code, status)
    assert network.texts(ANA.number) == []


def test_a_status_callback_means_the_same_as_an_answer() -> None:
    assert {trouble(code, None) for code in TROUBLES} <= set(Trouble)
    assert trouble(30003, None) is Trouble.UNREACHABLE
    assert trouble(None, None) is Trouble.CARRIER_TROUBLE
    assert trouble(None, 504) is Trouble.TIMEOUT


def test_wrong_credentials_are_told_apart(network: Network) -> None:
    rest = TwilioRest(ACCOUNT, "wrong", network.base_url)
    assert refusal(rest) == (Trouble.REFUSED_CREDENTIALS, 20003, 401)


def test_a_connection_that_breaks_after_acceptance_is_trouble_not_a_crash(
    network: Network,
) -> None:
    network.company.fail_rest(PlannedFailure(lost=True))
    assert refusal(network.rest()) == (Trouble.CARRIER_TROUBLE, None, None)


def test_nobody_listening_is_trouble_not_a_crash() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    rest = TwilioRest(ACCOUNT, TOKEN, f"http://127.0.0.1:{port}")
    assert refusal(rest) == (Trouble.CARRIER_TROUBLE, None, None)


def test_no_answer_in_time_is_a_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        rest = TwilioRest(ACCOUNT, TOKEN, f"http://127.0.0.1:{port}", timeout_seconds=0.1)
        assert refusal(rest) == (Trouble.TIMEOUT, None, None)


@pytest.mark.parametrize("answer", [b"<html>Bad gateway</html>", b'{"sid": null}', b"", b'["SM1"]'])
def test_an_answer_that_makes_no_sense_is_trouble_not_a_crash(answer: bytes) -> None:
    with answering(b"201 Created", answer) as base_url:
        assert refusal(TwilioRest(ACCOUNT, TOKEN, base_url))[0] is Trouble.CARRIER_TROUBLE


def test_an_error_page_of_a_proxy_in_between_goes_by_its_status() -> None:
    with answering(b"504 Gateway Timeout", b"<html>Too late</html>") as base_url:
        assert refusal(TwilioRest(ACCOUNT, TOKEN, base_url)) == (Trouble.TIMEOUT, None, 504)


@pytest.mark.parametrize("code", [b'"21211"', b"null", b'"oops"', b"400"])
def test_a_code_that_is_none_of_the_carriers_is_not_reported_as_one(code: bytes) -> None:
    body = b'{"code": %s, "message": "no"}' % code
    with answering(b"400 Bad Request", body) as base_url:
        expected = (Trouble.CARRIER_TROUBLE, None, 400)
        assert refusal(TwilioRest(ACCOUNT, TOKEN, base_url)) == expected


def test_a_path_in_the_base_url_is_kept() -> None:
    asked: list[bytes] = []
    with answering(b"201 Created", b'{"sid": "SM1"}', asked) as base_url:
        assert send(TwilioRest(ACCOUNT, TOKEN, f"{base_url}/twilio/")) == "SM1"
    path = f"/twilio/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert asked[0].startswith(f"POST {path} HTTP/1.1\r\n".encode())


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert send(network.rest())


def test_without_a_base_url_it_is_twilio_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    with answering(b"200 OK", b"", asked) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        monkeypatch.setenv("TWILIO_EDGE", "sydney")
        assert refusal(TwilioRest(ACCOUNT, TOKEN))[0] is Trouble.CARRIER_TROUBLE
    assert asked[0].startswith(b"CONNECT api.twilio.com:443 ")
