"""Who is rung, who takes it, what they hear first, and what the caller hears meanwhile."""

from collections.abc import Callable

import pytest

from ivr.simulator.testing import Handset, PhoneCompany
from tests.simulator.conftest import BACKUP, CLINIC, NURSE, PATIENT, TinyProduct

WHISPER = (
    '<Gather action="/accept" numDigits="1" timeout="6"><Say>Press 1 to accept.</Say></Gather>'
    "<Hangup/>"
)


def dial(numbers: str, **attributes: str) -> str:
    given = {"action": "/after", "timeout": "25", "callerId": CLINIC, **attributes}
    written = " ".join(f'{name}="{value}"' for name, value in given.items())
    return f"<Dial {written}>{numbers}</Dial>"


@pytest.fixture(autouse=True)
def urgent_line(product: TinyProduct) -> None:
    product.says(
        "/voice",
        dial(f'<Number url="/whisper">{NURSE}</Number>', answerOnBridge="true"),
    )
    product.says("/whisper", WHISPER)
    product.says("/accept", lambda asked: "" if asked["Digits"] == "1" else "<Hangup/>")
    product.says("/after", "<Say>The nurse is gone.</Say>")


def outcome(product: TinyProduct) -> tuple[str, str]:
    [after] = product.asked_for("/after")
    return after["DialCallStatus"], after["DialBridged"]


