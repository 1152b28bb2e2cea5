"""``python -m ivr.simulator --config FILE.json --port 8010``: the phone company as a process."""

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import httpx

from ivr.simulator.config import ConfigError, read_config
from ivr.simulator.driver import RealTimeDriver
from ivr.simulator.exchange import Exchange
from ivr.simulator.server import Server, create_app
from ivr.simulator.timeline import SystemClock
from ivr.simulator.transcript import WORDS_PER_MINUTE

_WRONG_USE = 2


def _arguments(given: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ivr.simulator", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="account, numbers and phones")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8010, help="port to listen on")
    parser.add_argument(
        "--words-per-minute",
        type=float,
        default=WORDS_PER_MINUTE,
        help="pace of speech; 0 makes it take no time",
    )
    parser.add_argument(
        "--wait-for-people",
        action="store_true",
        help="rush nobody: silences and ringing last until somebody ends them",
    )
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; 2 where the configuration has faults."""
    arguments = _arguments(given)
    try:
        config = read_config(arguments.config)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return _WRONG_USE
    stop = threading.Event()

    def stopped(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, stopped)
    signal.signal(signal.SIGINT, stopped)
    # Twilio goes through no proxy of ours and shares no connection between webhooks.
    with httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)) as http:
        exchange = Exchange(
            config,
            clock=SystemClock(),
            http=http,
            words_per_minute=arguments.words_per_minute,
        )
        driver = RealTimeDriver(exchange, waits_for_people=arguments.wait_for_people)
        app = create_app(exchange, with_page=True)
        server = Server(exchange, host=arguments.host, port=arguments.port, app=app)
        sys.stdout.write(f"The local phone company is open: {server.base_url}\n")
        sys.stdout.flush()
        stop.wait()
        server.close()
        driver.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
