"""A text that somebody sends to the line, as the carrier tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.call.hearing import Urgent, asks_for_urgent_help
from ivr.call.turn import Line
from ivr.call.understanding import caller_number
from ivr.carrier.opt_out_words import is_opt_out_key, opted_in, opted_out
from ivr.messages.patients.text_choices import Choice, choice_of

KEPT_CHARACTERS = 1600
"""The longest text the carrier delivers."""

ANSWERED_BY_THE_CARRIER = "HELP"
"""As the carrier marks a call for help that it has answered itself."""


@dataclass(frozen=True)
class IncomingText:
    """What the carrier says of a text. number: E.164, None where it hides it. source: its id."""

    number: str | None
    body: str
    source: str
    opt_out_type: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> IncomingText:
        """Read from the webhook's form."""
        return cls(
            caller_number(form.get("From", "")),
            form.get("Body", "")[:KEPT_CHARACTERS],
            form.get("MessageSid") or form.get("SmsSid", ""),
            form.get("OptOutType", ""),
        )

    @property
    def opts_out(self) -> bool:
        """Whether they want no more texts."""
        return opted_out(self.body, self.opt_out_type)

    @property
    def opts_in(self) -> bool:
        """Whether they want texts again."""
        return opted_in(self.body, self.opt_out_type)

    @property
    def is_answered(self) -> bool:
        """Whether the carrier has answered it, so that nothing more is to be said."""
        stopped = self.opts_out and not is_opt_out_key(self.body)
        return stopped or self.opts_in or self.opt_out_type == ANSWERED_BY_THE_CARRIER

    @property
    def also_chooses(self) -> bool:
        """Whether it lets texts come again in a word that answers ours, too: YES."""
        return self.opts_in and choice_of(self.body) is not None

    @property
    def asks_who_we_are(self) -> bool:
        """Whether it is HELP alone, the carriers' own word for that, or AYUDA, its Spanish one."""
        return choice_of(self.body) is Choice.HELP

    def urgent(self, line: Line) -> Urgent | None:
        """Whether it asks for urgent help, whatever else it says; by the words of `line`."""
        # What HELP is answered with says how to get urgent help.
        if self.asks_who_we_are:
            return None
        return asks_for_urgent_help(self.body, line.flow, line.prompts)
