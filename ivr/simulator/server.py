"""The phone company's own HTTP server: the REST API and, where it is wanted, the browser page."""

import threading
import time
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from ivr.simulator.control import control_blueprint
from ivr.simulator.exchange import Exchange
from ivr.simulator.page import page_blueprint
from ivr.simulator.rest import rest_blueprint
from ivr.simulator.set_up import messaging_blueprint, set_up_blueprint


class _Quiet(WSGIRequestHandler):
    """Writes no access log: what happened is in the exchange's own log and on its page."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # werkzeug's name
        """Say nothing."""


def create_app(exchange: Exchange, *, with_page: bool = False) -> Flask:
    """The web application of one exchange: the REST API and, where asked for, the page."""
    app = Flask(__name__, static_folder=None)
    app.register_blueprint(rest_blueprint(exchange))
    app.register_blueprint(set_up_blueprint(exchange))
    app.register_blueprint(messaging_blueprint(exchange))
    if with_page:
        app.register_blueprint(page_blueprint())
        app.register_blueprint(control_blueprint(exchange))
    return app


class Server:
    """Serves an application on threads until closed. Port 0 takes any free port."""

    def __init__(
        self, exchange: Exchange, *, host: str, port: int, app: Flask | None = None
    ) -> None:
        class Dated(_Quiet):
            """Says what the company's own clock says."""

            def date_time_string(self, timestamp: float | None = None) -> str:
                now = time.time() if timestamp is None else timestamp
                return super().date_time_string(now + exchange.clock_ahead.total_seconds())

        self._server = make_server(
            host, port, app or create_app(exchange), threaded=True, request_handler=Dated
        )
        # A browser's open event stream must not keep a stopping company from stopping.
        self._server.daemon_threads = True  # type: ignore[attr-defined]  # of ThreadingMixIn
        self.base_url = f"http://{host}:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.02},
            name="phone company",
            daemon=True,
        )
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
