"""What a menu turn is measured against, as small Flask apps behind the same server settings.

bare: a route that answers a constant. ceiling: that route, the signature check, and one UPDATE
committed on the same database through the bare driver: what no durable line can do without.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable

import psycopg
from flask import Flask, Response, request
from sqlalchemy.engine import make_url

from ivr.carrier.signature import SignatureCheck

ANSWER = "<Response><Say>" + "word " * 60 + "</Say></Response>"


def bare() -> Flask:
    """Nothing but Flask."""
    app = Flask("bare", static_folder=None)

    @app.post("/<path:path>")
    def answer(path: str) -> Response:
        return Response(ANSWER, content_type="text/xml")

    return app


def ceiling() -> Flask:
    """Flask, a signature, one durable write."""
    app = Flask("ceiling", static_folder=None)
    check = SignatureCheck(os.environ["PUBLIC_BASE_URL"], [os.environ["TWILIO_AUTH_TOKEN"]])
    count = _counter(os.environ["DATABASE_URL"])

    @app.post("/<path:path>")
    def answer(path: str) -> Response:
        if not check.accepts_request(request):
            return Response(status=403)
        count(request.form["CallSid"])
        return Response(ANSWER, content_type="text/xml")

    return app


def prepare(database_url: str, call_sids: list[str]) -> None:
    """The ceiling's rows, one for each call."""
    url = make_url(database_url)
    create = "CREATE TABLE bench_call (sid varchar(64) PRIMARY KEY, turns integer NOT NULL)"
    rows = [(sid, 0) for sid in call_sids]
    if url.get_backend_name() == "sqlite":
        with sqlite3.connect(str(url.database)) as file:
            file.execute(create)
            file.executemany("INSERT INTO bench_call VALUES (?, ?)", rows)
        file.close()
    else:
        with psycopg.connect(database_url) as server, server.cursor() as cursor:
            cursor.execute(create)
            cursor.executemany("INSERT INTO bench_call VALUES (%s, %s)", rows)


def _counter(database_url: str) -> Callable[[str], None]:
    url = make_url(database_url)
    own = threading.local()

    def on_sqlite(call_sid: str) -> None:
        if not hasattr(own, "file"):
            own.file = sqlite3.connect(str(url.database), timeout=10, isolation_level=None)
            own.file.execute("PRAGMA journal_mode=WAL")
            own.file.execute("PRAGMA synchronous=FULL")
        own.file.execute("BEGIN IMMEDIATE")
        own.file.execute("UPDATE bench_call SET turns = turns + 1 WHERE sid = ?", (call_sid,))
        own.file.execute("COMMIT")

    def on_postgresql(call_sid: str) -> None:
        if not hasattr(own, "server"):
            own.server = psycopg.connect(database_url)
        own.server.execute("UPDATE bench_call SET turns = turns + 1 WHERE sid = %s", (call_sid,))
        own.server.commit()

    return on_sqlite if url.get_backend_name() == "sqlite" else on_postgresql
