"""Proves the call flow sound, at start-up and in tests.

Each finding is a sentence that says which node is wrong and what to do about it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ivr.call.nodes import (
    AGAIN,
    BACK,
    MEANT,
    STAFF_FACT,
    Ask,
    Choice,
    Do,
    Fetch,
    Flow,
    Hangup,
    Intent,
    Menu,
    Node,
    Queue,
    Record,
    Transfer,
    targets,
)
from ivr.call.prompts import LANGUAGES, Prompts
from ivr.call.speak import NAMED_VALUES, SPEAKERS, SPOKEN_CATEGORIES
from ivr.call.understanding.asides import KEYS as ASIDES
from ivr.call.understanding.asides import aside
from ivr.call.understanding.intents import COMMANDS
from ivr.call.understanding.words import sign

CHOICES = 4
"""Keys a menu offers beside `0` [ISO/IEC 13714 and others, caller-safety]. Exempt in the first
menu: 9, the language, and what only callers from a registered staff number hear. They know why they
call, and every patient still hears four."""

_ASCENDING = "12345"

OPT_OUT_KEY = "9"
"""In what we text and where we call: no more of that [caller-safety]."""


class FlowUnsound(Exception):
    """The flow or its wording is broken; the message lists every finding."""


def require_sound(flow: Flow, prompts: Prompts, actions: Mapping[str, Collection[str]]) -> None:
    """Raise FlowUnsound with every finding, or return."""
    findings = list(check(flow, prompts, actions))
    if findings:
        raise FlowUnsound("The call flow is not sound:\n- " + "\n- ".join(findings))


def check(flow: Flow, prompts: Prompts, actions: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Every finding. actions: action name → the outcomes it can have."""
    yield from _names(flow)
    missing = list(_targets_exist(flow))
    yield from missing
    if missing:
        # What follows walks the graph, and the graph has holes.
        return
    yield from _everything_is_reachable(flow)
    yield from _loops_are_bounded(flow)
    yield from _actions_are_handled(flow, actions)
    yield from _menus_are_orderly(flow)
    yield from _help_is_at_hand(flow)
    yield from _the_911_sentence_comes_first(flow)
    yield from _wording_is_complete(flow, prompts)


def _names(flow: Flow) -> Iterator[str]:
    seen: set[str] = set()
    for node in flow.nodes:
        if node.name in seen:
            yield f"two nodes are named {node.name}: rename one"
        seen.add(node.name)


def _targets_exist(flow: Flow) -> Iterator[str]:
    for entry in flow.entries:
        if entry not in flow.by_name:
            yield f"the flow begins at {entry} where we call, and no node has that name"
    yield from _roles_are_filled(flow)
    for node in flow.nodes:
        for target in targets(node):
            if target not in flow.by_name and target not in (AGAIN, BACK, MEANT):
                yield f"{node.name} leads to {target}, and no node has that name"

    for intent in flow.intents:
        if intent.goto not in flow.by_name:
            yield f"the intent {intent.name} leads to {intent.goto}, and no node has that name"


def _roles_are_filled(flow: Flow) -> Iterator[str]:
    for role in ("start", "urgent", "person", "help", "ask_back", "too_long"):
        if getattr(flow, role) not in flow.by_name:
            yield f"the flow's {role} is {getattr(flow, role)}, and no node has that name"
    for role in ("urgent_or_name", "long_call"):
        if getattr(flow, role) not in (None, *flow.by_name):
            yield f"the flow's {role} is {getattr(flow, role)}, and no node has that name"
    for name in sorted(flow.untimed - set(flow.by_name)):
        yield f"the clock is to spare {name}, and no node has that name"


def _everything_is_reachable(flow: Flow) -> Iterator[str]:
    reached: set[str] = set()
    waiting = [flow.start, flow.urgent, flow.person, flow.help, flow.ask_back, flow.too_long]
    waiting += [*(intent.goto for intent in flow.intents), *flow.entries]
    waiting += [name for name in (flow.urgent_or_name, flow.long_call) if name]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        waiting += [t for t in targets(flow[name]) if t in flow.by_name]
    for node in flow.nodes:
        if node.name not in reached:
            yield f"no caller can reach {node.name}: lead somebody there or delete it"


def _loops_are_bounded(flow: Flow) -> Iterator[str]:
    """A loop that passes an input node is bounded by Flow.max_turns; another needs a Limit."""
    unlimited = [
        node
        for node in flow.nodes
        if isinstance(node, Transfer | Queue | Fetch | Record)
        or (isinstance(node, Do) and node.limit is None)
    ]
    automatic = {node.name for node in unlimited}
    clear: set[str] = set()

    def loops(name: str, path: tuple[str, ...]) -> str | None:
        if name in path:
            return " → ".join((*path[path.index(name) :], name))
        if name in clear or name not in automatic:
            return None
        for target in targets(flow[name]):
            if found := loops(target, (*path, name)):
                return found
        clear.add(name)
        return None

    for node in unlimited:
        if found := loops(node.name, ()):
            yield f"{found} can go round for ever without the caller: give a Do there a Limit"
            return


