"""Twilio's own client, pointed at another address where one is given."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

API = "https://api.twilio.com/2010-04-01"


def client_of(account_sid: str, auth_token: str, http: HttpClient) -> Client:
    """The library's client of an account."""
    return Client(
        account_sid,
        auth_token,
        http_client=http,
        # Given empty, since the library would read these two from the process's environment.
        environment={"TWILIO_EDGE": "", "TWILIO_REGION": ""},
    )


class HttpClient(TwilioHttpClient):  # type: ignore[misc]  # twilio carries no types
    """Twilio's own HTTP client, pointed at another address where one is given."""

    def __init__(self, api_base_url: str | None, timeout_seconds: float) -> None:
        super().__init__(timeout=timeout_seconds)
        self._base = urlsplit(api_base_url) if api_base_url else None
        self._seconds = timeout_seconds
        # A proxy that the environment names cannot reach the phone company on this machine.
        self._trusts_environment = not (self._base and is_this_machine(self._base.hostname or ""))
        if self.session:
            self.session.trust_env = self._trusts_environment

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """Send it there instead."""
        return super().request(method, self._there(url), *args, **kwargs)

    def fetch(self, url: str, sign_in: tuple[str, str]) -> requests.Response:
        """What stands there, as bytes."""
        with requests.Session() as session:
            session.trust_env = self._trusts_environment
            return session.get(self._there(url), auth=sign_in, timeout=self._seconds)

    def _there(self, url: str) -> str:
        if self._base is None:
            return url
        asked = urlsplit(url)
        path = self._base.path.rstrip("/") + asked.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, asked.query, ""))


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine itself, so that no proxy stands between."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