def test_a_whisper_that_falls_off_its_end_connects_the_two(
    product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    call = patient.call(CLINIC)
    assert nurse.ringing_from == CLINIC
    nurse.answer()
    assert nurse.heard == "Press 1 to accept."
    assert [call.bridged_with, nurse.bridged_with] == [None, None]
    nurse.press("1")
    assert (call.bridged_with, nurse.bridged_with) == (NURSE, PATIENT)
    patient.say("My pump beeps.")
    assert nurse.heard == "My pump beeps."
    nurse.hang_up()
    assert call.heard == "The nurse is gone."
    assert outcome(product) == ("completed", "true")


def test_a_whisper_knows_the_call_it_belongs_to(
    product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    call = patient.call(CLINIC)
    answered = nurse.answer()
    [asked] = product.asked_for("/whisper")
    assert asked["ParentCallSid"] == call.sid
    assert asked["CallSid"] == answered.sid
    assert (asked["Direction"], asked["To"]) == ("outbound-dial", NURSE)


def test_a_whisper_that_hangs_up_connects_nobody(
    product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    call = patient.call(CLINIC)
    nurse.answer()
    nurse.press("2")
    assert call.heard_in_all == "The nurse is gone."
    assert outcome(product) == ("completed", "false")


def test_a_voicemail_presses_nothing_and_is_not_connected(
    product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    call = patient.call(CLINIC)
    nurse.voicemail_picks_up()
    assert not nurse.in_call
    assert "Connected" not in "".join(heard.text for heard in call.transcript)
    assert outcome(product) == ("completed", "false")


def test_without_a_whisper_a_voicemail_gets_the_caller(
    product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    product.says("/voice", dial(NURSE))
    call = patient.call(CLINIC)
    nurse.voicemail_picks_up("You have reached Ana.")
    assert call.bridged_with == NURSE
    assert call.heard == "You have reached Ana."


@pytest.mark.parametrize(
    ("what", "status"),
    [
        (Handset.let_ring, "no-answer"),
        (Handset.reject, "busy"),
        (Handset.go_busy, "busy"),
    ],
)
def test_each_way_of_not_answering_has_its_status(
    what: Callable[[Handset], None],
    status: str,
    product: TinyProduct,
    patient: Handset,
    nurse: Handset,
) -> None:
    patient.call(CLINIC)
    what(nurse)
    assert outcome(product) == (status, "false")


def test_a_busy_a_switched_off_and_an_unknown_phone_do_not_ring(
    product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    nurse.go_busy()
    patient.call(CLINIC)
    nurse.be_free()
    nurse.switch_off()
    patient.call(CLINIC)
    product.says("/voice", dial("+15125550177"))
    patient.call(CLINIC)
    statuses = [after["DialCallStatus"] for after in product.asked_for("/after")]
    assert statuses == ["busy", "failed", "failed"]


def test_the_first_to_pick_up_hangs_up_the_others(
    product: TinyProduct, patient: Handset, nurse: Handset, backup: Handset
) -> None:
    product.says("/voice", dial(f"<Number>{NURSE}</Number><Number>{BACKUP}</Number>"))
    call = patient.call(CLINIC)
    assert [phone.ringing for phone in (nurse, backup)] == [True, True]
    backup.answer()
    assert [phone.ringing for phone in (nurse, backup)] == [False, False]
    assert call.bridged_with == BACKUP


def test_a_caller_who_hangs_up_stops_the_ringing_and_the_action_is_told(
    product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    patient.call(CLINIC).hang_up()
    assert not nurse.ringing
    [after] = product.asked_for("/after")
    assert (after["CallStatus"], after["DialCallStatus"]) == ("no-answer", "no-answer")


def test_with_answer_on_bridge_the_call_is_answered_when_connected(
    patient: Handset, nurse: Handset
) -> None:
    call = patient.call(CLINIC)
    nurse.answer()
    assert call.status == "ringing"
    nurse.press("1")
    assert call.status == "in-progress"


def test_a_caller_hears_ringing_during_a_whisper_only_with_answer_on_bridge(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    for answer_on_bridge, silence_s in (("true", 0), ("false", 6)):
        product.says(
            "/voice",
            dial(f'<Number url="/whisper">{NURSE}</Number>', answerOnBridge=answer_on_bridge),
        )
        call = patient.call(CLINIC)
        nurse.answer()
        nurse.stay_silent()
        assert call.longest_silence.total_seconds() // 1 >= silence_s
        assert (call.longest_silence.total_seconds() < 1) == (silence_s == 0)


def test_a_caller_id_that_is_not_ours_is_refused(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    product.says("/voice", dial(NURSE, callerId="+15125550188"))
    patient.call(CLINIC)
    assert not nurse.ringing
    assert company.refused[0].code == 13214
    assert outcome(product)[0] == "failed"


def test_without_a_caller_id_the_callers_own_is_shown(
    product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    product.says("/voice", f"<Dial>{NURSE}</Dial>")
    patient.call(CLINIC)
    assert nurse.ringing_from == PATIENT


def test_an_impossible_number_is_refused(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/voice", dial("+15550100"))
    patient.call(CLINIC)
    assert company.refused[0].code == 13224
    assert outcome(product)[0] == "failed"


def test_without_an_action_the_next_verb_follows(
    product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    product.says("/voice", f"<Dial>{NURSE}</Dial><Say>Nobody was there.</Say>")
    call = patient.call(CLINIC)
    nurse.let_ring()
    assert call.heard == "Nobody was there."


def test_star_ends_the_conversation_where_the_dial_says_so(
    product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    product.says("/voice", dial(NURSE, hangupOnStar="true"))
    call = patient.call(CLINIC)
    nurse.answer()
    call.press("*")
    assert not nurse.in_call
    assert call.heard == "The nurse is gone."


def test_a_conversation_ends_at_its_time_limit(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    product.says("/voice", dial(NURSE, timeLimit="60"))
    call = patient.call(CLINIC)
    nurse.answer()
    company.elapse(61)
    assert not nurse.in_call
    assert product.asked_for("/after")[0]["DialCallDuration"] == "60"
    assert call.is_over


def test_a_number_reports_each_step_it_was_asked_for(
    product: TinyProduct, patient: Handset, nurse: Handset
) -> None:
    product.says(
        "/voice",
        dial(
            '<Number statusCallback="/status/nurse"'
            f' statusCallbackEvent="initiated ringing answered completed">{NURSE}</Number>'
        ),
    )
    product.says("/status/nurse", "")
    patient.call(CLINIC)
    nurse.answer()
    nurse.hang_up()
    steps = product.asked_for("/status/nurse")
    assert [(step["SequenceNumber"], step["CallStatus"]) for step in steps] == [
        ("0", "initiated"),
        ("1", "ringing"),
        ("2", "in-progress"),
        ("3", "completed"),
    ]


def test_a_whisper_may_not_dial(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    product.says("/whisper", f"<Dial>{BACKUP}</Dial>")
    patient.call(CLINIC)
    nurse.answer()
    assert company.refused[0].code == 13201
    assert outcome(product) == ("completed", "false")
