"""Thousands of reminders due at once while workers die and the carrier fails: nobody is told twice.

The workers are processes and are killed at random; the web process, the carrier and the patients
are of this one. The clock is moved by the test, and only while no worker lives: what a worker does
takes no time, so that a busy machine cannot make a request last for minutes.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from ivr.messages import at_most_once
from ivr.messages.notice_tables import ReminderRound, VisitNotice
from ivr.messages.outcome_words import NEXT
from ivr.messages.patients import notices, planning
from ivr.messages.patients.wording import Occasion
from ivr.messages.tables import DeskTask, OutboxMessage
from ivr.messages.texting_hours import FROM, UNTIL
from ivr.simulator.config import as_config
from ivr.simulator.driver import RealTimeDriver
from ivr.simulator.exchange import Exchange
from ivr.simulator.messaging import MessageRecord
from ivr.simulator.server import Server
from scheduling import visits
from scheduling.database import Database, DatabaseUnavailable, new_id
from scheduling.requests import Request
from scheduling.states import Channel
from scheduling.tables import Patient, PatientConsent, PatientPhone, Provider, Visit, VisitType
from tests.product import ACCOUNT, BASE, LINE, TOKEN, Product, load_demo_clinic
from tests.storm.faulty_carrier import UNDELIVERED, DisorderlyReports, FaultyCarrier
from tests.storm.held_workers import HeldWorkers
from tests.storm.shared_clock import SharedClock

pytestmark = [pytest.mark.storm, pytest.mark.xdist_group("storms"), pytest.mark.timeout(3600)]

Size: TypeAlias = Callable[[int, int], int]
Tally: TypeAlias = Callable[[str, float], None]

CLINIC = "demo"
AUSTIN, HONOLULU = ZoneInfo("America/Chicago"), ZoneInfo("Pacific/Honolulu")
EVENING = datetime(2026, 12, 1, 20, 57, tzinfo=AUSTIN).astimezone(UTC)
MORNING = datetime(2026, 12, 2, 8, 0, tzinfo=AUSTIN).astimezone(UTC)
VISITS_FROM = datetime(2026, 12, 2, 12, 0, tzinfo=AUSTIN).astimezone(UTC)

ROUND = timedelta(minutes=3)
"""Longer than a dead worker's lease, and than the carrier's list may lag."""

MOST_ROUNDS = 60
QUIET_SECONDS = 0.3
"""Real time without a request after which a round is over: what is claimed belongs to the dead."""

ON_ITS_WAY_SECONDS = 2.0
"""Real time in which a request may arrive that was begun before somebody said stop."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every day one worker on SQLite and four on PostgreSQL; in a soak each number on each."""
    combinations = [("sqlite", 1), ("postgresql", 4)]
    if metafunc.config.getoption("--soak"):
        combinations += [("sqlite", 4), ("postgresql", 1)]
    metafunc.parametrize(("kind", "workers"), combinations)


def test_nobody_is_reminded_twice_at_night_or_in_vain_and_whoever_was_not_is_on_the_desks_list(
    kind: str, workers: int, request: pytest.FixtureRequest, size: Size, tally: Tally
) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    storm = _Storm(url, patients=size(16, 10_000), workers=workers, kills=size(2, 60))
    storm.pass_over(tally)


@dataclass
class _Person:
    """number: E.164. gone_at: when they said stop or their visit was cancelled, monotonic."""

    number: str
    visit_id: UUID
    zone: ZoneInfo
    gone_at: float | None = None
    why_gone: str = ""


