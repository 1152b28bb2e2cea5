"""Time passes as a test says, and everything heard can be measured."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from ivr.simulator.testing import Handset, NothingToDoError, PhoneCompany
from ivr.simulator.timeline import ManualClock, Timeline
from tests.simulator.conftest import CLINIC, NURSE, PATIENT, TinyProduct, config

START = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def test_speech_takes_its_estimated_time(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/voice", f"<Say>{'word ' * 150}</Say><Pause length='3'/><Say>End.</Say>")
    before = company.clock.now()
    speech, _, end, *_ = patient.call(CLINIC).transcript
    assert speech.until == before + timedelta(minutes=1)
    assert end.at == before + timedelta(minutes=1, seconds=3)


def test_speech_can_take_no_time(product: TinyProduct) -> None:
    product.says("/voice", "<Say>Quite a few words.</Say>")
    http = httpx.Client(transport=httpx.WSGITransport(app=product.app()))
    company = PhoneCompany(config(), http=http, start=START, words_per_minute=0)
    company.phone(PATIENT).call(CLINIC)
    assert company.clock.now() == START


def test_silence_lasts_as_long_as_the_gather_waits(
    product: TinyProduct, company: PhoneCompany, patient: Handset
) -> None:
    product.says("/voice", '<Gather timeout="8"/><Say>Still there?</Say>')
    call = patient.call(CLINIC)
    before = company.clock.now()
    call.stay_silent()
    assert call.transcript[0].at - before == timedelta(seconds=8)
    with pytest.raises(NothingToDoError, match="Nobody waits for input"):
        call.stay_silent()


def test_the_longest_silence_of_a_call_can_be_asserted(
    product: TinyProduct, patient: Handset
) -> None:
    product.says("/voice", '<Say>One.</Say><Pause length="7"/><Say>Two.</Say><Pause length="2"/>')
    assert patient.call(CLINIC).longest_silence == timedelta(seconds=7)


def test_a_ringing_phone_stops_when_the_callers_patience_ends(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    product.says("/voice", f'<Dial timeout="25">{NURSE}</Dial>')
    call = patient.call(CLINIC)
    before = company.clock.now()
    nurse.let_ring()
    assert company.clock.now() - before == timedelta(seconds=25)
    assert call.is_over
    with pytest.raises(NothingToDoError, match="not ringing"):
        nurse.let_ring()


def test_when_time_passes_for_everybody_everything_happens_in_order(
    product: TinyProduct, company: PhoneCompany, patient: Handset, nurse: Handset
) -> None:
    product.says("/voice", f'<Gather timeout="5"/><Dial timeout="10">{NURSE}</Dial>')
    call = patient.call(CLINIC)
    company.elapse(6)
    assert [nurse.ringing, call.is_over] == [True, False]
    company.elapse(10)
    assert [nurse.ringing, call.is_over] == [False, True]
    assert call.transcript[-1].at - call.transcript[0].at == timedelta(seconds=10)


def test_what_is_due_at_the_same_moment_happens_first_come_first_served() -> None:
    timeline = Timeline()
    done: list[str] = []
    for name in ("first", "second", "third"):
        timeline.add(START, lambda name=name: done.append(name))  # type: ignore[misc]  # binds the loop's value
    while (appointment := timeline.next()) is not None:
        appointment.cancel()
        appointment.action()
    assert done == ["first", "second", "third"]


def test_a_manual_clock_never_moves_back_and_starts_aware() -> None:
    clock = ManualClock(START)
    clock.move_to(START - timedelta(seconds=1))
    assert clock.now() == START
    with pytest.raises(ValueError, match="time zone"):
        ManualClock(START.replace(tzinfo=None))
