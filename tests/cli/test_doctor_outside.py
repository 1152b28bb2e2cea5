"""`callnow doctor` about what is not in the database: a fault is planted at the carrier, in the
environment, on the machine or before the line, and the sentence that says what to do is read."""

from __future__ import annotations

import importlib.resources
import re
import shutil
import sys
import zoneinfo
from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from werkzeug.wrappers import Request, Response

from ivr.audit import sealing
from ivr.doctor import storage
from ivr.frontdesk import accounts, audit
from ivr.messages import outbox, text_consent
from scheduling.database import Database
from tests.cli.conftest import Ask, Callnow
from tests.cli.connected import Connected, connected_to, serving
from tests.cli.test_doctor import beat, put_supervisor
from tests.clinics.files import clinic_file
from tests.product import BACKUP, LINE, NURSE, demo_clinic, load_demo_clinic
from tests.settings.environment import AUTH_TOKEN, SECRET_KEY

Plant = Callable[[Connected], object]

STRANGE = "https://other.example/voice"


@pytest.fixture
def healthy(sqlite_url: str) -> Iterator[Database]:
    """The demo clinic, and a worker that has just reported."""
    database = Database(sqlite_url, budget_seconds=None)
    database.write(load_demo_clinic)
    database.write(beat)
    yield database
    database.dispose()


def number(**values: object) -> Plant:
    """Set something on the clinic's number."""
    return lambda there: there.set_number(**values)


def clock_ahead(seconds: int) -> Plant:
    """Let the carrier's clock be ahead of ours; behind, if negative."""
    return lambda there: setattr(there.company.exchange, "clock_ahead", timedelta(seconds=seconds))


AT_CARRIER: list[tuple[Plant, str, str]] = [
    (
        lambda there: there.lose_number(),
        "demo: number at the carrier",
        (
            f"The account has no number {LINE}: buy it or move it there in the Twilio console, or "
            "correct line in clinic.toml and load it."
        ),
    ),
    (
        number(voice_url=STRANGE),
        "demo: number at the carrier",
        (
            f"Its voice URL is {STRANGE} and not BASE/voice/incoming, so no call reaches the line: "
            "run callnow connect."
        ),
    ),
    (
        number(voice_method="GET"),
        "demo: number at the carrier",
        (
            "Its voice URL is asked with GET in place of POST, so no call reaches the line: run "
            "callnow connect."
        ),
    ),
    (
        number(voice_fallback_url=None),
        "demo: number at the carrier",
        (
            "Its voice fallback URL is not set, so a caller hears an error and is cut off when a "
            "webhook fails: run callnow connect."
        ),
    ),
    (
        number(status_callback=STRANGE),
        "demo: number at the carrier",
        (
            f"Its status callback is {STRANGE} and not BASE/voice/status, so the line does not "
            "learn that callers have hung up, and urgent ones wait: run callnow connect."
        ),
    ),
    (
        number(sms_url=None),
        "demo: number at the carrier",
        (
            "Its messaging URL is not set, so texts of patients and their STOP are lost: run "
            "callnow connect."
        ),
    ),
    (
        number(sms_fallback_url=None),
        "demo: number at the carrier",
        (
            "Its messaging fallback URL is not set, so a text is lost that comes while the web "
            "process starts anew: run callnow connect."
        ),
    ),
    (
        number(voice_application_sid="AP" + "1" * 32),
        "demo: number at the carrier",
        "A TwiML application for calls answers in place of its addresses: run callnow connect.",
    ),
    (
        number(text_registration="none"),
        "demo: number at the carrier",
        (
            "American carriers block its texts, pages to staff among them, since its registration "
            "for A2P 10DLC is missing: apply for it in the Twilio console. Until then staff are "
            "reached by calls alone."
        ),
    ),
    (
        number(text_registration="failed"),
        "demo: number at the carrier",
        (
            "American carriers block its texts, pages to staff among them, since its registration "
            "for A2P 10DLC was refused: see the reason in the Twilio console"
        ),
    ),
    (
        number(service_inbound_url=STRANGE),
        "demo: number at the carrier",
        "The messaging service it is in sends incoming texts elsewhere, STOP among them",
    ),
    (
        clock_ahead(90),
        "clock",
        "This machine's clock is 90 s behind the carrier's: set it by NTP",
    ),
    (clock_ahead(-90), "clock", "This machine's clock is 90 s ahead of the carrier's"),
]


