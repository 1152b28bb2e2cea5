"""Turns → TwiML, by the twilio package. The only file that writes XML.

The package checks nothing, so tests hold every document we can emit against the carrier's rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial as DialVerb
from twilio.twiml.voice_response import Gather, VoiceResponse

from ivr.call.events import Capture, Connect, Dial, End, Enqueue, Turn, Wait
from ivr.call.prompts import Line
from ivr.call.session import SLOW_FACT
from ivr.call.turn import Line as PhoneLine
from ivr.carrier.pieces import pieces
from ivr.carrier.urls import Urls
from ivr.messages import spoken

CONTENT_TYPE = "text/xml; charset=utf-8"

SECONDS_BETWEEN = 5
"""Of silence between two sentences to who waits: with the sentence, one begins every 7 to 10 s."""

SLOW_RATE = "80%"
"""How fast the voice speaks once the caller has asked for it, of its usual rate."""

HINTS = 500
"""Characters of speech hints at most; the carrier takes more, and listens no better."""


@dataclass(frozen=True)
class Documents:
    """Writes the documents of one clinic's line.

    recorded: recordings are played where prompts have them. Not while something of ours is broken:
    then what has to be fetched from us may not come.
    """

    line: PhoneLine
    urls: Urls
    recorded: bool = True

    def turn(self, turn: Turn) -> str:
        """The answer to a turn: say, then listen, ring or hang up."""
        response = VoiceResponse()
        session = turn.session
        following = self.urls.turn(session.turn + 1)
        match turn.then:
            case Wait() as wait:
                # The urgent branch's 911 sentence is never cut short by an early key.
                first = [line for line in turn.says if line.name == self.line.flow.urgent]
                self._say(response, first, session.facts)
                gather = self._gather(wait, following, session.language)
                rest = [line for line in turn.says if line.name != self.line.flow.urgent]
                self._say(gather, rest, session.facts)
                response.append(gather)
                # Hosts that know no actionOnEmptyResult fall through to here on silence.
                response.redirect(following, method="POST")
            case Dial() as dial:
                self._say(response, turn.says, session.facts)
                whisper = None
                if dial.whisper:
                    whisper = self.urls.whisper(
                        session.facts["ticket_id"], session.facts["dial_person"]
                    )
                elif dial.announces and session.spoken_in != "en":
                    whisper = self.urls.desk_whisper(session.spoken_in)
                self._dial(response, dial.number, dial.ring_seconds, following, whisper)
            case Enqueue() as waits:
                self._say(response, turn.says, session.facts)
                response.enqueue(
                    waits.queue,
                    action=following,
                    method="POST",
                    wait_url=self.urls.wait(session.language, waits.wait_seconds),
                    wait_url_method="POST",
                )
            case Connect() as connect:
                self._say(response, turn.says, session.facts)
                response.append(_waiting_caller(connect.queue, following))
            case Capture() as capture:
                self._say(response, turn.says, session.facts)
                self._record(response, capture, following, spoken_in=session.spoken_in)
                # A recording with nothing on it has no action: the document goes on here.
                response.redirect(following, method="POST")
            case End():
                self._say(response, turn.says, session.facts)
                response.hangup()
        return str(response)

    def whisper(
        self,
        says: Sequence[str],
        facts: Mapping[str, str],
        answer_url: str,
        *,
        language: str = "en",
    ) -> str:
        """What the on-call person hears; one key decides, and silence comes back to us too."""
        response = VoiceResponse()
        gather = Gather(
            input="dtmf",
            num_digits=1,
            timeout=6,
            action=answer_url,
            method="POST",
            action_on_empty_result=True,
        )
        self._say(gather, [Line(name, language) for name in says], facts)
        response.append(gather)
        # Falling off the end of a whisper would connect the caller to whatever picked up.
        response.hangup()
        return str(response)

    def waiting(self, says: str, language: str) -> str:
        """A sentence for who waits in the queue, and a pause; then the carrier asks again."""
        response = VoiceResponse()
        self._say(response, [Line(says, language)], {})
        response.pause(length=SECONDS_BETWEEN)
        return str(response)

    def connect(self, says: Sequence[str], facts: Mapping[str, str], *, language: str) -> str:
        """At the end of a whisper: say this, then the two are connected."""
        response = VoiceResponse()
        self._say(response, [Line(name, language) for name in says], facts)
        return str(response)

    def fetch(
        self,
        says: Sequence[str],
        facts: Mapping[str, str],
        queue: str,
        action: str,
        *,
        language: str,
    ) -> str:
        """Say this, then connect with the caller who waits in this queue."""
        response = VoiceResponse()
        self._say(response, [Line(name, language) for name in says], facts)
        response.append(_waiting_caller(queue, action))
        return str(response)

    def farewell(self, says: Sequence[str], facts: Mapping[str, str], *, language: str) -> str:
        """Say and hang up; at the end of a whisper this never connects."""
        response = VoiceResponse()
        self._say(response, [Line(name, language) for name in says], facts)
        response.hangup()
        return str(response)

    def emergency(
        self, number: str, attempt: int, says: Sequence[str], languages: Sequence[str]
    ) -> str:
        """The 911 sentence and a ring at the on-call phone: needs no database and no session."""
        response = VoiceResponse()
        lines = [Line(name, language) for name in says for language in languages]
        self._say(response, lines, {})
        self._dial(
            response,
            number,
            25,
            self.urls.fallback_ring(attempt + 1),
            self.urls.fallback_whisper(),
        )
        return str(response)

    def call_back(self, number: str, action: str) -> str:
        """Ring the caller of a ticket; whoever accepted it is on the line."""
        response = VoiceResponse()
        self._dial(response, number, 30, action, None)
        return str(response)

    def _gather(self, wait: Wait, action: str, language: str) -> Gather:
        return Gather(
            input="dtmf speech",
            num_digits=wait.digits,
            finish_on_key="#",
            timeout=wait.seconds,
            speech_timeout="auto",
            action=action,
            method="POST",
            action_on_empty_result=True,
            barge_in=True,
            language=self.line.clinic.voices[language].language,
            hints=_hints(wait.hints),
        )

    def _record(
        self, response: VoiceResponse, capture: Capture, action: str, *, spoken_in: str
    ) -> None:
        clinic_id = self.line.clinic.id
        transcribed = {
            "transcribe": True,
            "transcribe_callback": self.urls.message_transcribed(clinic_id),
        }
        response.record(
            action=action,
            method="POST",
            max_length=capture.longest_seconds,
            timeout=capture.silence_seconds,
            finish_on_key="#",
            play_beep=True,
            recording_status_callback=self.urls.message_recorded(clinic_id),
            recording_status_callback_method="POST",
            **(transcribed if spoken_in in spoken.TRANSCRIBED else {}),
        )

    def _dial(
        self,
        response: VoiceResponse,
        number: str,
        ring_seconds: int,
        action: str,
        whisper_url: str | None,
    ) -> None:
        dial = DialVerb(
            action=action,
            method="POST",
            timeout=ring_seconds,
            answer_on_bridge=True,
            # The default, the patient's own number, would show it on a staff phone's lock screen.
            caller_id=self.line.clinic.numbers.line,
        )
        if whisper_url:
            dial.number(number, url=whisper_url, method="POST")
        else:
            dial.number(number)
        response.append(dial)

    def _say(
        self,
        verb: VoiceResponse | Gather,
        lines: Sequence[Line],
        facts: Mapping[str, str],
    ) -> None:
        # A recording cannot be slowed.
        slow = bool(facts.get(SLOW_FACT))
        recorded = self.recorded and not slow
        for piece in pieces(lines, self.line.prompts, facts, recorded=recorded):
            voice = self.line.clinic.voices[piece.language]
            if piece.pause:
                verb.pause(length=piece.pause)
            if piece.recording:
                verb.play(self.urls.recorded(self.line.clinic.id, piece.recording))
            elif slow:
                said = verb.say(voice=voice.voice, language=voice.language)
                said.prosody(piece.text, rate=SLOW_RATE)
            else:
                verb.say(piece.text, voice=voice.voice, language=voice.language)


def _waiting_caller(queue: str, action: str) -> DialVerb:
    dial = DialVerb(action=action, method="POST", timeout=SECONDS_BETWEEN)
    dial.queue(queue)
    return dial


def leave() -> str:
    """Out of the queue: its action says what comes next."""
    response = VoiceResponse()
    response.leave()
    return str(response)


def hang_up() -> str:
    """Nothing more to say to a caller who is gone."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def accepted() -> str:
    """The empty document: falling off a whisper's end connects the call."""
    return str(VoiceResponse())


def text_reply(text: str | None) -> str:
    """Text back, or stay silent."""
    response = MessagingResponse()
    if text:
        response.message(text)
    return str(response)


def _hints(words: Sequence[str]) -> str | None:
    kept: list[str] = []
    length = 0
    for word in dict.fromkeys(words):
        length += len(word) + 2
        if length > HINTS:
            break
        kept.append(word)
    return ", ".join(kept) or None
