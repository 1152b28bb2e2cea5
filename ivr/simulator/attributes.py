"""Which attributes each TwiML element may carry, and what their values must look like."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ivr.simulator.faults import TwimlRefusedError

Value = str | int | bool | tuple[str, ...]


@dataclass(frozen=True)
class Attribute:
    """How to read one attribute, and Twilio's error code for a value that cannot be read."""

    read: Callable[[str], Value]
    code: int = 12200


def _whole_number(least: int, most: int) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        if not re.fullmatch(r"[0-9]+", text) or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return read


def _one_of(*allowed: str) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    return read


def _several_of(*allowed: str) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        words = tuple(text.split())
        if not words or not set(words) <= set(allowed):
            raise ValueError(f"must be one or several of {', '.join(allowed)}, with spaces between")
        return words

    return read


def _matching(pattern: str, meaning: str) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"must be {meaning}")
        return text

    return read


def _flag(text: str) -> Value:
    if text not in {"true", "false"}:
        raise ValueError('must be "true" or "false"')
    return text == "true"


def _filled(text: str) -> Value:
    if not text.strip():
        raise ValueError("must not be empty")
    return text.strip()


_METHOD = _one_of("GET", "POST")
_LANGUAGE = Attribute(_matching(r"[a-z]{2,3}-[A-Za-z0-9-]+", "a language such as en-US"))
_VOICE = Attribute(
    _matching(r"man|woman|alice|(Polly|Google)\.[A-Za-z0-9-]+", "man, woman, Polly.… or Google.…"),
    13511,
)
_INPUT = _one_of("dtmf", "speech", "dtmf speech", "speech dtmf")

ATTRIBUTES: Mapping[str, Mapping[str, Attribute]] = {
    "Response": {},
    "Say": {
        "voice": _VOICE,
        "language": _LANGUAGE,
        "loop": Attribute(_whole_number(1, 1000), 13510),
    },
    "Play": {
        "loop": Attribute(_whole_number(1, 1000), 13410),
        "digits": Attribute(_matching(r"[0-9#*wW]+", "keys 0-9, #, * and w for a wait")),
    },
    "Pause": {"length": Attribute(_whole_number(1, 600), 13910)},
    "Gather": {
        "action": Attribute(_filled),
        "method": Attribute(_METHOD, 13312),
        "input": Attribute(_INPUT),
        "timeout": Attribute(_whole_number(1, 600), 13313),
        "finishOnKey": Attribute(_matching(r"[0-9#*]?", "one of 0-9, # and *, or empty"), 13310),
        "numDigits": Attribute(_whole_number(1, 1000), 13314),
        "speechTimeout": Attribute(_matching(r"auto|[1-9][0-9]*", 'seconds or "auto"')),
        "language": _LANGUAGE,
        "hints": Attribute(str),
        "bargeIn": Attribute(_flag),
        "actionOnEmptyResult": Attribute(_flag),
        # How the words are recognised is not ours to imitate; the values are taken as advice.
        "speechModel": Attribute(_filled),
        "enhanced": Attribute(_flag),
        "profanityFilter": Attribute(_flag),
    },
    "Redirect": {"method": Attribute(_METHOD, 13710)},
    "Dial": {
        "action": Attribute(_filled),
        "method": Attribute(_METHOD, 13210),
        "timeout": Attribute(_whole_number(1, 600), 13212),
        "callerId": Attribute(_filled, 13214),
        "answerOnBridge": Attribute(_flag, 13219),
        "hangupOnStar": Attribute(_flag, 13213),
        "timeLimit": Attribute(_whole_number(1, 86_400), 13216),
    },
    "Number": {
        "url": Attribute(_filled),
        "method": Attribute(_METHOD, 13221),
        "statusCallback": Attribute(_filled),
        "statusCallbackMethod": Attribute(_METHOD),
        "statusCallbackEvent": Attribute(
            _several_of("initiated", "ringing", "answered", "completed")
        ),
    },
    "Queue": {
        "url": Attribute(_filled, 14211),
        "method": Attribute(_METHOD, 14210),
    },
    "Enqueue": {
        "action": Attribute(_filled, 14203),
        "method": Attribute(_METHOD, 14201),
        # Empty is an answer too: the caller waits in silence.
        "waitUrl": Attribute(str.strip, 14202),
        "waitUrlMethod": Attribute(_METHOD, 14206),
    },
    "Leave": {},
    "Record": {
        "action": Attribute(_filled),
        "method": Attribute(_METHOD),
        "timeout": Attribute(_whole_number(1, 600)),
        "finishOnKey": Attribute(_matching(r"[0-9#*]*", "keys among 0-9, # and *"), 13613),
        "maxLength": Attribute(_whole_number(1, 14_400)),
        "playBeep": Attribute(_flag),
        "recordingStatusCallback": Attribute(_filled),
        "recordingStatusCallbackMethod": Attribute(_METHOD),
        "transcribe": Attribute(_flag),
        "transcribeCallback": Attribute(_filled, 13615),
    },
    "Hangup": {},
    "Message": {"to": Attribute(_filled), "statusCallback": Attribute(_filled)},
    "Body": {},
}

# Twilio has these elements and attributes; whoever first needs one brings it along.
# fmt: off  # a list of words reads better in lines than one word a line
NOT_OBEYED = frozenset(
    {
        "Application",
        "Assign",
        "Body",
        "Client",
        "Conference",
        "Connect",
        "Echo",
        "Message",
        "Parameter",
        "Pay",
        "Prompt",
        "Refer",
        "Reject",
        "Sim",
        "Sip",
        "Siprec",
        "Sms",
        "Start",
        "Stop",
        "Stream",
        "Task",
        "Transcription",
    }
)
# fmt: on
_NOT_IMITATED: Mapping[str, frozenset[str]] = {
    "Gather": frozenset(
        {"partialResultCallback", "partialResultCallbackMethod", "debug", "dtmfDetection"}
    ),
    "Dial": frozenset(
        {
            "record",
            "trim",
            "recordingStatusCallback",
            "recordingStatusCallbackMethod",
            "recordingStatusCallbackEvent",
            "recordingTrack",
            "ringTone",
            "sequential",
            "referUrl",
            "referMethod",
            "events",
        }
    ),
    "Number": frozenset(
        {"sendDigits", "byoc", "machineDetection", "amdStatusCallback", "startOnBridge"}
    ),
    "Queue": frozenset({"reservationSid", "postWorkActivitySid"}),
    "Enqueue": frozenset({"workflowSid"}),
    "Record": frozenset({"trim", "recordingStatusCallbackEvent", "recordingConfigurationId"}),
    "Message": frozenset({"from", "action", "method", "mediaUrl"}),
}


def read_attributes(tag: str, given: Mapping[str, str]) -> dict[str, Value]:
    """The attributes that were given, read. Raises TwimlRefusedError on the first bad one."""
    known = ATTRIBUTES[tag]
    values: dict[str, Value] = {}
    for name, text in given.items():
        if name in _NOT_IMITATED.get(tag, ()):
            raise TwimlRefusedError(
                12200,
                f"Twilio knows {name} on <{tag}>, but this phone company does not imitate it"
                " yet: leave it out, or teach ivr/simulator to do it.",
            )
        if name not in known:
            raise TwimlRefusedError(
                12200,
                f"<{tag}> has no attribute {name!r}. It has: {', '.join(sorted(known)) or 'none'}.",
            )
        try:
            values[name] = known[name].read(text)
        except ValueError as error:
            raise TwimlRefusedError(
                known[name].code, f'<{tag} {name}="{text}">: {name} {error}.'
            ) from error
    return values
