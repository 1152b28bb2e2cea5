"""What the line takes an answer for, before it does anything about it. Pure.

The order is the whole rule: urgent help, then the menu's own words, then what works everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ivr.call.events import Said
from ivr.call.nodes import Ask, Choice, Flow, Intent, Menu
from ivr.call.prompts import Prompts
from ivr.call.session import INTERPRETER_FACT
from ivr.call.understanding import answers, choices, dates, intents, languages, urgent
from ivr.call.understanding.alarming_names import alarming_name
from ivr.call.understanding.asides import without_asides, without_names
from ivr.call.understanding.choices import CONFIDENT, SURE
from ivr.call.understanding.words import phrases_in


@dataclass(frozen=True)
class Urgent:
    """Urgent help is needed; facts: what it is about, if that was said."""

    facts: Mapping[str, str]


@dataclass(frozen=True)
class Command:
    """Repeat, slower, back, more time, another language: understood at every prompt."""

    name: str


@dataclass(frozen=True)
class Wanted:
    """Something this menu does not offer, and Flow.intents does. language: in which it was said."""

    intent: Intent
    language: str


@dataclass(frozen=True)
class Wished:
    """Days or a part of the day, said at a menu that can look for them; wish: as a fact."""

    goto: str
    wish: str


@dataclass(frozen=True)
class ToPerson:
    """A person is asked for. facts: that a language is, if one was."""

    facts: Mapping[str, str] = field(default_factory=dict)


Heard = Urgent | Command | Wanted | Wished | ToPerson | Choice


def asks_for_urgent_help(words: str, flow: Flow, prompts: Prompts) -> Urgent | None:
    """Urgent words win in every prompt, whatever else was said, however faintly heard."""
    words = without_names(words, prompts)
    category = urgent.urgent_category(words, prompts, flow.categories)
    if category is not None:
        return Urgent({"category": category})
    return Urgent({}) if urgent.is_urgent(words, prompts) else None


def name_that_alarms(words: str, flow: Flow, prompts: Prompts) -> str | None:
    """The name that was said, where nothing sounds urgent but the given name in it: Socorro."""
    found = alarming_name(words)
    if found is None:
        return None
    name, rest = found
    return None if asks_for_urgent_help(rest, flow, prompts) else name


def heard(
    flow: Flow,
    prompts: Prompts,
    node: Menu | Ask,
    offered: tuple[Choice, ...],
    language: str,
    said: Said,
    today: date,
) -> Heard | None:
    """What was meant at `node`; None where nothing was understood.

    offered: the menu's choices that exist for this caller now, those by voice alone included; at an
        Ask, its skip. today: the date
    at the clinic.
    """
    if found := asks_for_urgent_help(said.words, flow, prompts):
        if not _only_in_an_aside(flow, prompts, node, said):
            return found
        return _ordinary(flow, prompts, node, offered, language, said, today) or found
    ordinary = _ordinary(flow, prompts, node, offered, language, said, today)
    return ordinary or _urgent_in_doubt(prompts, node, said)


def _urgent_in_doubt(prompts: Prompts, node: Menu | Ask, said: Said) -> Urgent | None:
    """What hurts, where nothing ordinary was understood: better a question too many."""
    if not isinstance(node, Menu) or not node.open:
        return None
    return Urgent({}) if urgent.is_urgent(said.words, prompts, "urgent_in_doubt") else None


def _only_in_an_aside(flow: Flow, prompts: Prompts, node: Menu | Ask, said: Said) -> bool:
    """Whether the urgent words were about something else. Believed at open menus, heard well."""
    if not isinstance(node, Menu) or not node.open or said.confidence < SURE:
        return False
    rest = without_asides(said.words, prompts)
    return rest != said.words and asks_for_urgent_help(rest, flow, prompts) is None


def _ordinary(
    flow: Flow,
    prompts: Prompts,
    node: Menu | Ask,
    offered: tuple[Choice, ...],
    language: str,
    said: Said,
    today: date,
) -> Heard | None:
    if unspoken := _another_language(flow, prompts, node, said):
        return unspoken
    by_key = {choice.key or choice.name: choice for choice in offered}
    words = {
        key: prompts.words(choice.prompt_in(node.name), choice.language or language)
        for key, choice in by_key.items()
    }
    exact = any(choices.names_exactly(said.words, phrases) for phrases in words.values())
    wanted = _wanted(flow, prompts, node, language, said)
    if isinstance(wanted, ToPerson) and not exact:
        return wanted
    own = _own_choice(prompts, by_key, words, said)
    if not exact and (wished := _wished(node, said, today, chosen=bool(own or wanted))):
        return wished
    if exact or not isinstance(node, Menu) or not (node.open or node.said) or wanted is None:
        return own or wanted
    if own and isinstance(wanted, Wanted) and wanted.intent.goto == node.name:
        return own
    return wanted


def _another_language(
    flow: Flow, prompts: Prompts, node: Menu | Ask, said: Said
) -> ToPerson | None:
    if not isinstance(node, Menu) or flow.another_language is None:
        # In an entry such a word may be a name: Mr. French, Germán.
        return None
    phrases = phrases_in(said.words, prompts, flow.another_language)
    codes = [languages.code_of(phrase) for phrase in phrases]
    # "Another language, Vietnamese, please": the one that is named counts.
    named = next((code for code in codes if code != languages.UNKNOWN), languages.UNKNOWN)
    return ToPerson({INTERPRETER_FACT: named}) if codes else None


def _wished(node: Menu | Ask, said: Said, today: date, *, chosen: bool) -> Wished | None:
    """chosen: something else was understood, too; then "the third" is the third, not a day."""
    if not isinstance(node, Menu) or node.by_date is None or said.confidence < CONFIDENT:
        return None
    if chosen and dates.is_only_an_ordinal(said.words):
        return None
    wish = dates.spoken(said.words, today)
    return Wished(node.by_date, wish.to_fact()) if wish else None


def _own_choice(
    prompts: Prompts,
    by_key: Mapping[str, Choice],
    words: Mapping[str, tuple[str, ...]],
    said: Said,
) -> Choice | None:
    chosen = by_key.get(choices.choice(said.words, said.confidence, words) or "")
    if not is_yes_or_no(words) or said.confidence < CONFIDENT:
        return chosen
    yes, no = _yes_and_no(words)
    agreed = answers.yes_or_no(said.words, prompts)
    if agreed is None:
        # "Yes and no", "I don't know, maybe yes": neither. But "it's for my mother" says which.
        besides = {
            key: tuple(one for one in phrases if answers.yes_or_no(one, prompts) is None)
            for key, phrases in words.items()
        }
        exact = (key for key in words if choices.names_exactly(said.words, words[key]))
        chosen_key = choices.choice(said.words, said.confidence, besides) or next(exact, None)
        return by_key[chosen_key] if chosen_key else None
    return by_key[yes if agreed else no]


def is_yes_or_no(words: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether these are a menu's two choices, a yes and a no."""
    return len(words) == 2 and all(_yes_and_no(words))


