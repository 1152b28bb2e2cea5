"""Whether PUBLIC_BASE_URL leads to the line, asked from here through that very address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import requests

from ivr.carrier.http import is_this_machine
from ivr.carrier.signature import SIGNATURE_HEADER, signature_of
from ivr.carrier.urls import STATUS

SECONDS = 10
"""For a connection, and again for the answer: the carrier waits 15 in all."""

QUESTION = f"{STATUS}?doctor=a%2Bb"
"""A report that says nothing, so that it changes nothing, with a query that a careless proxy would
write anew."""

_REFUSED, _OK = 403, range(200, 300)
_MOVED = range(300, 400)


def answers_what_is_signed(base: str, account_sid: str, token: str) -> Iterator[str]:
    """A signed request is answered there and an unsigned one refused. base: PUBLIC_BASE_URL."""
    url = base + QUESTION
    form = {"AccountSid": account_sid, "CallSid": "CA" + "0" * 32, "CallStatus": "queued"}
    try:
        signed = _post(url, form, {SIGNATURE_HEADER: signature_of(token, url, form)})
        unsigned = _post(url, form, {})
    except requests.exceptions.SSLError:
        yield (
            f"The certificate of {base} is not accepted, so the carrier would not talk to it: "
            "renew it, and see that the server sends its whole chain."
        )
        return
    except requests.RequestException as error:
        yield (
            f"{base} does not answer from here ({_why(error)}): see that callnow web runs and that "
            "name, firewall and proxy lead to it. If only this machine cannot reach its own public "
            "address, ask the doctor on another."
        )
        return
    yield from _wrong_with(base, signed.status_code, unsigned.status_code)


def keeps_its_figures(base: str) -> Iterator[str]:
    """/metrics is not for everybody who knows the address."""
    try:
        answer = requests.get(
            f"{base}/metrics", proxies=_proxies(base), timeout=SECONDS, allow_redirects=False
        )
    except requests.RequestException:
        # Told above.
        return
    if answer.status_code in _OK and "callnow_" in answer.text:
        yield (
            f"{base}/metrics can be read by everybody: set METRICS_TOKEN, or keep it to your "
            "network in the proxy."
        )


def _wrong_with(base: str, signed: int, unsigned: int) -> Iterator[str]:
    if signed in _MOVED:
        yield (
            f"{base} sends requests on to another address, on which they are lost: set "
            "PUBLIC_BASE_URL to the address at which callnow web itself answers."
        )
    elif signed == unsigned == _REFUSED:
        yield (
            f"{base} refuses what is signed with TWILIO_AUTH_TOKEN, as it would refuse every call: "
            "callnow web runs with another token or another PUBLIC_BASE_URL, or the proxy changes "
            "path, query or body. Correct that, and start callnow web anew."
        )
    elif signed not in _OK:
        yield (
            f"{base} answers {signed} to a signed request: something else than callnow web is "
            "there, or it is broken. See the proxy's settings and the log of callnow web."
        )
    elif unsigned != _REFUSED:
        yield (
            f"{base} answers {unsigned} to a request that nobody signed, where callnow web says "
            f"{_REFUSED}: something else is there. Point PUBLIC_BASE_URL at callnow web."
        )


def _post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> requests.Response:
    return requests.post(
        url,
        data=form,
        headers=headers,
        proxies=_proxies(url),
        timeout=SECONDS,
        allow_redirects=False,
    )


def _proxies(url: str) -> dict[str, str]:
    """Those of the environment, none of which can reach this machine itself."""
    host = urlsplit(url).hostname or ""
    return {"no_proxy": host} if is_this_machine(host) else {}


def _why(error: requests.RequestException) -> str:
    """In a word or two: the library's own text quotes objects of Python."""
    text = str(error)
    if isinstance(error, requests.Timeout):
        return f"no answer within {SECONDS} s"
    if "NameResolutionError" in text or "getaddrinfo" in text:
        return "its name is not known"
    if "refused" in text:
        return "the connection was refused"
    return "no connection"
