"""What the line does next, turn by turn, without a telephone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call.engine import TURNS_WITH_A_PERSON, advance
from ivr.call.events import (
    Act,
    Arrived,
    Dial,
    Dialled,
    Done,
    End,
    Input,
    Keyed,
    Said,
    Silent,
    Turn,
    Wait,
)
from ivr.call.flow import FLOW
from ivr.call.nodes import Ask, Do, Menu
from ivr.call.prompts import Prompts
from ivr.call.session import Session
from ivr.call.speak import spoken_line

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
CALL = Session("demo", "CA1", "+15125550142")


class Caller:
    """Somebody on the line: gives inputs one after the other and remembers the last turn."""

    def __init__(self, prompts: Prompts) -> None:
        self.prompts = prompts
        self.turn: Turn = advance(FLOW, prompts, CALL, Arrived(), NOW)

    def does(self, *events: Input) -> Caller:
        for event in events:
            self.turn = advance(FLOW, self.prompts, self.turn.session, event, NOW)
            if self.turn.then == Act("find_begun_booking"):
                # Nobody here has called before: test_resuming.py has those who have.
                self.does(Done("none"))
        return self

    def keys(self, *digits: str) -> Caller:
        return self.does(*(Keyed(d) for d in digits))

    @property
    def at(self) -> str:
        return self.turn.session.node

    @property
    def heard(self) -> str:
        lines = (spoken_line(s, self.prompts, self.turn.session.facts) for s in self.turn.says)
        return " ".join(line for line in lines if line)


@pytest.fixture
def caller(prompts: Prompts) -> Caller:
    return Caller(prompts)


def test_the_911_sentence_comes_first_and_then_in_spanish(caller: Caller) -> None:
    assert caller.heard.startswith(
        "If this is an emergency, hang up and dial 9 1 1. Emergencia: marque 9 1 1."
    )


def test_the_menu_says_each_choice_before_its_key_and_a_person_on_zero(caller: Caller) -> None:
    assert "For an urgent symptom or pump alarm, press 1." in caller.heard
    assert "For a person, press 0. Para español, oprima 9." in caller.heard


def test_nine_changes_to_spanish_and_the_spanish_menu_offers_english(caller: Caller) -> None:
    caller.keys("9")
    assert "Para citas, oprima 2." in caller.heard
    assert caller.heard.endswith("For English, press 9.")
    assert caller.keys("9").turn.session.language == "en"


def test_one_opens_a_ticket_and_says_911_before_anything_is_rung(caller: Caller) -> None:
    caller.keys("1")
    assert caller.turn.then == Act("open_ticket")
    assert "dial 9 1 1" in caller.heard


def test_what_it_is_about_is_asked_once_with_four_choices_at_most(caller: Caller) -> None:
    caller.keys("1").does(Done("unknown"))
    assert caller.turn.session.node == "urgent_about"
    assert "press 4." in caller.heard
    assert "press 5" not in caller.heard
    # Every key but the last one rings: an alarm, a symptom.
    assert caller.keys("2").does(Done("classified")).turn.then == Act("ring_next_on_call")


@pytest.mark.parametrize(
    "answer",
    [Silent(), Keyed("7"), Keyed("0"), Said("the blue one", 0.9), Said("a person please", 0.9)],
    ids=["silence", "a wrong key", "zero", "words that say nothing", "asking for a person"],
)
def test_silence_and_confusion_at_triage_ring_at_once(caller: Caller, answer: Input) -> None:
    caller.keys("1").does(Done("unknown"), answer)
    assert caller.turn.then == Act("ring_next_on_call")


def test_the_911_tier_is_told_to_hang_up_and_call_911_twice_three_seconds_apart(
    caller: Caller,
) -> None:
    caller.keys("1").does(Done("unknown")).keys("1")
    first, again = (line for line in caller.turn.says if line.name == "urgent_danger")
    assert (first.after_seconds, again.after_seconds) == (0, 3)
    assert caller.turn.then == Act("classify")
    assert caller.does(Done("classified")).turn.then == Act("ring_next_on_call")


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("my mother won't wake up", "danger"),
        ("the alarm and I cannot breathe", "danger"),
        ("tengo dolor en el pecho", "danger"),
        ("it keeps beeping", "alarm"),
        ("I missed my refill", "alarm"),
        ("I have a fever", "symptom"),
        ("I am calling from the hospital", "clinician"),
    ],
)
def test_urgent_words_say_what_it_is_about_so_that_nothing_is_asked(
    caller: Caller, words: str, category: str
) -> None:
    caller.does(Said(words, 0.1))
    assert caller.turn.then == Act("open_ticket")
    assert caller.turn.session.facts["category"] == category


def test_a_ring_that_nobody_answers_leads_to_the_next_person(caller: Caller) -> None:
    ring = Done("ring", {"dial": "+15125550111", "dial_person": "ana"})
    caller.keys("1").does(Done("known", {"ticket_id": "t", "ticket_number": "7"}), ring)
    dialled: object = caller.turn.then
    assert dialled == Dial("+15125550111", 25, whisper=True)
    for outcome in ("no_answer", "busy", "failed"):
        assert caller.does(Dialled(outcome)).turn.then == Act("ring_next_on_call")
        caller.does(ring)


def test_a_finished_dial_is_no_proof_that_a_human_took_it(caller: Caller) -> None:
    caller.keys("1").does(
        Done("known"), Done("ring", {"dial": "+15125550111"}), Dialled("answered")
    )
    assert caller.turn.then == Act("was_accepted")
    assert caller.does(Done("not_accepted")).turn.then == Act("ring_next_on_call")


def test_ringing_is_bounded_and_ends_in_a_promise(caller: Caller) -> None:
    caller.keys("1").does(Done("known"))
    for _ in range(8):
        assert caller.turn.then == Act("ring_next_on_call")
        caller.does(Done("ring", {"dial": "+15125550111"}), Dialled("no_answer"))
    assert caller.turn.then == Act("promise_urgent_callback")
    assert caller.does(Done("known", {"ticket_number": "7"})).turn.then == End()
    assert "Your ticket, 7, stays open" in caller.heard


def test_asking_for_a_person_first_offers_urgent_help_and_then_rings(caller: Caller) -> None:
    caller.keys("0")
    assert caller.heard.startswith("If this is urgent, press 1.")
    assert caller.does(Silent()).turn.then == Act("is_desk_open")


def test_zero_at_that_offer_rings_at_once(caller: Caller) -> None:
    assert caller.keys("0", "0").turn.then == Act("is_desk_open")


def test_three_silences_lead_to_a_person_each_more_explicit(caller: Caller) -> None:
    first = caller.does(Silent()).heard
    second = caller.does(Silent()).heard
    assert first.startswith("I did not hear you. For an urgent symptom")
    assert second.startswith("I did not hear you. Use the keys of your phone.")
    assert caller.does(Silent()).at == "person"


def test_silence_and_misunderstanding_are_counted_together(caller: Caller) -> None:
    assert caller.does(Silent(), Said("purple monkeys", 0.9), Keyed("7")).at == "person"


def test_a_star_repeats_and_a_second_one_goes_back(caller: Caller) -> None:
    caller.keys("2", "*")
    assert caller.at == "appointments"
    assert caller.keys("*").at == "main"


def test_a_star_in_a_number_clears_it_and_offers_help_more_time_or_a_step_back(
    caller: Caller,
) -> None:
    caller.keys("2", "1").does(Said("Ann Lee", 0.9)).keys("1", "0304*")
    assert caller.at == "entry_help"
    assert "For urgent help, press 1." in caller.heard
    assert caller.keys("3").at == "ask_birth"
    assert caller.keys("*", "2").at == "confirm_name"


def test_zero_is_a_digit_in_a_number_entry(caller: Caller) -> None:
    caller.keys("2", "1", "1", "01011950")
    assert caller.heard.startswith("I have January 1, 1950.")


def test_zero_after_the_star_reaches_a_person_from_a_number_entry(caller: Caller) -> None:
    assert caller.keys("2", "1", "1", "*", "0").at == "person"


def test_going_back_loses_nothing_that_was_given(caller: Caller) -> None:
    caller.keys("2", "1").does(Said("Ann Lee", 0.9)).keys("1", "03041940", "*", "*")
    assert caller.at == "ask_birth"
    assert caller.turn.session.facts["name"] == "Ann Lee"


def test_a_caller_who_cannot_speak_books_by_keys_alone(caller: Caller) -> None:
    slot = '{"visit_type_key":"consultation","starts_at":"2026-11-30T15:30:00+00:00"}'
    caller.keys("2", "1", "1", "03041940", "1")
    caller.does(Done("known", {"phone": "+15125550142"})).keys("1")
    assert caller.turn.then == Act("find_slots")
    caller.does(Done("found", {"slot_1": slot}))
    assert "For Monday, November 30, at 9:30 in the morning, press 1." in caller.heard
    assert caller.keys("1").turn.then == Act("hold_slot")
    caller.does(Done("held", {"slot": slot, "provider": "Dr. Fura", "hold_id": "h"}))
    assert "A consultation with Dr. Fura, on Monday, November 30" in caller.heard
    assert caller.keys("1").turn.then == Act("book")
    assert caller.does(Done("booked")).turn.then == Act("may_ask_to_text")
    assert caller.does(Done("booked")).heard.count("Monday, November 30") == 2


def test_only_slots_that_exist_are_offered(caller: Caller) -> None:
    slot = '{"starts_at":"2026-11-30T15:30:00+00:00"}'
    caller.keys("2", "1", "1", "03041940", "1").does(Done("known")).keys("1")
    caller.does(Done("found", {"slot_1": slot}))
    assert "press 2" not in caller.heard
    assert caller.keys("2").at == "offer_slots"


def test_a_deployment_in_mid_call_starts_the_call_again(prompts: Prompts) -> None:
    session = replace(CALL, node="a_node_of_yesterday", turn=5)
    turn = advance(FLOW, prompts, session, Keyed("1"), NOW)
    assert turn.session.node == "main"


INPUTS: st.SearchStrategy[Input] = st.one_of(
    st.builds(Keyed, st.text("0123456789*", min_size=0, max_size=12)),
    st.builds(Said, st.text(max_size=40), st.floats(0, 1)),
    st.sampled_from([Said("emergencia", 0.9), Said("nurse", 0.1), Said("yes", 0.9), Silent()]),
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_a_caller_does_the_line_waits_rings_or_says_goodbye(
    prompts: Prompts, data: st.DataObject
) -> None:
    caller = Caller(prompts)
    for number in range(40):
        caller.turn = replace(caller.turn, session=replace(caller.turn.session, turn=number))
        match caller.turn.then:
            case Wait():
                assert isinstance(FLOW[caller.at], Menu | Ask)
                assert caller.heard
                caller.does(data.draw(INPUTS))
            case Act():
                node = FLOW[caller.at]
                assert isinstance(node, Do)
                facts = {"dial": "+15125550111", "ticket_number": "7"}
                caller.does(Done(data.draw(st.sampled_from(sorted(node.outcomes))), facts))
            case Dial(number=dialled):
                assert dialled
                outcome = st.sampled_from(["answered", "no_answer", "busy", "failed", "odd"])
                caller.does(Dialled(data.draw(outcome)))
            case End():
                assert caller.heard
                return


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_urgent_words_win_at_every_input_node(prompts: Prompts, data: st.DataObject) -> None:
    name = data.draw(
        st.sampled_from([node.name for node in FLOW.nodes if isinstance(node, Menu | Ask)])
    )
    words = data.draw(st.sampled_from(["nurse", "emergencia", "the alarm", "no puedo respirar"]))
    turn = advance(FLOW, prompts, replace(CALL, node=name), Said(words, 0.0), NOW)
    assert turn.then == Act("open_ticket")


def test_a_call_that_never_ends_is_led_to_a_person_and_then_ended_politely(
    prompts: Prompts,
) -> None:
    at_main = advance(FLOW, prompts, CALL, Arrived(), NOW).session
    late = replace(at_main, turn=FLOW.max_turns)
    assert advance(FLOW, prompts, late, Keyed("3"), NOW).session.node == "person"
    later = replace(at_main, turn=FLOW.max_turns + TURNS_WITH_A_PERSON)
    ended = advance(FLOW, prompts, later, Keyed("3"), NOW)
    assert ended.session.node == "too_long"
    assert ended.then == End()


def test_urgent_help_works_however_long_the_call_has_been(prompts: Prompts) -> None:
    at_main = advance(FLOW, prompts, CALL, Arrived(), NOW).session
    late = replace(at_main, turn=FLOW.max_turns + 500)
    events: tuple[Input, ...] = (Keyed("1"), Said("nurse", 0.2))
    for event in events:
        assert advance(FLOW, prompts, late, event, NOW).then == Act("open_ticket")


def test_a_session_survives_its_row() -> None:
    session = replace(CALL, trail=("main", "about"), facts={"name": "José"}, visits={"x": 2})
    assert Session.from_json(session.to_json()) == session
