"""One call, walked in a terminal: what everybody hears is printed, what they do is typed.

The call is placed with the local phone company, which asks the line by signed webhooks: what is
heard is what a caller of this line hears. Whoever is awaited next has the prompt: the caller, or a
member of staff whose phone rings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

_KEYS = re.compile(r"[0-9*#]+")
_HEARD = frozenset({"speech", "audio", "person", "tone"})
_TOLD = frozenset({"ringing", "notice"})
_PATIENCE_S = 25.0
"""The phone company answers a look at it within 20 s."""

Phone = Mapping[str, Any]


@dataclass
class TerminalCall:
    """A call from `caller` to `line`, both E.164, placed with the phone company at `company`.

    show: prints a line. ask: prints a prompt and returns what was typed; None at its end.
    node_of: CallSid → the node at which that call stands; empty before its first turn.
    """

    company: httpx.Client
    caller: str
    line: str
    show: Callable[[str], None]
    ask: Callable[[str], str | None]
    node_of: Callable[[str], str]
    _version: int = -1
    _shown: dict[str, int] = field(default_factory=dict)

    def walk(self, first: Sequence[str] = ()) -> None:
        """Until the caller hangs up or is hung up on. first: typed before anybody is asked."""
        waiting = list(first)
        self._do(self.caller, "call", to=self.line)
        while (phone := self._next_awaited()) is not None:
            typed = waiting.pop(0) if waiting else self.ask(self._prompt(phone))
            if typed is None:
                self._hang_up()
                return
            self._type(phone, typed.strip())
        self.show("The call is over.")

    def _next_awaited(self) -> Phone | None:
        """Whoever must do something for the call to go on; None once it is over."""
        while True:
            answer = self.company.get("/control/state", params={"version": self._version})
            state = answer.raise_for_status().json()
            self._version = state["version"]
            phones: list[Phone] = state["phones"]
            for phone in phones:
                self._print_news(phone)
            caller = next(phone for phone in phones if phone["number"] == self.caller)
            if caller["state"] == "idle":
                return None
            others = [phone for phone in phones if phone is not caller]
            awaited = [
                *(phone for phone in others if phone["state"] == "ringing"),
                *(phone for phone in others if phone["state"] == "in-call" and phone["awaited"]),
                *(phone for phone in (caller,) if phone["awaited"] or phone["connected_with"]),
            ]
            if awaited:
                return awaited[0]

    def _print_news(self, phone: Phone) -> None:
        call_sid = phone["call_sid"]
        if not call_sid or phone["state"] == "ringing":
            return
        key = f"{phone['number']} {call_sid}"
        transcript = phone["transcript"]
        who = "" if phone["number"] == self.caller else f"{phone['label']} hears: "
        for heard in transcript[self._shown.get(key, 0) :]:
            if heard["kind"] in _HEARD:
                self.show(f"  {who}{heard['text']}")
            elif heard["kind"] in _TOLD:
                self.show(f"  {who}({heard['text']})")
        self._shown[key] = len(transcript)

    def _prompt(self, phone: Phone) -> str:
        if phone["state"] == "ringing":
            return f"[{phone['label']}: ringing; answer, or an empty line: nobody does] "
        if phone["number"] != self.caller:
            return f"[{phone['label']}] "
        if phone["connected_with"]:
            return f"[connected with {phone['connected_with']}] "
        return f"[{self.node_of(phone['call_sid'])}] "

    def _type(self, phone: Phone, typed: str) -> None:
        number = phone["number"]
        if typed == "hang up":
            self._do(number if phone["state"] == "in-call" else self.caller, "hang-up")
        elif phone["state"] == "ringing":
            self._do(number, "answer" if typed == "answer" else "let-ring")
        elif not typed and phone["connected_with"]:
            self.show('  (Two people are talking. "hang up" ends it.)')
        elif not typed:
            self._do(number, "stay-silent")
        elif _KEYS.fullmatch(typed):
            self._do(number, "press", keys=typed)
        else:
            self._do(number, "say", words=typed.removeprefix("say "))

    def _hang_up(self) -> None:
        self._do(self.caller, "hang-up")
        self.show("Hung up.")

    def _do(self, number: str, action: str, **order: str) -> None:
        answer = self.company.post(f"/control/phones/{number}/{action}", json=order)
        if answer.is_error:
            # The other side was quicker: the next look shows what happened.
            self.show(f"  ({answer.json()['error']})")


def company_at(address: str) -> httpx.Client:
    """A client of the phone company there."""
    return httpx.Client(base_url=address, timeout=_PATIENCE_S, trust_env=False)
