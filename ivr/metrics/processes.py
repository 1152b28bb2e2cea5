"""What is counted in the web processes: webhooks and how long they took, and the line's faults.

Several processes of one machine count together, in files below PROMETHEUS_MULTIPROC_DIR, which
ivr.gunicorn sets; without it each counts for itself.
"""

from __future__ import annotations

import os
import time

from flask import Blueprint, Flask, Response, g, has_request_context, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from scheduling.database import Database

# When each began, which nobody asks for, is half of what would be sent.
disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped there

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15)
"""Seconds. Ours is to stay far below 0.1; at 15 the carrier hangs up on us [twilio-rules, 1]."""


class ProcessMetrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._seconds = Histogram(
            "callnow_webhook_seconds",
            "How long the line took to answer the carrier, by route and HTTP status.",
            ["route", "status"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._without_database = Counter(
            "callnow_turns_without_database",
            "Webhooks that found the database away and were answered without it.",
            ["route"],
            registry=self._registry,
        )
        self._faults = Counter(
            "callnow_webhook_faults",
            "Webhooks that met a fault of ours and were answered with the way to a person.",
            ["route"],
            registry=self._registry,
        )

    def watch(self, app: Flask, webhooks: Blueprint, database: Database) -> None:
        """Count every request to `webhooks` from now on; before they are registered on `app`."""
        database.on_unavailable = _note_outage

        @app.before_request
        def _begin() -> None:
            g.began = time.perf_counter()

        @webhooks.after_request
        def _count(response: Response) -> Response:
            # The rule and not the path, in which ids stand.
            route = str(request.url_rule)
            self._seconds.labels(route, str(response.status_code)).observe(
                time.perf_counter() - g.began
            )
            if g.get("database_was_away"):
                self._without_database.labels(route).inc()
            if g.get("webhook_failed"):
                self._faults.labels(route).inc()
            return response

    def begin_at_zero(self, app: Flask) -> None:
        """Show what has not happened yet: the first fault of a series that is not there is none to
        Prometheus's increase(). After the webhooks are registered on `app`.
        """
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith("carrier."):
                self._without_database.labels(str(rule))
                self._faults.labels(str(rule))

    def text(self) -> bytes:
        """Everything counted so far, by all processes of this machine that count together."""
        registry = self._registry
        if DIRECTORY in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped there
        return generate_latest(registry)


def _note_outage() -> None:
    # What is stored later, in a thread of its own, belongs to no webhook.
    if has_request_context():
        g.database_was_away = True
