"""One <Record>: a tone, what is said, how it ends; and the recording that is kept of it."""

import io
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from ivr.simulator.leg import API_VERSION, new_sid
from ivr.simulator.timeline import Appointment, seconds_between
from ivr.simulator.transcript import duration_of
from ivr.simulator.verbs import Record
from ivr.simulator.webhooks import Form, Request

if TYPE_CHECKING:
    from ivr.simulator.execution import Execution

Result = dict[str, str]

TRANSCRIBING = timedelta(seconds=20)
"""From a recording's end to its transcript. Twilio promises no time; it takes about that long."""
_SAMPLES_PER_SECOND = 8000
_SILENCE = 0x80
"""Of 8-bit samples, which have no sign."""


@dataclass(frozen=True)
class KeptRecording:
    """A recording as the company keeps it. ``words`` is what was said."""

    call_sid: str
    started_at: datetime
    duration_s: int
    words: str
    sid: str = field(default_factory=lambda: new_sid("RE"))

    def wav(self) -> bytes:
        """A sound file of the recording's length, with nothing to be heard on it."""
        out = io.BytesIO()
        with wave.open(out, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(1)
            sound.setframerate(_SAMPLES_PER_SECOND)
            sound.writeframes(bytes([_SILENCE]) * _SAMPLES_PER_SECOND * self.duration_s)
        return out.getvalue()


class Recording:
    """Records once. ``done`` gets the fields for the action; None where nothing was said."""

    def __init__(
        self, execution: "Execution", record: Record, done: Callable[[Result | None], None]
    ) -> None:
        self._execution = execution
        self._exchange = execution.exchange
        self._leg = execution.leg
        self.record = record
        self._done = done
        self._words: list[str] = []
        self._started_at = self._exchange.clock.now()
        self.silence: Appointment | None = None
        """When the caller's silence will have lasted too long."""
        self._longest: Appointment | None = None

    def start(self) -> None:
        if self.record.play_beep:
            self._leg.hear("tone", "Beep", until=self._exchange.clock.now())
        self._longest = self._exchange.later(
            timedelta(seconds=self.record.max_length), lambda: self._finish(""), waits=True
        )
        self._listen(timedelta(0))

    def stop(self) -> None:
        """Record no longer, and keep nothing more."""
        for appointment in (self.silence, self._longest):
            if appointment is not None:
                appointment.cancel()

    def press(self, key: str) -> bool:
        """Take a key; one that does not end the recording is on it as a tone."""
        if key in self.record.finish_on_key:
            self._finish(key)
        return True

    def hear_words(self, words: str) -> bool:
        """Record what is said; silence counts from its end."""
        self._words.append(words)
        self._listen(duration_of(words, self._exchange.words_per_minute))
        return True

    def hung_up(self) -> None:
        """The caller is gone: what they said so far is kept all the same."""
        if self._words:
            self._finish("hangup")

    def _listen(self, speech: timedelta) -> None:
        if self.silence is not None:
            self.silence.cancel()
        self.silence = self._exchange.later(
            speech + timedelta(seconds=self.record.timeout), lambda: self._finish(""), waits=True
        )
        self._exchange.changed()

    def _finish(self, key: str) -> None:
        self.stop()
        if not self._words:
            self._done(None)
            return
        spoken = duration_of(" ".join(self._words), self._exchange.words_per_minute)
        passed = seconds_between(self._started_at, self._exchange.clock.now())
        length = max(passed, seconds_between(self._started_at, self._started_at + spoken), 1)
        kept = KeptRecording(
            call_sid=self._leg.sid,
            started_at=self._started_at,
            duration_s=min(length, self.record.max_length),
            words=" ".join(self._words),
        )
        self._exchange.recordings[kept.sid] = kept
        named = {
            "RecordingUrl": self._url(kept),
            "RecordingSid": kept.sid,
            "RecordingDuration": str(kept.duration_s),
        }
        self._done({**named, "Digits": key})
        self._report(kept, named)
        if self.record.transcribe or self.record.transcribe_callback:
            self._exchange.later(TRANSCRIBING, lambda: self._transcribe(kept, named))

    def _url(self, kept: KeptRecording) -> str:
        account = self._exchange.config.account_sid
        return f"https://api.twilio.com/{API_VERSION}/Accounts/{account}/Recordings/{kept.sid}"

    def _report(self, kept: KeptRecording, named: Result) -> None:
        url = self.record.recording_status_callback
        if not url:
            return
        # Twilio says here which call it was, and not between whom.
        form = {
            "AccountSid": self._exchange.config.account_sid,
            "CallSid": kept.call_sid,
            **named,
            "RecordingStatus": "completed",
            "RecordingChannels": "1",
            "RecordingSource": "RecordVerb",
            "RecordingStartTime": format_datetime(kept.started_at),
            "ErrorCode": "0",
        }
        self._notify("recording status callback", url, tuple(form.items()))

    def _transcribe(self, kept: KeptRecording, named: Result) -> None:
        if not self.record.transcribe_callback:
            return
        form = {
            **named,
            "TranscriptionSid": new_sid("TR"),
            "TranscriptionText": kept.words,
            "TranscriptionStatus": "completed",
            "TranscriptionType": "fast",
        }
        del form["RecordingDuration"]
        url = self.record.transcribe_callback
        self._notify("transcribe callback", url, self._leg.params() + tuple(form.items()))

    def _notify(self, purpose: str, url: str, form: Form) -> None:
        there = self._execution.absolute(url)
        self._exchange.notify(Request(purpose, there, form, "POST", self._leg.sid))
