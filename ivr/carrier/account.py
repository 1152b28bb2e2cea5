"""The account at the carrier, as an operator sets it up: itself, its numbers, its texts' sender.

What `callnow connect` writes and `callnow doctor` reads. Nothing that answers a caller uses it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final

import phonenumbers

from ivr.carrier.answers import answered, refused
from ivr.carrier.http import API, HttpClient, client_of
from ivr.carrier.urls import FALLBACK, INCOMING, SMS, STATUS
from ivr.messages.telephony import CarrierError, Trouble


class Hook(StrEnum):
    """What a number asks an address for."""

    VOICE = "voice"
    FALLBACK = "fallback"
    STATUS = "status"
    SMS = "sms"
    SMS_AGAIN = "sms again"
    """Asked with the same text where SMS failed."""


PATHS: Final[Mapping[Hook, str]] = {
    Hook.VOICE: INCOMING,
    Hook.FALLBACK: FALLBACK,
    Hook.STATUS: STATUS,
    Hook.SMS: SMS,
    # A text is stored once, however often it comes.
    Hook.SMS_AGAIN: SMS,
}
"""Where each belongs, below PUBLIC_BASE_URL."""

_FIELDS: Final[Mapping[Hook, tuple[str, str]]] = {
    Hook.VOICE: ("voice_url", "voice_method"),
    Hook.FALLBACK: ("voice_fallback_url", "voice_fallback_method"),
    Hook.STATUS: ("status_callback", "status_callback_method"),
    Hook.SMS: ("sms_url", "sms_method"),
    Hook.SMS_AGAIN: ("sms_fallback_url", "sms_fallback_method"),
}

_STAND_INS: Final = {
    "voice_application_sid": "a TwiML application for calls",
    "sms_application_sid": "a TwiML application for texts",
    "trunk_sid": "a SIP trunk",
}
"""What takes a number's calls or texts in place of its addresses, where it is set."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that is asked, and how. url: empty where none is set."""

    url: str
    method: str = "POST"

    def __str__(self) -> str:
        return f"{self.method} {self.url}" if self.url else "nothing"


@dataclass(frozen=True)
class Account:
    """The account itself.

    status: "active", "suspended" or "closed". now: the carrier's own clock, aware UTC; None where
    it did not say. took: how long the answer was on its way, so how exact that is.
    """

    status: str
    is_trial: bool
    now: datetime | None
    took: timedelta


@dataclass(frozen=True)
class Number:
    """One of the account's numbers as it is set up.

    stand_ins: the library's names of what answers in place of the hooks; see described().
    """

    sid: str
    number: str
    hooks: Mapping[Hook, Target]
    stand_ins: tuple[str, ...] = ()


class Registration(StrEnum):
    """How far the carriers know of a number as a sender of texts."""

    REGISTERED = "registered"
    PENDING = "pending"
    REFUSED = "refused"
    MISSING = "missing"
    NOT_NEEDED = "not needed"
    """A number outside the United States."""


@dataclass(frozen=True)
class TextSender:
    """A number as a sender and receiver of texts.

    is_toll_free: registered by another way. diverted_to: where the messaging service it is in sends
    incoming texts in place of the number's own address; None where it does not.
    """

    registration: Registration
    is_toll_free: bool
    diverted_to: str | None = None


@dataclass(frozen=True)
class Change:
    """What would be set on a number: each hook that differs, what it is and what it becomes.

    stand_ins: what would be taken away, in words.
    """

    hooks: Mapping[Hook, tuple[Target, Target]] = field(default_factory=dict)
    stand_ins: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.hooks or self.stand_ins)


def wanted(base: str) -> dict[Hook, Target]:
    """What belongs on a number. base: PUBLIC_BASE_URL."""
    return {hook: Target(base + path) for hook, path in PATHS.items()}


def change_for(number: Number, base: str) -> Change:
    """What differs from what belongs there. Pure."""
    differing = {
        hook: (number.hooks[hook], target)
        for hook, target in wanted(base).items()
        if number.hooks[hook] != target
    }
    return Change(differing, described(number))


def described(number: Number) -> tuple[str, ...]:
    """What answers in place of the number's addresses, in words."""
    return tuple(_STAND_INS[name] for name in number.stand_ins)


