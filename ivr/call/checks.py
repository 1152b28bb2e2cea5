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
    Do,
    Fetch,
    Flow,
    Hangup,
    Menu,
    Queue,
    Record,
    Transfer,
    targets,
)
from ivr.call.prompts import Prompts
from ivr.call.wording_checks import wording_is_complete

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
    yield from wording_is_complete(flow, prompts)


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