def _yes_and_no(words: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    yes = next((key for key, phrases in words.items() if choices.says_yes(phrases)), "")
    no = next((key for key, phrases in words.items() if key != yes and "no" in phrases), "")
    return yes, no


def _wanted(
    flow: Flow, prompts: Prompts, node: Menu | Ask, language: str, said: Said
) -> Heard | None:
    everywhere = (*intents.COMMANDS, intents.PERSON)
    open_here = isinstance(node, Menu) and node.open
    here = {intent.name: intent for intent in node.said} if isinstance(node, Menu) else {}
    by_name = here | ({intent.name: intent for intent in flow.intents} if open_here else {})
    names = tuple(dict.fromkeys((*by_name, *everywhere)))
    if said.confidence < CONFIDENT:
        names = (intents.PERSON,)
    found = None
    if intents.REPORT_DEATH in by_name and said.confidence >= CONFIDENT:
        # A death goes before whatever is to be done about it.
        found = intents.understood(said.words, prompts, (intents.REPORT_DEATH,), language)
    found = found or intents.understood(said.words, prompts, names, language)
    if found is None:
        return None
    if found.name == intents.PERSON:
        return ToPerson()
    if found.name in by_name:
        return Wanted(by_name[found.name], found.language)
    return Command(found.name)


def meaning(
    flow: Flow,
    prompts: Prompts,
    name: str,
    language: str,
    said: Said,
    today: date,
) -> str:
    """What the line takes words for at a menu, in one word; "none" for nothing.

    For scoring: urgent, person, a command, an intent, or the name of a choice of the menu.
    """
    node = flow[name]
    if not isinstance(node, Menu):
        raise TypeError(f"{name} is no menu")
    keyed = (c for c in node.choices if c.needs is None and c.language != language)
    offered = (*keyed, *node.spoken)
    match heard(flow, prompts, node, offered, language, said, today):
        case Urgent():
            return "urgent"
        case ToPerson(facts):
            return "other_language" if facts else intents.PERSON
        case Command(command):
            return command
        case Wanted(intent, _):
            return intent.name
        case Wished():
            return "wish"
        case Choice() as choice:
            return f"{intents.LANGUAGE}{choice.language}" if choice.language else choice.name
        case None:
            return "none"
