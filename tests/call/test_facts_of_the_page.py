"""Every fact of the treatment page is spoken in both languages, and nothing else is."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from ivr.call.flow import FLOW, TOPICS, URGENT_TOPIC
from ivr.call.nodes import Menu
from ivr.call.prompts import LANGUAGES, Line, Prompts
from ivr.call.speak import spoken_line
from ivr.call.wording_checks import prompt_keys
from tests.product import demo_clinic

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "what-is-said-of-the-page.md"
_ROW = re.compile(r"^\| (?P<fact>[^|]+) \| `(?P<key>[^|`]+)` \| (?P<en>[^|]+) \| (?P<es>[^|]+) \|$")

ENUMERATED = {"Benefit": 6, "Step": 4, "Stage": 4, "Reason": 4}
"""What the treatment page itself enumerates."""

FIGURES = ("300", "one to two hours", "two to six months", "a day or two", "seroma", "granuloma")
"""What a sentence of ours could lose most easily."""


@dataclass(frozen=True)
class Fact:
    """One row of the table. words: language -> what must stand in the sentence."""

    section: str
    fact: str
    key: str
    words: dict[str, list[str]]


def _facts() -> list[Fact]:
    facts, section = [], ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif row := _ROW.match(line):
            words = {language: row[language].split("; ") for language in LANGUAGES}
            facts.append(Fact(section, row["fact"], row["key"], words))
        else:
            # Every other row is a heading, so no fact is left out for its form.
            assert not line.startswith("|") or line.startswith(("| fact |", "|---")), line
    return facts


FACTS = _facts()
PARTS = {f"{topic}.{part}" for topic, parts in TOPICS.items() for part in parts}


def keys_of(path: Path) -> set[str]:
    """The prompt keys of a content file."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{topic}.{part}" for topic, parts in content.items() for part in parts}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.fact)
def test_each_fact_stands_in_its_sentence(prompts: Prompts, fact: Fact, language: str) -> None:
    sentence = prompts.text(fact.key, language)
    for words in fact.words[language]:
        assert words.lower() in sentence.lower(), (fact.key, words)


def test_each_fact_is_told_where_callers_come_by() -> None:
    assert {fact.key for fact in FACTS} <= set(prompt_keys(FLOW))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_stands_for_a_fact_and_is_told(language: str) -> None:
    told = keys_of(demo_clinic().content_dir / f"procedure.{language}.toml")
    assert told == PARTS == {fact.key for fact in FACTS if fact.key in PARTS}


def test_what_the_page_enumerates_is_told_in_full() -> None:
    numbered = [re.match(r"(Benefit|Step|Stage|Reason) ([0-9])\b", fact.fact) for fact in FACTS]
    counted = Counter(found[1] for found in numbered if found)
    assert counted == ENUMERATED
    assert len({found[0] for found in numbered if found}) == sum(ENUMERATED.values())
    common = [fact for fact in FACTS if fact.fact.startswith("Common: ")]
    rare = [fact for fact in FACTS if fact.fact.startswith("Rare: ")]
    assert (len(common), len(rare)) == (4, 4)


@pytest.mark.parametrize("figure", FIGURES)
def test_the_figures_and_names_are_asked_for_by_the_table(figure: str) -> None:
    assert any(figure in words for fact in FACTS for words in fact.words["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_therapy_is_never_called_safe(prompts: Prompts, language: str) -> None:
    for key in PARTS:
        assert not re.search(
            r"\bsafe(?!keeping)|\bsegur|effective|eficaz|efectiv", prompts.text(key, language)
        ), key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", sorted(PARTS))
def test_a_part_lasts_at_most_twenty_seconds_with_its_keys(
    prompts: Prompts, key: str, language: str
) -> None:
    node = FLOW[key]
    assert isinstance(node, Menu)
    lines = [Line(key, language)]
    lines += [Line(choice.prompt_in(key), language, choice.key) for choice in node.choices]
    spoken = " ".join(spoken_line(line, prompts, {}) for line in lines)
    # At 150 words a minute.
    assert len(spoken.split()) <= 50, spoken


def test_reasons_to_call_the_doctor_have_the_urgent_line_on_key_1() -> None:
    reasons = [fact for fact in FACTS if fact.fact.startswith("Reason ")]
    for fact in reasons:
        node = FLOW[fact.key]
        assert isinstance(node, Menu)
        assert fact.key.startswith(f"{URGENT_TOPIC}.")
        assert (node.choices[0].key, node.choices[0].goto) == ("1", FLOW.urgent)