@dataclass
class _Storm:
    url: str
    patients: int
    workers: int
    kills: int
    people: dict[str, _Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._draw = random.Random(20261201)
        self.clock = SharedClock(EVENING)
        self.database = Database(self.url, budget_seconds=60)
        self.database.write(load_demo_clinic)
        self.database.write(self._register)
        self.called = [number for place, number in enumerate(self.people) if _takes_calls(place)]
        self._going = [*self.people.values()][::8]
        self._look_seconds = max(0.01, self.patients / 20_000)

    def pass_over(self, tally: Tally) -> None:
        with ExitStack() as stack:
            product = Product.start(self.url, clock=self.clock, loaded=False, budget_seconds=60)  # type: ignore[arg-type]  # a clock of its own kind
            stack.callback(product.database.dispose)
            reports = DisorderlyReports(httpx.WSGITransport(app=product.app), 7)
            http = stack.enter_context(httpx.Client(transport=reports, base_url=BASE))
            self.exchange = self._phone_company(http)
            driver = RealTimeDriver(self.exchange, webhooks_at_once=4)
            stack.callback(driver.close)
            self.carrier = FaultyCarrier(self.exchange, 0.3, 3)
            server = Server(self.exchange, host="127.0.0.1", port=0, app=self.carrier.app)
            stack.callback(server.close)
            self._plan_deliveries()
            began = time.monotonic()
            workers = HeldWorkers(self.url, server.base_url, self.clock, self.workers)
            stack.callback(workers.close)
            rounds = self._rounds(workers, reports)
            seconds = time.monotonic() - began
            reports.bring_the_late()
            self._judge(tally)
            tally("reminders", self.patients)
            tally("workers", self.workers)
            tally("workers killed", workers.killed)
            tally("rounds", rounds)
            tally(
                "reminders a second, kills and faults included", round(self.patients / seconds, 1)
            )
            for which, count in self.carrier.failed.items():
                tally(f"REST requests that failed {which}", count)
            tally("reports lost", reports.lost)
            tally("reports late", reports.late)
            tally("reports repeated", reports.repeated)
        self.database.dispose()

    def _register(self, session: Session) -> None:
        """A visit tomorrow for each, of whom a tenth live in Honolulu; a twentieth get calls."""
        provider = session.scalars(select(Provider.id).where(Provider.key == "fura")).one()
        kind = session.scalars(select(VisitType.id).where(VisitType.key == "consultation")).one()
        rows: dict[type, list[dict[str, object]]] = {
            one: [] for one in (Patient, PatientPhone, PatientConsent, Visit)
        }
        for place in range(self.patients):
            number = f"+1512{5570000 + place}"
            patient, visit = new_id(), new_id()
            zone = HONOLULU if place % 10 == 3 else None
            start = VISITS_FROM + timedelta(minutes=5 * (place % 60))
            of = {"clinic_id": CLINIC, "created_at": EVENING - timedelta(days=30)}
            rows[Patient].append(
                {
                    **of,
                    "id": patient,
                    "date_of_birth": date(1940, 1, 1),
                    "language": "es" if place % 4 == 1 else "en",
                    "timezone": zone.key if zone else None,
                }
            )
            rows[PatientPhone].append(
                {"clinic_id": CLINIC, "patient_id": patient, "number": number}
            )
            rows[PatientConsent].append(
                {
                    "clinic_id": CLINIC,
                    "id": new_id(),
                    "patient_id": patient,
                    "kind": "call" if _takes_calls(place) else "sms",
                    "granted": True,
                    "at": EVENING - timedelta(days=30),
                    "source": "desk",
                    "actor": "ana",
                }
            )
            rows[Visit].append(
                {
                    **of,
                    "id": visit,
                    "patient_id": patient,
                    "visit_type_id": kind,
                    "provider_id": provider,
                    "starts_at": start,
                    "ends_at": start + timedelta(minutes=45),
                    "status": "booked",
                    "version": 1,
                    "booked_channel": "desk",
                    "idempotency_key": f"visit {place}",
                }
            )
            self.people[number] = _Person(number, visit, zone or AUSTIN)
        for table, values in rows.items():
            session.execute(insert(table), values)

    def _phone_company(self, http: httpx.Client) -> Exchange:
        number = {
            "phone_number": LINE,
            "voice_url": f"{BASE}/voice/incoming",
            "sms_url": f"{BASE}/sms/incoming",
        }
        config = as_config(
            {
                "account_sid": ACCOUNT,
                "auth_token": TOKEN,
                "numbers": [number],
                "phones": [{"number": one} for one in self.people],
            }
        )
        return Exchange(config, clock=self.clock, http=http, words_per_minute=0)

    def _plan_deliveries(self) -> None:
        """One text in eight is taken and not delivered."""
        for _ in range(2 * self.patients):
            bad = self._draw.random() < 0.125
            code = self._draw.choice(UNDELIVERED) if bad else 0
            self.exchange.messaging.planned.append(("undelivered" if bad else "delivered", code))

    def _rounds(self, workers: HeldWorkers, reports: DisorderlyReports) -> int:
        for number in range(1, MOST_ROUNDS):
            self._round(workers, first=number == 1)
            reports.bring_the_late()
            self.clock.advance(seconds=ROUND.total_seconds())
            if not self._unfinished(self.clock.now()):
                if not self._unfinished(MORNING + timedelta(hours=4)):
                    return number
                self.clock.move_to(MORNING)
            if self.clock.now() > MORNING:
                self.carrier.share = 0.1
        raise AssertionError(f"unfinished after all rounds: {self._left()}")

    def _round(self, workers: HeldWorkers, *, first: bool) -> None:
        """They work until nothing is due, and some are killed meanwhile; then they are held."""
        workers.let_go()
        kill_at = self._next_kill()
        seen, quiet_since = -1, time.monotonic()
        while time.monotonic() - quiet_since < QUIET_SECONDS:
            self._answer_phones()
            busy = self.carrier.asked != seen
            seen = self.carrier.asked
            busy = self._unfinished(self.clock.now(), claimable=True) > 0 or busy
            if self._going:
                self._goes(self._going.pop())
            if workers.killed < self.kills and self._accepted() >= kill_at:
                workers.kill(self._draw.randrange(self.workers))
                kill_at = self._next_kill()
            if first and self._accepted() >= self.patients // 2:
                # The others are due in the night, and wait for the morning.
                break
            time.sleep(self._look_seconds)
            if busy:
                # Counted from here: with thousands of patients one such turn is no short one.
                quiet_since = time.monotonic()
        workers.hold()
        while self.carrier.in_flight or self._has_jobs():
            time.sleep(0.01)
        self._answer_phones()

    def _next_kill(self) -> int:
        return self._accepted() + self._draw.randint(1, max(2, self.patients // 40))

    def _has_jobs(self) -> bool:
        with self.exchange.lock:
            return bool(self.exchange.jobs)

    def _accepted(self) -> int:
        return len(self.carrier.began)

    def _unfinished(self, by: datetime, *, claimable: bool = False) -> int:
        """Reminders not planned, and messages due by then; claimable: those free for a worker."""

        def look(session: Session) -> int:
            planned = select(VisitNotice.visit_id).where(VisitNotice.occasion == Occasion.ONE_DAY)
            unplanned = session.scalar(
                select(func.count())
                .select_from(Visit)
                .where(Visit.status == "booked", Visit.id.not_in(planned))
            )
            waiting = select(func.count()).where(
                OutboxMessage.state == "pending", OutboxMessage.due_at <= by
            )
            if claimable:
                planned_at = session.scalar(select(ReminderRound.looked_at))
                if planned_at is not None and planned_at > by - planning.EVERY:
                    # What is to be planned anew waits for the next round of planning.
                    unplanned = 0
                free = OutboxMessage.claimed_until.is_(None) | (OutboxMessage.claimed_until <= by)
                fresh = OutboxMessage.handed_at > by - at_most_once.LISTED_WITHIN
                waiting = waiting.where(free, OutboxMessage.handed_at.is_(None) | ~fresh)
            return (unplanned or 0) + (session.scalar(waiting) or 0)

        try:
            return self.database.read(look)
        except DatabaseUnavailable:
            return 1

    def _left(self) -> list[str]:
        """What still waits, for whoever looks into why."""

        def look(session: Session) -> list[str]:
            rows = session.scalars(select(OutboxMessage).where(OutboxMessage.state == "pending"))
            return [
                f"{one.kind} due {one.due_at} handed {one.handed_at} claimed {one.claimed_until} "
                f"attempts {one.attempts} {one.last_error}"
                for one in rows
            ]

        return self.database.read(look)

    def _answer_phones(self) -> None:
        """Whoever is rung picks up, hears the reminder, and confirms."""
        with self.exchange.lock:
            for number in self.called:
                phone = self.exchange.phones[number]
                if phone.ringing is not None:
                    phone.answer()
                elif phone.leg and phone.leg.execution and phone.leg.execution.listening:
                    phone.press("1")

    def _goes(self, person: _Person) -> None:
        """Their visit is cancelled at the desk, or they text STOP."""
        if self._draw.random() < 0.5:
            with self.exchange.lock:
                phone = self.exchange.phones[person.number]
                self.exchange.messaging.receive(phone, LINE, "STOP")
            while self._has_jobs():
                time.sleep(0.005)
            self._until_stored(person)
            person.why_gone = "stop"
        else:
            self.database.write(lambda session: self._cancel(session, person))
            person.why_gone = "cancelled"
        person.gone_at = time.monotonic()

    def _until_stored(self, person: _Person) -> None:
        source = "SELECT count(*) FROM text_consent WHERE number = :number"
        while not self.database.read(
            lambda session: (
                session.connection()
                .exec_driver_sql(source.replace(":number", f"'{person.number}'"))
                .scalar()
            )
        ):
            time.sleep(0.005)

    def _cancel(self, session: Session, person: _Person) -> None:
        visit = visits.cancel(
            session,
            clinic_id=CLINIC,
            visit_id=person.visit_id,
            reason="asked for",
            request=Request("ana", Channel.DESK, self.clock.now(), f"cancel {person.visit_id}"),
        )
        notices.tell(
            session, visit=visit, occasion=Occasion.CANCELLED, base=BASE, now=self.clock.now()
        )

    def _judge(self, tally: Tally) -> None:
        reminded = Counter(number for number, _ in self._reminders())
        assert {number: n for number, n in reminded.items() if n > 1} == {}
        for number, record in self._reminders():
            person = self.people[number]
            local = record.at.astimezone(person.zone).time()
            assert FROM <= local < UNTIL, (number, local)
            if person.gone_at is not None:
                began = self.carrier.began[record.sid]
                assert began < person.gone_at + ON_ITS_WAY_SECONDS, (number, person.why_gone)
        unknown = [one for one in self.people.values() if not self._is_accounted_for(one, reminded)]
        assert unknown == []
        tally("patients reminded", len(reminded))
        tally(
            "patients gone meanwhile", sum(one.gone_at is not None for one in self.people.values())
        )
        tally("tasks of the desk", len(self._tasks()))

    def _reminders(self) -> Iterator[tuple[str, _Taken]]:
        """Every reminder that the carrier took, counted there: to whom, and what."""
        with self.exchange.lock:
            texts = list(self.exchange.messaging.messages.values())
            legs = list(self.exchange.legs.values())
        for text in texts:
            if text.direction == "outbound-api" and re.search("reminder|recordamos", text.body):
                yield text.to_number, _Taken(text.sid, text.created_at)
        for leg in legs:
            if leg.direction == "outbound-api":
                yield leg.to_number, _Taken(leg.sid, leg.created_at)

    def _is_accounted_for(self, person: _Person, reminded: Counter[str]) -> bool:
        """They were reminded and it arrived, or are gone, or stand on the desk's list."""
        if person.gone_at is not None or person.number in self._tasks():
            return True
        return reminded[person.number] == 1 and person.number in self._arrived()

    def _arrived(self) -> frozenset[str]:
        def texted(one: MessageRecord) -> bool:
            return one.status == "delivered" and one.direction == "outbound-api"

        with self.exchange.lock:
            texts = {m.to_number for m in self.exchange.messaging.messages.values() if texted(m)}
            calls = {leg.to_number for leg in self.exchange.legs.values() if leg.answered_at}
        return frozenset(texts | calls)

    def _tasks(self) -> frozenset[str]:
        def look(session: Session) -> frozenset[str]:
            rows = session.execute(
                select(DeskTask.callback_number, DeskTask.note).where(
                    DeskTask.kind == "reminder_failed"
                )
            ).all()
            assert all(note.endswith(tuple(NEXT.values())) for _, note in rows)
            return frozenset(number for number, _ in rows if number)

        return self.database.read(look)


def _takes_calls(place: int) -> bool:
    """A twentieth of the patients want no texts."""
    return place % 20 == 7


@dataclass(frozen=True)
class _Taken:
    """What the carrier took, and when by the storm's clock."""

    sid: str
    at: datetime
