"""Where a document is obeyed, and which verbs Twilio allows there."""

from dataclasses import dataclass

from ivr.simulator.faults import TwimlRefusedError
from ivr.simulator.verbs import Dial, Enqueue, Gather, Hangup, Leave, Record, Verb


@dataclass(frozen=True)
class Place:
    """A place for documents; ``name`` completes "may not stand in …".

    ``is_nested`` where the leg has another document to go back to, ``idles`` where nobody is
    kept waiting by the document (see timeline.Appointment).
    """

    name: str
    forbidden: tuple[type[Verb], ...]
    code: int = 12200
    is_nested: bool = False
    idles: bool = False

    def check(self, verbs: tuple[Verb, ...]) -> None:
        """Raise TwimlRefusedError for the first verb that may not stand here."""
        for verb in verbs:
            if isinstance(verb, self.forbidden):
                raise TwimlRefusedError(
                    self.code, f"<{type(verb).__name__}> may not stand in {self.name}."
                )


CALL = Place("a call's own document: only a caller in a queue can leave it", (Leave,))
WHISPER = Place("a <Number url> document", (Dial, Enqueue, Leave), code=13201)
QUEUE = Place("an <Enqueue waitUrl> document", (Dial, Enqueue, Record), is_nested=True, idles=True)
ANNOUNCEMENT = Place(
    "a <Queue url> document", (Gather, Dial, Enqueue, Leave, Record, Hangup), is_nested=True
)