@pytest.mark.parametrize(("plant", "where", "advice"), AT_CARRIER)
def test_a_fault_at_the_carrier_is_named_with_what_to_do(
    plant: Plant,
    where: str,
    advice: str,
    healthy: Database,
    sqlite_url: str,
    ask: Ask,
    connected: Connected,
) -> None:
    plant(connected)
    said = ask(DATABASE_URL=sqlite_url)
    assert said.exit_code == 1
    # The carrier tells whole seconds.
    output = re.sub(r"clock is (8[5-9]|9[0-5]) s", "clock is 90 s", said.output)
    assert f"WRONG {where}\n      {advice.replace('BASE', connected.base)}" in output
    assert said.output.endswith("Things to put right: 1.\n")


def test_an_account_that_is_suspended_or_on_trial_is_named(
    healthy: Database, sqlite_url: str, callnow: Callnow, line_base: str
) -> None:
    with connected_to(line_base, account_status="suspended", account_type="Trial") as there:
        said = callnow("doctor", DATABASE_URL=sqlite_url, **there.environment)
    assert "The account at the carrier is suspended: no call and no text goes through." in (
        said.output
    )
    assert "The account is a trial: it rings and texts only numbers verified" in said.output


def test_a_toll_free_number_must_be_verified_in_a_way_of_its_own(
    healthy: Database, sqlite_url: str, callnow: Callnow, line_base: str, tmp_path: Path
) -> None:
    toll_free = "+18885550100"
    clinic_file(tmp_path / "one", (LINE, toll_free))
    owned = [{"phone_number": toll_free, "text_registration": "in progress"}]
    with connected_to(line_base, numbers=owned) as there:
        said = callnow(
            "doctor", DATABASE_URL=sqlite_url, CLINICS_DIR=str(tmp_path), **there.environment
        )
    assert (
        "American carriers block its texts, pages to staff among them, since its verification as a "
        "toll-free sender is not through yet: look after it in the Twilio console." in said.output
    )


def test_credentials_that_the_carrier_refuses_are_named_and_not_shown(
    healthy: Database, sqlite_url: str, ask: Ask
) -> None:
    said = ask(DATABASE_URL=sqlite_url, TWILIO_AUTH_TOKEN=AUTH_TOKEN)
    assert said.exit_code == 1
    assert (
        "WRONG account at the carrier\n      The carrier refuses TWILIO_ACCOUNT_SID with "
        "TWILIO_AUTH_TOKEN (its code 20003), so nothing can be sent or rung: copy both from the "
        "Twilio console, and see that the account is not suspended.\n" in said.output
    )
    # The line itself has the right one, so that it refuses what the doctor signs.
    assert "refuses what is signed with TWILIO_AUTH_TOKEN, as it would refuse every call" in (
        said.output
    )
    assert AUTH_TOKEN not in said.output


def test_a_carrier_that_is_not_there_hides_no_other_fault(
    healthy: Database, sqlite_url: str, ask: Ask
) -> None:
    said = ask(DATABASE_URL=sqlite_url, TWILIO_API_BASE_URL="http://127.0.0.1:1")
    assert "WRONG account at the carrier\n      The carrier's interface could not be reached" in (
        said.output
    )
    assert "ok    demo: audit\nThings to put right: 1.\n" in said.output


def moved(_: Request) -> Response:
    return Response(status=301, headers={"Location": "https://www.example.org/"})


def open_to_all(_: Request) -> Response:
    return Response(status=200)


def broken(_: Request) -> Response:
    return Response(status=502)


def closed_to_all(_: Request) -> Response:
    return Response(status=403)


IN_FRONT = [
    (moved, "sends requests on to another address, on which they are lost: set PUBLIC_BASE_URL to"),
    (open_to_all, "answers 200 to a request that nobody signed, where callnow web says 403"),
    (broken, "answers 502 to a signed request: something else than callnow web is there, or it is"),
    (closed_to_all, "refuses what is signed with TWILIO_AUTH_TOKEN, as it would refuse every call"),
]


@pytest.mark.parametrize(("answer", "told"), IN_FRONT)
def test_what_stands_at_the_public_address_in_the_lines_place_is_named(
    answer: Callable[[Request], Response],
    told: str,
    healthy: Database,
    sqlite_url: str,
    ask: Ask,
) -> None:
    with serving(Request.application(answer)) as base:
        said = ask(DATABASE_URL=sqlite_url, PUBLIC_BASE_URL=base)
    assert f"WRONG public address\n      {base} {told}" in said.output


