"""A household's telephone has been reminded of two visits: which one is meant is asked."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from tests.calls.on_file import PHONE, File, austin, tasks
from tests.calls.test_answering_by_text import IF_URGENT, delivered_again, texts
from tests.calls.test_confirmation_texts import agrees
from tests.calls.test_reminders import SUNDAY, THURSDAY, WEDNESDAY, desk_cancels, work
from tests.calls.town import Town
from tests.product import LINE

MORNING, AFTERNOON = "Wed, Dec 2, 9:00 AM", "Wed, Dec 2, 2:00 PM"
WHICH = (
    f"Dr. Fura's clinic: which appointment do you confirm? Reply with its letter, or ALL. "
    f"A: {MORNING}; B: {AFTERNOON}. Nothing is confirmed until you do. Questions: {LINE}."
)


def household(town: Town, *hours: int) -> list[UUID]:
    """Two people with one telephone, which has just got a reminder for each; their visits."""
    visits = []
    for number, hour in enumerate(hours or (9, 14)):
        file = File.of(town, f"Person {number}", born=date(1940, 1, 1 + number))
        agrees(file)
        visits.append(file.visit(austin(WEDNESDAY, hour)))
    work(town, austin(SUNDAY, 14))
    assert len(town.company.sms_inbox(PHONE)) == len(visits)
    return visits


def statuses(town: Town) -> list[str]:
    """How each visit stands, in the order of their times."""
    rows = town.product.rows("SELECT status FROM visit ORDER BY starts_at, id")
    return [str(row["status"]) for row in rows]


def starts(town: Town) -> list[str]:
    """When the visits begin, UTC."""
    rows = town.product.rows("SELECT starts_at FROM visit ORDER BY starts_at")
    return [str(row["starts_at"])[:16] for row in rows]


@pytest.mark.parametrize("words", ["1", "yes"])
def test_one_confirms_neither_and_asks_which_by_date_and_time(town: Town, words: str) -> None:
    household(town)
    assert texts(town, words) == WHICH
    assert (statuses(town), tasks(town)) == (["booked", "booked"], [])


@pytest.mark.parametrize(
    ("words", "said", "then"),
    [
        ("A", MORNING, ["confirmed", "booked"]),
        ("b.", AFTERNOON, ["booked", "confirmed"]),
        ("ALL", f"{MORNING}; {AFTERNOON}", ["confirmed", "confirmed"]),
        ("todas", f"{MORNING}; {AFTERNOON}", ["confirmed", "confirmed"]),
    ],
)
def test_a_letter_confirms_that_one_and_all_confirms_all(
    town: Town, words: str, said: str, then: list[str]
) -> None:
    household(town)
    texts(town, "1")
    assert texts(town, words) == (
        f"Dr. Fura's clinic: thank you. We expect you {said}. To change it, reply 2 or call {LINE}."
    )
    assert (statuses(town), tasks(town)) == (then, [])


def test_two_ones_sent_at_once_for_two_reminders_confirm_nothing_unasked(town: Town) -> None:
    household(town)
    assert texts(town, "1") == texts(town, "1") == WHICH
    assert statuses(town) == ["booked", "booked"]


def test_each_answered_before_the_next_came_is_asked_about_no_more(town: Town) -> None:
    for number, hour in enumerate((9, 14)):
        file = File.of(town, f"Person {number}", born=date(1940, 1, 1 + number))
        agrees(file)
        file.visit(austin(WEDNESDAY, hour))
    for hour in (9, 14):
        work(town, austin(SUNDAY, hour))
        assert f"We expect you Wed, Dec 2, {hour % 12 or 12}:00" in (texts(town, "1") or "")
    assert statuses(town) == ["confirmed", "confirmed"]


def test_the_one_on_another_day_is_asked_about_as_well(town: Town) -> None:
    file = File.of(town)
    agrees(file)
    file.visit(austin(WEDNESDAY, 9))
    file.visit(austin(THURSDAY, 9))
    work(town, austin(SUNDAY, 9))
    work(town, austin(date(2026, 11, 30), 9))
    assert f"A: {MORNING}; B: Thu, Dec 3, 9:00 AM." in (texts(town, "1") or "")
    # The reminder of the day before is of the same visit: it has one letter, not two.
    work(town, austin(date(2026, 12, 1), 9))
    assert f"A: {MORNING}; B: Thu, Dec 3, 9:00 AM." in (texts(town, "1") or "")


def test_two_asks_which_and_its_letter_brings_times_for_that_visit_alone(town: Town) -> None:
    household(town)
    assert texts(town, "2") == (
        "Dr. Fura's clinic: which appointment do you want to change? Reply with its letter. "
        f"A: {MORNING}; B: {AFTERNOON}. 0: the front desk calls you. Each stands until you choose."
    )
    assert town.product.count("hold") == 0
    assert f"Your appointment {MORNING} stands until you choose." in (texts(town, "A") or "")
    assert "moved. We expect you " in (texts(town, "3") or "")
    assert starts(town)[0] == "2026-12-02 20:00"
    assert len(set(starts(town))) == 2


def test_another_letter_keeps_the_times_for_the_other_visit_instead(town: Town) -> None:
    household(town)
    texts(town, "2")
    texts(town, "A")
    assert f"Your appointment {AFTERNOON} stands" in (texts(town, "B") or "")
    assert town.product.count("hold") == 3


def test_all_moves_nothing_and_a_letter_that_was_not_on_offer_is_for_the_desk(town: Town) -> None:
    household(town)
    texts(town, "2")
    for words in ("all", "C"):
        assert "will read this" in (texts(town, words) or "")
    assert (statuses(town), len(tasks(town))) == (["booked", "booked"], 2)


@pytest.mark.parametrize("words", ["A", "all"])
def test_a_letter_that_nobody_asked_for_is_for_the_desk(town: Town, words: str) -> None:
    household(town)
    assert "will read this" in (texts(town, words) or "")
    assert statuses(town) == ["booked", "booked"]


def test_two_visits_that_only_a_name_would_tell_apart_are_the_desks(town: Town) -> None:
    household(town)
    with town.product.database.engine.begin() as connection:
        # As two providers would have it; the message of the second told the same.
        connection.exec_driver_sql(
            "UPDATE visit SET starts_at = (SELECT min(starts_at) FROM visit)"
        )
        connection.exec_driver_sql(
            "UPDATE visit_notice SET starts_at = (SELECT min(starts_at) FROM visit)"
        )
    said = texts(town, "1")
    assert said is not None
    assert said.endswith(IF_URGENT)
    assert "the front desk" in said
    assert statuses(town) == ["booked", "booked"]
    (task,) = town.product.rows("SELECT note FROM desk_task")
    assert task["note"].startswith("Texted “confirm”, and has several appointments")


def test_one_that_was_cancelled_since_is_asked_about_no_more(town: Town) -> None:
    morning, _ = household(town)
    desk_cancels(town, morning)
    assert f"We expect you {AFTERNOON}." in (texts(town, "1") or "")


def test_what_changed_between_the_question_and_its_letter_is_not_confirmed(town: Town) -> None:
    morning, _ = household(town)
    texts(town, "1")
    desk_cancels(town, morning)
    assert "nothing was changed" in (texts(town, "all") or "")
    assert (statuses(town), tasks(town)) == (["cancelled", "booked"], ["text_message"])


def test_the_question_delivered_again_is_the_same_question(town: Town) -> None:
    household(town)
    texts(town, "1")
    texts(town, "B")
    assert "which appointment do you confirm?" in delivered_again(town, 0)
    assert statuses(town) == ["booked", "confirmed"]


def test_a_household_is_asked_in_spanish(town: Town) -> None:
    household(town)
    with town.product.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE patient SET language = 'es'")
    assert texts(town, "1") == (
        "Dr. Fura's clinic: ¿qué cita confirma? Responda con su letra, o TODAS. A: mié 2 dic, "
        "9:00 a.m.; B: mié 2 dic, 2:00 p.m. Hasta entonces no queda confirmada ninguna. "
        f"Tel. {LINE}."
    )
