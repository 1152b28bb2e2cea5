"""Draws the call flow, for docs/reference/call-flow.md and `callnow flow`."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.call.nodes import (
    Ask,
    Do,
    Fetch,
    Flow,
    Hangup,
    Menu,
    Node,
    Queue,
    Record,
    Transfer,
)


def draw(flow: Flow) -> str:
    """The flow as a page of Markdown: a Mermaid diagram and a table."""
    lines = [
        "# The call flow",
        "",
        "Generated from `ivr/call/flow.py`. To write it again:",
        "`callnow flow > docs/reference/call-flow.md`",
        "",
        "From every node that waits for the caller, urgent words lead to `urgent` and `0` leads",
        "to `person`; neither is drawn.",
        "",
        "```mermaid",
        "flowchart TD",
    ]
    for node in flow.nodes:
        lines.append(f"  {node.name}{_shape(node)}")
        for label, target in _arrows(node):
            if target in flow.by_name:
                lines.append(f"  {node.name} -->|{label}| {target}")
    lines += ["```", "", "| node | kind | leads to |", "|---|---|---|"]
    for node in flow.nodes:
        ways = "; ".join(f"{label} → {target}" for label, target in _arrows(node)) or "the end"
        lines.append(f"| {node.name} | {type(node).__name__} | {ways} |")
    return "\n".join(lines) + "\n"


def _shape(node: Node) -> str:
    match node:
        case Menu():
            return f"[{node.name}]"
        case Ask():
            return f"[/{node.name}/]"
        case Do():
            return f"({node.action})"
        case Transfer() | Queue() | Fetch() | Record():
            return f"{{{{{node.name}}}}}"
        case Hangup():
            return f"([{node.name}])"


def _arrows(node: Node) -> Iterator[tuple[str, str]]:
    match node:
        case Menu():
            yield from ((f"{c.key} {c.name}", c.goto) for c in node.choices)
            yield from _unless_none(
                ("0", node.zero),
                ("silence", node.on_silence),
                ("no choice", node.on_confusion),
                ("three tries", node.after_tries),
            )
        case Ask():
            yield node.entry.value, node.then
            if node.skip:
                yield f"{node.skip.key} {node.skip.name}", node.skip.goto
            yield from _unless_none(("silence", node.on_silence), ("three tries", node.after_tries))
        case Do():
            yield from node.outcomes.items()
            if node.limit:
                yield f"after {node.limit.times}", node.limit.then
        case Transfer() | Queue() | Fetch() | Record():
            yield from node.outcomes.items()
        case Hangup():
            return


def _unless_none(*arrows: tuple[str, str | None]) -> Iterator[tuple[str, str]]:
    return ((label, target) for label, target in arrows if target)
