"""Callers, staff, worker and carrier do anything in any order: no urgent call is lost.

Hypothesis draws the course and shrinks one that fails to its shortest. On SQLite: what is drawn is
the order of things on the phones; that both databases hold the same is shown elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ivr.simulator.testing import Handset, PlannedFailure
from tests.calls.course import (
    PATIENTS,
    STAFF,
    Course,
    connected_without_a_key,
    longest_wait,
    open_course,
)
from tests.calls.town import WITH_CLINIC
from tests.provision.databases import TestRun, sqlite_database

REST_FAILURES = (
    PlannedFailure(),
    PlannedFailure(500, 20500, "Internal Server Error"),
    PlannedFailure(400, 21211, "Invalid 'To' Phone Number", path="Calls"),
    PlannedFailure(unheard=True),
    PlannedFailure(lost=True),
)
WORDS = ("nurse", "my pump is beeping", "banana", "wait")
A_MOMENT = st.sampled_from((0, 1, 3, 8))
"""Seconds: to press a key in mid-sentence, or after it."""

A_SENTENCE = 8
"""Seconds, more than the 911 sentence lasts, which no key cuts short, and the one before a ring."""


class AnyCourse(RuleBasedStateMachine):
    """Each rule is something that people, a process or the carrier may do now."""

    def __init__(self, run: TestRun) -> None:
        super().__init__()
        self.exits = ExitStack()
        url = self.exits.enter_context(sqlite_database(run, WITH_CLINIC))
        self.course: Course = self.exits.enter_context(open_course(url))

    def those(self, numbers: tuple[str, ...], can: Callable[[Handset], bool]) -> list[Handset]:
        return [phone for phone in self.course.phones(numbers) if can(phone)]

    # Callers.

    @initialize()
    def somebody_has_called(self) -> None:
        self.call(self.idle_patients()[0], hidden=False, about="2")

    @precondition(lambda self: self.idle_patients())
    @rule(data=st.data(), hidden=st.booleans(), about=st.sampled_from(("2", "1", "4", "")))
    def somebody_calls(self, data: st.DataObject, hidden: bool, about: str) -> None:
        patient = data.draw(st.sampled_from(self.idle_patients()))
        self.call(patient, hidden=hidden, about=about)

    def call(self, patient: Handset, *, hidden: bool, about: str) -> None:
        """And press 1 for urgent help, then what it is about, or nothing more."""
        self.course.urgent_call(patient, withhold_number=hidden)
        if about:
            self.course.let_pass(A_SENTENCE)
            patient.press(about)
            self.course.let_pass(A_SENTENCE)

    @precondition(lambda self: self.callers())
    @rule(data=st.data(), says=st.sampled_from((*"122334079*", *WORDS)), after=A_MOMENT)
    def a_caller_presses_or_says(self, data: st.DataObject, says: str, after: float) -> None:
        caller = data.draw(st.sampled_from(self.callers()))
        self.course.let_pass(after)
        if not caller.in_call:
            return
        if says in WORDS:
            caller.say(says)
        else:
            caller.press(says)
        self.course.let_pass(A_SENTENCE)

    @precondition(lambda self: self.callers())
    @rule(data=st.data())
    def a_caller_hangs_up(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.callers())).hang_up()

    # Whoever's phone rings: staff, or a patient who is called back.

    @precondition(lambda self: self.ringing())
    @rule(data=st.data(), key=st.sampled_from(("1", "1", "2", "7", "")), after=A_MOMENT)
    def somebody_answers(self, data: st.DataObject, key: str, after: float) -> None:
        """A person, or the voicemail, which presses nothing."""
        phone = data.draw(st.sampled_from(self.ringing()))
        phone.answer()
        self.course.let_pass(after)
        if key and phone.in_call:
            phone.press(key)

    @precondition(lambda self: self.ringing())
    @rule(data=st.data(), reject=st.booleans())
    def somebody_does_not_answer(self, data: st.DataObject, reject: bool) -> None:
        phone = data.draw(st.sampled_from(self.ringing()))
        if reject:
            phone.reject()
        else:
            self.course.let_pass(26)

    @precondition(lambda self: self.ringing())
    @rule(data=st.data(), talk=st.sampled_from((5, 40)))
    def somebody_accepts(self, data: st.DataObject, talk: float) -> None:
        phone = data.draw(st.sampled_from(self.ringing()))
        phone.answer()
        phone.press("1")
        self.course.let_pass(talk)

    @precondition(lambda self: self.staff_in_calls())
    @rule(data=st.data(), key=st.sampled_from(("1", "1", "2", "hang up")))
    def staff_go_on(self, data: st.DataObject, key: str) -> None:
        phone = data.draw(st.sampled_from(self.staff_in_calls()))
        if key == "hang up":
            phone.hang_up()
        else:
            phone.press(key)

    @rule(number=st.sampled_from(STAFF), what=st.sampled_from(("off", "busy", "free")))
    def a_phone_can_or_cannot_be_reached(self, number: str, what: str) -> None:
        phone = self.course.company.phone(number)
        moves = {"off": phone.switch_off, "busy": phone.go_busy, "free": phone.be_free}
        moves[what]()

    # Time, the worker, the carrier.

    @rule(seconds=st.sampled_from((12, 27, 65, 130)))
    def time_passes(self, seconds: float) -> None:
        self.course.let_pass(seconds)

    @precondition(lambda self: self.course.worker and self.course.nobodys())
    @rule()
    def time_passes_until_a_phone_rings(self) -> None:
        for _ in range(20):
            if self.ringing():
                return
            self.course.let_pass(8)

    @rule(holding_messages=st.booleans())
    def the_worker_dies_or_comes_back(self, holding_messages: bool) -> None:
        if self.course.worker:
            self.course.kill_worker(holding_messages=holding_messages)
        else:
            self.course.start_worker()

    @precondition(lambda self: not self.course.company.exchange.planned)
    @rule(failure=st.sampled_from(REST_FAILURES), times=st.integers(1, 4))
    def the_carrier_fails(self, failure: PlannedFailure, times: int) -> None:
        self.course.company.fail_rest(failure, times=times)

    @precondition(lambda self: not self.course.company.exchange.sender.mishaps)
    @rule(mishap=st.sampled_from(("delivered twice", "answer lost", "connection lost")))
    def a_webhook_comes_twice(self, mishap: object) -> None:
        """The second time the carrier hears our answer."""
        self.course.company.next_webhook(mishap)  # type: ignore[arg-type]  # one of its literals

    # What holds at every moment.

    @invariant()
    def every_urgent_call_has_one_ticket(self) -> None:
        sids = [ticket["call_sid"] for ticket in self.course.tickets()]
        assert sorted(sids) == sorted(call.sid for call in self.course.calls)

    @invariant()
    def no_ticket_is_lost(self) -> None:
        for ticket in self.course.nobodys():
            assert ticket["escalate_at"] is not None, self.course.events(ticket)

    @invariant()
    def nobody_accepts_what_somebody_has(self) -> None:
        for ticket in self.course.tickets():
            kinds = [
                kind for kind in self.course.events(ticket) if kind in ("accepted", "put_back")
            ]
            assert kinds == ["accepted", "put_back"] * (len(kinds) // 2) + ["accepted"] * (
                len(kinds) % 2
            )
            assert (ticket["accepted_by"] is not None) == (len(kinds) % 2 == 1)

    @invariant()
    def no_caller_is_left_in_silence(self) -> None:
        now = self.course.company.clock.now()
        for call in self.course.calls:
            assert longest_wait(call.transcript, now) <= timedelta(seconds=10), call.transcript

    @invariant()
    def nobody_is_connected_who_did_not_press_1(self) -> None:
        for call in self.course.company.calls:
            if call.to_number in STAFF:
                assert not connected_without_a_key(call), call.transcript

    @invariant()
    def the_carrier_refused_nothing(self) -> None:
        assert self.course.company.refused == []

    # How it ends.

    def teardown(self) -> None:
        with self.exits:
            self.everybody_hangs_up_and_all_works_again()
            self.everybody_sleeps_until_the_alarm()
            self.somebody_accepts_everything()

    def everybody_hangs_up_and_all_works_again(self) -> None:
        self.course.company.exchange.sender.mishaps.clear()
        self.course.company.exchange.planned.clear()
        for phone in self.course.phones((*PATIENTS, *STAFF)):
            phone.be_free()
            if phone.in_call:
                phone.hang_up()
        self.course.start_worker()

    def everybody_sleeps_until_the_alarm(self) -> None:
        promised = [
            datetime.fromisoformat(ticket["callback_by"]).replace(tzinfo=UTC)
            for ticket in self.course.nobodys()
            if ticket["callback_by"]
        ]
        now = self.course.company.clock.now()
        self.course.company.elapse((max(promised, default=now) - now).total_seconds())
        self.course.let_pass(20 * 60, looks=60)
        for ticket in self.course.nobodys():
            since = self.course.events(ticket)[::-1]
            waited = since[: since.index("put_back")] if "put_back" in since else since
            assert "alarm_raised" in waited
            assert f"Ticket {ticket['number']}: nobody has accepted it" in self.course.alarms()

    def somebody_accepts_everything(self) -> None:
        for _ in range(60):
            if not self.course.nobodys():
                return
            self.course.let_pass(15, looks=15)
            for phone in self.those(STAFF, lambda phone: phone.ringing):
                phone.answer()
                self.course.company.elapse(1)
                phone.press("1")
                phone.hang_up()
        assert self.course.nobodys() == []

    # Who can do what now.

    def idle_patients(self) -> list[Handset]:
        return self.those(PATIENTS, lambda phone: not phone.in_call and not phone.ringing)

    def callers(self) -> list[Handset]:
        return self.those(PATIENTS, lambda phone: phone.in_call)

    def ringing(self) -> list[Handset]:
        return self.those((*PATIENTS, *STAFF), lambda phone: phone.ringing)

    def staff_in_calls(self) -> list[Handset]:
        return self.those(STAFF, lambda phone: phone.in_call)


def test_no_course_of_things_loses_an_urgent_call(
    test_run: TestRun, size: Callable[[int, int], int]
) -> None:
    run_state_machine_as_test(
        lambda: AnyCourse(test_run),  # type: ignore[arg-type]  # it takes any factory
        settings=settings(
            max_examples=size(4, 300),
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
