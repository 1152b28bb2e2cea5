"""Lines → what is said in one breath, or played from a recording. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ivr.call.prompts import Line, Prompts
from ivr.call.speak import spoken_line


@dataclass(frozen=True)
class Piece:
    """What is said in one breath. pause: seconds of silence before it.

    recording: the name of what is played instead; None where it is spoken.
    """

    language: str
    text: str
    pause: int
    recording: str | None

    def follows(self, other: Piece) -> bool:
        """Whether it is said in the same breath."""
        plain = not self.pause and not self.recording and not other.recording
        return plain and self.language == other.language


def pieces(
    lines: Sequence[Line], prompts: Prompts, facts: Mapping[str, str], *, recorded: bool
) -> list[Piece]:
    """The lines in as few pieces as can be. recorded: recordings are played where they are."""
    found: list[Piece] = []
    for line in lines:
        piece = _piece(line, prompts, facts, recorded=recorded)
        if not piece.text:
            continue
        if found and piece.follows(found[-1]):
            found[-1] = replace(found[-1], text=f"{found[-1].text} {piece.text}")
        else:
            found.append(piece)
    return found


def _piece(line: Line, prompts: Prompts, facts: Mapping[str, str], *, recorded: bool) -> Piece:
    name = None
    if recorded and line.key is None:
        # A choice is said together with its key.
        name = prompts.recorded.get(line.language, {}).get(line.name)
    return Piece(line.language, spoken_line(line, prompts, facts), line.after_seconds, name)
