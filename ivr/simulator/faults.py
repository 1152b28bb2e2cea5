"""What the phone company refuses, in Twilio's numbers and words."""

# Titles from Twilio's error and warning dictionary.
TITLES: dict[int, str] = {
    11200: "HTTP retrieval failure",
    11205: "HTTP connection failure",
    11215: "HTTP too many redirects",
    11750: "TwiML response body too large",
    11770: "Empty response body",
    12100: "Document parse failure",
    12102: "The root element must be Response",
    12200: "Schema validation warning",
    12300: "Invalid Content-Type",
    13201: "Dial: Cannot Dial out from a Dial Call Segment",
    13210: "Dial: Invalid method value",
    13212: "Dial: Invalid timeout value",
    13213: "Dial: Invalid hangupOnStar value",
    13214: "Dial: Invalid callerId value",
    13215: "Dial: Invalid nested element",
    13216: "Dial: Invalid timeLimit value",
    13219: "Dial: Invalid answerOnBridge value",
    13221: "Dial->Number: Invalid method value",
    13223: "Dial: Invalid phone number format",
    13224: "Dial: Invalid phone number",
    13310: "Gather: Invalid finishOnKey value",
    13312: "Gather: Invalid method value",
    13313: "Gather: Invalid timeout value",
    13314: "Gather: Invalid numDigits value",
    13320: "Gather: Invalid nested verb",
    13410: "Play: Invalid loop value",
    13420: "Play: Invalid Content-Type",
    13510: "Say: Invalid loop value",
    13511: "Say: Invalid voice value",
    13520: "Say: Invalid text",
    13521: "Say: Character limits exceeded",
    13710: "Redirect: Invalid method value",
    13910: "Pause: Invalid length value",
    14201: "Enqueue: Invalid method value",
    14202: "Enqueue: Invalid waitUrl",
    14203: "Enqueue: Invalid Enqueue action url",
    14204: "Enqueue: Queue name too short",
    14205: "Enqueue: Queue name too long",
    14206: "Enqueue: Invalid waitUrlMethod value",
    14210: "Dial->Queue: Invalid whisper method",
    14211: "Dial->Queue: Invalid whisper url",
    14212: "Dial->Queue: queue name too short",
    14213: "Dial->Queue: queue name too long",
}


class TwimlRefusedError(ValueError):
    """A document that Twilio would refuse, or that asks for what this company does not do."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"{code} {TITLES.get(code, 'Error')}: {reason}")


class RestError(Exception):
    """A REST request that is answered with an error, in Twilio's JSON."""

    def __init__(self, http_status: int, code: int, message: str) -> None:
        self.http_status = http_status
        self.code = code
        self.message = message
        super().__init__(f"{http_status} {code}: {message}")


class NothingToDoError(RuntimeError):
    """A person tried what cannot be done with this phone now; the text says why."""
