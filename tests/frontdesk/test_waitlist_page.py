"""Who waits for an earlier time, and answering an offer for them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.messages.patients import offer_telling
from ivr.messages.tables import OutboxMessage
from scheduling import visits
from scheduling.preferences import DayPart, Wishes
from scheduling.tables import Patient, Visit, WaitlistEntry, WaitlistOffer
from scheduling.waitlist import joining, offering
from tests.frontdesk.lists import (
    TODAY,
    asked,
    audited,
    on,
    press,
    pump,
    refill_pumps,
    register,
    text_of,
)
from tests.frontdesk.office import OTHERS, OURS, Office

TOMORROW = TODAY + timedelta(days=1)


def join(
    office: Office, who: Patient, visit_type_key: str = "consultation", **wished: object
) -> WaitlistEntry:
    """Put somebody on the waitlist; a minute passes."""
    wishes = Wishes(**{"until_on": date(2026, 12, 31), **wished})  # type: ignore[arg-type]  # as given
    entry = office.database.write(
        lambda session: joining.join(
            session,
            clinic_id=who.clinic_id,
            patient_id=who.id,
            visit_type_key=visit_type_key,
            wishes=wishes,
            request=asked(office),
        )
    )
    office.clock.advance(minutes=1)
    return entry


def free(office: Office, visit: Visit) -> None:
    """A visit is cancelled, and its time is offered to the first in line."""
    office.database.write(
        lambda session: visits.cancel(
            session,
            clinic_id=visit.clinic_id,
            visit_id=visit.id,
            reason="gave it back",
            request=asked(office),
        )
    )


def offer_of(office: Office) -> UUID:
    """The one offer that stands."""

    def look(session: Session) -> UUID:
        return session.scalars(select(WaitlistOffer.id).where(WaitlistOffer.status == "open")).one()

    return office.database.read(look)


@pytest.fixture
def offered(office: Office) -> UUID:
    """Ann waits; tomorrow at eleven has become free and is held for her."""
    visit = office.book("Zoe", on(TOMORROW))
    join(office, register(office, "Ann Lee"))
    free(office, visit)
    return offer_of(office)


def test_it_shows_the_fair_order_with_what_each_waits_for_and_wishes(office: Office) -> None:
    refill_pumps(office)
    join(office, register(office, "Ann Lee"), weekdays=frozenset({0, 1}), day_parts=DayPart.MORNING)
    late = register(office, "Bob Pump", phone="+15125550144")
    pump(office, late, -1)
    join(office, late, "refill")
    page = text_of(office.signed_in().get("/frontdesk/waitlist").text)
    assert "1 Bob Pump Refill · Overdue refill" in page
    assert page.index("Bob Pump") < page.index("Ann Lee")
    assert "2 Ann Lee Consultation Waits for a new visit Since Mon, Nov 23, 10:00 AM" in page
    assert "Mon, Tue · mornings · from Nov 23, 2026 · until Dec 31, 2026" in page
    assert "(512) 555-0144" in page


def test_an_offer_stands_with_its_time_and_until_when_it_is_held(
    office: Office, offered: UUID
) -> None:
    page = text_of(office.signed_in().get("/frontdesk/waitlist").text)
    assert "Offered Tue, Nov 24, 11:00 AM with Doctor Fura Held until 10:16 AM." in page
    assert "The text or call about it is on its way." in page
    office.clock.advance(minutes=20)
    page = text_of(office.signed_in().get("/frontdesk/waitlist").text)
    assert "The time to answer ended at 10:16 AM" in page


def test_it_says_whether_they_know_of_the_time(office: Office, offered: UUID) -> None:
    def look() -> str:
        return text_of(office.signed_in().get("/frontdesk/waitlist").text)

    office.database.write(
        lambda session: offer_telling.tell(session, OURS, base=None, now=office.clock())
    )
    assert "We may not text or call them: call them yourself." in look()
    (offer,) = office.rows("SELECT id, clinic_id FROM waitlist_offer")
    for state, words in (("sent", "They were texted"), ("failed", "The text did not arrive")):
        office.database.write(
            lambda session, state=state: session.merge(  # type: ignore[misc]  # a default of a lambda
                OutboxMessage(
                    clinic_id=OURS,
                    id=offered,
                    kind="offer_sms",
                    lane="ordinary",
                    subject=f"offer:{UUID(str(offer['id']))}",
                    to_number="+15125550142",
                    body="",
                    due_at=office.clock(),
                    state=state,
                    created_at=office.clock(),
                )
            )
        )
        assert words in look()


def test_the_desk_accepts_for_them(office: Office, offered: UUID) -> None:
    client = office.signed_in()
    page = press(client, "/waitlist", f"/waitlist/offers/{offered}/accept").text
    assert "Booked for Tue, Nov 24, 11:00 AM" in text_of(page)
    assert "Ann Lee" not in page
    booked = office.rows("SELECT booked_channel FROM visit WHERE status = 'booked'")
    assert booked == [{"booked_channel": "desk"}]
    assert len(audited(office, "waitlist.accepted")) == 1


def test_declined_the_time_goes_to_the_next_and_they_keep_their_place(
    office: Office, offered: UUID
) -> None:
    join(office, register(office, "Bob", phone="+15125550144"))
    client = office.signed_in()
    page = text_of(press(client, "/waitlist", f"/waitlist/offers/{offered}/decline").text)
    assert "the time goes to the next in line" in page
    first, second = page.index("1 Ann Lee"), page.index("2 Bob")
    assert first < second < page.index("Offered Tue, Nov 24, 11:00 AM")


def test_an_offer_answered_meanwhile_is_said_to_be_gone(office: Office, offered: UUID) -> None:
    client = office.signed_in()
    press(client, "/waitlist", f"/waitlist/offers/{offered}/decline")
    answer = press(client, "/waitlist", f"/waitlist/offers/{offered}/accept")
    assert answer.status_code == 409
    assert "This offer is gone" in text_of(answer.text)
    assert office.rows("SELECT id FROM visit WHERE status = 'booked'") == []


def test_taken_off_the_list_what_was_held_is_free_again(office: Office, offered: UUID) -> None:
    client = office.signed_in()
    page = client.get("/frontdesk/waitlist").text
    entry = re.search(r'id="waiting-([0-9a-f-]+)"', page)
    assert entry
    page = press(client, "/waitlist", f"/waitlist/{entry[1]}/leave").text
    assert "Nobody waits for an earlier time" in text_of(page)
    assert office.rows("SELECT id FROM waitlist_offer WHERE status = 'open'") == []
    assert office.rows("SELECT id FROM hold") == []


def test_another_clinics_line_is_neither_seen_nor_changed(office: Office) -> None:
    entry = join(office, register(office, "Olga", clinic_id=OTHERS))
    client = office.signed_in()
    assert "Olga" not in client.get("/frontdesk/waitlist").text
    answer = press(client, "/waitlist", f"/waitlist/{entry.id}/leave")
    assert answer.status_code == 409
    assert office.rows("SELECT status FROM waitlist_entry") == [{"status": "waiting"}]


def test_the_offers_length_is_the_one_that_the_page_promises(office: Office, offered: UUID) -> None:
    row = office.database.read(lambda s: s.get_one(WaitlistOffer, (OURS, offered)))
    assert row.expires_at == office.clock() + offering.OFFER_TTL
