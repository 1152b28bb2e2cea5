"""Hundreds of urgent calls at once while everything that can die dies: no call is lost.

The phone company, the people and the killing are of this process; the product runs in its own, as
production starts it. The soak lives it at the pace of life, so its seconds are a caller's seconds;
the daily one hurries every clock twenty times (a 25 s ring takes 1.25 s).
"""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import TypeAlias

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ivr.migrations.run import migrate
from ivr.oncall.tables import OnCallPerson, Ticket, TicketEvent
from ivr.simulator.config import as_config
from ivr.simulator.driver import RealTimeDriver
from ivr.simulator.exchange import Exchange
from ivr.simulator.server import Server
from scheduling.database import Database
from tests.product import ACCOUNT, DESK_PHONE, LINE, SUPERVISOR, TOKEN, load_demo_clinic
from tests.provision.ports import free_port
from tests.provision.postgres import PostgresServer
from tests.storm.hurried_clock import HurriedClock
from tests.storm.people import People
from tests.storm.processes import Processes
from tests.storm.unreliable import Unreliable

pytestmark = [pytest.mark.storm, pytest.mark.xdist_group("storms"), pytest.mark.timeout(3600)]

Size: TypeAlias = Callable[[int, int], int]
Tally: TypeAlias = Callable[[str, float], None]

Outage: TypeAlias = Callable[[], AbstractContextManager[None]]

CLINIC = "demo"
HALF = 0.5
HELPED = ("accepted", "called_back")
EVERYBODY_WITHIN = 2400
"""Seconds of the machine until every ticket must be somebody's."""
LONGEST_SILENCE = 10
"""Seconds, at the pace of life: the rule of caller-safety, ringing or a sentence at least so often.
A hurried clock makes each of the machine's own delays as many times longer as it is hurried."""


@dataclass(frozen=True)
class _Weather:
    """How hard it storms.

    pace: seconds of a caller in one of the machine. words_per_minute: of speech; 0 where it takes
    no time. pauses: seconds of the machine between two kills, least and most. outage: those for
    which the database is gone.
    """

    callers: int
    staff: int
    kills: int
    pace: int
    words_per_minute: int
    pauses: tuple[int, int]
    outage: float


@contextmanager
def frozen_file(path: Path) -> Iterator[None]:
    """SQLite has no server to restart: somebody holds the file's lock instead."""
    with sqlite3.connect(path, isolation_level=None, timeout=30) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            holder.execute("ROLLBACK")
    holder.close()


@contextmanager
def restarted(server: PostgresServer) -> Iterator[None]:
    """The server dies at once, and comes back."""
    server.kill()
    try:
        yield
    finally:
        server.start()


def test_on_sqlite(sqlite_url: str, size: Size, tally: Tally) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    _Storm(sqlite_url, _weather(size), workers=1).pass_over(lambda: frozen_file(path), tally)


def test_on_postgresql_with_two_workers(
    private_postgres: PostgresServer, size: Size, tally: Tally
) -> None:
    url = private_postgres.url()
    migrate(url)
    _Storm(url, _weather(size), workers=2).pass_over(lambda: restarted(private_postgres), tally)


def _weather(size: Size) -> _Weather:
    return _Weather(
        callers=size(4, 200),
        staff=size(3, 24),
        kills=size(1, 60),
        pace=size(20, 1),
        words_per_minute=size(0, 150),
        pauses=(1, size(3, 9)),
        outage=size(15, 200) / 10,
    )


