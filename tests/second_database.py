"""Which tests leave the second database to a soak.

Everything that stores, races or recovers runs on SQLite and on PostgreSQL in every run. What only
says or shows what those have stored runs on SQLite, and on both with `pytest --soak`: twice, these
files took a fifth of `make test`.
"""

from __future__ import annotations

import pytest

ONE_IS_ENOUGH = frozenset(
    f"{folder}/test_{name}"
    for folder, names in {
        "frontdesk": (
            *("accounts", "call_log", "closing_tickets", "each_error_at_the_desk", "feeds"),
            *("idle_desk", "login"),
            *("messages_on_the_board", "moving_on_the_board", "numbers", "patient_notes"),
            *("prompt_pages", "prompt_sign_off", "recalls_page", "reminders_page"),
            *("rota_changes_page", "rota_page"),
            *("second_factor", "settings_of_resources", "settings_pages", "tasks_page"),
            *("undoing_at_the_desk", "waitlist_page", "week", "weekly_shifts"),
        ),
        "calls": (
            *("about_the_pump", "another_language", "confirmation_texts", "messages"),
            *("reaching_a_person", "reminder_outcomes", "reminders", "resuming"),
            *("slots_by_wish", "triage"),
            "trial_rings",
        ),
    }.items()
    for name in names
)


def left_out(items: list[pytest.Item]) -> set[pytest.Item]:
    """The tests of those files on PostgreSQL."""
    return {
        item
        for item in items
        if f"{item.path.parent.name}/{item.path.stem}" in ONE_IS_ENOUGH
        and "postgresql" in item.name
    }
