"""The flow is proved sound before a caller meets it; each way of breaking it is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ivr.call.actions import action_outcomes
from ivr.call.checks import FlowUnsound, check, require_sound
from ivr.call.flow import FLOW
from ivr.call.nodes import Ask, Choice, Do, Flow, Hangup, Menu, Node
from ivr.call.prompts import Prompts


def findings(flow: Flow, prompts: Prompts) -> list[str]:
    return list(check(flow, prompts, action_outcomes()))


def with_node(flow: Flow, changed: Node) -> Flow:
    return replace(
        flow, nodes=tuple(changed if node.name == changed.name else node for node in flow.nodes)
    )


def menu(name: str) -> Menu:
    node = FLOW[name]
    assert isinstance(node, Menu)
    return node


def without_text(prompts: Prompts, language: str, name: str) -> Prompts:
    texts: dict[str, Mapping[str, str]] = dict(prompts.texts)
    texts[language] = {key: text for key, text in texts[language].items() if key != name}
    return replace(prompts, texts=texts)


def test_the_flow_we_ship_is_sound(prompts: Prompts) -> None:
    assert findings(FLOW, prompts) == []


def test_a_target_that_does_not_exist_is_named(prompts: Prompts) -> None:
    broken = with_node(FLOW, replace(menu("hours"), choices=(Choice("1", "book", "nowhere"),)))
    assert findings(broken, prompts) == ["hours leads to nowhere, and no node has that name"]


def test_a_node_nobody_can_reach_is_named(prompts: Prompts) -> None:
    lonely = replace(FLOW, nodes=(*FLOW.nodes, Hangup("lonely")))
    assert "no caller can reach lonely: lead somebody there or delete it" in findings(
        lonely, prompts
    )


def test_a_prompt_missing_in_one_language_is_named(prompts: Prompts) -> None:
    broken = without_text(prompts, "es", "read_back")
    assert "read_back has no wording in es: add it to es.toml" in findings(FLOW, broken)


@pytest.mark.parametrize("name", ["emergency", "urgent", "whisper_keys", "read_back"])
def test_a_sentence_left_empty_is_named(prompts: Prompts, name: str) -> None:
    texts = {**prompts.texts, "en": {**prompts.texts["en"], name: " "}}
    assert f"{name} says nothing in en: write its sentence in en.toml" in findings(
        FLOW, replace(prompts, texts=texts)
    )


def test_an_opening_without_the_911_sentence_is_a_finding(prompts: Prompts) -> None:
    assert findings(replace(FLOW, opening=("welcome",)), prompts) == [
        "the opening must begin with the 911 sentence, emergency, and then emergency@es"
    ]


def test_a_whole_language_missing_is_named(prompts: Prompts) -> None:
    broken = replace(prompts, texts={**prompts.texts, "es": {}})
    assert "emergency has no wording in es: add it to es.toml" in findings(FLOW, broken)


def test_a_placeholder_in_one_language_only_is_named(prompts: Prompts) -> None:
    texts = {**prompts.texts, "es": {**prompts.texts["es"], "confirm_name": "Escuché."}}
    (finding,) = findings(FLOW, replace(prompts, texts=texts))
    assert finding == "confirm_name speaks of different things in en and es: en: name; es: none"


def test_a_placeholder_that_nothing_fills_in_is_named(prompts: Prompts) -> None:
    texts = {
        language: {**prompts.texts[language], "goodbye": "Bye {shoe_size}."}
        for language in ("en", "es")
    }
    assert "goodbye in en speaks of {shoe_size}, which nothing fills in" in findings(
        FLOW, replace(prompts, texts=texts)
    )


def test_a_loop_that_needs_no_caller_must_have_a_limit(prompts: Prompts) -> None:
    node = FLOW["urgent_next"]
    assert isinstance(node, Do)
    (finding,) = findings(with_node(FLOW, replace(node, limit=None)), prompts)
    assert "urgent_next → urgent_ring → " in finding
    assert finding.endswith("can go round for ever without the caller: give a Do there a Limit")


def test_an_action_outcome_that_leads_nowhere_is_named(prompts: Prompts) -> None:
    node = FLOW["hold_slot"]
    assert isinstance(node, Do)
    broken = replace(node, outcomes={"held": "read_back", "none": "no_slots"})
    assert "hold_slot does not say where the outcome taken of hold_slot leads" in findings(
        with_node(FLOW, broken), prompts
    )


def test_an_action_that_does_not_exist_is_named(prompts: Prompts) -> None:
    node = FLOW["book"]
    assert isinstance(node, Do)
    broken = with_node(FLOW, replace(node, action="bokk"))
    assert "book runs bokk, and actions/ has no such action" in findings(broken, prompts)


def test_a_person_who_cannot_be_reached_is_a_finding(prompts: Prompts) -> None:
    broken = with_node(FLOW, replace(menu("person"), on_silence="goodbye"))
    assert "person never rings anybody: lead its silence to a Transfer" in findings(broken, prompts)


def test_an_input_that_gives_up_into_a_dead_end_is_a_finding(prompts: Prompts) -> None:
    node = FLOW["ask_birth"]
    assert isinstance(node, Ask)
    broken = with_node(FLOW, replace(node, after_tries="goodbye"))
    assert "ask_birth gives up into goodbye, from where nobody is ever rung" in findings(
        broken, prompts
    )


def test_urgent_help_missing_before_a_person_is_a_finding(prompts: Prompts) -> None:
    broken = with_node(FLOW, replace(menu("person"), choices=(Choice("1", "desk", "desk"),)))
    assert "person must offer urgent help on key 1 before a person is rung" in findings(
        broken, prompts
    )


def test_urgent_help_missing_in_the_help_of_number_entries_is_a_finding(prompts: Prompts) -> None:
    broken = with_node(FLOW, replace(menu("entry_help"), choices=(Choice("1", "back", "main"),)))
    assert "entry_help, which * opens in number entries, must offer urgent help" in findings(
        broken, prompts
    )


def test_a_menu_with_too_many_choices_or_gaps_is_a_finding(prompts: Prompts) -> None:
    gap = with_node(FLOW, replace(menu("hours"), choices=(Choice("2", "book", "ask_name"),)))
    assert "hours offers the keys 2: ascending from 1 without gaps, please" in findings(
        gap, prompts
    )
    for_all = replace(menu("main").choices[4], needs=None)
    longer = (*menu("main").choices[:4], for_all, *menu("main").choices[5:])
    assert "main offers 5 choices: at most 4, then split it" in findings(
        with_node(FLOW, replace(menu("main"), choices=longer)), prompts
    )
    many = tuple(Choice(str(n), "book", "ask_name") for n in range(1, 6))
    crowded = with_node(FLOW, replace(menu("hours"), choices=many))
    assert "hours offers 5 choices: at most 4, then split it" in findings(crowded, prompts)


def test_a_choice_without_words_is_a_finding(prompts: Prompts) -> None:
    words = dict(prompts.spoken_words)
    words["en"] = {k: v for k, v in words["en"].items() if k != "main.urgent"}
    assert "main.urgent has no words in en: only its key works" in findings(
        FLOW, replace(prompts, spoken_words=words)
    )


def test_an_unsound_flow_does_not_start(prompts: Prompts) -> None:
    with pytest.raises(FlowUnsound, match="The call flow is not sound:\n- hours leads to nowhere"):
        require_sound(
            with_node(FLOW, replace(menu("hours"), choices=(Choice("1", "book", "nowhere"),))),
            prompts,
            action_outcomes(),
        )
