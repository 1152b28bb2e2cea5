"""The local phone company behind its REST API, and what a test does at the moment of acceptance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from flask import Response, request

from ivr.carrier.rest import TwilioRest
from ivr.simulator.server import Server, create_app
from ivr.simulator.testing import PhoneCompany
from tests.oncall.clinic import ANA, LINE, OTHER_LINE, PATIENT, SAM

ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-of-the-tests"


@dataclass
class Network:
    """A phone company that serves `base_url`.

    on_accepted: called once per message, after the company has taken it and before it says so.
    """

    company: PhoneCompany
    base_url: str = ""
    on_accepted: list[Callable[[], None]] = field(default_factory=list)

    def rest(self) -> TwilioRest:
        """The product's client of it."""
        return TwilioRest(ACCOUNT, TOKEN, self.base_url)

    def texts(self, number: str) -> list[str]:
        """What arrived at a telephone, in order."""
        return [text.body for text in self.company.sms_inbox(number) if text.direction == "in"]


@contextmanager
def open_network() -> Iterator[Network]:
    """The clinic's line, a patient, and two people on call."""
    config: dict[str, object] = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "numbers": [{"phone_number": LINE}, {"phone_number": OTHER_LINE}],
        "phones": [{"number": number} for number in (PATIENT, ANA.number, SAM.number)],
    }
    with httpx.Client() as http:
        network = Network(PhoneCompany(config, http=http))
        app = create_app(network.company.exchange)

        @app.after_request
        def accepted(response: Response) -> Response:
            taken = response.status_code == httpx.codes.CREATED and "Messages" in request.path
            if taken and network.on_accepted:
                network.on_accepted.pop(0)()
            return response

        server = Server(network.company.exchange, host="127.0.0.1", port=0, app=app)
        network.base_url = server.base_url
        try:
            yield network
        finally:
            server.close()
