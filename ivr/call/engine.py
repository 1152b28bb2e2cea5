"""advance(): what the line does next. Pure: no Flask, no Twilio, no SQL, no clock.

One input comes in, one Turn goes out: the session after it, the lines to say, and what to do
then. Where a Do node is reached the Turn asks for its action; the caller of advance() runs it and
advances again with Done(outcome).
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.call import hearing, understanding
from ivr.call.events import (
    Act,
    Arrived,
    Capture,
    Connect,
    Dial,
    Dialled,
    Done,
    End,
    Enqueue,
    Input,
    Keyed,
    Recorded,
    Said,
    Silent,
    Turn,
    Wait,
    Waited,
)
from ivr.call.hearing import Command, Heard, ToPerson, Urgent, Wanted, Wished
from ivr.call.nodes import (
    AGAIN,
    BACK,
    MEANT,
    Ask,
    Choice,
    Do,
    Entry,
    Fetch,
    Flow,
    Hangup,
    Intent,
    Menu,
    Node,
    Queue,
    Record,
    Transfer,
)
from ivr.call.prompts import Line, Prompts
from ivr.call.session import SLOW_FACT, TRAIL_LENGTH, Session
from ivr.call.understanding import intents

TRIES = 3
"""Silences and misunderstandings at one prompt before a person is rung [caller-safety]."""


TURNS_WITH_A_PERSON = 15
"""Turns left, once a call has gone on too long, to reach a person or leave a number."""

WARNED_AFTER = timedelta(minutes=20)
"""A call that has lasted so long is told that it will end, and offered a person [J]."""

PERSON_AFTER = timedelta(minutes=25)
"""From here on its caller is led to a person, or to leave a message or a number [J]."""

ENDED_AFTER = timedelta(minutes=30)
"""From here on it is ended, unless it is at an untimed node [J]."""

_HELP = {Menu: "help_menu", Ask: "help_entry"}


def advance(flow: Flow, prompts: Prompts, session: Session, event: Input, now: datetime) -> Turn:
    """The next turn. Never raises for anything a caller can key or say.

    now: aware; its date at the clinic matters (a date of birth lies before it), and how long the
        call has lasted by then.
    """
    engine = _Engine(flow, prompts, now)
    if isinstance(event, Arrived) and event.at in flow.entries:
        # We called them: they hear why at once, and not what answers who calls us.
        return engine.enter(event.at, replace(session, node="", tries=0, trail=()))
    if isinstance(event, Arrived) or session.node not in flow.by_name:
        # A session whose node no longer exists met a deployment in mid-call: start again.
        opening = tuple(engine.line(key, session) for key in flow.opening)
        return engine.enter(flow.start, replace(session, node="", tries=0, trail=()), opening)
    node = flow[session.node]
    match node, event:
        case Do(), Done(outcome, facts):
            return engine.enter(node.outcomes[outcome], session.knowing(facts))
        case ((Transfer() | Fetch() | Queue()), _):
            return engine.enter(*_after_others(node, event, session))
        case Record(), _:
            return engine.recorded(node, session, event)
        case ((Menu() | Ask()), (Keyed() | Said() | Silent())):
            return engine.answer(node, session, event)
        case ((Menu() | Ask()), _):
            return engine.ask(node, session)
        case _:
            return engine.enter(node.name, session)


def _after_others(
    node: Transfer | Fetch | Queue, event: Input, session: Session
) -> tuple[str, Session]:
    """Where it goes on once the caller was with others, or waited for them."""
    match node, event:
        case Transfer(), Dialled(outcome, connected):
            connection = "" if connected else "none"
            session = session.knowing({"dial_outcome": outcome, "dial_connection": connection})
            return node.outcomes.get(outcome, node.failed), session
        case Fetch(), Dialled("answered", connected=True):
            return node.talked, session
        case Queue(), Waited(outcome):
            return node.outcomes.get(outcome, node.left), session
    match node:
        case Transfer():
            return node.failed, session
        case Fetch():
            return node.gone, session
        case Queue():
            return node.left, session


def _without_an_answer(
    node: Transfer | Queue | Fetch | Record | Hangup, session: Session
) -> Dial | Enqueue | Connect | Capture | End:
    """What the line does where the caller is not asked for anything."""
    facts = session.facts
    match node:
        case Transfer():
            number = facts.get("dial", "")
            return Dial(number, node.ring_seconds, node.whisper, node.announces)
        case Queue():
            return Enqueue(facts.get("ticket_id", ""), node.wait_seconds)
        case Fetch():
            return Connect(facts.get("staff_ticket_id", ""))
        case Record():
            return Capture(node.longest_seconds, node.silence_seconds)
        case Hangup():
            return End()


class _Engine:
    def __init__(self, flow: Flow, prompts: Prompts, now: datetime) -> None:
        self.flow = flow
        self.prompts = prompts
        self.now = now
        self.today = now.astimezone(ZoneInfo(prompts.zone)).date()

    def line(self, key: str, session: Session) -> Line:
        name, _, language = key.partition("@")
        return Line(name, language or session.language)

    def enter(self, target: str, session: Session, said: tuple[Line, ...] = ()) -> Turn:
        """Go to a node and say what it says; a Do says its part and asks for its action."""
        if target == MEANT:
            target, session = self._meant(session)
        session, node = self._arrive(target, session)
        match node:
            case Menu() | Ask():
                return self.ask(node, session, said)
            case Do():
                if node.limit:
                    visits = session.visits.get(node.name, 0) + 1
                    session = replace(session, visits={**session.visits, node.name: visits})
                    if visits > node.limit.times:
                        return self.enter(node.limit.then, session, said)
                if node.speaks:
                    said = (*said, *self._once_or_twice(node, session))
                return Turn(replace(session, node=node.name), said, Act(node.action))
            case _:
                said = (*said, self.line(node.name, session))
                return Turn(
                    replace(session, node=node.name), said, _without_an_answer(node, session)
                )

    def _once_or_twice(self, node: Do, session: Session) -> tuple[Line, ...]:
        once = self.line(node.name, session)
        if node.again_after is None:
            return (once,)
        return once, replace(once, after_seconds=node.again_after)

    def _arrive(self, target: str, session: Session) -> tuple[Session, Node]:
        trail = session.trail
        if target in (AGAIN, BACK):
            # The help menu stands on top of the entry it was opened from.
            steps = 2 if target == BACK and session.node == self.flow.help else 1
            behind = trail[: len(trail) - steps + 1]
            while behind and self._is_gone(behind[-1], session):
                behind = behind[:-1]
            target = behind[-1] if behind else self.flow.start
            return replace(session, trail=behind[:-1], tries=0, stars=0), self.flow[target]
        node = self.flow[target]
        if isinstance(node, Menu | Ask):
            if target == self.flow.start:
                trail = ()
            elif target in trail:
                # Coming round again: what lies behind is what lay behind the first time.
                trail = trail[: trail.index(target)]
            elif session.stood_at and session.stood_at != target:
                trail = (*trail, session.stood_at)[-TRAIL_LENGTH:]
            session = replace(session, trail=trail, tries=0, stars=0)
        return session, node

    def _is_gone(self, name: str, session: Session) -> bool:
        node = self.flow[name]
        return isinstance(node, Menu | Ask) and bool(node.needs) and node.needs not in session.facts

    def recorded(self, node: Record, session: Session, event: Input) -> Turn:
        """Go on from a message, or from the silence that was left in its place."""
        if not isinstance(event, Recorded) or event.seconds == 0:
            return self.enter(node.empty, session)
        left = {"recording": event.sid, "recording_seconds": str(event.seconds)}
        return self.enter(node.recorded, session.knowing(left))

    def ask(
        self,
        node: Menu | Ask,
        session: Session,
        said: tuple[Line, ...] = (),
        *,
        patience: int = 1,
    ) -> Turn:
        """Say the node's prompt, in the words its number of tries calls for, and listen.

        patience: how many times the node's own wait.
        """
        session = replace(session, node=node.name, stood_at=node.name)
        if session.tries == TRIES - 1:
            said = (*said, self.line(_HELP[type(node)], session))
        said = (*said, self.line(node.name, session))
        digits: int | None
        if isinstance(node, Menu):
            offered = self.offered(node, session)
            said = (
                *said,
                *(
                    Line(c.prompt_in(node.name), c.language or session.language, key=c.key)
                    for c in offered
                ),
            )
            if node.name == self.flow.start:
                said = self._before_languages(said, self.line("zero", session))
            digits = 1
            hints = tuple(
                word
                for c in offered
                for word in self.prompts.words(c.prompt_in(node.name), session.language)
            )
        else:
            if node.skip:
                said = (
                    *said,
                    Line(node.skip.prompt_in(node.name), session.language, key=node.skip.key),
                )
            digits = understanding.DIGITS[node.entry]
            hints = understanding.hints(node.entry, session.language)
        hints = (*hints, *self.prompts.words("urgent_words", session.language))
        if isinstance(node, Menu):
            # Last: hints are cut where they get too long, and these have keys elsewhere.
            hints += tuple(word for c in node.spoken for word in self._words(node, c, session))
        return Turn(session, said, Wait(digits, node.wait_seconds * patience, hints))

    @staticmethod
    def _before_languages(said: tuple[Line, ...], zero: Line) -> tuple[Line, ...]:
        """`0` belongs to the menu's own language: before the choices said in another."""
        own = tuple(line for line in said if not (line.key and line.language != zero.language))
        return (*own, zero, *said[len(own) :])

    def offered(self, node: Menu, session: Session) -> tuple[Choice, ...]:
        """The menu's choices that exist for this caller now."""
        return tuple(
            choice
            for choice in node.choices
            if (choice.needs is None or choice.needs in session.facts)
            and choice.language != session.language
        )

    def answer(self, node: Menu | Ask, session: Session, event: Keyed | Said | Silent) -> Turn:
        """Take what the caller keyed or said at an input node."""
        heard = self._hear(node, session, event)
        named = self._unless_a_name(node, session, event, heard)
        if named is not None:
            return named
        if isinstance(heard, Urgent):
            return self.enter(self.flow.urgent, session.knowing(heard.facts))
        if over := self._too_long(session):
            return over
        if isinstance(heard, ToPerson):
            session = session.knowing(heard.facts)
            return self._to_a_person(node, session)
        if isinstance(event, Silent) or (isinstance(event, Keyed) and not event.digits):
            return self._silence(node, session)
        if isinstance(node, Menu):
            return self._menu(node, session, event, heard)
        return self._entry(node, session, event, heard)

    def _unless_a_name(
        self,
        node: Menu | Ask,
        session: Session,
        event: Keyed | Said | Silent,
        heard: Heard | None,
    ) -> Turn | None:
        """Ask whoever may have said their name, Socorro, and may have cried for help."""
        if not isinstance(event, Said) or self.flow.urgent_or_name is None:
            return None
        # "My name is Socorro" does not sound like help any more, and answers that question.
        answers = heard is None and node.name == self.flow.urgent_or_name
        if not (isinstance(heard, Urgent) or answers):
            return None
        name = hearing.name_that_alarms(event.words, self.flow, self.prompts)
        if name is None:
            return None
        if node.name == self.flow.urgent_or_name and understanding.is_introduced(event.words):
            return self.enter(MEANT, session)
        if not isinstance(node, Ask) or not node.entry.may_be_a_name:
            return None
        meant = {"goto": node.then, "facts": {node.fact or node.entry.value: name}}
        session = session.knowing({"meant": json.dumps(meant), "name_that_alarms": name})
        return self.enter(self.flow.urgent_or_name, session)

    def _too_long(self, session: Session) -> Turn | None:
        """Where a call is led that goes on longer than any honest one; urgent help is no part."""
        if session.turn == self.flow.max_turns:
            return self.enter(self.flow.person, session)
        if session.turn >= self.flow.max_turns + TURNS_WITH_A_PERSON:
            return self.enter(self.flow.too_long, session)
        if not session.began_at or session.node in self.flow.untimed or not self.flow.long_call:
            return None
        lasted = self.now - datetime.fromisoformat(session.began_at)
        told = session.facts.get("told_of_time", "")
        if lasted >= ENDED_AFTER and told == "twice":
            return self.enter(self.flow.too_long, session)
        if lasted >= PERSON_AFTER and told != "twice":
            session = session.knowing({"told_of_time": "twice"})
            return self.enter(self.flow.person, session, (self.line("time_is_over", session),))
        if lasted >= WARNED_AFTER and not told:
            return self.enter(self.flow.long_call, session.knowing({"told_of_time": "once"}))
        return None

    def _hear(
        self, node: Menu | Ask, session: Session, event: Keyed | Said | Silent
    ) -> Heard | None:
        offered = self._choices(node, session)
        if isinstance(event, Said):
            return hearing.heard(
                self.flow, self.prompts, node, offered, session.language, event, self.today
            )
        if not isinstance(event, Keyed):
            return None
        chosen = next((c for c in offered if c.key == event.digits), None)
        if isinstance(node, Menu) and chosen and chosen.goto == self.flow.urgent:
            return Urgent(chosen.facts)
        return chosen

    def _choices(self, node: Menu | Ask, session: Session) -> tuple[Choice, ...]:
        if isinstance(node, Menu):
            return (*self.offered(node, session), *node.spoken)
        return (node.skip,) if node.skip else ()

    def _menu(self, node: Menu, session: Session, event: Keyed | Said, heard: Heard | None) -> Turn:
        if isinstance(event, Keyed):
            if event.digits == "0":
                return self._to_a_person(node, session)
            if event.digits == "*":
                return self._star(node, session)
        if isinstance(heard, Command) and node.on_confusion is None:
            return self._command(heard, node, session)
        # Elsewhere than at an open menu what was heard is read back anyway.
        unsure = node.open and isinstance(event, Said) and event.confidence < understanding.SURE
        match heard:
            case Wanted(intent, language):
                return self._want(intent, language, session, unsure=unsure)
            case Wished(goto, wish):
                return self.enter(goto, session.knowing({Entry.DATE.value: wish, "which_day": ""}))
            case Choice() as chosen if unsure and chosen.key and not chosen.language:
                return self._ask_back(chosen, chosen.prompt_in(node.name), session)
            case Choice() as chosen:
                return self._take(chosen, session)
        if node.on_confusion:
            return self.enter(node.on_confusion, session)
        return self._not_understood(node, session)

    def _words(self, node: Menu | Ask, choice: Choice, session: Session) -> tuple[str, ...]:
        language = choice.language or session.language
        return self.prompts.words(choice.prompt_in(node.name), language)

    def _want(self, intent: Intent, language: str, session: Session, *, unsure: bool) -> Turn:
        said: tuple[Line, ...] = ()
        if language != session.language:
            # Whoever speaks Spanish to an English line is answered in Spanish, and told so.
            session = replace(session, language=language)
            said = (self.line("language_changed", session),)
        if unsure:
            return self._ask_back(intent, f"intent.{intent.name}", session, said)
        return self.enter(intent.goto, session.knowing(intent.facts), said)

    def _ask_back(
        self,
        what: Choice | Intent,
        says: str,
        session: Session,
        said: tuple[Line, ...] = (),
    ) -> Turn:
        """ "Did you mean …?", before words that were heard badly count."""
        meant = json.dumps({"goto": what.goto, "facts": dict(what.facts)})
        session = session.knowing({"meant": meant, "meant_says": says})
        return self.enter(self.flow.ask_back, session, said)

    def _meant(self, session: Session) -> tuple[str, Session]:
        meant = json.loads(session.facts.get("meant", "null")) or {"goto": BACK, "facts": {}}
        session = session.knowing({**meant["facts"], "meant": "", "meant_says": ""})
        return meant["goto"], session

    def _command(self, command: Command, node: Menu | Ask, session: Session) -> Turn:
        """Repeat, slower, back, more time, another language: none of them costs a try."""
        match command.name:
            case intents.BACK_UP:
                return self.enter(BACK, session)
            case intents.MORE_TIME:
                return self.ask(node, session, (self.line("more_time", session),), patience=2)
            case intents.SLOWER:
                return self.ask(node, session.knowing({SLOW_FACT: "yes"}))
            case intents.REPEAT:
                return self.ask(node, session)
        language = command.name.removeprefix(intents.LANGUAGE)
        return self.ask(node, replace(session, language=language))

    def _take(self, choice: Choice, session: Session) -> Turn:
        if choice.language:
            session = replace(session, language=choice.language)
        return self.enter(choice.goto, session.knowing(choice.facts))

    def _entry(self, node: Ask, session: Session, event: Keyed | Said, heard: Heard | None) -> Turn:
        if isinstance(event, Keyed):
            if "*" in event.digits:
                if node.entry.is_number:
                    return self.enter(self.flow.help, session)
                return self._star(node, session)
            if not node.entry.is_number and event.digits == "0":
                return self._to_a_person(node, session)
        if isinstance(heard, Choice):
            return self._take(heard, session)
        # Any word could be a name; a number and a date are told from "say that again".
        if isinstance(heard, Command) and node.entry.may_be_a_name:
            return self._command(heard, node, session)
        if isinstance(event, Keyed):
            value = understanding.keyed(node.entry, event.digits, self.today)
        else:
            value = understanding.spoken(node.entry, event.words, event.confidence, self.today)
        if value is not None:
            return self.enter(node.then, session.knowing({node.fact or node.entry.value: value}))
        if isinstance(heard, Command):
            return self._command(heard, node, session)
        return self._not_understood(node, session)

    def _star(self, node: Menu | Ask, session: Session) -> Turn:
        if session.stars >= 1:
            return self.enter(BACK, session)
        return self.ask(node, replace(session, stars=1))

    def _silence(self, node: Menu | Ask, session: Session) -> Turn:
        if node.on_silence:
            return self.enter(node.on_silence, session)
        return self._failed_try(node, session, "silence")

    def _not_understood(self, node: Menu | Ask, session: Session) -> Turn:
        return self._failed_try(node, session, "not_understood")

    def _failed_try(self, node: Menu | Ask, session: Session, apology: str) -> Turn:
        tries = session.tries + 1
        if tries >= TRIES:
            return self.enter(
                node.after_tries or self.flow.person,
                session,
                (self.line("three_tries", session),),
            )
        said = (self.line(apology, session),)
        return self.ask(node, replace(session, tries=tries, stars=0), said)

    def _to_a_person(self, asked_at: Menu | Ask, session: Session) -> Turn:
        if isinstance(asked_at, Menu) and asked_at.zero:
            return self.enter(asked_at.zero, session)
        node = self.flow[self.flow.person]
        if session.node == node.name and isinstance(node, Menu) and node.on_silence:
            # Told "if this is urgent, press 1", they asked for a person again: ring one.
            return self.enter(node.on_silence, session)
        return self.enter(node.name, session)
