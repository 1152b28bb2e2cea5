"""Providers' calendars: what two independent readers make of them, and who may read them."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import icalendar
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect

from ivr.frontdesk import calendar_entries, calendar_feed
from ivr.frontdesk.calendar_entries import Whose
from ivr.frontdesk.calendar_zone import timezone
from ivr.frontdesk.pace import Pace
from scheduling import visits
from scheduling.provider_book import BookedTime
from tests.frontdesk import people
from tests.frontdesk.browser import Desk
from tests.frontdesk.lists import admin, asked, audited, press, text_of
from tests.frontdesk.office import LINK_BASE, OTHERS, OURS, TODAY_AT_ELEVEN, ZONE, Office
from tests.provision.node import PROJECT, find_node

SCRIPT = Path(__file__).with_name("ical_times.cjs")
NOW = datetime(2026, 10, 20, 15, tzinfo=UTC)
FURA = Whose(UUID(int=1), "Doctor Fura", f"{LINK_BASE}/frontdesk/visits/")


def _time(starts_at: datetime, minutes: int = 30, **other: object) -> BookedTime:
    values: dict[str, object] = {
        "visit_id": uuid4(),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=minutes),
        "room_name": "Room 1",
        "status": "booked",
        "version": 1,
        "changed_at": NOW,
        **other,
    }
    return BookedTime(**values)  # type: ignore[arg-type]  # each is of its field's type


def _as_ical_js_reads(text: bytes) -> dict[str, tuple[datetime, datetime]]:
    answer = subprocess.run(
        [*find_node().node, str(SCRIPT)],
        cwd=PROJECT,
        input=text,
        capture_output=True,
        check=True,
    )
    return {
        one["uid"]: (datetime.fromisoformat(one["starts"]), datetime.fromisoformat(one["ends"]))
        for one in json.loads(answer.stdout)
    }


def _as_icalendar_reads(text: bytes) -> dict[str, tuple[datetime, datetime]]:
    return {
        str(one["uid"]): (_instant(one.start), _instant(one.end))
        for one in icalendar.Calendar.from_ical(text).events
    }


def _instant(read: date) -> datetime:
    assert isinstance(read, datetime)
    return read.astimezone(UTC)


def _around_the_changes(zone: ZoneInfo) -> list[BookedTime]:
    """Every half-hour of the days on which the clocks change, and of the days around them."""
    times = []
    for day in (date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7), date(2028, 3, 12)):
        start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        times += [_time(start + timedelta(minutes=30 * number), 45) for number in range(-24, 96)]
    return times


@pytest.mark.parametrize("key", ["America/Chicago", "America/Phoenix", "Europe/Madrid"])
def test_two_readers_find_the_same_instants_on_both_sides_of_every_change_of_clocks(
    key: str,
) -> None:
    zone = ZoneInfo(key)
    booked = _around_the_changes(zone)
    text = calendar_entries.calendar(booked, FURA, zone, NOW)
    wanted = {
        f"{one.visit_id}.{FURA.provider_id}@call-now": (one.starts_at, one.ends_at)
        for one in booked
    }
    assert _as_icalendar_reads(text) == wanted
    assert _as_ical_js_reads(text) == wanted
    assert f"DTSTART;TZID={key}:".encode() in text


def test_a_zones_changes_stand_by_the_clock_before_them() -> None:
    made = timezone(ZONE, NOW, NOW + timedelta(days=200)).to_ical().decode()
    lines = made.splitlines()
    assert "DTSTART:20261101T020000" in lines
    assert "DTSTART:20270314T020000" in lines
    assert lines.count("BEGIN:STANDARD") == 1
    assert lines.count("BEGIN:DAYLIGHT") == 2


def test_an_entry_has_nothing_of_a_patient_in_it() -> None:
    (entry,) = icalendar.Calendar.from_ical(
        calendar_entries.calendar([_time(NOW)], FURA, ZONE, NOW)
    ).events
    assert set(entry) == {
        *("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY"),
        *("LOCATION", "URL", "CLASS", "STATUS", "TRANSP"),
    }
    assert (entry["SUMMARY"], entry["LOCATION"]) == ("Appointment", "Room 1")


def test_a_cancelled_or_missed_visit_stays_as_cancelled_under_its_id() -> None:
    kept = _time(NOW)
    given_up = [
        _time(NOW, visit_id=kept.visit_id, status=status, version=2)
        for status in ("cancelled", "no_show")
    ]
    texts = [calendar_entries.calendar([one], FURA, ZONE, NOW) for one in (kept, *given_up)]
    entries = [icalendar.Calendar.from_ical(text).events[0] for text in texts]
    assert len({str(one["UID"]) for one in entries}) == 1
    assert [(one["STATUS"], one["SEQUENCE"], one["TRANSP"]) for one in entries] == [
        ("CONFIRMED", 0, "OPAQUE"),
        ("CANCELLED", 1, "TRANSPARENT"),
        ("CANCELLED", 1, "TRANSPARENT"),
    ]


def test_who_asks_too_often_waits_and_nobody_else_does() -> None:
    pace = Pace(2, timedelta(minutes=10), remembered=3)
    assert [pace.wait("a", NOW), pace.wait("a", NOW)] == [None, None]
    assert pace.wait("a", NOW + timedelta(minutes=4)) == timedelta(minutes=6)
    assert pace.wait("b", NOW) is None
    assert pace.wait("a", NOW + timedelta(minutes=10)) is None


def _make(client: FlaskClient, provider: str = "fura", key: str | None = None) -> str:
    """Press the button; the path of the address that is shown."""
    path, key = "/settings/calendars", key or uuid4().hex
    page = press(client, path, path, provider=provider, key=key).text
    found = re.search(rf'value="{LINK_BASE}(/calendar/[\w-]+\.ics)"', page)
    assert found, text_of(page)
    return found[1]


def test_an_address_is_shown_once_and_only_its_hash_is_kept(office: Office) -> None:
    client, key = admin(office), uuid4().hex
    path = _make(client, key=key)
    secret = path.removeprefix("/calendar/").removesuffix(".ics")
    (row,) = office.rows("SELECT * FROM calendar_feed")
    assert secret not in str(row)
    assert len(secret) == 43
    assert secret not in client.get("/frontdesk/settings/calendars").text
    again = press(client, "/settings/calendars", "/settings/calendars", provider="fura", key=key)
    assert (again.status_code, secret in again.text) == (409, False)
    assert len(audited(office, "calendar.made")) == 1


def test_a_calendar_follows_the_book_and_is_sent_only_when_it_changed(office: Office) -> None:
    client, reader = admin(office), office.client()
    visit = office.book("Ana Secret", TODAY_AT_ELEVEN)
    path = _make(client)
    first = reader.get(path)
    assert first.content_type == "text/calendar; charset=utf-8"
    assert first.headers["Cache-Control"] == "private, max-age=300"
    assert "Set-Cookie" not in first.headers
    assert "Secret" not in first.text
    assert _as_icalendar_reads(first.data) == {
        f"{visit.id}.{visit.provider_id}@call-now": (visit.starts_at, visit.ends_at)
    }
    seen = {"If-None-Match": first.headers["ETag"]}
    unchanged = reader.get(path, headers=seen)
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert unchanged.headers["ETag"] == first.headers["ETag"]
    office.database.write(
        lambda s: visits.cancel(
            s, clinic_id=OURS, visit_id=visit.id, request=asked(office), reason="travels"
        )
    )
    news = reader.get(path, headers=seen)
    assert news.status_code == 200
    (entry,) = icalendar.Calendar.from_ical(news.data).events
    assert (entry["STATUS"], entry["SEQUENCE"]) == ("CANCELLED", 1)
    assert "travels" not in news.text


def test_a_calendar_is_one_providers_and_one_clinics_alone(office: Office) -> None:
    theirs = office.book("Vera", TODAY_AT_ELEVEN, clinic_id=OTHERS)
    mine = office.book("Ana", TODAY_AT_ELEVEN)
    other = office.book("Bob", TODAY_AT_ELEVEN.replace(hour=12), born=date(1980, 1, 1))
    client = admin(office)
    assert mine.provider_id != other.provider_id
    texts = [office.client().get(_make(client, key)).text for key in ("fura", "lane")]
    assert [str(mine.id) in text for text in texts] == [True, False]
    assert [str(other.id) in text for text in texts] == [False, True]
    assert not any(str(theirs.id) in text for text in texts)


def test_a_revoked_address_and_one_that_never_was_answer_alike(office: Office) -> None:
    client, reader = admin(office), office.client()
    path = _make(client)
    (feed,) = office.rows("SELECT id FROM calendar_feed")
    revoke = f"/settings/calendars/{UUID(str(feed['id']))}/revoke"
    people.add(office, "olga", "admin", clinic_id=OTHERS)
    stranger = office.signed_in("olga")
    assert press(stranger, "/settings/calendars", revoke).status_code == 404
    assert reader.get(path).status_code == 200
    assert "Revoked" in text_of(press(client, "/settings/calendars", revoke).text)
    gone, never = reader.get(path), reader.get("/calendar/nothing-of-ours.ics")
    assert (gone.status_code, never.status_code) == (404, 404)
    assert gone.data == never.data
    assert press(client, "/settings/calendars", revoke).status_code == 404
    assert len(audited(office, "calendar.revoked")) == 1


def test_the_page_says_when_a_calendar_was_last_read_to_the_hour(office: Office) -> None:
    client, reader = admin(office), office.client()
    path = _make(client)
    assert "never read yet" in text_of(client.get("/frontdesk/settings/calendars").text)
    reader.get(path)
    office.clock.advance(minutes=10)
    reader.get(path)
    page = text_of(client.get("/frontdesk/settings/calendars").text)
    assert "last read Mon, Nov 23, 10:00 AM" in page


def test_guessing_and_reading_too_often_are_slowed_down(office: Office) -> None:
    reader, path = office.client(), _make(admin(office))
    tries = [reader.get(f"/calendar/guess-{n}.ics") for n in range(calendar_feed.PER_STRANGER + 1)]
    assert {one.status_code for one in tries[:-1]} == {404}
    assert tries[-1].status_code == 429
    assert tries[-1].headers["Retry-After"] == "601"
    reads = [reader.get(path).status_code for _ in range(calendar_feed.PER_FEED + 1)]
    assert (reads[-2], reads[-1]) == (200, 429)


def test_an_address_is_made_copied_and_revoked_by_keyboard_and_mouse(desk: Desk) -> None:
    people.add(desk.office, "ada", "admin")
    desk.sign_in("ada")
    page = desk.page
    page.goto(f"{desk.address}/frontdesk/settings")
    page.get_by_role("link", name="Calendars of providers").click()
    page.get_by_label("Provider").focus()
    page.keyboard.type("Doctor L")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    address = page.get_by_label("Address of the calendar")
    expect(address).to_have_value(re.compile(r"^https://line\.example/calendar/[\w-]{43}\.ics$"))
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#copied")).not_to_be_empty()
    assert page.evaluate("getSelection().toString()") == address.input_value()
    row = page.locator("li.row", has_text="Doctor Lane")
    expect(row).to_contain_text("never read yet")
    row.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Revoked: the address answers nobody any more.")).to_be_visible()
    expect(page.get_by_text("None: no calendar outside of the desk")).to_be_visible()
