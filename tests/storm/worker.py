"""The worker of a storm: the product's own, on a hurried clock. `python -m tests.storm.worker`."""

from __future__ import annotations

import os

from ivr.logs import configure_logging
from ivr.settings import read_settings
from ivr.worker_process import create_worker, run_until_signalled
from tests.storm.hurried_clock import HurriedClock

if __name__ == "__main__":
    configure_logging()
    run_until_signalled(*create_worker(read_settings(os.environ), HurriedClock.of_this_process()))
