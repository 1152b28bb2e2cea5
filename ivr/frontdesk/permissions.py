"""Who may use which route of the desk: the one table. What is not in it is refused to everybody.

A new route gets a row in MAY (its endpoint, without "frontdesk."), or
tests/frontdesk/test_routes_and_roles.py fails and the route answers 403.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Roles = frozenset[str]

EVERYBODY: Final[Roles] = frozenset({"front_desk", "on_call", "admin"})
"""All roles there are today. One added later may nothing until it is put into a row."""
DESK: Final[Roles] = frozenset({"front_desk", "admin"})
"""Whoever arranges visits and speaks with patients. On-call staff have no part in it."""
ADMIN: Final[Roles] = frozenset({"admin"})

OPEN: Final = frozenset({"static", "login", "log_in", "login_code", "check_login_code"})
"""What an anonymous visitor may reach."""

LOCKED: Final = frozenset({"lock", "lock_state", "unlock", "logout"})
"""What a session may reach that is locked because nobody did anything for 15 minutes."""

BEFORE_A_NEW_PASSWORD: Final = frozenset(
    {"account", "change_password", "choose_language", "lock", "lock_state", "unlock", "logout"}
)
"""What is open while somebody else knows the person's password: the page that changes it."""

LARGE: Final[Mapping[str, int]] = {"record_prompt": 3 * 1024 * 1024}
"""Endpoint → bytes that a request to it may have, where it takes a file."""

MAY: Final[Mapping[str, Roles]] = {
    # The board
    "board": EVERYBODY,
    "board_fragment": EVERYBODY,
    "task_done": EVERYBODY,
    "recording": EVERYBODY,
    # Visits
    "day": EVERYBODY,
    "day_fragment": EVERYBODY,
    "week": EVERYBODY,
    "week_fragment": EVERYBODY,
    "go_to_day": EVERYBODY,
    "visit": EVERYBODY,
    "visit_step": DESK,
    "book": DESK,
    "book_visit": DESK,
    "move": DESK,
    "move_visit": DESK,
    "plan_again": EVERYBODY,
    # Patients
    "patients": EVERYBODY,
    "search_patients": EVERYBODY,
    "patient": EVERYBODY,
    "change_patient": DESK,
    "add_note": EVERYBODY,
    "new_patient": DESK,
    "register_patient": DESK,
    "merge_preview": DESK,
    "merge_patients": DESK,
    # The lists
    "recalls": EVERYBODY,
    "recall_attempt": EVERYBODY,
    "recall_snooze": EVERYBODY,
    "recall_wake": EVERYBODY,
    "recall_close": EVERYBODY,
    "reminders": EVERYBODY,
    "digests": EVERYBODY,
    "waitlist": EVERYBODY,
    "accept_offer": EVERYBODY,
    "decline_offer": EVERYBODY,
    "leave_waitlist": EVERYBODY,
    "tasks": EVERYBODY,
    "task_ticked": EVERYBODY,
    "task_reopened": EVERYBODY,
    "calls": EVERYBODY,
    "numbers": EVERYBODY,
    "export": DESK,
    "export_file": DESK,
    # Urgent calls and who is on call
    "ticket": EVERYBODY,
    "close_ticket": EVERYBODY,
    "rota": EVERYBODY,
    "ring_to_try": EVERYBODY,
    "rota_away": ADMIN,
    "rota_override": ADMIN,
    "rota_swap": ADMIN,
    "rota_withdraw": ADMIN,
    "shifts": ADMIN,
    "change_shifts": ADMIN,
    # The settings
    "settings": ADMIN,
    "change_holidays": ADMIN,
    "undo_change": ADMIN,
    "closures": ADMIN,
    "add_closure": ADMIN,
    "remove_closure": ADMIN,
    "hours": ADMIN,
    "change_hours": ADMIN,
    "change_keyed": ADMIN,
    "visit_type": ADMIN,
    "change_visit_type": ADMIN,
    # What the line says
    "wordings": ADMIN,
    "prompt": ADMIN,
    "change_prompt": ADMIN,
    "record_prompt": ADMIN,
    "remove_recording": ADMIN,
    "undo_prompt": ADMIN,
    "withdraw_prompt": ADMIN,
    # A clinician of whatever role signs; whether somebody is one, the page itself asks.
    "sign_off": EVERYBODY,
    "sign_prompt": EVERYBODY,
    "prompt_audio": EVERYBODY,
    "add_resource": ADMIN,
    "store_resource": ADMIN,
    "clinic_numbers": ADMIN,
    "change_numbers": ADMIN,
    "change_on_call": ADMIN,
    "calendar_list": ADMIN,
    "add_calendar": ADMIN,
    "revoke_calendar": ADMIN,
    # One's own account
    "account": EVERYBODY,
    "change_password": EVERYBODY,
    "choose_language": EVERYBODY,
    "second_factor_setup": EVERYBODY,
    "turn_on_second_factor": EVERYBODY,
    "turn_off_second_factor": EVERYBODY,
    "renew_recovery_codes": EVERYBODY,
    "logout": EVERYBODY,
    "logout_everywhere": EVERYBODY,
    "lock": EVERYBODY,
    "lock_now": EVERYBODY,
    "lock_state": EVERYBODY,
    "unlock": EVERYBODY,
    # Everybody's accounts, and what is kept of them
    "users": ADMIN,
    "add_user": ADMIN,
    "change_user": ADMIN,
    "reset_user": ADMIN,
    "audit_log": ADMIN,
}
"""Endpoint → the roles that may use it."""


def may(role: str, endpoint: str) -> bool:
    """Whether somebody with this role may use this endpoint. False for one that has no row."""
    return role in MAY.get(short(endpoint), frozenset())


def short(endpoint: str | None) -> str:
    """An endpoint as it stands in the table; one that is not the desk's own stands nowhere."""
    blueprint, _, name = (endpoint or "").rpartition(".")
    return name if blueprint == "frontdesk" else f"{endpoint} outside of the desk"
