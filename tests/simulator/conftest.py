"""A tiny product of the tests' own, which answers with whatever a test wrote down."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from ivr.simulator.config import as_config
from ivr.simulator.driver import RealTimeDriver
from ivr.simulator.exchange import Exchange
from ivr.simulator.server import Server, create_app
from ivr.simulator.testing import Handset, PhoneCompany
from ivr.simulator.timeline import SystemClock

ACCOUNT = "AC" + "0" * 32
TOKEN = "a token of the tests"
CLINIC, PATIENT, NURSE, BACKUP = "+15125550100", "+15125550142", "+15125550111", "+15125550112"
PRODUCT = "http://product.test"

Page = Callable[[dict[str, str]], Response | str]


@dataclass
class TinyProduct:
    """Its pages: TwiML inside <Response>, or a function of the request's parameters."""

    pages: dict[str, str | Page] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def says(self, path: str, page: str | Page) -> None:
        self.pages[path] = page

    def asked_for(self, path: str) -> list[dict[str, str]]:
        """The parameters of each request for a path, oldest first."""
        return [params for asked, params in self.asked if asked == path]

    def app(self) -> Flask:
        app = Flask("tiny product")

        @app.errorhandler(HTTPException)
        def plain(error: HTTPException) -> tuple[str, int]:
            return "no such page", error.code or 500

        @app.route("/<path:path>", methods=["GET", "POST"])
        def any_page(path: str) -> Response | tuple[str, int]:
            params = {**request.args, **request.form}
            self.asked.append((f"/{path}", params))
            page = self.pages.get(f"/{path}")
            if page is None:
                return "no such page", 404
            made = page if isinstance(page, str) else page(params)
            if isinstance(made, str):
                return Response(f"<Response>{made}</Response>", mimetype="text/xml")
            return made

        return app


def config() -> dict[str, object]:
    return {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "numbers": [
            {
                "phone_number": CLINIC,
                "friendly_name": "Clinic",
                "voice_url": f"{PRODUCT}/voice",
                "voice_fallback_url": f"{PRODUCT}/fallback",
                "status_callback": f"{PRODUCT}/status",
                "sms_url": f"{PRODUCT}/sms",
            }
        ],
        "phones": [
            {"number": PATIENT, "label": "Patient", "kind": "patient"},
            {"number": NURSE, "label": "Nurse", "kind": "staff"},
            {"number": BACKUP, "label": "Backup", "kind": "staff"},
        ],
    }


@pytest.fixture
def product() -> TinyProduct:
    tiny = TinyProduct()
    tiny.says("/fallback", "<Say>Please hold.</Say>")
    tiny.says("/status", lambda _: Response(status=204))
    return tiny


@pytest.fixture
def company(product: TinyProduct) -> PhoneCompany:
    transport = httpx.WSGITransport(app=product.app())
    company = PhoneCompany(config(), http=httpx.Client(transport=transport))
    # That lists lag is a test of its own.
    company.exchange.list_lag = timedelta(0)
    return company


@pytest.fixture
def patient(company: PhoneCompany) -> Handset:
    return company.phone(PATIENT)


@pytest.fixture
def nurse(company: PhoneCompany) -> Handset:
    return company.phone(NURSE)


@pytest.fixture
def backup(company: PhoneCompany) -> Handset:
    return company.phone(BACKUP)


@pytest.fixture
def open_company(product: TinyProduct) -> Iterator[str]:
    """The address of a company in real time, with its page; people speak very fast there."""
    http = httpx.Client(transport=httpx.WSGITransport(app=product.app()))
    exchange = Exchange(as_config(config()), clock=SystemClock(), http=http, words_per_minute=9000)
    driver = RealTimeDriver(exchange)
    app = create_app(exchange, with_page=True)
    server = Server(exchange, host="127.0.0.1", port=0, app=app)
    yield server.base_url
    server.close()
    driver.close()
