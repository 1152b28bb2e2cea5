"""A line that answers at its public address, and a phone company whose number leads there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from ivr.app import create_app
from ivr.settings import PACKAGED_CLINICS, Settings
from ivr.simulator.config import NumberConfig
from ivr.simulator.testing import PhoneCompany
from tests.product import ACCOUNT, LINE, TOKEN
from tests.settings.environment import SECRET_KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Quiet(WSGIRequestHandler):
    """Writes no access log into what a command says."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # werkzeug's name
        """Say nothing."""


@contextmanager
def serving(app: WSGIApplication) -> Iterator[str]:
    """The address of an application."""
    with _server(app) as (base, _):
        yield base


@contextmanager
def line_over_http(folder: Path) -> Iterator[str]:
    """The address of a line with the product's routes; its database is never asked."""
    with _server(None) as (base, server):
        server.app = create_app(
            Settings(
                database_url=f"sqlite:///{folder / 'nothing.db'}",
                public_base_url=base,
                twilio_account_sid=ACCOUNT,
                twilio_auth_token=TOKEN,
                secret_key=SECRET_KEY,
                clinics_dir=PACKAGED_CLINICS,
            )
        )
        yield base


@contextmanager
def _server(app: WSGIApplication | None) -> Iterator[tuple[str, BaseWSGIServer]]:
    none_yet = Response(status=503)
    server = make_server("127.0.0.1", 0, app or none_yet, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Connected:
    """base: of the line. api_base: of the phone company's interface."""

    base: str
    api_base: str
    company: PhoneCompany

    @property
    def environment(self) -> dict[str, str | None]:
        """What `callnow` is told of both."""
        return {
            "PUBLIC_BASE_URL": self.base,
            "TWILIO_API_BASE_URL": self.api_base,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
        }

    @property
    def number(self) -> NumberConfig:
        """The clinic's number as the company has it set up."""
        with self.company.exchange.lock:
            return self.company.exchange.numbers[LINE]

    def set_number(self, **values: object) -> None:
        """As if somebody had done so in the console."""
        with self.company.exchange.lock:
            numbers = self.company.exchange.numbers
            numbers[LINE] = numbers[LINE].model_copy(update=values)

    def lose_number(self) -> None:
        """It was given back, or bought in another account."""
        with self.company.exchange.lock:
            del self.company.exchange.numbers[LINE]


@contextmanager
def connected_to(base: str, **config: object) -> Iterator[Connected]:
    """A phone company with the clinic's number on it."""
    number = {
        "phone_number": LINE,
        "friendly_name": "Clinic",
        "voice_url": f"{base}/voice/incoming",
        "voice_fallback_url": f"{base}/voice/fallback",
        "status_callback": f"{base}/voice/status",
        "sms_url": f"{base}/sms/incoming",
        "sms_fallback_url": f"{base}/sms/incoming",
    }
    account = {"account_sid": ACCOUNT, "auth_token": TOKEN, "numbers": [number], **config}
    with httpx.Client(trust_env=False) as http:
        company = PhoneCompany(account, http=http)
        with company.serve() as api_base:
            yield Connected(base, api_base, company)
