"""Who is on call, as the desk sees it."""

from __future__ import annotations

import html
import re
from datetime import time
from uuid import UUID

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from ivr.frontdesk import permissions
from ivr.messages.tables import OutboxMessage
from ivr.oncall import rota, trial_rings
from ivr.oncall.escalation import Person
from ivr.oncall.rota_rules import Level, Shift
from ivr.oncall.tables import OnCallPerson
from scheduling.hours import WeeklySession
from tests.frontdesk.office import OURS, Office, csrf_token

SAM = Person("sam", "Sam Lee", "+15125550112")
ANA = Person("ana", "Ana Ruiz", "+15125550111")


def text_of(page: str) -> str:
    """What a person reads of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def give_shifts(office: Office, *shifts: Shift) -> None:
    """Ana and Sam are on the list, with these duties."""
    office.database.write(lambda s: rota.load_people(s, OURS, [SAM, ANA]))
    office.database.write(lambda s: rota.load_shifts(s, OURS, shifts))


def daily(level: Level, key: str, opens: int, closes: int) -> list[Shift]:
    """A duty on every day of the week, from hour to hour."""
    return [
        Shift(level, key, hours)
        for hours in (WeeklySession(day, time(opens), time(closes)) for day in range(7))
    ]


def test_it_shows_who_is_rung_now_and_when_that_changes(office: Office) -> None:
    give_shifts(office, *daily("primary", "ana", 8, 18), *daily("backup", "sam", 0, 0))
    page = text_of(office.signed_in().get("/frontdesk/rota").text)
    assert "An urgent call rings now Primary Ana Ruiz (512) 555-0111 Never tried" in page
    assert "Backup Sam Lee (512) 555-0112" in page
    assert "From Mon, Nov 23, 10:00 AM Ana Ruiz, then Sam Lee" in page
    assert "From Mon, Nov 23, 6:00 PM Sam Lee, then Ana Ruiz" in page
    assert "From Tue, Nov 24, 8:00 AM Ana Ruiz, then Sam Lee" in page


def test_gaps_of_the_week_are_told_above_all(office: Office) -> None:
    give_shifts(office, *daily("primary", "ana", 8, 18), *daily("backup", "sam", 0, 0))
    page = text_of(office.signed_in().get("/frontdesk/rota").text)
    gap = "Nobody is primary from 2026-11-23 18:00 CST to 2026-11-24 08:00 CST"
    assert page.index("To put right") < page.index(gap) < page.index("An urgent call rings now")


def test_where_nobody_is_on_the_list_it_says_so(office: Office) -> None:
    office.database.write(lambda s: s.execute(update(OnCallPerson).values(active=False)))
    page = text_of(office.signed_in().get("/frontdesk/rota").text)
    assert "An urgent call rings now Nobody." in page


def test_the_page_is_the_own_clinics_and_needs_a_log_in(office: Office) -> None:
    give_shifts(office, *daily("primary", "sam", 8, 18))
    assert "Sam Lee" not in office.signed_in("otto").get("/frontdesk/rota").text
    assert office.client().get("/frontdesk/rota").status_code == 303


def test_the_board_leads_to_it(office: Office) -> None:
    assert 'href="/frontdesk/rota"' in office.signed_in().get("/frontdesk").text


def ring(office: Office, key: str = "ana", login: str = "rosa") -> TestResponse:
    """Press the button beside a person."""
    client = office.signed_in(login)
    token = csrf_token(client, "/frontdesk/rota")
    return client.post(f"/frontdesk/rota/{key}/ring", data={"csrf_token": token})


def calls(office: Office) -> list[tuple[str, str, str]]:
    """The test calls in the outbox: kind, number, and what is heard in them without its id."""
    rows = office.rows("SELECT kind, to_number, body FROM outbox_message ORDER BY id")
    return [(row["kind"], row["to_number"], row["body"].rpartition("/")[0]) for row in rows]


def test_a_test_call_is_stored_for_the_worker_and_is_in_the_audit(office: Office) -> None:
    assert ring(office).location == "/frontdesk/rota"
    assert calls(office) == [("trial_call", ANA.number, "https://line.example/voice/trial")]
    audited = office.rows("SELECT detail FROM staff_audit WHERE action = 'trial_ring.asked'")
    assert len(audited) == 1
    page = text_of(office.signed_in().get("/frontdesk/rota").text)
    assert "Test call asked for Mon, Nov 23, 10:00 AM" in page


def test_a_second_press_within_the_minute_rings_nobody_twice(office: Office) -> None:
    ring(office)
    office.clock.advance(seconds=59)
    ring(office)
    assert len(calls(office)) == 1
    office.clock.advance(seconds=1)
    ring(office)
    assert len(calls(office)) == 2


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("sent", "Test call Mon, Nov 23, 10:00 AM: not confirmed"),
        ("failed", "Test call Mon, Nov 23, 10:00 AM: the phone refused it, or the number is wrong"),
    ],
)
def test_how_it_went_is_said(office: Office, state: str, words: str) -> None:
    ring(office)
    office.database.write(lambda s: s.execute(update(OutboxMessage).values(state=state)))
    assert words in text_of(office.signed_in().get("/frontdesk/rota").text)


def test_whoever_pressed_the_key_is_shown_as_reached(office: Office) -> None:
    ring(office)
    office.clock.advance(minutes=1)
    [row] = office.rows("SELECT body FROM outbox_message")
    ring_id = UUID(row["body"].rpartition("/")[2])
    assert not _confirm(office, ring_id, "other")
    assert _confirm(office, ring_id, OURS)
    office.clock.advance(minutes=1)
    assert _confirm(office, ring_id, OURS)
    page = text_of(office.signed_in().get("/frontdesk/rota").text)
    assert "Reached by a test call Mon, Nov 23, 10:01 AM" in page


def test_nobody_is_rung_who_is_not_on_the_list(office: Office) -> None:
    assert ring(office, "nobody").status_code == 404
    client = office.signed_in()
    token = csrf_token(client, "/frontdesk/rota")
    office.database.write(lambda s: s.execute(update(OnCallPerson).values(active=False)))
    gone = client.post("/frontdesk/rota/ana/ring", data={"csrf_token": token})
    assert gone.status_code == 404
    assert calls(office) == []


def test_a_role_that_may_not_ring_is_refused_and_shown_no_button(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = office.signed_in()
    token = csrf_token(client, "/frontdesk/rota")
    monkeypatch.setitem(permissions.MAY, "ring_to_try", frozenset({"admin"}))
    refused = client.post("/frontdesk/rota/ana/ring", data={"csrf_token": token})
    assert refused.status_code == 403
    assert "Ring now to try" not in client.get("/frontdesk/rota").text
    assert calls(office) == []


def test_a_forged_press_rings_nobody(office: Office) -> None:
    assert office.signed_in().post("/frontdesk/rota/ana/ring").status_code == 400
    assert calls(office) == []


def _confirm(office: Office, ring_id: UUID, clinic_id: str) -> bool:
    return office.database.write(
        lambda s: trial_rings.confirm(s, clinic_id=clinic_id, ring_id=ring_id, now=office.clock())
    )
