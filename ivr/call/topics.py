"""Menus that tell something in short parts, one after the other, from a table of topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from ivr.call.nodes import BACK, Choice, Intent, Menu

PAGE_FACT = "page_url"
"""The fact that the clinic has a page whose link can be texted."""

Topics = Mapping[str, tuple[str, ...]]
"""Topic -> its parts, in the order in which they are told."""

_BOOK, _TOPICS, _TEXT = "ask_name", "topics", "text_this"

TOLD_OF_THE_TEXT = (
    Choice("1", "back", BACK, says="told.back"),
    Choice("2", "book", _BOOK, facts={"text_to": ""}, says="part.book"),
    Choice("3", "topics", _TOPICS, facts={"text_to": ""}, says="part.topics"),
)
"""The keys after what became of a text. Going back, then and later, leads to the part it was asked
for at: nobody is told twice that a text goes out now."""


def topic(topics: Topics, name: str, *, key: str) -> Choice:
    """The choice that begins a topic: by its key or, where that is empty, by voice alone."""
    return Choice(key, name, _node(name, topics[name][0]), says=f"topic.{name}")


def by_voice(topics: Topics, *names: str) -> tuple[Choice, ...]:
    """What a menu of topics takes by voice beside its keys: other topics, booking, the way back."""
    return (
        *(topic(topics, name, key="") for name in names),
        Choice("", "book", _BOOK, says="part.book"),
        Choice("", "back", BACK, says="part.back"),
    )


def parts(topics: Topics, *, urgent: str, said: tuple[Intent, ...] = ()) -> Iterator[Menu]:
    """A menu for each part. Key 1 goes on: to the next part, or from the last to the next topic.

    urgent: the topic in whose parts key 1 is the urgent line, and key 2 goes on. said: what may be
    asked for at each in words alone, beside the topics.
    """
    following = dict(pairwise(topics))
    for name, names_of_parts in topics.items():
        for part, after in zip(names_of_parts, (*names_of_parts[1:], None), strict=True):
            node = _node(name, part)
            if after is not None:
                onward = [("next", _node(name, after), "part.next")]
            elif name in following:
                begun = topic(topics, following[name], key="")
                onward = [("next", begun.goto, f"topic.{following[name]}")]
            else:
                onward = []
            yield _part(topics, node, onward, is_urgent=name == urgent, said=said)


def _part(
    topics: Topics,
    node: str,
    onward: list[tuple[str, str, str]],
    *,
    is_urgent: bool,
    said: tuple[Intent, ...],
) -> Menu:
    ways = [
        *onward,
        ("book", _BOOK, "part.book"),
        ("topics", _TOPICS, "part.topics"),
        ("text", _TEXT, "part.text"),
    ]
    choices = []
    if is_urgent:
        choices.append(Choice("1", "now", "urgent", facts={"category": "symptom"}, says="part.now"))
        if onward:
            # Four keys: here booking is one part further on, or a word.
            ways = [way for way in ways if way[0] != "book"]
    for key, (name, goto, says) in enumerate(ways, start=len(choices) + 1):
        needs = PAGE_FACT if name == "text" else None
        choices.append(Choice(str(key), name, goto, says=says, needs=needs))
    spoken = (
        Choice("", "again", node, says="part.again"),
        *(Choice("", "onward", goto, says="part.next") for _, goto, _ in onward),
        *by_voice(topics, *topics),
    )
    keyed = {choice.says for choice in choices}
    own = tuple(c for c in spoken if c.says not in keyed)
    return Menu(node, tuple(choices), spoken=own, said=said)


def _node(topic_name: str, part: str) -> str:
    return f"{topic_name}.{part}"