def _actions_are_handled(flow: Flow, actions: Mapping[str, Collection[str]]) -> Iterator[str]:
    for node in flow.nodes:
        if not isinstance(node, Do):
            continue
        if node.action not in actions:
            yield f"{node.name} runs {node.action}, and actions/ has no such action"
            continue
        for outcome in set(actions[node.action]) - set(node.outcomes):
            yield f"{node.name} does not say where the outcome {outcome} of {node.action} leads"
        for outcome in set(node.outcomes) - set(actions[node.action]):
            yield f"{node.name} waits for the outcome {outcome}, which {node.action} never has"


def _menus_are_orderly(flow: Flow) -> Iterator[str]:
    for node in flow.nodes:
        if not isinstance(node, Menu):
            continue
        if node.name == flow.start:
            choices = tuple(c for c in node.choices if c.language is None)
        else:
            # Where we call, 9 opts out, as in every text of ours.
            choices = tuple(
                c for c in node.choices if node.name not in flow.entries or c.key != OPT_OUT_KEY
            )
        keys = "".join(c.key for c in choices)
        heard = [c for c in choices if node.name != flow.start or c.needs != STAFF_FACT]
        if len(heard) > CHOICES:
            yield f"{node.name} offers {len(heard)} choices: at most {CHOICES}, then split it"
        elif keys != _ASCENDING[: len(keys)]:
            yield f"{node.name} offers the keys {keys}: ascending from 1 without gaps, please"


def _help_is_at_hand(flow: Flow) -> Iterator[str]:
    """`0` and urgent words work at every input node, by the engine; what they meet must hold."""
    person, urgent = flow[flow.person], flow[flow.urgent]
    if not isinstance(person, Menu) or not any(
        c.key == "1" and c.goto == flow.urgent for c in person.choices
    ):
        yield f"{flow.person} must offer urgent help on key 1 before a person is rung"
    if isinstance(person, Menu) and not _rings_somebody(flow, person.on_silence):
        yield f"{flow.person} never rings anybody: lead its silence to a Transfer"
    if not isinstance(urgent, Do) or not _rings_somebody(flow, flow.urgent):
        yield f"{flow.urgent} must store a ticket and lead to a Transfer"
    help_menu = flow[flow.help]
    if not isinstance(help_menu, Menu) or not any(c.goto == flow.urgent for c in help_menu.choices):
        yield f"{flow.help}, which * opens in number entries, must offer urgent help"
    # In a number entry 0 is a digit: there a person is reached by * and then 0, which needs
    # every failed entry to lead on to somebody or to a promise, never to a silent end.
    ends_well: dict[str, bool] = {}
    for node in flow.nodes:
        if isinstance(node, Ask | Menu):
            exit_ = node.after_tries or flow.person
            if exit_ not in ends_well:
                # Most prompts share one, and to follow it takes a walk through the whole flow.
                ends_well[exit_] = _rings_somebody(flow, exit_) or _promises(flow, exit_)
            if not ends_well[exit_]:
                yield f"{node.name} gives up into {exit_}, from where nobody is ever rung"


def _rings_somebody(flow: Flow, name: str | None) -> bool:
    return name is not None and any(
        isinstance(flow[reached], Transfer) for reached in _onward(flow, name)
    )


def _promises(flow: Flow, name: str) -> bool:
    return any(
        isinstance(node := flow[reached], Hangup) and node.promises
        for reached in _onward(flow, name)
    )


def _onward(flow: Flow, name: str) -> set[str]:
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        here = waiting.pop()
        if here not in reached and here in flow.by_name:
            reached.add(here)
            waiting += targets(flow[here])
    return reached


def _the_911_sentence_comes_first(flow: Flow) -> Iterator[str]:
    if flow.opening[:2] != ("emergency", "emergency@es"):
        yield "the opening must begin with the 911 sentence, emergency, and then emergency@es"


def _wording_is_complete(flow: Flow, prompts: Prompts) -> Iterator[str]:
    in_one_language = {
        choice.prompt_in(node.name): (choice.language,)
        for node, choice in _choices(flow)
        if choice.language
    }
    for name in prompt_keys(flow):
        for language in in_one_language.get(name, LANGUAGES):
            text = prompts.texts[language].get(name)
            if text is None:
                yield f"{name} has no wording in {language}: add it to {language}.toml"
            elif not text.strip() and name not in MAY_BE_SILENT:
                yield f"{name} says nothing in {language}: write its sentence in {language}.toml"
        yield from _placeholders_agree(name, prompts)
    yield from _words_are_there(flow, prompts)


