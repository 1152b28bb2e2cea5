"""Each way in which the carrier says no is an outcome of its own at the desk."""

from __future__ import annotations

import pytest

from ivr.carrier.answers import TROUBLES, trouble
from ivr.messages import delivery
from ivr.messages.outcomes import NEEDS_SOMEBODY, OF_CODE, Outcome
from ivr.messages.patients.answers import Answer
from ivr.messages.patients.outcomes import Sent, outcome_of
from ivr.messages.patients.reach import Unreached
from ivr.messages.telephony import Trouble

RULES = {
    13224: Outcome.NO_CALLS,
    20429: Outcome.THROTTLED,
    21211: Outcome.BAD_NUMBER,
    21214: Outcome.NO_ROUTE,
    21610: Outcome.OPTED_OUT,
    21614: Outcome.NO_TEXTS,
    30003: Outcome.UNREACHABLE,
    30004: Outcome.BLOCKED,
    30005: Outcome.NO_SUCH_PHONE,
    30006: Outcome.LANDLINE,
    30007: Outcome.FILTERED,
    30008: Outcome.UNEXPLAINED,
    30034: Outcome.NOT_REGISTERED,
}
"""As the rules of the carrier have them [twilio-rules 11]."""


@pytest.mark.parametrize(("code", "outcome"), RULES.items())
def test_each_error_of_the_carrier_has_its_outcome_refused_at_once_or_reported_later(
    code: int, outcome: Outcome
) -> None:
    kind = trouble(code, 400)
    for sent in (
        Sent("failed", None, kind.value, code),
        Sent("sent", "undelivered", kind.value, code),
        Sent("sent", "failed", kind.value, code),
    ):
        assert outcome_of(sent, unreached=None, answer=None) is outcome
    assert outcome in NEEDS_SOMEBODY


@pytest.mark.parametrize("kind", Trouble)
def test_every_kind_of_trouble_has_an_outcome_whatever_its_code(kind: Trouble) -> None:
    found = outcome_of(Sent("failed", None, kind.value, None), unreached=None, answer=None)
    assert found in NEEDS_SOMEBODY
    assert found is not Outcome.UNDECIDED


def test_no_two_errors_of_the_rules_are_one_outcome() -> None:
    assert len(set(RULES.values())) == len(RULES)


def test_every_code_that_the_client_knows_has_its_outcome() -> None:
    assert set(OF_CODE) == set(TROUBLES)
    assert set(RULES) <= set(OF_CODE)


@pytest.mark.parametrize("why", Unreached)
def test_every_reason_for_which_nobody_was_told_is_an_outcome(why: Unreached) -> None:
    assert outcome_of(None, unreached=why.value, answer=None).value == why.value


@pytest.mark.parametrize("answer", Answer)
def test_what_was_answered_says_more_than_how_it_was_delivered(answer: Answer) -> None:
    found = outcome_of(Sent("sent", "undelivered", None, 30003), unreached=None, answer=answer)
    assert found.value in (answer.value, f"wants_{answer.value}")


@pytest.mark.parametrize(
    ("report", "outcome"),
    [
        (None, Outcome.SENT),
        ("queued", Outcome.SENT),
        ("sent", Outcome.SENT),
        ("delivered", Outcome.DELIVERED),
        (delivery.ANSWERED, Outcome.HEARD),
        (delivery.MACHINE, Outcome.LEFT_MESSAGE),
        ("busy", Outcome.BUSY),
        ("no-answer", Outcome.NOBODY_ANSWERED),
        ("canceled", Outcome.CALL_ENDED),
        ("completed", Outcome.HEARD_NOTHING),
    ],
)
def test_every_report_of_a_message_that_was_taken_is_an_outcome(
    report: str | None, outcome: Outcome
) -> None:
    assert outcome_of(Sent("sent", report, None, None), unreached=None, answer=None) is outcome


def test_what_waits_waits_and_what_nobody_knows_is_for_the_desk() -> None:
    assert outcome_of(Sent("pending", None, None, None), unreached=None, answer=None) is (
        Outcome.WAITING
    )
    undecided = Sent("failed", None, "undecided", None)
    assert outcome_of(undecided, unreached=None, answer=None) is Outcome.UNDECIDED
