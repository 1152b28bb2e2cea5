"""Somebody who works at the desk that is measured, and that desk alone as an application."""

from __future__ import annotations

from datetime import datetime

from flask import Flask

from ivr.call.wording.kept import Wordings
from ivr.frontdesk import accounts
from ivr.frontdesk.desk import attach
from scheduling.database import Database
from tests.bench.clinic import NOW
from tests.frontdesk.office import LINK_BASE, NO_CARRIER

LOGIN = "bench"
PASSWORD = "a password for nobody else"


def hire(database: Database, clinic_id: str, now: datetime) -> None:
    """Give the clinic a receptionist who signs in with LOGIN and PASSWORD."""
    database.write(
        lambda s: accounts.add_user(
            s,
            clinic_id=clinic_id,
            login=LOGIN,
            name="Bench",
            password=PASSWORD,
            role="front_desk",
            now=now,
        )
    )


def desk_of(database: Database) -> Flask:
    """The desk at NOW."""
    app = Flask("a desk", static_folder=None)
    app.config["SECRET_KEY"] = "of the benchmarks"
    attach(
        app,
        recordings=NO_CARRIER,
        wordings=Wordings({}, database),
        database=database,
        clock=lambda: NOW,
        secure_cookies=False,
        link_base=LINK_BASE,
    )
    return app
