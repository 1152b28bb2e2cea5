"""The vocabulary of the call flow: seven kinds of node, frozen.

A node says where every answer leads; what it says aloud stands in prompts/ under the node's name.
Targets are node names, or one of the three words below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

BACK = "@back"
"""The input node the caller stood at before this one."""

AGAIN = "@again"
"""The input node the caller came from, asked afresh (out of the help menu, say)."""


MEANT = "@meant"
"""Where the caller who answers "did you mean …?" with yes wanted to go: the fact `meant`."""

STAFF_FACT = "staff"
"""The fact that only callers from a registered staff number have."""


class Entry(StrEnum):
    """What an Ask node understands. The keypad always suffices; speech works beside it."""

    NAME = "name"
    DATE_OF_BIRTH = "date_of_birth"
    PHONE = "phone"
    PHONE_OR_NAME = "phone_or_name"
    """A phone number, keyed or said; or a name, said."""
    PIN = "pin"
    DATE = "date"
    WORDS = "words"
    """Anything that is said: kept as it was heard."""

    @property
    def is_number(self) -> bool:
        """In number entries 0 is a digit, so `*` clears and opens help instead."""
        return self not in (Entry.NAME, Entry.WORDS)

    @property
    def may_be_a_name(self) -> bool:
        """Whether a name is what is asked for, or one of two things that are."""
        return self in (Entry.NAME, Entry.PHONE_OR_NAME)


@dataclass(frozen=True)
class Choice:
    """One key of a menu, and the words that mean the same.

    key: empty where only words lead there: see Menu.spoken.
    name: the key of its spoken label in prompts, below the node's own name.
    facts: what choosing it puts into the session.
    needs: offered only where this fact is known (the third slot, when there are three).
    language: choosing it changes the language of the call; its label is then said in that one.
    says: the prompt key of its label and words, where several menus share one.
    """

    key: str
    name: str
    goto: str
    facts: Mapping[str, str] = field(default_factory=dict)
    needs: str | None = None
    language: str | None = None
    says: str | None = None

    def prompt_in(self, node: str) -> str:
        """The prompt key of its label and words, in the menu of that name."""
        return self.says or f"{node}.{self.name}"


@dataclass(frozen=True)
class Intent:
    """Something a caller may ask for in their own words: intent.<name> in prompts says how."""

    name: str
    goto: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Menu:
    """Waits for one key, or for words that mean one of the choices.

    wait_seconds: silence after the prompt before it counts [caller-safety: 8 s].
    on_silence: where silence leads at once (a prompt that only leaves room to speak up).
    on_confusion: where the first answer that is no choice leads; else the caller is asked again.
    zero: where `0`, and asking for a person, lead; else to a person.
    after_tries: where the third silence or misunderstanding leads; else to a person.
    needs: going back skips this menu where the fact it speaks of is gone.
    spoken: choices by voice alone: shortcuts to what keys reach by more steps. Not drawn.
    by_date: where words about days or parts of the day lead, with the fact `date`.
    said: what may be asked for here in words alone, beside the choices.
    open: the caller has begun nothing here, so that words for anything else (Flow.intents) lead
        there.
    """

    name: str
    choices: tuple[Choice, ...]
    wait_seconds: int = 8
    on_silence: str | None = None
    on_confusion: str | None = None
    zero: str | None = None
    after_tries: str | None = None
    needs: str | None = None
    spoken: tuple[Choice, ...] = ()
    by_date: str | None = None
    said: tuple[Intent, ...] = ()
    open: bool = False


@dataclass(frozen=True)
class Ask:
    """Waits for an entry, checks it, stores it as the fact `entry.value`.

    skip: a key that goes on without it (a name cannot be keyed).
    wait_seconds: 10 s, since dates and numbers are looked up while keying [caller-safety, J].
    fact: the fact it is stored as, where not under the entry's own name.
    needs: going back skips it where this fact is gone.
    on_silence: where silence leads at once, for what need not be answered.
    """

    name: str
    entry: Entry
    then: str
    skip: Choice | None = None
    wait_seconds: int = 10
    on_silence: str | None = None
    after_tries: str | None = None
    fact: str | None = None
    needs: str | None = None


@dataclass(frozen=True)
class Limit:
    """At most `times` visits of a node in one call; the next one goes to `then`."""

    times: int
    then: str


@dataclass(frozen=True)
class Do:
    """Runs an action; every outcome it can have leads somewhere.

    speaks: says its own prompt on the way, before what comes next.
    again_after: says it once more after so many seconds of silence.
    """

    name: str
    action: str
    outcomes: Mapping[str, str]
    speaks: bool = False
    again_after: int | None = None
    limit: Limit | None = None


@dataclass(frozen=True)
class Transfer:
    """Rings somebody. The number is the fact `dial`, put there by the action before.

    whisper: a human must press a key before the call is connected, so that voicemail cannot win.
    announces: whoever picks up hears first which language the caller needs, where not English.
    """

    name: str
    answered: str
    no_answer: str
    busy: str
    failed: str
    whisper: bool
    announces: bool = False
    ring_seconds: int = 25

    @property
    def outcomes(self) -> Mapping[str, str]:
        """Outcome word → target, as every other node with outcomes has it."""
        return {
            "answered": self.answered,
            "no_answer": self.no_answer,
            "busy": self.busy,
            "failed": self.failed,
        }


@dataclass(frozen=True)
class Queue:
    """The caller waits until whoever accepts comes for them, hearing where things stand.

    The queue's name is the fact `ticket_id`: one caller waits in each.
    wait_seconds: the longest wait. bridged: after the talk. left: nobody came.
    """

    name: str
    bridged: str
    left: str
    wait_seconds: int = 60

    @property
    def outcomes(self) -> Mapping[str, str]:
        """Outcome word → target, as every other node with outcomes has it."""
        return {"bridged": self.bridged, "left": self.left}


@dataclass(frozen=True)
class Fetch:
    """Connects a member of staff with the caller who waits in the queue of `staff_ticket_id`.

    talked: after the talk. gone: the caller waits no more.
    """

    name: str
    talked: str
    gone: str

    @property
    def outcomes(self) -> Mapping[str, str]:
        """Outcome word → target, as every other node with outcomes has it."""
        return {"talked": self.talked, "gone": self.gone}


@dataclass(frozen=True)
class Record:
    """Records a message, after a tone. Its prompt must say that it does.

    What was recorded becomes the facts `recording`, the carrier's id of it, and
    `recording_seconds`. recorded: something was said. empty: nothing was.
    silence_seconds: end it after so much silence; `#` ends it, too.
    """

    name: str
    recorded: str
    empty: str
    longest_seconds: int = 120
    silence_seconds: int = 5

    @property
    def outcomes(self) -> Mapping[str, str]:
        """Outcome word → target, as every other node with outcomes has it."""
        return {"recorded": self.recorded, "empty": self.empty}


@dataclass(frozen=True)
class Hangup:
    """Says its prompt and ends the call.

    promises: a stored request stands behind the goodbye, so somebody will call back.
    """

    name: str
    promises: bool = False


Node = Menu | Ask | Do | Transfer | Queue | Fetch | Record | Hangup


@dataclass(frozen=True)
class Flow:
    """A whole call.

    opening: prompt keys said once, before the first node; `name@es` is said in Spanish.
    categories: what an urgent call may be about -> the prompt key of the words that say so, the
        most urgent first; the words bring a caller from anywhere to `urgent`.
    intents: what callers ask for in their own words, at open menus.
    urgent, person, help: the nodes that urgent words, `0`, and `*` in a number entry lead to.
    another_language: the prompt key whose words ask for a language that the line does not speak;
        they lead to a person, and become the fact `interpreter`.
    ask_back: the menu that asks "did you mean …?" before words that were heard badly count.
    entries: where calls that we place begin, in place of the opening and the start.
    urgent_or_name: the menu that asks whoever gave a name that is also a cry for help, Socorro.
    max_turns: a call that goes on longer than any honest one is led to a person.
    long_call: the menu that says so beforehand, where it is the clock that counts.
    untimed: nodes at which no clock counts: urgent help, staff, the way to a person.
    too_long: the Hangup for one that still goes on after that.
    """

    start: str
    opening: tuple[str, ...]
    urgent: str
    person: str
    help: str
    ask_back: str
    too_long: str
    nodes: tuple[Node, ...] = field(repr=False)
    categories: Mapping[str, str] = field(default_factory=dict)
    another_language: str | None = None
    intents: tuple[Intent, ...] = ()
    entries: tuple[str, ...] = ()
    urgent_or_name: str | None = None
    long_call: str | None = None
    untimed: frozenset[str] = frozenset()
    max_turns: int = 80
    by_name: Mapping[str, Node] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {node.name: node for node in self.nodes})

    def __getitem__(self, name: str) -> Node:
        return self.by_name[name]


def targets(node: Node) -> Iterator[str]:
    """Every place `node` itself names as a way on."""
    match node:
        case Menu():
            for choice in (*node.choices, *node.spoken):
                yield choice.goto
            ways = (node.on_silence, node.on_confusion, node.zero, node.after_tries, node.by_date)
            yield from (t for t in ways if t)
            yield from (intent.goto for intent in node.said)
        case Ask():
            yield node.then
            if node.skip:
                yield node.skip.goto
            yield from (t for t in (node.on_silence, node.after_tries) if t)
        case Do():
            yield from node.outcomes.values()
            if node.limit:
                yield node.limit.then
        case Transfer() | Queue() | Fetch() | Record():
            yield from node.outcomes.values()
        case Hangup():
            return
