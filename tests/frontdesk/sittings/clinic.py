"""How the clinic works: who is on call, and its settings."""

from __future__ import annotations

from datetime import datetime, timedelta

from playwright.sync_api import expect

from ivr.oncall import rota
from ivr.oncall.escalation import Person
from tests.frontdesk.lists import TODAY, on
from tests.frontdesk.office import OURS
from tests.frontdesk.sittings.sitting import Sitting, become_administrator

TOMORROW = TODAY + timedelta(days=1)


def on_call(at: Sitting) -> None:
    """Who is on call: tried, away, replaced, swapped, and the weekly shifts."""
    become_administrator(at.office)
    both = [Person("ana", "Ana Ruiz", "+15125550111"), Person("sam", "Sam Lee", "+15125550112")]
    at.office.database.write(lambda session: rota.load_people(session, OURS, both))
    at.open("/rota/shifts")
    for n, (name, duty) in enumerate((("Ana Ruiz", "Primary"), ("Sam Lee", "Backup"))):
        row = at.desk.page.locator("fieldset").filter(
            has=at.desk.page.locator(f'[name="person-{n}"]')
        )
        at.hand.choose(row.get_by_label("Who"), name)
        at.hand.choose(row.get_by_label("Duty"), duty)
        at.hand.set_time(row.locator(f'[name="opens-{n}"]'), 7)
        at.hand.set_time(row.locator(f'[name="closes-{n}"]'), 7)
        for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"):
            at.hand.tick(row.get_by_label(day, exact=True))
    at.press("Change the shifts")
    at.reads("Changed")
    at.open("/rota")
    at.press(r"Ring now to try\s*: Ana Ruiz")
    expect(at.desk.page.locator("#person-ana")).to_contain_text("now")
    at.unfold("Somebody is away")
    _fill_departure(at, "away", {"Who": "Ana Ruiz"}, on(TOMORROW, 7), on(TOMORROW, 19))
    at.press("Note it")
    at.press(r"Take back\s*: ")
    expect(at.desk.page.locator("[id^=departure-]")).to_have_count(0)
    at.unfold("Somebody else takes a duty")
    _fill_departure(at, "override", {"Who takes it": "Sam Lee"}, on(TOMORROW, 7), on(TOMORROW, 19))
    at.press("Give it to them")
    at.press(r"Take back\s*: ")
    expect(at.desk.page.locator("[id^=departure-]")).to_have_count(0)
    at.unfold("Two people swap")
    page = at.desk.page
    later = TOMORROW + timedelta(days=2)
    _fill_departure(at, "swap", {"The one": "Ana Ruiz"}, on(TOMORROW, 7), on(TOMORROW, 19))
    at.hand.choose(at.field("The other"), "Sam Lee")
    at.hand.choose(page.locator("#swap-other_level"), "Backup")
    at.hand.set_moment(page.locator("#swap-other_starts"), on(later, 7))
    at.hand.set_moment(page.locator("#swap-other_ends"), on(later, 19))
    at.press("Swap")
    expect(page.locator("[id^=departure-]")).to_have_count(1)


def _fill_departure(
    at: Sitting, form: str, chosen: dict[str, str], begins: datetime, ends: datetime
) -> None:
    for label, words in chosen.items():
        at.hand.choose(at.field(label), words)
    at.hand.set_moment(at.desk.page.locator(f"#{form}-starts"), begins)
    at.hand.set_moment(at.desk.page.locator(f"#{form}-ends"), ends)


def settings(at: Sitting) -> None:
    """The clinic: closures, hours, providers, visit types, numbers, calendars, and undo."""
    become_administrator(at.office)
    page = at.desk.page
    at.open("/settings")
    at.hand.choose(at.field("Closed on public holidays"), "No")
    at.press(r"Change\s+public holidays")
    at.reads("Changed")
    at.press(r"Undo\s")
    at.reads("Undone.")
    at.open("/settings/closures")
    at.hand.set_moment(at.field("From"), on(TOMORROW, 0))
    at.hand.set_moment(at.field("Until"), on(TOMORROW + timedelta(days=1), 0))
    at.hand.write(at.field("Reason, for colleagues"), "Snow")
    at.press("Close")
    at.reads("Changed")
    at.open("/settings/closures")
    at.press(r"Open again\s*: ")
    expect(at.button("Open again")).to_have_count(0)
    at.open("/settings/hours/desk")
    at.hand.set_time(page.locator('[name="opens-0"]'), 8)
    at.press("Change the hours")
    at.reads("Changed")
    at.open("/settings/hours/provider-fura")
    at.hand.write(at.field("Name, as it is spoken"), "Doctor Mariana Fura")
    at.press("Change$")
    at.reads("Changed")
    at.open("/settings/visit-types/consultation")
    at.hand.write(at.field("Length in minutes"), "45")
    at.press("Change")
    at.reads("Changed")
    at.open("/settings/add?kind=room")
    at.hand.write(at.field("Name"), "Room 3")
    at.press("Add$")
    at.reads("Changed")
    at.open("/settings/numbers")
    at.hand.write(page.locator("#supervisor"), "512 555 0199")
    at.press("Change the numbers")
    at.reads("Changed")
    at.open("/settings/numbers")
    at.hand.write(page.locator('[name="name-0"]'), "Ana Ruiz Soto")
    at.press("Change the list")
    at.press("Store it with these gaps")
    at.reads("Changed")
    at.open("/settings/calendars")
    at.hand.choose(at.field("Provider"), "Doctor Lane")
    at.press("Make it")
    expect(page.locator("#fresh-address")).to_be_visible()
    at.press(r"Revoke\s*: Doctor Lane")
    expect(at.button("Revoke")).to_have_count(0)