def test_a_public_address_where_nobody_answers_is_named(
    healthy: Database, sqlite_url: str, ask: Ask
) -> None:
    said = ask(DATABASE_URL=sqlite_url, PUBLIC_BASE_URL="http://127.0.0.1:1")
    assert (
        "WRONG public address\n      http://127.0.0.1:1 does not answer from here (the connection "
        "was refused): see that callnow web runs and that name, firewall and proxy lead to it."
    ) in said.output


@pytest.mark.parametrize("base", ["http://localhost:8000", "https://127.0.0.1"])
def test_with_a_real_carrier_a_local_address_a_fleeting_file_and_unsigned_words_are_wrong(
    base: str,
    healthy: Database,
    sqlite_url: str,
    ask: Ask,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("proc /proc proc rw 0 0\ntmpfs / tmpfs rw 0 0\n", encoding="utf-8")
    monkeypatch.setattr(storage, "MOUNTS", mounts)
    # Refused at once, and no loopback address.
    said = ask(
        DATABASE_URL=sqlite_url, PUBLIC_BASE_URL=base, TWILIO_API_BASE_URL="https://0.0.0.0:1"
    )
    assert (
        f"WRONG public address\n      PUBLIC_BASE_URL is {base}, which Twilio cannot reach: set it "
        "to the https address of this service, and run callnow connect."
    ) in said.output
    assert "is in memory, and is lost when the machine restarts: put it on a disk that" in (
        said.output
    )
    assert (
        "WRONG demo: signed wording\n      Clinical wording or figures are marked as unsigned in "
        "clinic.toml, en.toml, es.toml, procedure.en.toml, procedure.es.toml: let the clinic's "
        "physician read and correct them"
    ) in said.output


def test_http_in_place_of_https_to_another_machine_starts_nothing(callnow: Callnow) -> None:
    said = callnow("doctor", PUBLIC_BASE_URL="http://line.example")
    assert said.exit_code == 2
    assert "PUBLIC_BASE_URL must begin with https://" in said.output


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"TWILIO_AUTH_TOKEN_OLD": "the-token-before-the-rotation"},
            (
                "TWILIO_AUTH_TOKEN_OLD is still set, so requests signed with it are taken for the "
                "carrier's: unset it"
            ),
        ),
        ({"SECRET_KEY": "a" * 40}, "SECRET_KEY can be guessed, and with it everybody's log-in"),
        ({"SECRET_KEY": "correct-horse-" * 4}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY": "please-change-me-before-production!!"}, "SECRET_KEY can be guessed"),
    ],
)
def test_secrets_that_are_none_are_named_and_not_shown(
    changes: dict[str, str], told: str, healthy: Database, sqlite_url: str, ask: Ask
) -> None:
    said = ask(DATABASE_URL=sqlite_url, **changes)
    assert f"WRONG secrets\n      {told}" in said.output
    assert not any(value in said.output for value in changes.values())


