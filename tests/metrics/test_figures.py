"""/metrics tells what happens on the line, and nothing about anybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ivr.carrier.rest import TwilioRest
from ivr.simulator.testing import PlannedFailure
from ivr.worker import Worker
from tests.calls.town import ALARM, Town
from tests.metrics.reading import Figures
from tests.product import ACCOUNT, DESK_PHONE, LINE, NURSE, PATIENT, TOKEN, Product, incoming

WINDOWS = {"1d", "30d"}


def test_an_urgent_call_is_seen_from_the_first_key_to_its_acceptance(town: Town) -> None:
    client = town.product.client
    idle = Figures.of(client)
    assert idle.value("callnow_urgent_unaccepted", clinic="demo") == 0
    assert idle.value("callnow_urgent_unaccepted_age_seconds", clinic="demo") == 0

    call = town.call(*ALARM)
    town.company.elapse(12)
    town.product.clock.advance(seconds=12)
    waiting = Figures.of(client)
    assert waiting.value("callnow_urgent_unaccepted", clinic="demo") == 1
    assert waiting.value("callnow_urgent_tickets", clinic="demo", status="ringing") == 1
    assert waiting.value("callnow_urgent_unaccepted_age_seconds", clinic="demo") == 12
    assert waiting.value("callnow_calls_going_on", clinic="demo") == 1
    assert waiting.total("callnow_outbox_scheduled", clinic="demo", lane="urgent") > 0

    town.nurse.answer()
    town.nurse.press("1")
    town.company.elapse(60)
    town.product.clock.advance(minutes=1)
    call.hang_up()
    accepted = Figures.of(client)
    assert accepted.value("callnow_urgent_unaccepted", clinic="demo") == 0
    assert accepted.value("callnow_calls_going_on", clinic="demo") == 0
    for window in WINDOWS:
        of = {"clinic": "demo", "window": window}
        assert accepted.value("callnow_urgent_opened", **of) == 1
        assert accepted.value("callnow_urgent_first_ring_seconds_gcount", **of) == 1
        assert accepted.value("callnow_urgent_first_ring_seconds_bucket", le="5.0", **of) == 1
        assert accepted.value("callnow_urgent_accepted_seconds_bucket", le="10.0", **of) == 0
        assert accepted.value("callnow_urgent_accepted_seconds_bucket", le="15.0", **of) == 1
        assert accepted.value("callnow_urgent_accepted_seconds_gsum", **of) == 12
    assert accepted.value("callnow_calls", clinic="demo", window="1h", ending="finished") == 1
    took = accepted.value("callnow_webhook_seconds_count", route="/voice/incoming", status="200")
    assert took == 1

    town.product.clock.advance(days=2)
    later = Figures.of(client)
    assert later.value("callnow_urgent_opened", clinic="demo", window="1d") == 0
    assert later.value("callnow_urgent_opened", clinic="demo", window="30d") == 1


def test_an_abandoned_call_is_counted_within_its_hour(town: Town) -> None:
    town.call("2").hang_up()
    town.product.clock.advance(seconds=1)
    ending = {"clinic": "demo", "ending": "on_the_way"}
    now = Figures.of(town.product.client)
    town.product.clock.advance(hours=2)
    later = Figures.of(town.product.client)
    assert now.value("callnow_calls", window="1h", **ending) == 1
    assert later.value("callnow_calls", window="1h", **ending) == 0
    assert later.value("callnow_calls", window="1d", **ending) == 1


@contextmanager
def a_worker_of(town: Town) -> Iterator[Worker]:
    """One that goes on, so that each sign of life tells what it did before."""
    with town.company.serve() as api_base:
        carrier = TwilioRest(ACCOUNT, TOKEN, api_base)
        yield Worker(town.product.database, town.product.clock, carrier, "going-on")


def test_what_is_due_what_the_worker_sends_and_what_the_carrier_refuses_is_counted(
    town: Town,
) -> None:
    client, clock = town.product.client, town.product.clock
    town.call(*ALARM).hang_up()
    clock.advance(minutes=5)
    due = Figures.of(client)
    assert due.total("callnow_outbox_due", clinic="demo", lane="urgent") > 0
    assert due.total("callnow_outbox_late", clinic="demo", lane="urgent") > 0
    assert due.total("callnow_outbox_age_seconds", clinic="demo", kind="page_sms") > 120
    assert due.value("callnow_worker_heartbeat_age_seconds") is None

    with a_worker_of(town) as worker:
        town.company.fail_rest(PlannedFailure(400, 21610, "opted out", path="Messages"))
        worker.tick()
        # From 0 on, so that Prometheus sees the first as an increase.
        first = Figures.of(client)
        refused = {"worker": "going-on", "trouble": "opted_out", "code": "21610"}
        assert first.value("callnow_carrier_errors_total", **refused) == 0
        for _ in range(3):
            town.company.settle()
            clock.advance(seconds=30)
            worker.tick()
        town.company.settle()
        clock.advance(seconds=30)
    done = Figures.of(client)
    assert done.value("callnow_worker_heartbeat_age_seconds") == 30
    assert done.value("callnow_worker_ticks_total", worker="going-on") == 4
    assert done.value("callnow_worker_failed_ticks_total", worker="going-on") == 0
    assert done.value("callnow_carrier_errors_total", **refused) == 1
    given_up = {"worker": "going-on", "kind": "page_sms", "outcome": "given_up"}
    assert done.value("callnow_messages_total", **given_up) == 1
    assert done.total("callnow_messages_total", worker="going-on", outcome="sent") > 0
    assert done.value("callnow_desk_tasks", clinic="demo", kind="page_failed") == 1


@pytest.mark.parametrize("carriers", ["calls", "texts"])
def test_it_tells_since_when_nobody_has_looked_for_what_was_missed(
    town: Town, carriers: str
) -> None:
    figure = "callnow_missed_looked_age_seconds"
    town.let_the_worker_work()
    town.product.clock.advance(seconds=90)
    assert Figures.of(town.product.client).value(figure, clinic="demo", list=carriers) == 90
    town.company.fail_rest(PlannedFailure(500, 20500, "broken", method="GET"), times=4)
    town.let_the_worker_work()
    assert Figures.of(town.product.client).value(figure, clinic="demo", list=carriers) == 90
    town.product.clock.advance(seconds=20)
    town.company.exchange.planned.clear()
    town.let_the_worker_work()
    assert Figures.of(town.product.client).value(figure, clinic="demo", list=carriers) == 0


def test_nothing_that_tells_of_a_person_is_in_it(town: Town) -> None:
    town.call(*ALARM)
    town.nurse.answer()
    town.nurse.press("1")
    town.let_the_worker_work()
    text = Figures.of(town.product.client).text
    call_sids = [str(row["call_sid"]) for row in town.product.rows("SELECT call_sid FROM call")]
    for private in (PATIENT, NURSE, LINE, DESK_PHONE, "ana", *call_sids):
        assert private not in text
        assert private.lstrip("+") not in text


def test_without_its_database_the_line_still_counts() -> None:
    away = Product.start("postgresql://nobody@127.0.0.1:1/none", loaded=False, budget_seconds=0.5)
    assert away.post("/voice/incoming", incoming()).status_code == 200
    figures = Figures.of(away.client)
    assert figures.value("callnow_database_up") == 0
    assert figures.value("callnow_turns_without_database_total", route="/voice/incoming") == 1
    away.database.dispose()


def test_a_fault_of_ours_is_counted(sqlite_url: str) -> None:
    product = Product.start(sqlite_url, loaded=False)
    with product.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE call_turn RENAME COLUMN answer TO gone")
    before = Figures.of(product.client)
    assert before.value("callnow_webhook_faults_total", route="/voice/incoming") == 0
    assert product.post("/voice/incoming", incoming()).status_code == 200
    figures = Figures.of(product.client)
    product.database.dispose()
    assert figures.value("callnow_webhook_faults_total", route="/voice/incoming") == 1
    assert figures.total("callnow_turns_without_database_total") == 0


def test_tables_of_another_version_are_told_and_not_read(town: Town) -> None:
    with town.product.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    figures = Figures.of(town.product.client)
    assert figures.value("callnow_migrations_behind") == 1
    assert figures.value("callnow_urgent_unaccepted", clinic="demo") is None
