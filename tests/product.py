"""The product, wired as production wires it, on a real database and a clock the test moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import TableClause, func, select, text
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from ivr import loading
from ivr.app import create_app, lines_of_files
from ivr.call.turn import Line
from ivr.clinics.definition import ClinicFile, read_clinic
from ivr.settings import PACKAGED_CLINICS, Settings
from scheduling.database import Database
from tests.clock import ManualClock

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "a-test-token-that-signs-webhooks"
OLD_TOKEN = "the-token-before-the-rotation-ended"
BASE = "https://line.example"

LINE = "+15125550100"
DESK_PHONE = "+15125550150"
NURSE = "+15125550111"
BACKUP = "+15125550112"
SUPERVISOR = "+15125550119"
FALLBACK_ON_CALL = "+15125550119"
PATIENT = "+15125550142"

CALL_SID = "CA" + "1" * 32


@cache
def demo_clinic() -> ClinicFile:
    """The clinic that comes with the product."""
    return read_clinic(PACKAGED_CLINICS / "demo" / "clinic.toml")


def load_demo_clinic(session: Session) -> None:
    """Store it, as `callnow clinic load` does."""
    loading.load(session, demo_clinic())


def settings_for(database_url: str, *, base: str = BASE, api_base: str | None = None) -> Settings:
    """Complete settings, with two tokens as during a rotation."""
    return Settings(
        database_url=database_url,
        public_base_url=base,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        twilio_auth_token_old=OLD_TOKEN,
        twilio_api_base_url=api_base,
        secret_key="a-secret-key-for-tests-of-40-characters!",
        clinics_dir=Path(PACKAGED_CLINICS),
    )


@cache
def _lines(base: str) -> Mapping[str, Line]:
    """Read and checked once, for all the applications that one test process makes."""
    return lines_of_files(settings_for("sqlite:///never-opened.db", base=base))


def sign(url: str, params: Mapping[str, str], *, token: str = TOKEN) -> str:
    """The signature the carrier would send."""
    return str(RequestValidator(token).compute_signature(url, params))


def incoming(**changes: str) -> dict[str, str]:
    """The form the carrier posts for a call to the clinic."""
    return {
        "CallSid": CALL_SID,
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": PATIENT,
        "Caller": PATIENT,
        "To": LINE,
        "Called": LINE,
        "CallStatus": "in-progress",
        "Direction": "inbound",
        **changes,
    }


@dataclass
class Product:
    """One web process of the product, in this process."""

    settings: Settings
    database: Database
    clock: ManualClock
    app: Flask

    @classmethod
    def start(
        cls,
        database_url: str,
        *,
        clock: ManualClock | None = None,
        base: str = BASE,
        budget_seconds: float = 3.0,
        loaded: bool = True,
    ) -> Product:
        """Wire it and, unless told otherwise, load the demo clinic."""
        clock = clock or ManualClock()
        settings = settings_for(database_url, base=base)
        database = Database(database_url, budget_seconds=budget_seconds)
        if loaded:
            # However short the product's own patience: a busy machine loads it all the same.
            patient = Database(database_url, budget_seconds=30)
            patient.write(load_demo_clinic)
            patient.dispose()
        app = create_app(settings, clock=clock, database=database, lines=_lines(base))
        return cls(settings, database, clock, app)

    @property
    def client(self) -> FlaskClient:
        """A fresh client: nothing is shared between requests, as with the carrier."""
        return self.app.test_client()

    def url(self, path: str) -> str:
        """The public address of a path."""
        return self.settings.public_base_url + path

    def post(self, path: str, form: Mapping[str, str]) -> TestResponse:
        """A webhook, signed as the carrier signs it."""
        headers = {"X-Twilio-Signature": sign(self.url(path), form)}
        return self.client.post(path, data=form, headers=headers)

    def count(self, table: str) -> int:
        """Rows in a table."""
        counted = self.rows(str(select(func.count().label("n")).select_from(TableClause(table))))
        return int(counted[0]["n"])

    def rows(self, statement: str, **values: Any) -> list[Mapping[str, Any]]:
        """What is stored, in plain SQL: the tests do not trust the code they test."""
        with self.database.engine.connect() as connection:
            found: Iterable[Any] = connection.execute(text(statement), values).mappings().all()
            return [dict(row) for row in found]
