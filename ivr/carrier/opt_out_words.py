"""Words that stop texts to a telephone, and those that let them come again. Pure."""

from __future__ import annotations

import re

OPT_OUT = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPT OUT", "OPTOUT", "CANCEL"}
)
"""Each opts out at once [FCC 2025]; the carrier itself answers them, so we never do."""

OPT_OUT_KEY = "9"
"""What our texts invite beside STOP. The carrier knows nothing of it, so we answer it."""

OPT_IN = frozenset({"START", "UNSTOP"})
"""Takes an opt-out back; the carrier itself answers these, too."""


def opted_out(body: str, opt_out_type: str) -> bool:
    """Whether a text asks for no more texts."""
    return opt_out_type == "STOP" or _words(body) in OPT_OUT or is_opt_out_key(body)


def opted_in(body: str, opt_out_type: str) -> bool:
    """Whether a text allows texts again."""
    return opt_out_type == "START" or _words(body) in OPT_IN


def is_opt_out_key(body: str) -> bool:
    """Whether a text is the key that ours name for opting out."""
    return body.strip(" .\n") == OPT_OUT_KEY


def _words(body: str) -> str:
    return re.sub(r"[^A-Z ]", "", body.upper()).strip()
