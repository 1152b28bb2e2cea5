"""Who is on call, as the desk sees it."""

from __future__ import annotations

import html
import re
from datetime import time

from sqlalchemy import update

from ivr.oncall import rota
from ivr.oncall.escalation import Person
from ivr.oncall.rota_rules import Level, Shift
from ivr.oncall.tables import OnCallPerson
from scheduling.hours import WeeklySession
from tests.frontdesk.office import OURS, Office

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
    assert (
        "An urgent call rings now Primary Ana Ruiz (512) 555-0111 Backup Sam Lee (512) 555-0112"
    ) in page
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
