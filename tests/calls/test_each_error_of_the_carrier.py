"""Each error of the carrier, from its own answer to the words on the desk's list."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ivr.carrier.answers import TROUBLES
from ivr.messages.outcome_words import NEXT, OUTCOME
from ivr.messages.outcomes import OF_CODE
from ivr.messages.patients import reminder_list
from ivr.simulator.testing import PlannedFailure
from scheduling.contact import ConsentKind
from tests.calls.on_file import File, austin
from tests.calls.test_confirmation_texts import agrees
from tests.calls.town import Town

WEDNESDAY = date(2026, 12, 2)

HTTP_STATUS = {20003: 401, 20005: 403, 20429: 429}
"""Any other request is refused with 400."""

CALLS_ONLY = {13224}


@pytest.mark.parametrize("code", TROUBLES)
def test_it_ends_as_its_own_outcome_with_a_task_that_says_what_to_do(town: Town, code: int) -> None:
    file = File.of(town)
    agrees(file, ConsentKind.CALL if code in CALLS_ONLY else ConsentKind.SMS)
    file.visit(austin(WEDNESDAY, 14))
    if code >= 30000:
        # The text is taken, and its fate reported later.
        town.company.next_message_fails(code)
    else:
        refused = PlannedFailure(HTTP_STATUS.get(code, 400), code, "no")
        town.company.fail_rest(refused, times=1000)
    town.product.clock.now = austin(WEDNESDAY, 14) - timedelta(days=1)
    tasks = []
    for _ in range(90):
        town.product.clock.advance(minutes=1)
        town.let_the_worker_work()
        if tasks := town.product.rows("SELECT kind, note FROM desk_task"):
            break
    (task,) = tasks
    outcome = OF_CODE[code].value
    assert task["kind"] == "reminder_failed"
    assert task["note"].endswith(
        f" {OUTCOME[outcome]} (the telephone company's code {code}). {NEXT[outcome]}"
    )
    (told,) = town.product.database.read(
        lambda session: reminder_list.told_visits(
            session,
            "demo",
            now=town.product.clock(),
            until=town.product.clock() + timedelta(days=7),
        )
    )
    assert told.outcome.value == outcome
