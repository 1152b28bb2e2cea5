"""Whether the account at the carrier is in order, and the number leads to this line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ivr.carrier.account import (
    Account,
    Hook,
    Number,
    Registration,
    Target,
    TextSender,
    described,
    wanted,
)
from ivr.messages.telephony import CarrierError, Trouble

MOST_SKEW = timedelta(seconds=10)
"""Between the carrier's clock and ours [a judgement]: codes of second factors bear 30 s, and times
of calls, reminders and the audit are compared with the carrier's."""

_NAMES = {
    Hook.VOICE: "voice URL",
    Hook.FALLBACK: "voice fallback URL",
    Hook.STATUS: "status callback",
    Hook.SMS: "messaging URL",
    Hook.SMS_AGAIN: "messaging fallback URL",
}

_COST = {
    Hook.VOICE: "no call reaches the line",
    Hook.FALLBACK: "a caller hears an error and is cut off when a webhook fails",
    Hook.STATUS: "the line does not learn that callers have hung up, and urgent ones wait",
    Hook.SMS: "texts of patients and their STOP are lost",
    Hook.SMS_AGAIN: "a text is lost that comes while the web process starts anew",
}
"""What it means that an address is wrong."""


def refusal(error: CarrierError) -> str:
    """Why the carrier could not be asked, and what to do."""
    if error.kind is Trouble.REFUSED_CREDENTIALS:
        code = f" (its code {error.code})" if error.code else ""
        return (
            f"The carrier refuses TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN{code}, so nothing "
            "can be sent or rung: copy both from the Twilio console, and see that the account is "
            "not suspended."
        )
    told = {
        Trouble.TIMEOUT: "did not answer in time",
        Trouble.THROTTLED: "has had too many requests of this account",
    }.get(error.kind, "could not be reached, or answered what it never should")
    status = f" (HTTP status {error.http_status})" if error.http_status else ""
    return (
        f"The carrier's interface {told}{status}: see that this machine may reach it, and that "
        "TWILIO_API_BASE_URL is unset or right; then ask again."
    )


def account_is_active(account: Account) -> Iterator[str]:
    """It may call and text anybody."""
    if account.status != "active":
        yield (
            f"The account at the carrier is {account.status}: no call and no text goes through. "
            "Settle that in the Twilio console."
        )
    if account.is_trial:
        yield (
            "The account is a trial: it rings and texts only numbers verified in the console, and "
            "says so before every call. Upgrade it."
        )


def clocks_agree(account: Account, now: datetime) -> Iterator[str]:
    """now: when the answer came, by this machine's clock; aware UTC."""
    if account.now is None:
        return
    skew = now - account.took / 2 - account.now
    if abs(skew) > MOST_SKEW + account.took / 2:
        seconds = round(abs(skew).total_seconds())
        side = "ahead of" if skew > timedelta() else "behind"
        yield (
            f"This machine's clock is {seconds} s {side} the carrier's: set it by NTP "
            "(timedatectl set-ntp true), or ask the host."
        )


def number_leads_here(number: Number, base: str) -> Iterator[str]:
    """Its four addresses are ours, and nothing answers in their place. base: PUBLIC_BASE_URL."""
    for hook, target in wanted(base).items():
        if (is_set := number.hooks[hook]) != target:
            yield (
                f"Its {_NAMES[hook]} {_wrong(is_set, target)}, so {_COST[hook]}: run callnow "
                "connect."
            )
    for other in described(number):
        name = f"{other[0].upper()}{other[1:]}"
        yield f"{name} answers in place of its addresses: run callnow connect."


def texts_get_through(sender: TextSender) -> Iterator[str]:
    """American carriers know the number, and what is texted to it comes here."""
    what = "its verification as a toll-free sender" if sender.is_toll_free else "A2P 10DLC"
    told = {
        Registration.MISSING: "is missing: apply for it in the Twilio console",
        Registration.PENDING: "is not through yet: look after it in the Twilio console",
        Registration.REFUSED: "was refused: see the reason in the Twilio console, and apply anew",
    }.get(sender.registration)
    if told:
        name = what if sender.is_toll_free else f"its registration for {what}"
        yield (
            f"American carriers block its texts, pages to staff among them, since {name} {told}. "
            "Until then staff are reached by calls alone."
        )
    if sender.diverted_to is not None:
        yield (
            "The messaging service it is in sends incoming texts elsewhere, STOP among them: in "
            "the Twilio console, under that service's integration, choose \"Defer to sender's "
            'webhook".'
        )


def _wrong(is_set: Target, target: Target) -> str:
    if not is_set.url:
        return "is not set"
    if is_set.url == target.url:
        return f"is asked with {is_set.method} in place of POST"
    if is_set.url == target.url.replace("https://", "http://", 1):
        return f"is http in place of https ({is_set.url})"
    return f"is {is_set.url} and not {target.url}"
