"""The TwiML that this phone company obeys, as values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Say:
    text: str
    voice: str = "man"
    language: str = "en-US"
    loop: int = 1


@dataclass(frozen=True)
class Play:
    """A recording to fetch, or keys to sound (``w`` waits half a second)."""

    url: str = ""
    digits: str = ""
    loop: int = 1


@dataclass(frozen=True)
class Pause:
    length: int = 1
    """Seconds."""


Prompt = Say | Play | Pause


@dataclass(frozen=True)
class Gather:
    """Listen for keys, speech or both. Times in seconds; defaults are Twilio's."""

    action: str = ""
    method: str = "POST"
    input: tuple[str, ...] = ("dtmf",)
    timeout: int = 5
    finish_on_key: str = "#"
    num_digits: int | None = None
    speech_timeout: str = ""
    language: str = "en-US"
    hints: str = ""
    barge_in: bool = True
    action_on_empty_result: bool = False
    prompts: tuple[Prompt, ...] = ()


@dataclass(frozen=True)
class Redirect:
    url: str
    method: str = "POST"


@dataclass(frozen=True)
class Number:
    number: str
    url: str = ""
    method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    status_callback_events: tuple[str, ...] = ("completed",)


@dataclass(frozen=True)
class Queue:
    """A queue to take the first caller from; the caller hears ``url`` before being connected."""

    name: str
    url: str = ""
    method: str = "POST"


@dataclass(frozen=True)
class Dial:
    """Ring others for the caller, or take the first caller of a queue, never both.

    Times in seconds; defaults are Twilio's.
    """

    numbers: tuple[Number, ...] = ()
    queue: Queue | None = None
    action: str = ""
    method: str = "POST"
    timeout: int = 30
    caller_id: str = ""
    answer_on_bridge: bool = False
    hangup_on_star: bool = False
    time_limit: int = 14_400


@dataclass(frozen=True)
class Enqueue:
    """Wait in a queue until somebody dials it."""

    name: str
    action: str = ""
    method: str = "POST"
    wait_url: str | None = None
    """What the caller hears meanwhile: None for Twilio's own music, empty for silence."""
    wait_url_method: str = "POST"


@dataclass(frozen=True)
class Leave:
    """Go out of the queue; only in the document of a ``waitUrl``."""


@dataclass(frozen=True)
class Record:
    """Record the caller after a tone. Times in seconds; defaults are Twilio's."""

    action: str = ""
    method: str = "POST"
    timeout: int = 5
    finish_on_key: str = "1234567890*#"
    max_length: int = 3600
    play_beep: bool = True
    recording_status_callback: str = ""
    recording_status_callback_method: str = "POST"
    transcribe: bool = False
    transcribe_callback: str = ""


@dataclass(frozen=True)
class Hangup:
    pass


Verb = Say | Play | Pause | Gather | Redirect | Dial | Enqueue | Leave | Record | Hangup


@dataclass(frozen=True)
class Message:
    """An answer to a text message."""

    body: str
    to: str = ""
    status_callback: str = ""
