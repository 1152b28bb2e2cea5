"""What is told in parts: its words choose a topic and nothing else, and its text needs a page."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.call import understanding
from ivr.call.engine import advance
from ivr.call.events import Keyed
from ivr.call.flow import FLOW, TOPICS
from ivr.call.nodes import Menu
from ivr.call.prompts import LANGUAGES, Prompts, load_prompts
from ivr.call.session import Session
from ivr.call.topics import PAGE_FACT, parts
from ivr.call.understanding import intents
from tests.product import demo_clinic

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
AT_A_PART = Session("demo", "CA1", "+15125550142", node="risks.any", turn=5, trail=("main",))


def part_menus() -> list[Menu]:
    """Every part, and the two menus of topics."""
    names = [f"{topic}.{part}" for topic, parts in TOPICS.items() for part in parts]
    nodes = [FLOW[name] for name in ("topics", "more_topics", *names)]
    return [node for node in nodes if isinstance(node, Menu)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_for_a_topic_is_taken_for_a_call_for_help(prompts: Prompts, language: str) -> None:
    words = {
        word
        for node in part_menus()
        for choice in (*node.choices, *node.spoken)
        for word in prompts.words(choice.prompt_in(node.name), language)
    }
    assert len(words) > 50
    taken = {
        word
        for word in words
        if understanding.is_urgent(word, prompts)
        or understanding.urgent_category(word, prompts, FLOW.categories)
        or intents.understood(word, prompts, (intents.PERSON,), language)
    }
    assert taken == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_each_menu_every_word_means_one_thing(prompts: Prompts, language: str) -> None:
    for node in part_menus():
        meant = {choice.key or choice.name: choice for choice in (*node.choices, *node.spoken)}
        options = {
            key: prompts.words(choice.prompt_in(node.name), language)
            for key, choice in meant.items()
        }
        for key, words in options.items():
            for word in words:
                chosen = understanding.choice(word, 0.9, options)
                assert chosen is not None, (node.name, word)
                assert meant[chosen].goto == meant[key].goto, (node.name, word)


def test_key_1_goes_on_to_the_next_topic_after_the_last_part() -> None:
    first, last, urgent = parts({"a": ("x", "y"), "b": ("z",)}, urgent="b")
    assert [(c.key, c.goto) for c in first.choices[:2]] == [("1", "a.y"), ("2", "ask_name")]
    assert (last.choices[0].goto, last.choices[0].says) == ("b.z", "topic.b")
    assert urgent.choices[0].goto == "urgent"


def test_a_text_is_offered_only_where_the_clinic_has_a_page(prompts: Prompts) -> None:
    without = advance(FLOW, prompts, AT_A_PART, Keyed("*"), NOW)
    assert "part.text" not in [line.name for line in without.says]
    refused = advance(FLOW, prompts, AT_A_PART, Keyed("4"), NOW)
    assert refused.session.node == "risks.any"
    at_one_with = replace(AT_A_PART, facts={PAGE_FACT: "https://clinic.example"})
    with_page = advance(FLOW, prompts, at_one_with, Keyed("*"), NOW)
    assert [line.key for line in with_page.says if line.name == "part.text"] == ["4"]


@pytest.mark.parametrize("missing", ["procedure.en.toml", "procedure.es.toml", "es.toml"])
def test_a_clinic_without_one_of_its_files_of_sentences_is_told_which(
    tmp_path: Path, missing: str
) -> None:
    clinic = demo_clinic()
    folder = shutil.copytree(clinic.content_dir, tmp_path / "copy")
    (folder / missing).unlink()
    with pytest.raises(ValueError, match=f"{missing} is missing: every language needs its wording"):
        load_prompts(folder, constants=clinic.spoken_constants(), zone=clinic.timezone)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("reviewed = 2026-11-01", "reviewed is 2026-11-01: write it in quotes"),
        ("words = 3", "words is 3: write it in quotes, or as a list of words"),
        ("[part]\nloud = true", "part.loud is True: write it in quotes"),
    ],
)
def test_a_value_that_nobody_can_say_is_told_with_its_file(
    tmp_path: Path, line: str, fault: str
) -> None:
    clinic = demo_clinic()
    folder = shutil.copytree(clinic.content_dir, tmp_path / "copy")
    (folder / "procedure.en.toml").write_text(f"{line}\n")
    with pytest.raises(ValueError, match=f"procedure.en.toml: {fault}"):
        load_prompts(folder, constants=clinic.spoken_constants(), zone=clinic.timezone)


def test_a_file_of_sentences_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    clinic = demo_clinic()
    folder = shutil.copytree(clinic.content_dir, tmp_path / "copy")
    (folder / "en.toml").unlink()
    (folder / "en.toml").mkdir()
    with pytest.raises(ValueError, match=r"en\.toml cannot be read: Is a directory"):
        load_prompts(folder, constants=clinic.spoken_constants(), zone=clinic.timezone)
