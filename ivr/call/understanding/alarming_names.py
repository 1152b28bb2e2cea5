"""Names that are cries for help, too: Socorro, Auxiliadora, Olga Tirado. Pure.

Whoever is asked for their name and says "Socorro Fuentes" is asked which of the two it was;
"¡socorro, socorro!" and "socorro por favor" are no names. The list stands in said/names.toml.
"""

from __future__ import annotations

from ivr.call.understanding.names import SAID, after_introductions, person_name, tokens_of
from ivr.call.understanding.spelling import GAP
from ivr.call.understanding.words import plain

ALARMING = frozenset(SAID["alarming"])


def alarming_name(words: str) -> tuple[str, str] | None:
    """The name that was given, and what was said but for its alarming part; None for no name.

    None, too, where anything but a name was said, or the alarming part more than once or cried.
    """
    said = [token for token in tokens_of(words) if token not in (GAP, "-")]
    alarming = [
        at for at, token in enumerate(said) if not ALARMING.isdisjoint(plain(token).split())
    ]
    name = person_name(words)
    if len(alarming) != 1 or name is None or "!" in words:
        return None
    given = [plain(token) for token in after_introductions(said)]
    if given != [plain(part) for part in name.split()]:
        return None
    (at,) = alarming
    return name, " ".join(said[:at] + said[at + 1 :])


def is_introduced(words: str) -> bool:
    """Whether words like "my name is" stand before what was said."""
    said = tokens_of(words)
    return len(after_introductions(said)) < len(said)
