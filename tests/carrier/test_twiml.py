"""Every document the line can emit, in both languages, held against the carrier's rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ivr.call.engine import advance
from ivr.call.events import (
    Capture,
    Connect,
    Dial,
    Done,
    Enqueue,
    Keyed,
    Silent,
    Turn,
    Wait,
)
from ivr.call.flow import FLOW
from ivr.call.lines import lines_of
from ivr.call.nodes import Ask, Hangup, Menu
from ivr.call.prompts import LANGUAGES
from ivr.call.session import Session
from ivr.carrier.twiml import Documents
from ivr.carrier.urls import Urls
from tests.carrier.rules import (
    FACTS,
    NOW,
    WORDS_A_MINUTE,
    events_at,
    hold,
    spoken,
)
from tests.carrier.xml_of import parsed
from tests.product import BASE, LINE, demo_clinic


@pytest.fixture(scope="module")
def documents() -> Documents:
    clinic = demo_clinic()
    return Documents(lines_of({clinic.id: clinic}, link_base=BASE)[LINE], Urls(BASE))


def every_turn(documents: Documents) -> Iterator[tuple[str, Turn]]:
    """Each node entered, and each input node after silence and after nonsense."""
    prompts = documents.line.prompts
    for language in LANGUAGES:
        base = Session("demo", "CA1", "+15125550142", language=language, turn=3, facts=FACTS)
        for node in FLOW.nodes:
            at = replace(base, node=node.name, stood_at=node.name)
            events = events_at(node)
            for tries in (0, 1, 2):
                for event in events:
                    turn = advance(FLOW, prompts, replace(at, tries=tries), event, NOW)
                    yield f"{node.name} {language} try {tries} {event}", turn


def test_every_document_keeps_to_the_carriers_rules(documents: Documents) -> None:
    seen = 0
    for label, turn in every_turn(documents):
        hold(documents, turn, label)
        seen += 1
    assert seen > 1000


def test_a_document_always_goes_on_or_says_goodbye(documents: Documents) -> None:
    for label, turn in every_turn(documents):
        root = parsed(documents.turn(turn))
        tags = [element.tag for element in root]
        if isinstance(turn.then, Wait):
            assert tags[-2:] == ["Gather", "Redirect"], label
            assert spoken(root), label
        elif isinstance(turn.then, Dial | Connect):
            assert tags[-1] == "Dial", label
        elif isinstance(turn.then, Enqueue):
            assert tags[-1] == "Enqueue", label
        elif isinstance(turn.then, Capture):
            assert tags == ["Say", "Record", "Redirect"], label
        elif turn.session.node and isinstance(FLOW[turn.session.node], Hangup):
            assert tags[-1] == "Hangup", label
            assert spoken(root), label


def test_every_prompt_fits_twenty_seconds_at_150_words_a_minute(documents: Documents) -> None:
    """The sentence that only the first menu adds, and the other language's, are exempt."""
    longest: list[tuple[float, str, str]] = []
    for language in LANGUAGES:
        for node in FLOW.nodes:
            if not isinstance(node, Menu | Ask):
                continue
            session = Session("demo", "CA1", None, language=language, turn=3, facts=FACTS)
            turn = advance(
                FLOW,
                documents.line.prompts,
                replace(session, node=node.name, stood_at=node.name),
                Keyed("*") if isinstance(node, Menu) else Silent(),
                NOW,
            )
            if turn.session.node != node.name:
                continue
            says = [line for line in turn.says if line.language == language]
            root = parsed(documents.turn(replace(turn, says=tuple(says))))
            words = len(spoken(root).split())
            longest.append((words * 60 / WORDS_A_MINUTE, node.name, language))
    too_long = [entry for entry in sorted(longest, reverse=True) if entry[0] > 20]
    assert too_long == []


def test_the_911_sentence_takes_six_seconds_at_most_and_two_in_spanish(
    documents: Documents,
) -> None:
    prompts = documents.line.prompts
    english = len(prompts.text("emergency", "en").split()) * 60 / WORDS_A_MINUTE
    spanish = len(prompts.text("emergency", "es").split()) * 60 / WORDS_A_MINUTE
    assert english <= 6
    assert spanish <= 2


def test_what_a_caller_says_cannot_break_out_of_the_document(documents: Documents) -> None:
    session = Session(
        "demo",
        "CA1",
        None,
        node="confirm_name",
        turn=3,
        facts={"name": "</Say><Dial>+19005550100</Dial><Say>&amp; \"'"},
    )
    turn = advance(FLOW, documents.line.prompts, session, Keyed("*"), NOW)
    root = parsed(documents.turn(turn))
    assert [element.tag for element in root] == ["Gather", "Redirect"]
    assert "<Dial>" in spoken(root)


def test_the_urgent_911_sentence_cannot_be_cut_short_by_a_key(documents: Documents) -> None:
    prompts = documents.line.prompts
    session = Session("demo", "CA1", None, node="main", turn=1, facts=FACTS)
    opened = advance(FLOW, prompts, session, Keyed("1"), NOW)
    waiting = advance(
        FLOW, prompts, replace(opened.session, node="urgent_next"), Done("nobody"), NOW
    )
    both = replace(waiting, says=(*opened.says, *waiting.says))
    root = parsed(documents.turn(both))
    assert [element.tag for element in root] == ["Say", "Gather", "Redirect"]
    assert "dial 9 1 1" in (root[0].text or "")
