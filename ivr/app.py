"""The web process: the only place that wires its parts together."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from flask import Flask, Response, jsonify
from sqlalchemy import text

from ivr.call.lines import lines_of
from ivr.call.turn import Line
from ivr.call.wording.kept import Wordings
from ivr.carrier.edge import Edge
from ivr.carrier.recorded import recorded_blueprint
from ivr.carrier.rest import TwilioRest
from ivr.carrier.routes import carrier_blueprint
from ivr.carrier.signature import SignatureCheck
from ivr.carrier.unrecorded import Unrecorded
from ivr.carrier.urls import Urls
from ivr.clinics.definition import read_clinics
from ivr.frontdesk.desk import attach
from ivr.logs import configure_logging
from ivr.messages import heartbeat
from ivr.messages.patients import calendar_links
from ivr.messages.patients.calendar_file import CONTENT_TYPE, calendar_file
from ivr.metrics.page import metrics_blueprint
from ivr.metrics.processes import ProcessMetrics
from ivr.migrations.run import current_revision, head_revision
from ivr.settings import Settings, read_settings
from ivr.watch import Watch
from scheduling.database import Database, DatabaseUnavailable

LARGEST_REQUEST = 256 * 1024
"""Bytes. A webhook of the carrier stays far below; nothing larger is read."""


def utc_now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    database: Database | None = None,
    lines: Mapping[str, Line] | None = None,
) -> Flask:
    """The web application. Raises FlowUnsound or ValueError rather than start a broken line.

    lines: number called → its line, where they have been made before; else those of CLINICS_DIR.
    It starts with the database away, too: the line must answer then as well.
    """
    app = Flask("ivr", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(), MAX_CONTENT_LENGTH=LARGEST_REQUEST
    )
    # The carrier follows no 308, so a stray slash must match rather than redirect.
    app.url_map.strict_slashes = False
    database = database or Database(settings.database_url)
    unrecorded = Unrecorded(database)
    app.extensions["callnow_database"] = database
    app.extensions["callnow_unrecorded"] = unrecorded
    base = settings.public_base_url
    wordings = Wordings(lines or lines_of_files(settings), database)
    app.extensions["callnow_wordings"] = wordings
    tokens = [
        token.get_secret_value()
        for token in (settings.twilio_auth_token, settings.twilio_auth_token_old)
        if token is not None
    ]
    edge = Edge(
        database=database,
        clock=clock,
        signature=SignatureCheck(base, tokens),
        urls=Urls(base),
        lines=wordings,
        unrecorded=unrecorded,
    )
    app.register_blueprint(recorded_blueprint(wordings, database))
    webhooks, processes = carrier_blueprint(edge), ProcessMetrics()
    processes.watch(app, webhooks, database)
    app.register_blueprint(webhooks)
    _add_calendar(app, edge)
    processes.begin_at_zero(app)
    token = settings.metrics_token
    app.register_blueprint(
        metrics_blueprint(
            processes,
            database,
            clock,
            token=token.get_secret_value() if token else None,
            public_base_url=base,
        )
    )
    attach(
        app,
        recordings=carrier_of(settings),
        wordings=wordings,
        database=database,
        clock=clock,
        secure_cookies=base.startswith("https://"),
        link_base=base,
    )
    _add_health(app, database, clock)
    return app


def lines_of_files(settings: Settings) -> Mapping[str, Line]:
    """Number called → its line, of the clinics in CLINICS_DIR. Raises as create_app()."""
    return lines_of(
        read_clinics(settings.clinics_dir),
        link_base=settings.public_base_url,
        secret=settings.secret_key.get_secret_value().encode(),
    )


def create_app_from_environment(clock: Callable[[], datetime] = utc_now) -> Flask:
    """What gunicorn loads."""
    configure_logging()
    settings = read_settings(os.environ)
    app = create_app(settings, clock=clock)
    unrecorded: Unrecorded = app.extensions["callnow_unrecorded"]
    unrecorded.keep_recording()
    wordings: Wordings = app.extensions["callnow_wordings"]
    wordings.keep_fresh()
    Watch(app.extensions["callnow_database"], clock, carrier_of(settings)).keep_watching()
    return app


def carrier_of(settings: Settings) -> TwilioRest:
    """The carrier's REST API, as this process reaches it."""
    return TwilioRest(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_api_base_url,
    )


def _add_health(app: Flask, database: Database, clock: Callable[[], datetime]) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        state = readiness(database, clock())
        return jsonify(state), 200 if all(v == "ok" for v in state.values()) else 503


def _add_calendar(app: Flask, edge: Edge) -> None:
    """What the link in a patient's text opens: their visit, for a calendar, by an address of 128
    random bits that ends after the visit."""
    addresses = {
        line.clinic.id: {"en": line.clinic.clinic.address.en, "es": line.clinic.clinic.address.es}
        for line in edge.lines.values()
    }

    @app.get(f"{calendar_links.PATH}/<token>.ics")
    def calendar(token: str) -> Response:
        try:
            entry = edge.database.read(
                lambda session: calendar_links.entry_at(session, token, edge.clock())
            )
        except DatabaseUnavailable:
            return Response("Please try again in a few minutes.\n", 503, mimetype="text/plain")
        if entry is None:
            return Response(
                "This link has expired. Please call us about your appointment.\n",
                404,
                mimetype="text/plain",
            )
        address = addresses.get(entry.clinic_id, {}).get(entry.language)
        answer = Response(calendar_file(entry, address=address), content_type=CONTENT_TYPE)
        answer.headers["Content-Disposition"] = 'inline; filename="appointment.ics"'
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer


def readiness(database: Database, now: datetime) -> dict[str, str]:
    """Each part that must work for the line to work → "ok", or what is wrong and what to do."""
    try:
        database.read(lambda session: session.execute(text("SELECT 1")))
    except DatabaseUnavailable:
        return {"database": "does not answer: start it, or correct DATABASE_URL"}
    state = {"database": "ok", "migrations": "ok", "worker": "ok"}
    if database.read(current_revision) != head_revision():
        state["migrations"] = "behind: run callnow migrate"
        return state
    if not database.read(lambda session: heartbeat.is_alive(session, now)):
        state["worker"] = "no heartbeat for 30 s: start callnow worker"
    return state
