"""Another time by text: up to three are kept, a number moves the visit, MORE brings later ones."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from ivr.messages.patients.slot_texts import KEPT
from tests.calls.on_file import PHONE, File, austin, tasks
from tests.calls.test_answering_by_text import delivered_again, reminded, texts
from tests.calls.test_reminders import WEDNESDAY, answered, desk_cancels, status_of
from tests.calls.town import Town
from tests.product import LINE

SLOTS = (
    "Dr. Fura's clinic: these times are free, and kept for you for 15 minutes. Reply with the "
    "number. 1: Wed, Dec 2, 8:00 AM; 2: Thu, Dec 3, 8:00 AM; 3: Fri, Dec 4, 8:00 AM. MORE: later "
    "times. 0: the front desk calls you. Your appointment Wed, Dec 2, 9:00 AM stands until you "
    "choose."
)


def starts(town: Town) -> list[str]:
    """When the visits begin, UTC."""
    rows = town.product.rows("SELECT starts_at FROM visit ORDER BY starts_at")
    return [str(row["starts_at"])[:16] for row in rows]


def test_two_offers_three_other_times_and_a_number_moves_the_visit(town: Town) -> None:
    reminded(town)
    assert texts(town, "2") == SLOTS
    assert timedelta(minutes=15) == KEPT
    assert (status_of(town), answered(town), tasks(town)) == (["booked"], ["change"], [])
    assert town.product.count("hold") == 3
    assert texts(town, "3") == (
        f"Dr. Fura's clinic: moved. We expect you Fri, Dec 4, 8:00 AM. Questions: {LINE}."
    )
    assert starts(town) == ["2026-12-04 14:00"]
    assert town.product.count("hold") == 0
    assert texts(town, "ok") == (
        "Dr. Fura's clinic: thank you. We expect you Fri, Dec 4, 8:00 AM. To change it, reply 2 "
        f"or call {LINE}."
    )
    assert (status_of(town), tasks(town)) == (["confirmed"], [])


def test_the_text_that_asked_for_times_chooses_none_when_it_is_delivered_again(town: Town) -> None:
    reminded(town)
    texts(town, "2")
    webhook = [one for one in town.company.webhooks if one.url.endswith("/sms/incoming")][-1]
    assert "1: Wed, Dec 2, 8:00 AM" in town.company.replay(webhook).text
    assert starts(town) == ["2026-12-02 15:00"]


def test_a_number_delivered_again_moves_once_and_is_answered_the_same(town: Town) -> None:
    reminded(town)
    texts(town, "2")
    texts(town, "3")
    webhook = [one for one in town.company.webhooks if one.url.endswith("/sms/incoming")][-1]
    assert "moved. We expect you Fri, Dec 4" in town.company.replay(webhook).text
    (row,) = town.product.rows("SELECT count(*) AS n FROM visit_event WHERE kind = 'rescheduled'")
    assert row["n"] == 1


def test_a_text_from_before_the_times_moves_nothing_when_it_comes_late_again(town: Town) -> None:
    reminded(town)
    texts(town, "1")
    texts(town, "2")
    texts(town, "change")
    assert "thank you. We expect you Wed, Dec 2, 9:00 AM" in delivered_again(town, 0)
    assert "these times are free" in delivered_again(town, 1)
    assert starts(town) == ["2026-12-02 15:00"]


def test_what_the_desk_moved_meanwhile_stays_where_the_desk_put_it(town: Town) -> None:
    file = reminded(town)
    texts(town, "2")
    (row,) = town.product.rows("SELECT id FROM visit")
    file.desk_moves(UUID(str(row["id"])))
    moved = starts(town)
    said = texts(town, "3")
    assert said is not None
    assert "is no longer as our last text said, so nothing was changed" in said
    assert (starts(town), tasks(town)) == (moved, ["text_message"])


def test_a_yes_after_the_moved_visit_has_begun_is_for_the_desk(town: Town) -> None:
    reminded(town)
    texts(town, "2")
    texts(town, "1")
    town.product.clock.now = austin(WEDNESDAY, 9)
    said = texts(town, "yes")
    assert said is not None
    assert "nothing was changed" in said
    assert tasks(town) == ["text_message"]


def test_a_yes_is_none_of_the_times(town: Town) -> None:
    reminded(town)
    texts(town, "2")
    said = texts(town, "yes")
    assert said is not None
    assert "will read this" in said
    assert (starts(town), tasks(town)) == (["2026-12-02 15:00"], ["text_message"])


def holds(town: Town) -> list[str]:
    """When the times begin that are kept, UTC."""
    rows = town.product.rows("SELECT starts_at FROM hold ORDER BY starts_at")
    return [str(row["starts_at"])[:16] for row in rows]


@pytest.mark.parametrize("words", ["more", "MORE.", "más", "Otras horas"])
def test_more_brings_three_later_times_in_place_of_the_first(town: Town, words: str) -> None:
    reminded(town)
    texts(town, "2")
    assert texts(town, words) == (
        "Dr. Fura's clinic: these times are free, and kept for you for 15 minutes. Reply with the "
        "number. 1: Mon, Dec 7, 8:00 AM; 2: Tue, Dec 8, 8:00 AM; 3: Wed, Dec 9, 8:00 AM. MORE: "
        "later times. 0: the front desk calls you. Your appointment Wed, Dec 2, 9:00 AM stands "
        "until you choose."
    )
    assert holds(town) == ["2026-12-07 14:00", "2026-12-08 14:00", "2026-12-09 14:00"]
    said = texts(town, "1")
    assert said is not None
    assert "moved. We expect you Mon, Dec 7, 8:00 AM." in said
    assert (starts(town), holds(town)) == (["2026-12-07 14:00"], [])


def test_where_there_are_no_later_times_the_answer_says_so_and_the_first_stay_kept(
    town: Town,
) -> None:
    reminded(town)
    with town.product.database.engine.begin() as connection:
        # From Sunday to Friday.
        connection.exec_driver_sql("UPDATE visit_type SET horizon_days = 5")
    texts(town, "2")
    kept = holds(town)
    assert texts(town, "more") == (
        "Dr. Fura's clinic: we have no later times than those of our last text. Reply with the "
        "number of one of them: 1: Wed, Dec 2, 8:00 AM; 2: Thu, Dec 3, 8:00 AM; 3: Fri, Dec 4, "
        "8:00 AM. 0: the front desk calls you. Your appointment Wed, Dec 2, 9:00 AM stands until "
        "you choose."
    )
    assert (holds(town), len(kept)) == (kept, 3)
    town.product.clock.advance(seconds=30)
    assert "moved. We expect you Thu, Dec 3" in (texts(town, "2") or "")


def test_more_about_a_visit_that_the_desk_cancelled_is_for_the_desk(town: Town) -> None:
    reminded(town)
    texts(town, "2")
    (row,) = town.product.rows("SELECT id FROM visit")
    desk_cancels(town, UUID(str(row["id"])))
    assert "nothing was changed" in (texts(town, "more") or "")
    assert (holds(town), tasks(town)) == ([], ["text_message"])


def test_more_where_no_times_were_texted_is_for_somebody_to_read(town: Town) -> None:
    reminded(town)
    assert "will read this" in (texts(town, "more") or "")
    assert tasks(town) == ["text_message"]


def test_what_is_kept_no_more_is_had_while_nobody_else_has_it(town: Town) -> None:
    reminded(town)
    texts(town, "2")
    town.product.clock.advance(hours=1)
    said = texts(town, "2")
    assert said is not None
    assert "moved. We expect you Thu, Dec 3, 8:00 AM." in said


def test_a_time_that_somebody_else_took_meanwhile_brings_others(town: Town) -> None:
    reminded(town)
    texts(town, "2")
    town.product.clock.advance(hours=1)
    other = File.of(town, "Jo Ann Smith", born=date(1950, 5, 6), phone="+15125550161")
    other.visit(austin(date(2026, 12, 3), 8))
    said = texts(town, "2")
    assert said is not None
    assert "these times are free" in said
    assert "Thu, Dec 3, 8:00 AM" not in said
    assert "2026-12-02 15:00" in starts(town)


def test_none_of_them_is_for_the_desk_and_nothing_stays_kept(town: Town) -> None:
    reminded(town)
    texts(town, "2")
    said = texts(town, "0")
    assert said is not None
    assert "will call you by Mon, Nov 30, 5:00 PM." in said
    assert (tasks(town), town.product.count("hold")) == (["text_message"], 0)
    assert starts(town) == ["2026-12-02 15:00"]


def test_of_two_visits_in_a_text_the_desk_changes_one(town: Town) -> None:
    reminded(town, 9, 14)
    assert texts(town, "2") == (
        f"Dr. Fura's clinic: to choose another time now, call {LINE}. Otherwise the front desk "
        "opens Mon, Nov 30, 8:00 AM and will call you by Mon, Nov 30, 5:00 PM. Until then your "
        "appointment Wed, Dec 2, 9:00 AM and 2:00 PM stands."
    )
    assert set(answered(town)) == {"change"}
    (task,) = town.product.rows("SELECT kind, note, callback_number FROM desk_task")
    assert task["note"] == (
        "Wants another time: Wed, Dec 2, 9:00 AM and 2:00 PM. They were told: by Mon, Nov 30, "
        "5:00 PM. “2”"
    )
    assert (task["kind"], task["callback_number"]) == ("text_message", PHONE)
