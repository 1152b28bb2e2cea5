"""The line without its database: refused, frozen, black-holed; at the first turn and in mid-call.

Within 5 s the caller hears the 911 sentence and the on-call phone rings; when the database is
back the next call is an ordinary one, without a restart.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.carrier.outages import Outage, outages
from tests.carrier.xml_of import parsed
from tests.product import FALLBACK_ON_CALL, NURSE, Product, incoming

LIMIT_SECONDS = 5.0


@pytest.fixture(params=["sqlite-locked", "pg-refused", "pg-frozen", "pg-black-holed"])
def outage(request: pytest.FixtureRequest) -> Iterator[Outage]:
    """A database that can be taken away and given back, in each of the ways it can be lost."""
    with outages(request) as outage:
        yield outage


@pytest.fixture
def product(outage: Outage) -> Iterator[Product]:
    product = Product.start(outage.database_url)
    yield product
    product.database.dispose()


def timed_post(product: Product, path: str, **form: str) -> str:
    started = time.monotonic()
    answer = product.post(path, incoming(**form))
    assert time.monotonic() - started < LIMIT_SECONDS
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def assert_emergency(twiml: str, *, rings: str) -> None:
    root = parsed(twiml)
    says = " ".join(say.text or "" for say in root.iter("Say"))
    assert "dial 9 1 1" in says
    assert "marque 9 1 1" in says
    (number,) = root.iter("Number")
    assert number.text == rings
    assert number.get("url")


def test_the_first_turn_of_a_process_that_never_saw_its_database_rings_the_clinic_files_number(
    outage: Outage, product: Product
) -> None:
    with outage.happening():
        known = NURSE if outage.readable else FALLBACK_ON_CALL
        assert_emergency(timed_post(product, "/voice/incoming"), rings=known)
    outage.wait_until_probed(product)
    assert "press 1" in timed_post(product, "/voice/incoming", CallSid="CA" + "2" * 32)


def test_in_mid_call_the_number_last_known_is_rung_and_the_line_recovers(
    outage: Outage, product: Product
) -> None:
    timed_post(product, "/voice/incoming")
    with outage.happening():
        assert_emergency(timed_post(product, "/voice/turn/1", Digits="1"), rings=NURSE)
        # The next caller is not made to wait for the same discovery.
        assert_emergency(
            timed_post(product, "/voice/incoming", CallSid="CA" + "3" * 32), rings=NURSE
        )
    outage.wait_until_probed(product)
    again = timed_post(product, "/voice/incoming", CallSid="CA" + "4" * 32)
    assert "For appointments, press 2." in again


def test_a_whisper_is_accepted_while_the_database_is_away(outage: Outage, product: Product) -> None:
    leg = {"From": "+15125550100", "To": NURSE, "Direction": "outbound-dial"}
    with outage.happening():
        ticket = "/voice/whisper/00000000-0000-0000-0000-000000000001/ana"
        assert "Press 1 to accept" in timed_post(product, ticket, **leg)
        accepted = timed_post(product, f"{ticket}/answer/0", **leg, Digits="1")
        assert list(parsed(accepted)) == []


def test_rings_without_a_database_go_on_until_they_end_in_a_sentence(product: Product) -> None:
    heard = []
    for attempt in range(1, 7):
        answer = product.post(
            f"/voice/fallback/ring/{attempt}", incoming(DialCallStatus="no-answer")
        )
        heard.append(answer.get_data(as_text=True))
    assert all("<Dial" in twiml for twiml in heard[:5])
    assert "<Hangup" in heard[-1]
    assert "dial 9 1 1 now" in heard[-1]


def test_a_turn_that_waits_twice_still_answers_in_time(postgresql_url: str) -> None:
    """An urgent key waits for its call's row and then for its ticket's: one budget covers both."""
    product = Product.start(postgresql_url)
    timed_post(product, "/voice/incoming")
    timed_post(product, "/voice/turn/1", Digits="1")
    with psycopg.connect(postgresql_url) as turn, psycopg.connect(postgresql_url) as ticket:
        turn.execute("LOCK TABLE call_turn IN ACCESS EXCLUSIVE MODE")
        ticket.execute("SELECT * FROM ticket FOR UPDATE")
        # The first wait ends well into the budget; the second would have had one of its own.
        release = threading.Timer(2.5, turn.rollback)
        release.start()
        answer = timed_post(product, "/voice/turn/2", Digits="2")
        release.join()
        ticket.rollback()
    assert_emergency(answer, rings=NURSE)
    product.database.dispose()
