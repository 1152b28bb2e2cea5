"""The control interface and the page's files, over HTTP."""

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from tests.simulator.conftest import NURSE

FILES = ("phones.js", "speech.js", "phones.css")


@pytest.fixture
def http(open_company: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=open_company, timeout=25, trust_env=False) as client:
        yield client


def act(http: httpx.Client, number: str, action: str, **order: str) -> httpx.Response:
    return http.post(f"/control/phones/{quote(number)}/{action}", json=order)


def test_what_cannot_be_done_is_answered_with_a_sentence(http: httpx.Client) -> None:
    refused = act(http, NURSE, "answer")
    assert (refused.status_code, refused.json()["error"]) == (409, f"{NURSE} is not ringing.")
    assert act(http, NURSE, "juggle").status_code == 404
    assert act(http, "+15125550199", "answer").status_code == 404
    assert act(http, NURSE, "press", digits="1").status_code == 400
    form = http.post("/control/phones", data={"label": "x"})
    assert form.status_code == 415


def test_a_phone_can_be_added_and_gets_a_free_number(http: httpx.Client) -> None:
    added = http.post("/control/phones", json={"label": "Second nurse", "kind": "staff"})
    assert added.status_code == 201
    phones = http.get("/control/state").json()["phones"]
    assert (phones[-1]["number"], phones[-1]["label"]) == (added.json()["number"], "Second nurse")
    again = http.post("/control/phones", json={"number": NURSE})
    assert again.status_code == 409
    assert http.post("/control/phones", json={"number": "12"}).status_code == 400


def test_the_page_allows_nothing_from_elsewhere(http: httpx.Client) -> None:
    page = http.get("/")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    for text in (page.text, *(http.get(f"/static/{name}").text for name in FILES)):
        assert "https://" not in text
        assert "style=" not in text
