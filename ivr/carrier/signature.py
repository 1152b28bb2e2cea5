"""Whether a webhook really comes from the carrier. Fails closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Request
from twilio.request_validator import RequestValidator

SIGNATURE_HEADER = "X-Twilio-Signature"


def signature_of(token: str, url: str, params: Mapping[str, str]) -> str:
    """The signature that the carrier would send with this form to this address."""
    return str(RequestValidator(token).compute_signature(url, params))


class SignatureCheck:
    """Checks signatures against PUBLIC_BASE_URL and one or two tokens (two during rotation).

    The URL is never built from request headers: a proxy may change those, an attacker may set them.
    """

    def __init__(self, public_base_url: str, tokens: Sequence[str]) -> None:
        if not tokens or not all(tokens):
            raise ValueError("an empty token would accept everybody's signature")
        self._base = public_base_url.rstrip("/")
        self._validators = [RequestValidator(token) for token in tokens]

    def accepts(self, path_with_query: str, params: Any, signature: str) -> bool:
        """Whether `signature` was made by a token holder for this URL and these POST parameters.

        params: a MultiDict (duplicates and empty values count), or the raw body as text where the
        query carries its bodySHA256.
        """
        if not signature:
            return False
        url = self._base + path_with_query
        return any(v.validate(url, params, signature) for v in self._validators)

    def accepts_request(self, request: Request) -> bool:
        """The same for a Flask request."""
        query = request.query_string.decode("ascii", "replace")
        path = f"{request.path}?{query}" if query else request.path
        params: Any = request.form
        if "bodySHA256" in request.args:
            params = request.get_data(as_text=True)
        return self.accepts(path, params, request.headers.get(SIGNATURE_HEADER, ""))
