"""Text messages: from the product to telephones, and back."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from ivr.simulator.faults import TITLES, NothingToDoError, TwimlRefusedError
from ivr.simulator.leg import API_VERSION, new_sid
from ivr.simulator.phone import Phone, Text
from ivr.simulator.twiml import parse_messaging
from ivr.simulator.verbs import Message
from ivr.simulator.webhooks import Answer, Form, Request

if TYPE_CHECKING:
    from ivr.simulator.exchange import Exchange

UNKNOWN_HANDSET = 30005
"""Twilio's error for a message to a telephone that does not exist."""
UNREGISTERED = 30034
"""Twilio's error for a message from a number that the American carriers do not know of."""
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


@dataclass
class MessageRecord:
    """One message resource. Times aware, in UTC."""

    sid: str
    from_number: str
    to_number: str
    body: str
    direction: Literal["inbound", "outbound-api", "outbound-reply"]
    status: str
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    error_code: int | None = None
    status_callback: str = ""


def segments(body: str) -> int:
    """How many segments a message is sent in: 160/153 GSM or 70/67 other characters each."""
    one, many = (160, 153) if set(body) <= _GSM else (70, 67)
    return 1 if len(body) <= one else -(-len(body) // many)


def _replies(answer: Answer) -> tuple[Message, ...]:
    if answer.error_code:
        raise TwimlRefusedError(answer.error_code, answer.reason)
    return parse_messaging(answer.body, answer.content_type)


class Messaging:
    """Every message there was. Expects the exchange's lock to be held."""

    def __init__(self, exchange: "Exchange") -> None:
        self._exchange = exchange
        self.messages: dict[str, MessageRecord] = {}
        self.planned: deque[tuple[str, int]] = deque()
        """Final status and error code of the next messages sent: for tests."""

    def send(
        self,
        *,
        from_number: str,
        to_number: str,
        body: str,
        status_callback: str = "",
        direction: Literal["outbound-api", "outbound-reply"] = "outbound-api",
    ) -> MessageRecord:
        """Accept a message; it is sent and delivered, or not, afterwards."""
        now = self._exchange.clock.now()
        message = MessageRecord(
            sid=new_sid("SM"),
            from_number=from_number,
            to_number=to_number,
            body=body,
            direction=direction,
            status="queued",
            created_at=now,
            updated_at=now,
            status_callback=status_callback,
        )
        self.messages[message.sid] = message
        self._exchange.changed()
        self._exchange.later(timedelta(0), lambda: self._transmit(message))
        return message

    def receive(self, phone: Phone, to: str, body: str) -> MessageRecord:
        """A person sends a message to one of the account's numbers.

        Raises NothingToDoError where the account has no such number or the message is empty.
        """
        number = self._exchange.numbers.get(to)
        if number is None:
            raise NothingToDoError(
                f"{to} is not a number of this account: it has {', '.join(self._exchange.numbers)}."
            )
        if not body.strip():
            raise NothingToDoError("The message is empty: write something first.")
        now = self._exchange.clock.now()
        sid = new_sid("SM")
        message = MessageRecord(
            sid, phone.number, to, body, "inbound", "received", now, now, sent_at=now
        )
        self.messages[sid] = message
        phone.texts.append(Text(now, "out", to, body, sid))
        self._exchange.changed()
        if url := number.service_inbound_url or number.sms_url:
            self._ask(message, url, number.sms_fallback_url or "", ())
        else:
            self._exchange.note(f"{to} has no sms_url: nobody was told of the message.")
        return message

    def _ask(
        self, message: MessageRecord, url: str, fallback: str, extra: tuple[tuple[str, str], ...]
    ) -> None:
        def arrived(answer: Answer) -> None:
            try:
                replies = _replies(answer)
            except TwimlRefusedError as error:
                self._exchange.refuse(error.code, f"{TITLES.get(error.code)}: {error.reason}")
                if fallback:
                    failed = (("ErrorCode", str(error.code)), ("ErrorUrl", url))
                    self._ask(message, fallback, "", failed)
                return
            for reply in replies:
                self.send(
                    from_number=message.to_number,
                    to_number=reply.to or message.from_number,
                    body=reply.body,
                    status_callback=reply.status_callback,
                    direction="outbound-reply",
                )

        form = self._params(message) + extra
        self._exchange.fetch(Request("incoming message", url, form, call_sid=message.sid), arrived)

    def _transmit(self, message: MessageRecord) -> None:
        message.sent_at = self._exchange.clock.now()
        self._move(message, "sent")
        self._exchange.later(timedelta(0), lambda: self._deliver(message))

    def _deliver(self, message: MessageRecord) -> None:
        phone = self._exchange.phones.get(message.to_number)
        sender = self._exchange.numbers.get(message.from_number)
        if self.planned:
            status, message.error_code = self.planned.popleft()
            self._move(message, status)
        elif sender is not None and sender.text_registration != "verified":
            message.error_code = UNREGISTERED
            self._move(message, "undelivered")
        elif phone is None or not phone.reachable:
            message.error_code = UNKNOWN_HANDSET
            self._exchange.note(f"A message to {message.to_number}: no such telephone here.")
            self._move(message, "undelivered")
        else:
            now = self._exchange.clock.now()
            phone.texts.append(Text(now, "in", message.from_number, message.body, message.sid))
            self._move(message, "delivered")

    def _move(self, message: MessageRecord, status: str) -> None:
        message.status, message.updated_at = status, self._exchange.clock.now()
        self._exchange.changed()
        if not message.status_callback:
            return
        fields: Form = (
            ("AccountSid", self._exchange.config.account_sid),
            ("ApiVersion", API_VERSION),
            ("From", message.from_number),
            ("MessageSid", message.sid),
            ("MessageStatus", status),
            ("SmsSid", message.sid),
            ("SmsStatus", status),
            ("To", message.to_number),
        )
        if message.error_code:
            fields += (("ErrorCode", str(message.error_code)),)
        self._exchange.notify(
            Request(
                f"message status: {status}",
                message.status_callback,
                fields,
                call_sid=message.sid,
            )
        )

    def _params(self, message: MessageRecord) -> tuple[tuple[str, str], ...]:
        fields = {
            "AccountSid": self._exchange.config.account_sid,
            "ApiVersion": API_VERSION,
            "Body": message.body,
            "From": message.from_number,
            "MessageSid": message.sid,
            "NumMedia": "0",
            "NumSegments": str(segments(message.body)),
            "SmsMessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "To": message.to_number,
        }
        for role in ("From", "To"):
            fields |= {f"{role}City": "", f"{role}State": "", f"{role}Zip": ""}
            fields[f"{role}Country"] = "US"
        return tuple(fields.items())
