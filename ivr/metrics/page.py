"""/metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import structlog
from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy.orm import Session

from ivr.metrics.access import Asking, may_read
from ivr.metrics.processes import ProcessMetrics
from ivr.metrics.stored import families
from ivr.migrations.run import current_revision, head_revision
from scheduling.database import Database, DatabaseUnavailable

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")
"""Headers by which a proxy says for whom it asks."""

log = structlog.get_logger(__name__)


def metrics_blueprint(
    processes: ProcessMetrics,
    database: Database,
    clock: Callable[[], datetime],
    *,
    token: str | None,
    public_base_url: str,
) -> Blueprint:
    """The page, for those who may read it. token: METRICS_TOKEN."""
    blueprint = Blueprint("metrics", __name__)
    # Read from the revisions' files: once.
    head = head_revision()

    @blueprint.get("/metrics")
    def metrics() -> Response:
        asking = Asking(
            peer=request.remote_addr or "",
            host=_name_in(request.host),
            forwarded=any(name in request.headers for name in FORWARDED),
            authorization=request.headers.get("Authorization", ""),
        )
        if not may_read(asking, token=token, public_base_url=public_base_url):
            log.warning("metrics_refused")
            return Response(
                "send METRICS_TOKEN as a bearer token, or ask from the service's own network\n",
                status=403,
                mimetype="text/plain",
            )
        registry = CollectorRegistry()
        registry.register(_Collected(_stored(database, head, clock())))
        text = processes.text() + generate_latest(registry)
        return Response(text, content_type=CONTENT_TYPE_LATEST)

    return blueprint


class _Collected:
    """Metrics that were collected already, for a registry."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics


def _stored(database: Database, head: str, now: datetime) -> list[Metric]:
    """What is told by the database, and that it is there at all."""
    up = GaugeMetricFamily("callnow_database_up", "1 while the database answers.")
    behind = GaugeMetricFamily(
        "callnow_migrations_behind", "1 where the tables are those of another version."
    )

    def look(session: Session) -> list[Metric]:
        if current_revision(session) != head:
            # The tables may lack what is asked for.
            behind.add_metric([], 1)
            return []
        behind.add_metric([], 0)
        return list(families(session, now))

    try:
        found = database.read(look)
    except DatabaseUnavailable:
        up.add_metric([], 0)
        return [up]
    up.add_metric([], 1)
    return [up, behind, *found]


def _name_in(host: str) -> str:
    """Without the port."""
    return host.rpartition(":")[0].strip("[]") if host[-1:].isdigit() and ":" in host else host