class _Storm:
    def __init__(self, url: str, weather: _Weather, *, workers: int) -> None:
        self._url = url
        self._weather = weather
        self._callers = [f"+1512556{number:04}" for number in range(weather.callers)]
        self._staff = [f"+1512557{number:04}" for number in range(weather.staff)]
        self._workers = workers
        self._draw = random.Random(20261124)
        self._clock = HurriedClock(time.time(), weather.pace)
        self.database = Database(url, budget_seconds=60)
        self.database.write(load_demo_clinic)
        self.database.write(self._hire)

    def pass_over(self, outage: Outage, tally: Tally) -> None:
        port = free_port()
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="callnow-storm-")))
            http = stack.enter_context(
                httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
            )
            exchange = self._phone_company(f"http://127.0.0.1:{port}", http)
            driver = RealTimeDriver(exchange, pace=self._weather.pace)
            stack.callback(driver.close)
            rest = Unreliable(exchange, 0.0, 1)
            server = Server(exchange, host="127.0.0.1", port=0, app=rest.app)
            stack.callback(server.close)
            environment = self._environment(port, server.base_url)
            processes = stack.enter_context(Processes(environment, folder, port, self._workers))
            people = stack.enter_context(People(exchange, self._staff, 2))
            rest.share = HALF
            people.call_all_at_once(self._callers)
            began = time.monotonic()
            self._kill_at_random(processes, outage)
            rest.share = 0.0
            self._await_help(began)
            tally("seconds until the last was helped", round(time.monotonic() - began))
            tally("web processes killed", processes.killed["web"])
            tally("workers killed", processes.killed["worker"])
            tally("REST requests failed", rest.failed)
            silence, heard = people.longest_silence()
            tally("longest silence, s", round(silence, 1))
            if self._weather.pace == 1:
                assert silence <= LONGEST_SILENCE, heard
            rings = people.first_rings()
        self._count(tally, rings)
        self.database.dispose()

    def _phone_company(self, base: str, http: httpx.Client) -> Exchange:
        number = {
            "phone_number": LINE,
            "voice_url": f"{base}/voice/incoming",
            "voice_fallback_url": f"{base}/voice/fallback",
            "status_callback": f"{base}/voice/status",
            "sms_url": f"{base}/sms/incoming",
        }
        staff = [*self._staff, SUPERVISOR, DESK_PHONE]
        config = as_config(
            {
                "account_sid": ACCOUNT,
                "auth_token": TOKEN,
                "numbers": [number],
                "phones": [{"number": one, "kind": "staff"} for one in staff],
            }
        )
        return Exchange(
            config, clock=self._clock, http=http, words_per_minute=self._weather.words_per_minute
        )

    def _environment(self, port: int, api_base: str) -> dict[str, str]:
        return {
            **os.environ,
            **self._clock.environment(),
            "DATABASE_URL": self._url,
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_BASE_URL": api_base,
            "SECRET_KEY": "s" * 48,
            "PORT": str(port),
        }

    def _hire(self, session: Session) -> None:
        """The storm's own staff in place of the demo clinic's."""
        session.execute(update(OnCallPerson).values(active=False))
        session.add_all(
            OnCallPerson(
                clinic_id=CLINIC,
                key=f"nurse-{place}",
                name=f"Nurse {place}",
                number=number,
                position=100 + place,
                active=True,
            )
            for place, number in enumerate(self._staff)
        )

    def _kill_at_random(self, processes: Processes, outage: Outage) -> None:
        pause = threading.Event()
        for turn in range(self._weather.kills):
            pause.wait(self._draw.uniform(*self._weather.pauses))
            processes.kill_one(self._draw)
            if turn == self._weather.kills // 2:
                with outage():
                    pause.wait(self._weather.outage)

    def _await_help(self, began: float) -> None:
        pause = threading.Event()
        while waiting := self._waiting():
            if time.monotonic() - began > EVERYBODY_WITHIN:
                break
            pause.wait(0.5)
        else:
            return
        raise AssertionError(f"nobody helped {waiting} in {EVERYBODY_WITHIN} s")

    def _waiting(self) -> str:
        """Who is not helped yet, in words; empty where everybody is."""

        def look(session: Session) -> str:
            rows = session.execute(select(Ticket.callback_number, Ticket.status)).all()
            without = set(self._callers) - {number for number, _ in rows}
            unhelped = [number for number, status in rows if status not in HELPED]
            if not without and not unhelped:
                return ""
            return f"{len(without)} without a ticket, {len(unhelped)} whose ticket nobody has"

        return self.database.read(look)

    def _count(self, tally: Tally, rings: list[float]) -> None:
        tickets, events = self.database.read(_history)
        assert {number for number, _ in tickets.values()} == set(self._callers)
        assert all(status in HELPED for _, status in tickets.values())
        tally("callers", len(self._callers))
        tally("on-call staff", len(self._staff))
        tally("tickets", len(tickets))
        helps = []
        for ticket_id, happened in events.items():
            kinds = [kind for kind, _ in happened]
            assert _accepters(kinds) <= 1, (ticket_id, kinds)
            opened = happened[0][1]
            first = dict(reversed(happened))
            helps.append((first["accepted"] - opened).total_seconds())
        tally("calls for which a phone rang while they lasted", len(rings))
        tally("tickets recovered from the carrier's list", _with(events, "recovered"))
        tally("tickets put back", _with(events, "put_back"))
        for name, seconds in (("first ring", rings), ("acceptance", helps)):
            if len(seconds) < 2:
                continue
            cuts = quantiles(seconds, n=100)
            for percent in (50, 99):
                tally(f"seconds to {name}, p{percent}", round(cuts[percent - 1], 3))


def _history(
    session: Session,
) -> tuple[dict[object, tuple[str | None, str]], dict[object, list[tuple[str, datetime]]]]:
    rows = session.execute(select(Ticket.id, Ticket.callback_number, Ticket.status)).all()
    tickets: dict[object, tuple[str | None, str]] = {
        ticket_id: (number, status) for ticket_id, number, status in rows
    }
    events: dict[object, list[tuple[str, datetime]]] = {ticket_id: [] for ticket_id in tickets}
    for ticket_id, kind, at in session.execute(
        select(TicketEvent.ticket_id, TicketEvent.kind, TicketEvent.at).order_by(
            TicketEvent.ticket_id, TicketEvent.sequence
        )
    ):
        events[ticket_id].append((kind, at))
    return tickets, events


def _accepters(kinds: list[str]) -> int:
    """The most who had the ticket at once."""
    most = now = 0
    for kind in kinds:
        now += (kind == "accepted") - (kind == "put_back")
        most = max(most, now)
    return most


def _with(events: dict[object, list[tuple[str, datetime]]], wanted: str) -> int:
    return sum(any(kind == wanted for kind, _ in happened) for happened in events.values())