class TwilioAccount:
    """The set-up of one account. Every method raises CarrierError.

    api_base_url, timeout_seconds: as for TwilioRest.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        api_base_url: str | None = None,
        timeout_seconds: float = 10,
    ) -> None:
        self._http = HttpClient(api_base_url, timeout_seconds)
        self._address = f"{API}/Accounts/{account_sid}.json"
        self._sign_in = (account_sid, auth_token)
        self._client = client_of(account_sid, auth_token, self._http)

    def account(self) -> Account:
        """Itself, and what time it is there."""
        # The library keeps an answer's headers to itself.
        answer = answered(lambda: self._http.fetch(self._address, self._sign_in))
        if not answer.ok:
            raise refused(answer.status_code, answer.text)
        try:
            told = answer.json()
            status, is_trial = str(told["status"]), told.get("type") == "Trial"
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise CarrierError(Trouble.CARRIER_TROUBLE, http_status=answer.status_code) from error
        return Account(status, is_trial, _date(answer.headers.get("Date", "")), answer.elapsed)

    def number(self, number: str) -> Number | None:
        """The account's number with these digits (E.164); None where it has none."""
        found = answered(lambda: self._client.incoming_phone_numbers.list(phone_number=number))
        # The carrier finds numbers that merely contain what was asked for.
        return next((_number(one) for one in found if one.phone_number == number), None)

    def set_up(self, number: Number, change: Change) -> None:
        """Make the change."""
        fields: dict[str, str] = {}
        for hook, (_, target) in change.hooks.items():
            url, method = _FIELDS[hook]
            fields |= {url: target.url, method: target.method}
        fields |= dict.fromkeys(number.stand_ins, "")
        answered(lambda: self._client.incoming_phone_numbers(number.sid).update(**fields))

    def text_sender(self, number: Number) -> TextSender:
        """Whether American carriers let its texts through, and where texts to it go."""
        service = self._service_with(number)
        diverted = None
        if service is not None and not service.use_inbound_webhook_on_number:
            diverted = service.inbound_request_url or None
        parsed = phonenumbers.parse(number.number)
        kind = phonenumbers.number_type(parsed)
        if kind == phonenumbers.PhoneNumberType.TOLL_FREE:
            registration = _toll_free(self._verifications(number))
            return TextSender(registration, is_toll_free=True, diverted_to=diverted)
        if phonenumbers.region_code_for_number(parsed) != "US":
            return TextSender(Registration.NOT_NEEDED, is_toll_free=False, diverted_to=diverted)
        states = self._campaigns(service.sid) if service is not None else []
        return TextSender(_local(states), is_toll_free=False, diverted_to=diverted)

    def _service_with(self, number: Number) -> Any:
        services = self._client.messaging.v1.services
        for service in answered(services.list):
            numbers = services(service.sid).phone_numbers
            if any(one.sid == number.sid for one in answered(numbers.list)):
                return service
        return None

    def _campaigns(self, service_sid: str) -> list[str]:
        campaigns = self._client.messaging.v1.services(service_sid).us_app_to_person
        return [str(one.campaign_status) for one in answered(campaigns.list)]

    def _verifications(self, number: Number) -> list[str]:
        of_account = self._client.messaging.v1.tollfree_verifications
        found = answered(lambda: of_account.list(tollfree_phone_number_sid=number.sid))
        return [str(one.status) for one in found if one.tollfree_phone_number_sid == number.sid]


def _number(found: Any) -> Number:
    hooks = {
        hook: Target(getattr(found, url) or "", getattr(found, method) or "POST")
        for hook, (url, method) in _FIELDS.items()
    }
    stand_ins = tuple(name for name in _STAND_INS if getattr(found, name))
    return Number(str(found.sid), str(found.phone_number), hooks, stand_ins)


def _local(states: Sequence[str]) -> Registration:
    if "VERIFIED" in states:
        return Registration.REGISTERED
    if not states:
        return Registration.MISSING
    return Registration.REFUSED if set(states) == {"FAILED"} else Registration.PENDING


def _toll_free(states: Sequence[str]) -> Registration:
    if "TWILIO_APPROVED" in states:
        return Registration.REGISTERED
    if not states:
        return Registration.MISSING
    return Registration.REFUSED if set(states) == {"TWILIO_REJECTED"} else Registration.PENDING


def _date(header: str) -> datetime | None:
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        return None
