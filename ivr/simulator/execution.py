"""How one leg obeys TwiML: fetch a document, do its verbs in order, fetch the next."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

from ivr.simulator.dequeueing import Dequeueing
from ivr.simulator.dialling import Dialling
from ivr.simulator.faults import TITLES, TwimlRefusedError
from ivr.simulator.listening import Listening, Result
from ivr.simulator.places import CALL, WHISPER, Place
from ivr.simulator.playback import Playback
from ivr.simulator.queueing import Waiting
from ivr.simulator.recording import Recording
from ivr.simulator.timeline import Appointment
from ivr.simulator.twiml import parse_voice
from ivr.simulator.verbs import (
    Dial,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Pause,
    Play,
    Prompt,
    Record,
    Redirect,
    Say,
    Verb,
)
from ivr.simulator.webhooks import Answer, Form, Request

if TYPE_CHECKING:
    from ivr.simulator.exchange import Exchange
    from ivr.simulator.leg import Leg

APOLOGY = "We are sorry. An application error has occurred. Goodbye."
"""What a caller hears from Twilio where nothing else can be said."""


class Execution:
    """The document a leg is in, and where in it. Expects the exchange's lock to be held."""

    def __init__(
        self,
        leg: "Leg",
        *,
        fallback_url: str = "",
        place: Place = CALL,
        at_end: Callable[[], None] | None = None,
        at_fault: Callable[[], None] | None = None,
        at_leave: Callable[[], None] | None = None,
    ) -> None:
        self.leg = leg
        self.exchange: Exchange = leg.exchange
        self._fallback_url = fallback_url
        self._in_fallback = False
        self.place = place
        self._at_end = at_end or (lambda: leg.end("completed"))
        self._at_fault = at_fault
        self._at_leave = at_leave or self._step
        self._url = ""
        self._verbs: tuple[Verb, ...] = ()
        self._position = 0
        self._turn = 0
        """Counts documents asked for: an answer to an older question is not listened to."""
        self._playback: Playback | None = None
        self._listening: Listening | None = None
        self.recording: Recording | None = None
        self.dialling: Dialling | Dequeueing | None = None
        self.waiting: Waiting | None = None
        if not place.is_nested:
            leg.execution = self

    @property
    def listening(self) -> Listening | None:
        """What listens to this leg now, in this document or in the one of a queue."""
        if self._listening is None and self.waiting is not None:
            return self.waiting.listening
        return self._listening

    @property
    def silence(self) -> Appointment | None:
        """When this person's silence will have lasted too long; None where nobody waits for it."""
        if self.recording is not None:
            return self.recording.silence
        return self.listening.silence if self.listening else None

    def start(self, purpose: str, url: str, *, method: str = "POST", extra: Form = ()) -> None:
        """Ask for a document and obey it, in place of whatever this leg was doing."""
        self._abandon()
        self._turn += 1
        turn = self._turn
        target = self.absolute(url)

        def arrived(answer: Answer) -> None:
            if turn == self._turn and not self.leg.is_over:
                self._obey(answer)

        request = Request(purpose, target, self.leg.params() + extra, method, self.leg.sid)
        self.exchange.fetch(request, arrived)

    def start_with(self, twiml: bytes) -> None:
        """Obey a document that came with a REST request."""
        self._abandon()
        self._turn += 1
        self._obey(Answer(self._url, twiml, "text/xml"))

    def whisper_to(self, called: "Leg", url: str, method: str, *, then: Callable[[], None]) -> None:
        """Let a called party hear a document of their own; ``then`` when it fell off its end."""
        whisper = Execution(called, place=WHISPER, at_end=then)
        whisper.start("whisper", self.absolute(url), method=method)

    def nested(
        self,
        place: Place,
        *,
        at_end: Callable[[], None],
        at_fault: Callable[[], None],
        at_leave: Callable[[], None] | None = None,
    ) -> "Execution":
        """Something that obeys documents on this leg while this one waits where it is.

        ``at_fault`` when one cannot be fetched or obeyed, in place of fallback and apology.
        """
        return Execution(self.leg, place=place, at_end=at_end, at_fault=at_fault, at_leave=at_leave)

    def absolute(self, url: str) -> str:
        """A URL as it stands in the current document, resolved as Twilio does."""
        return urljoin(self._url, url) if url else self._url

    def stop(self) -> None:
        """Do nothing more, except report the dial that the leg's end interrupted."""
        self._turn += 1
        if self.recording is not None:
            self.recording.hung_up()
        dialling = self.dialling
        self._abandon()
        if dialling is not None:
            self._report("dial action after hang-up", dialling.dial, dialling.outcome())

    def press(self, key: str) -> bool:
        if self.recording is not None:
            return self.recording.press(key)
        return self.listening is not None and self.listening.press(key)

    def hear_words(self, words: str, confidence: float) -> bool:
        if self.recording is not None:
            return self.recording.hear_words(words)
        return self.listening is not None and self.listening.hear_words(words, confidence)

    def star_pressed(self) -> None:
        if self.dialling is not None and self.dialling.dial.hangup_on_star:
            self.dialling.hang_up_called_party()

    def fail(self, code: int, reason: str, url: str) -> None:
        """Something cannot be fetched or obeyed: write it down and go on without it."""
        self._abandon()
        self._turn += 1
        self.exchange.refuse(code, f"{TITLES.get(code, 'Error')}: {reason}", self.leg)
        if self._at_fault is not None:
            self._at_fault()
            return
        # Each error of the call reaches the fallback, but an error of the fallback does not.
        if self._fallback_url and not self._in_fallback:
            self._in_fallback = True
            self.start(
                "fallback", self._fallback_url, extra=(("ErrorCode", str(code)), ("ErrorUrl", url))
            )
        else:
            self.leg.answer()
            self._play((Say(APOLOGY),), lambda: self.leg.end("completed"))

    def _obey(self, answer: Answer) -> None:
        if answer.error_code:
            self.fail(answer.error_code, answer.reason, answer.url)
            return
        try:
            verbs = parse_voice(answer.body, answer.content_type)
            self.place.check(verbs)
        except TwimlRefusedError as error:
            self.fail(error.code, error.reason, answer.url)
            return
        self._url = urldefrag(answer.url)[0]
        self._in_fallback = False
        self._verbs, self._position = verbs, 0
        self._step()

    def _step(self) -> None:
        if self.leg.is_over:
            return
        if self._position >= len(self._verbs):
            self._at_end()
            return
        verb = self._verbs[self._position]
        self._position += 1
        if isinstance(verb, Gather):
            self.leg.answer()
            self._gather(verb)
        elif isinstance(verb, Dial):
            self._dial(verb)
        elif isinstance(verb, Enqueue):
            self._enqueue(verb)
        elif isinstance(verb, Record):
            self.leg.answer()
            self._record(verb)
        elif isinstance(verb, Leave):
            self._at_leave()
        elif isinstance(verb, Redirect):
            self.start("redirect", verb.url, method=verb.method)
        elif isinstance(verb, Hangup):
            self.leg.answer()
            self.leg.end("completed")
        else:
            self._prompt(verb)

    def _prompt(self, prompt: Prompt) -> None:
        # A <Pause> before anything else delays the answer: Twilio, TwiML <Pause>.
        if isinstance(prompt, Say | Play):
            self.leg.answer()
        self._play((prompt,), self._step)

    def _play(self, prompts: tuple[Say | Play | Pause, ...], then: Callable[[], None]) -> None:
        self._playback = Playback(self, prompts, then)
        self._playback.start()

    def _gather(self, gather: Gather) -> None:
        def done(result: Result) -> None:
            self._listening = None
            # Twilio: a finish key before any digit is no input either.
            is_empty = not result.get("Digits") and "SpeechResult" not in result
            if is_empty and not gather.action_on_empty_result:
                self._step()
                return
            self.start(
                "gather action",
                gather.action,
                method=gather.method,
                extra=tuple(result.items()),
            )

        self._listening = Listening(self, gather, done)
        self._listening.start()

    def _record(self, record: Record) -> None:
        def done(result: Result | None) -> None:
            self.recording = None
            if result is None:
                # Twilio asks nobody about a recording with nothing on it.
                self._step()
            elif self.leg.is_over:
                self._report("record action after hang-up", record, result)
            else:
                # Without an action, the document that holds the verb is asked for again.
                form = tuple(result.items())
                self.start("record action", record.action, method=record.method, extra=form)

        self.recording = Recording(self, record, done)
        self.recording.start()

    def _dial(self, dial: Dial) -> None:
        def done(outcome: dict[str, str]) -> None:
            self.dialling = None
            self._go_on("dial action", dial, outcome)

        self.dialling = (Dequeueing if dial.queue else Dialling)(self, dial, done)
        self.dialling.start()

    def _enqueue(self, enqueue: Enqueue) -> None:
        def done(outcome: dict[str, str]) -> None:
            self.waiting = None
            self._go_on("enqueue action", enqueue, outcome)

        self.waiting = Waiting(self, enqueue, done)
        self.waiting.start()

    def _go_on(self, purpose: str, verb: Dial | Enqueue, outcome: dict[str, str]) -> None:
        if verb.action:
            self.start(purpose, verb.action, method=verb.method, extra=tuple(outcome.items()))
        else:
            self._step()

    def _report(self, purpose: str, verb: Dial | Enqueue | Record, outcome: dict[str, str]) -> None:
        """Tell a verb's action how it ended where its answer cannot be obeyed any more."""
        if verb.action:
            url, form = self.absolute(verb.action), self.leg.params() + tuple(outcome.items())
            self.exchange.notify(Request(purpose, url, form, verb.method, self.leg.sid))

    def _abandon(self) -> None:
        for activity in (self._playback, self._listening, self.recording, self.dialling):
            if activity is not None:
                activity.stop()
        self._playback = self._listening = self.recording = self.dialling = None
        if self.waiting is not None:
            waiting, self.waiting = self.waiting, None
            self._report("enqueue action after leaving", waiting.enqueue, waiting.stop())