@pytest.fixture
def zones_below(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Take the time zone data of a folder for the machine's own, and no others."""

    def use(folder: Path) -> None:
        for name in ["tzdata", *(one for one in sys.modules if one.startswith("tzdata."))]:
            monkeypatch.setitem(sys.modules, name, None)
        zoneinfo.reset_tzpath([str(folder)])
        zoneinfo.ZoneInfo.clear_cache()

    yield use
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


def test_time_zone_data_that_are_missing_or_old_are_named(
    healthy: Database,
    sqlite_url: str,
    ask: Ask,
    zones_below: Callable[[Path], None],
    tmp_path: Path,
) -> None:
    packaged = importlib.resources.files("tzdata") / "zoneinfo" / "America" / "Chicago"
    chicago = packaged.read_bytes()
    zones_below(tmp_path)
    missing = ask(DATABASE_URL=sqlite_url)
    (tmp_path / "America").mkdir()
    for name in ("Chicago", "Mexico_City"):
        # Mexico City kept Chicago's summer time until 2022.
        (tmp_path / "America" / name).write_bytes(chicago)
    zones_below(tmp_path)
    old = ask(DATABASE_URL=sqlite_url)
    advice = "install the system's tzdata package (apt-get install tzdata), and restart all."
    assert f"This machine has no time zone data, so no local time can be told: {advice}" in (
        missing.output
    )
    assert (
        "This machine's time zone data are from before October 2022, so some local times are "
        f"wrong: {advice}" in old.output
    )


def test_a_disk_that_is_nearly_full_is_named(
    healthy: Database, sqlite_url: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    gigabyte = 1024**3
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: usage(100 * gigabyte, 98 * gigabyte, 2 * gigabyte)
    )
    said = ask(DATABASE_URL=sqlite_url)
    assert "WRONG storage\n      The disk below " in said.output
    assert "has 2048 MB left (2 %): free or add some, before bookings and tickets" in said.output


def test_a_sqlite_file_without_a_write_ahead_log_or_a_wait_for_the_disk_is_named(
    sqlite_url: str,
) -> None:
    """As any other program opens it; the line's own connections set both, where the disk lets
    them."""
    engine = create_engine(sqlite_url)
    with Session(engine) as session:
        session.execute(text("PRAGMA journal_mode=DELETE"))
        session.execute(text("PRAGMA synchronous=OFF"))
        journal, commits = storage.commits_are_durable(session)
    engine.dispose()
    assert journal.startswith("The SQLite file is in journal mode delete in place of wal, so")
    assert commits == "Commits to the SQLite file do not wait for the disk: report this."


def failed_message(error: str, kind: outbox.Kind = "page_sms") -> Callable[..., None]:
    """The carrier would not take a page to the nurse."""

    def plant(database: Database) -> None:
        now = datetime.now(UTC)

        def store(session: Session) -> None:
            message = outbox.enqueue(
                session,
                clinic_id="demo",
                kind=kind,
                lane="urgent",
                subject="ticket:1",
                to_number=NURSE,
                body="a page",
                due_at=now,
                now=now,
            )
            message.state, message.last_error = "failed", error

        database.write(store)

    return plant


def opted_out_by_text(database: Database) -> None:
    """The backup has texted STOP."""
    now = datetime.now(UTC)
    database.write(
        lambda session: text_consent.record(
            session, clinic_id="demo", number=BACKUP, granted=False, source="SM1", now=now
        )
    )


PHONES = [
    (opted_out_by_text, "The phone of sam-lee has opted out of texts, so pages do not arrive"),
    (failed_message("opted_out"), "The phone of ana-ruiz has opted out of texts, so pages do not"),
    (failed_message("unreachable"), "The phone of ana-ruiz was off or out of reach when it was"),
    (
        failed_message("bad_number", "page_call"),
        "The phone of ana-ruiz is no number that can be reached when it was last tried",
    ),
]


@pytest.mark.parametrize(("plant", "told"), PHONES)
def test_a_phone_of_staff_that_is_not_reached_is_named(
    plant: Callable[[Database], None], told: str, healthy: Database, sqlite_url: str, ask: Ask
) -> None:
    plant(healthy)
    said = ask(DATABASE_URL=sqlite_url)
    assert f"WRONG demo: phones of staff\n      {told}" in said.output
    assert NURSE not in said.output
    assert BACKUP not in said.output


def test_a_broken_seal_of_the_audit_is_named(healthy: Database, sqlite_url: str, ask: Ask) -> None:
    then = datetime.now(UTC) - timedelta(minutes=30)
    staff = healthy.write(
        lambda session: (
            accounts.add_user(
                session,
                clinic_id="demo",
                login="lee",
                name="Sam Lee",
                password="a-long-password-of-tests",
                role="admin",
                now=then,
            ).id
        )
    )
    key = sealing.sealing_key(SECRET_KEY)
    healthy.write(
        lambda session: audit.record(
            session,
            clinic_id="demo",
            staff_id=staff,
            action="patient.read",
            detail={},
            now=then,
        )
    )
    healthy.write(lambda session: sealing.seal(session, key=key, now=datetime.now(UTC)))
    assert ask(DATABASE_URL=sqlite_url).exit_code == 0
    said = ask(DATABASE_URL=sqlite_url, SECRET_KEY="another-key-that-did-not-set-the-seals-77")
    assert "WRONG demo: audit\n      Batch 1 of the audit" in said.output
    assert "Somebody wrote to the database past the desk, or SECRET_KEY was changed" in said.output


def test_several_faults_at_once_are_all_named(
    healthy: Database, sqlite_url: str, ask: Ask, connected: Connected
) -> None:
    healthy.write(put_supervisor("+15125"))
    connected.set_number(voice_url=STRANGE, sms_url=None)
    said = ask(DATABASE_URL=sqlite_url, TWILIO_AUTH_TOKEN_OLD="the-token-before-it")
    assert said.output.endswith("Things to put right: 4.\n")
    assert demo_clinic().numbers.desk not in said.output