def _words_are_there(flow: Flow, prompts: Prompts) -> Iterator[str]:
    another = (flow.another_language,) if flow.another_language else ()
    for key in ("urgent_words", *another, *flow.categories.values()):
        for language in LANGUAGES:
            if not prompts.words(key, language):
                yield f"{key} is empty in {language}: a caller could not ask for help aloud"
    for name in (*COMMANDS, *(intent.name for intent in _intents(flow))):
        for language in LANGUAGES:
            if not prompts.words(f"intent.{name}.signs", language):
                yield f"intent.{name} has no signs in {language}: nobody could ask for it aloud"
    yield from _signs_can_be_read(prompts)
    languages = {
        choice.prompt_in(node.name): (choice.language,) if choice.language else LANGUAGES
        for node, choice in (*_choices(flow), *_spoken(flow))
    }
    for name, spoken in languages.items():
        for language in spoken:
            if not prompts.words(name, language):
                yield f"{name} has no words in {language}: only its key works"


def _signs_can_be_read(prompts: Prompts) -> Iterator[str]:
    for language in LANGUAGES:
        for key in ASIDES:
            for text in prompts.words(key, language):
                try:
                    aside(text)
                except ValueError as error:
                    yield f"{key} in {language}: {error}"
        for key, texts in prompts.spoken_words[language].items():
            for text in texts if key.endswith(".signs") else ():
                try:
                    sign(text)
                except ValueError as error:
                    yield f"{key} in {language}: {error}"


def _intents(flow: Flow) -> Iterator[Intent]:
    yield from flow.intents
    for node in flow.nodes:
        if isinstance(node, Menu):
            yield from node.said


def _placeholders_agree(name: str, prompts: Prompts) -> Iterator[str]:
    fields = {
        language: prompts.placeholders(name, language)
        for language in LANGUAGES
        if name in prompts.texts[language]
    }
    if len(set(fields.values())) > 1:
        each = "; ".join(
            f"{language}: {', '.join(sorted(names)) or 'none'}"
            for language, names in fields.items()
        )
        yield f"{name} speaks of different things in {' and '.join(sorted(fields))}: {each}"
    for language, names in fields.items():
        known = {*SPEAKERS, *prompts.constants[language], *prompts.texts[language]}
        for placeholder in sorted(names - known):
            if name != "option":
                yield f"{name} in {language} speaks of {{{placeholder}}}, which nothing fills in"


def prompt_keys(flow: Flow) -> Iterator[str]:
    """Every prompt key the line can say, those that belong to no node included."""
    yield from sorted({key.partition("@")[0] for key in flow.opening})
    yield from ENGINE_PROMPTS
    yield from dict.fromkeys(f"intent.{intent.name}" for intent in flow.intents)
    for node in flow.nodes:
        if not isinstance(node, Do) or node.speaks:
            yield node.name
    # Each once: menus share labels.
    yield from dict.fromkeys(choice.prompt_in(node.name) for node, choice in _choices(flow))


MAY_BE_SILENT = frozenset({"main", "appointments", "person", "urgent_about"})
"""Menus whose choices say enough."""

ENGINE_PROMPTS = (
    "option", "zero", "silence", "not_understood", "three_tries", "help_menu", "help_entry",
    "more_time", "language_changed", "time_is_over",
    "emergency", "emergency_again", "down", "down_unanswered", "down_end",
    "still_waiting", "still_waiting_911",
    "briefing", "briefing_refill",
    "whisper", "whisper_callback", "whisper_no_number", "whisper_spanish",
    "whisper_danger", "whisper_alarm", "whisper_symptom", "whisper_clinician", "whisper_question",
    "whisper_keys", "whisper_again",
    "whisper_taken", "whisper_closed", "whisper_passed", "whisper_caller_gone",
    "whisper_caller_gone_no_number", "page_passed", "page_no_records",
    "call_back_keys", "call_back_unreached", "call_back_later", "call_back_not_yours",
    "call_back_done", "desk_whisper", "desk_whisper_unknown",
    "trial", "trial_confirmed", "trial_not_confirmed",
    "staff_about", "staff_number", "staff_no_number",
    "reminder_machine", "reminder_no_records",
    "offer_call_machine", "offer_call_missed", "recall_call_machine",
    "desk_open_now", "desk_closed_now", "desk_opens_then", "offer_instead_of",
    *(f"staff_category.{category}" for category in SPOKEN_CATEGORIES),
    *(f"{name}.{one}" for name, values in NAMED_VALUES.items() for one in values),
)  # fmt: skip
"""Prompts that belong to no node."""


def _choices(flow: Flow) -> Iterator[tuple[Node, Choice]]:
    for node in flow.nodes:
        if isinstance(node, Menu):
            yield from ((node, choice) for choice in node.choices)
        elif isinstance(node, Ask) and node.skip:
            yield node, node.skip


def _spoken(flow: Flow) -> Iterator[tuple[Node, Choice]]:
    for node in flow.nodes:
        if isinstance(node, Menu):
            yield from ((node, choice) for choice in node.spoken)
