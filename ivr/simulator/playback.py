"""Says, plays and pauses, one prompt after the other, until cut short."""

import io
import wave
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from ivr.simulator.timeline import Appointment
from ivr.simulator.transcript import Heard, duration_of
from ivr.simulator.verbs import Pause, Play, Prompt, Say
from ivr.simulator.webhooks import Answer, Request

if TYPE_CHECKING:
    from ivr.simulator.execution import Execution

_BYTES_PER_SECOND = 16_000
"""Of a recording whose length is not read from it: 128 kbit/s."""


class Playback:
    """The prompts of one verb on one leg."""

    def __init__(
        self, execution: "Execution", prompts: tuple[Prompt, ...], then: Callable[[], None]
    ) -> None:
        self._execution = execution
        self._exchange = execution.exchange
        self._waiting = [prompt for prompt in prompts for _ in range(_loops(prompt))]
        self._then = then
        self._now: tuple[Heard, Appointment] | None = None
        self.is_over = False

    def start(self) -> None:
        self._next()

    def stop(self) -> None:
        """Fall silent; what was still to come is never heard."""
        self.is_over = True
        if self._now:
            heard, appointment = self._now
            appointment.cancel()
            heard.until, heard.cut_short = self._exchange.clock.now(), True
            self._now = None

    def _next(self) -> None:
        self._now = None
        if self.is_over:
            return
        if not self._waiting:
            self.is_over = True
            self._then()
            return
        prompt = self._waiting.pop(0)
        if isinstance(prompt, Say):
            self._say(prompt)
        elif isinstance(prompt, Pause):
            self._hear(prompt, timedelta(seconds=prompt.length))
        elif prompt.digits:
            waits = prompt.digits.lower().count("w")
            self._hear(prompt, timedelta(seconds=0.5 * waits))
        else:
            self._fetch(prompt)

    def _say(self, say: Say) -> None:
        self._hear(say, duration_of(say.text, self._exchange.words_per_minute))

    def _fetch(self, play: Play) -> None:
        url = self._execution.absolute(play.url)

        def arrived(answer: Answer) -> None:
            if self.is_over:
                return
            if answer.error_code:
                self._execution.fail(answer.error_code, answer.reason, url)
            elif not answer.content_type.startswith("audio/"):
                self._execution.fail(
                    13420, f"{url} is {answer.content_type}, not a recording.", url
                )
            else:
                self._hear(play, _length_of(answer.body))

        self._exchange.fetch(Request("recording", url, (), "GET", self._execution.leg.sid), arrived)

    def _hear(self, prompt: Prompt, length: timedelta) -> None:
        until = self._exchange.clock.now() + length
        leg = self._execution.leg
        if isinstance(prompt, Say):
            heard = leg.hear(
                "speech", prompt.text, until=until, language=prompt.language, voice=prompt.voice
            )
        elif isinstance(prompt, Pause):
            heard = leg.hear("pause", f"{prompt.length} s", until=until)
        elif prompt.digits:
            heard = leg.hear("tone", prompt.digits, until=until)
        else:
            heard = leg.hear("audio", self._execution.absolute(prompt.url), until=until)
        self._now = (
            heard,
            self._exchange.later(length, self._next, idle=self._execution.place.idles),
        )


def _loops(prompt: Prompt) -> int:
    return 1 if isinstance(prompt, Pause) else prompt.loop


def _length_of(recording: bytes) -> timedelta:
    try:
        with wave.open(io.BytesIO(recording)) as sound:
            return timedelta(seconds=sound.getnframes() / sound.getframerate())
    except (wave.Error, EOFError):
        return timedelta(seconds=len(recording) / _BYTES_PER_SECOND)
