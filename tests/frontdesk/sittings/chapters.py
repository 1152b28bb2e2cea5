"""Each sitting, and the tasks that it does.

tests/frontdesk/test_every_task.py fails where the desk has a task that stands in none.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.frontdesk.sittings.accounts import account, colleagues
from tests.frontdesk.sittings.clinic import on_call, settings
from tests.frontdesk.sittings.lists import lists
from tests.frontdesk.sittings.patients import patient, visit
from tests.frontdesk.sittings.sitting import Sitting
from tests.frontdesk.sittings.wording import wording

CHAPTERS: dict[Callable[[Sitting], None], frozenset[str]] = {
    account: frozenset(
        {
            "change_password",
            "choose_language",
            "turn_on_second_factor",
            "renew_recovery_codes",
            "lock_now",
            "unlock",
            "logout",
            "log_in",
            "check_login_code",
            "turn_off_second_factor",
            "logout_everywhere",
        }
    ),
    colleagues: frozenset({"add_user", "change_user", "reset_user"}),
    patient: frozenset(
        {
            "register_patient",
            "search_patients",
            "add_note",
            "merge_patients",
            "change_patient add-pump",
            "change_patient correct-pump",
            "change_patient retire-pump",
            "change_patient correct",
            "change_patient add-phone",
            "change_patient remove-phone",
            "change_patient consent",
        }
    ),
    visit: frozenset(
        {
            "book_visit",
            "move_visit",
            "visit_step confirm",
            "visit_step cancel",
            "visit_step undo-cancel",
            "visit_step check-in",
            "visit_step undo-check-in",
            "visit_step complete",
            "visit_step undo-complete",
            "visit_step missed",
            "visit_step undo-missed",
        }
    ),
    lists: frozenset(
        {
            "recall_attempt",
            "recall_snooze",
            "recall_wake",
            "recall_close",
            "accept_offer",
            "decline_offer",
            "leave_waitlist",
            "task_ticked",
            "task_reopened",
            "task_done",
            "close_ticket",
            "export_file",
        }
    ),
    on_call: frozenset(
        {
            "change_shifts",
            "ring_to_try",
            "rota_away",
            "rota_override",
            "rota_swap",
            "rota_withdraw",
        }
    ),
    settings: frozenset(
        {
            "change_holidays",
            "undo_change",
            "add_closure",
            "remove_closure",
            "change_hours",
            "change_keyed",
            "change_visit_type",
            "store_resource",
            "change_numbers",
            "change_on_call",
            "add_calendar",
            "revoke_calendar",
        }
    ),
    wording: frozenset(
        {
            "change_prompt",
            "record_prompt en",
            "remove_recording en",
            "undo_prompt",
            "withdraw_prompt",
            "sign_prompt",
        }
    ),
}
"""Each sitting, and the tasks that it does: endpoint and, where it has some, the step."""
