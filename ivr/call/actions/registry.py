"""What an action works with, what it can come to, and the list of them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session as Transaction

from ivr.call import understanding
from ivr.call.events import Done
from ivr.call.prompts import Prompts
from ivr.call.session import Session
from ivr.clinics.definition import ClinicFile


@dataclass(frozen=True)
class Context:
    """What an action works with. now: aware UTC. found: what its `before` found out.

    secret: what hashes are keyed with, SECRET_KEY.
    """

    transaction: Transaction
    clinic: ClinicFile
    prompts: Prompts
    link_base: str
    hold_ttl: timedelta
    now: datetime
    found: Mapping[str, str] = field(default_factory=dict)
    secret: bytes = field(default=b"", repr=False)


Before = Callable[[Transaction, Session], Mapping[str, str]]
"""Work too slow to be done while rows are locked. It may read, and stores nothing."""


@dataclass(frozen=True)
class Action:
    """An action and every outcome it can have; checks.py holds the flow against these.

    before: what is found out before the transaction begins, for Context.found.
    """

    run: Callable[[Context, Session], Done]
    outcomes: frozenset[str]
    before: Before | None = None


ACTIONS: dict[str, Action] = {}


def outcomes(
    *names: str,
    before: Before | None = None,
) -> Callable[[Callable[[Context, Session], Done]], Callable[[Context, Session], Done]]:
    """Put an action on the list, under its function's name, with every outcome it can have."""

    def register(run: Callable[[Context, Session], Done]) -> Callable[[Context, Session], Done]:
        ACTIONS[run.__name__] = Action(run, frozenset(names), before)
        return run

    return register


def action_outcomes() -> Mapping[str, frozenset[str]]:
    """Action name → outcomes, for checks.py."""
    return {name: action.outcomes for name, action in ACTIONS.items()}


def actor(session: Session) -> str:
    """Who asks for a change, for the visit's history."""
    return "caller, for the patient" if "proxy" in session.facts else "caller"


def own_number(session: Session) -> str | None:
    """The number they call from, where it can be called back."""
    return understanding.callback_number(session.caller or "")
