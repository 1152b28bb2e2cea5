"""Staff call the line from their own phone, key a PIN, and work through the open tickets."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from ivr.call.actions import Context, staff
from ivr.call.events import Keyed
from ivr.call.lines import lines_of
from ivr.call.session import Session
from ivr.call.turn import NeedsTransaction, Request, answer_alone
from ivr.oncall import board, closing, pins
from ivr.oncall.dispositions import Disposition
from ivr.simulator.testing import Handset, PlacedCall
from scheduling.database import Base
from tests.calls.known_number import on_file
from tests.calls.town import Town
from tests.clock import MONDAY_NIGHT
from tests.corpus.scoring import wording
from tests.product import LINE, NURSE, PATIENT, demo_clinic

PIN = "294617"
WRONG = "118822"
OFFER = "For on-call staff, press 5."
ENTERED = "You have"


@pytest.fixture(autouse=True)
def at_night(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT


@pytest.fixture(scope="module")
def pin_hash() -> str:
    return pins.hashed(PIN)


@pytest.fixture(autouse=True)
def staff_with_pins(town: Town, pin_hash: str) -> None:
    """Ana and Sam have a PIN; the supervisor has none."""
    for key in ("ana-ruiz", "sam-lee"):
        set_pin(town, key, pin_hash)


def set_pin(town: Town, key: str, pin_hash: str) -> None:
    town.product.database.write(
        lambda session: pins.set_pin(
            session,
            clinic_id="demo",
            person_key=key,
            pin_hash=pin_hash,
            now=town.product.clock(),
        )
    )


def staff_call(phone: Handset, *keys: str) -> PlacedCall:
    """Somebody calls the line and presses these keys, one prompt after the other."""
    call = phone.call(LINE)
    for key in keys:
        call.press(key)
    return call


def missed(town: Town) -> None:
    """A patient asks for urgent help, nobody accepts, and they hang up."""
    call = town.call("1", "2")
    town.nurse.let_ring()
    town.backup.let_ring()
    call.hang_up()


def tickets(town: Town) -> list[str]:
    return [str(row["status"]) for row in town.product.rows("SELECT status FROM ticket")]


def closings(town: Town) -> list[dict[str, str]]:
    rows = town.product.rows("SELECT detail FROM ticket_event WHERE kind = 'closed'")
    stored = [row["detail"] for row in rows]
    return [json.loads(one) if isinstance(one, str) else one for one in stored]


def test_only_a_registered_phone_is_offered_the_staff_menu(town: Town) -> None:
    assert OFFER not in town.call().heard
    before, _, after = staff_call(town.nurse).heard.partition(OFFER)
    assert before.startswith("If this is an emergency, hang up and dial 9 1 1.")
    assert "For hours, address and messages, press 4." in before
    assert after.strip().startswith("For a person, press 0.")


def test_a_patient_who_presses_five_is_not_asked_for_a_pin(town: Town) -> None:
    call = town.call("5")
    assert "PIN" not in call.heard
    assert "did not understand" in call.heard


def test_a_nurse_who_is_a_patient_finds_every_other_choice_as_it_was(town: Town) -> None:
    staff_call(town.backup, "1", "2")
    assert town.nurse.ringing
    assert tickets(town) == ["ringing"]


def test_a_spoofed_number_without_the_pin_gets_nothing(town: Town) -> None:
    missed(town)
    call = staff_call(town.nurse, "5")
    for keys in (WRONG, "12", "*"):
        call.press(keys)
        assert ENTERED not in call.heard
        assert "ending" not in call.heard
    assert tickets(town) != ["accepted"]


def test_the_right_pin_opens_the_list(town: Town) -> None:
    missed(town)
    town.product.clock.advance(minutes=12)
    call = staff_call(town.nurse, "5", PIN)
    assert (
        "You have no ticket; one waits. Ticket 1. Pump alarm. Opened 12 minutes ago. "
        "Callback ending 0 1 4 2. Nobody has it. To accept it and be connected, press 1. "
        "For the next ticket, press 2."
    ) in call.heard


def test_with_no_ticket_open_they_are_told_so(town: Town) -> None:
    call = staff_call(town.nurse, "5", PIN)
    assert "You have no ticket; none waits. There are no more tickets." in call.heard


def test_they_accept_and_are_connected_and_close_with_a_code(town: Town) -> None:
    missed(town)
    call = staff_call(town.nurse, "5", PIN, "1")
    assert tickets(town) == ["accepted"]
    assert town.patient.ringing_from == LINE
    town.patient.answer()
    assert call.bridged_with == PATIENT
    town.patient.hang_up()
    assert tickets(town) == ["called_back"]
    assert "You have it. To call them, press 1." in call.heard
    call.press("3")
    call.press("1")
    assert tickets(town) == ["closed"]
    assert "Ticket 1 is closed. Ana Ruiz closed it." in call.heard
    assert closings(town) == [{"disposition": "helped", "by_name": "Ana Ruiz"}]
    town.product.clock.advance(minutes=30)
    assert town.let_the_worker_work() == 0


def test_a_patient_who_does_not_answer_is_tried_again_and_closed_as_not_reached(
    town: Town,
) -> None:
    missed(town)
    call = staff_call(town.nurse, "5", PIN, "1")
    town.patient.let_ring()
    assert "They could not be reached. To try again, press 1." in call.heard
    call.press("1")
    town.patient.let_ring()
    for key in ("2", "3", "4", "1"):
        call.press(key)
    assert [one["disposition"] for one in closings(town)] == ["not_reached"]


def test_acceptance_by_phone_ends_the_paging(town: Town) -> None:
    missed(town)
    staff_call(town.nurse, "5", PIN, "1")
    town.product.clock.advance(minutes=30)
    town.let_the_worker_work()
    assert not town.backup.ringing


def test_somebody_elses_ticket_can_be_neither_accepted_nor_closed(town: Town) -> None:
    missed(town)
    staff_call(town.nurse, "5", PIN, "1")
    town.patient.let_ring()
    call = staff_call(town.backup, "5", PIN)
    assert "Ana Ruiz has it." in call.heard
    call.press("3")
    assert "did not understand" in call.heard
    assert tickets(town) == ["accepted"]
    assert closings(town) == []


def test_of_two_who_hear_the_same_ticket_the_second_hears_who_has_it(town: Town) -> None:
    missed(town)
    slow = staff_call(town.backup, "5", PIN)
    staff_call(town.nurse, "5", PIN, "1")
    slow.press("1")
    assert "Ana Ruiz has it." in slow.heard
    assert slow.bridged_with is None


def test_a_ticket_that_the_desk_closed_meanwhile_is_not_accepted(town: Town) -> None:
    missed(town)
    call = staff_call(town.nurse, "5", PIN)
    town.product.database.write(
        lambda session: closing.close_at_desk(
            session,
            clinic_id="demo",
            ticket_id=board.open_tickets(session, "demo")[0].id,
            name="Rosa Diaz",
            disposition=Disposition.HELPED,
            now=town.product.clock(),
        )
    )
    call.press("1")
    assert "Ticket 1 is closed. Rosa Diaz closed it." in call.heard
    assert tickets(town) == ["closed"]


def test_those_that_wait_come_first_the_oldest_of_them_first(town: Town) -> None:
    for _ in range(3):
        missed(town)
        town.product.clock.advance(minutes=1)
    call = staff_call(town.nurse, "5", PIN, "1")
    town.patient.let_ring()
    call.hang_up()
    again = staff_call(town.nurse, "5", PIN)
    assert "You have one ticket; 2 wait. Ticket 2." in again.heard
    again.press("2")
    assert again.heard.startswith("Ticket 3.")
    again.press("2")
    assert again.heard.startswith("Ticket 1.")
    assert "You have it." in again.heard
    again.press("2")
    assert "There are no more tickets." in again.heard


def test_three_wrong_pins_end_the_way_in_for_this_call_and_urgent_still_rings(town: Town) -> None:
    call = staff_call(town.nurse, "5", WRONG, WRONG)
    assert "That is not your PIN. Please key it again." in call.heard
    call.press(WRONG)
    assert "Use the desk's page, or call the supervisor." in call.heard
    call.press("2")
    call.press("5")
    assert "I cannot let you in on this call" in call.heard
    call.press("1")
    call.press("2")
    assert tickets(town) == ["ringing"]


def test_five_wrong_pins_lock_until_tomorrow_and_nothing_else_is_locked(town: Town) -> None:
    staff_call(town.nurse, "5", WRONG, WRONG, WRONG).hang_up()
    call = staff_call(town.nurse, "5", WRONG, WRONG)
    assert "Until tomorrow, use the desk's page, or call the supervisor." in call.heard
    call.hang_up()
    locked = staff_call(town.nurse, "5")
    assert "Until tomorrow" in locked.heard
    locked.press("0")
    assert "If this is urgent, press 1." in locked.heard
    locked.press("1")
    locked.press("2")
    assert tickets(town) == ["ringing"]
    locked.hang_up()
    assert ENTERED in staff_call(town.backup, "5", PIN).heard
    town.product.clock.advance(days=1)
    assert ENTERED in staff_call(town.nurse, "5", PIN).heard


def test_whoever_has_no_pin_is_told_how_to_get_one(town: Town) -> None:
    call = staff_call(town.supervisor, "5")
    assert "No PIN has been set for you yet." in call.heard


def test_the_supervisor_with_a_pin_accepts_like_anybody(town: Town, pin_hash: str) -> None:
    set_pin(town, "supervisor", pin_hash)
    missed(town)
    staff_call(town.supervisor, "5", PIN, "1")
    assert tickets(town) == ["accepted"]


@pytest.mark.parametrize(("keyed", "right"), [(PIN, "yes"), (WRONG, "no")])
def test_a_pin_is_compared_before_the_transaction_begins(
    town: Town, keyed: str, right: str
) -> None:
    staff_call(town.nurse, "5")
    line = lines_of({"demo": demo_clinic()}, link_base="")[LINE]
    request = Request(town.company.calls[-1].sid, NURSE, 2, Keyed(keyed))
    with pytest.raises(NeedsTransaction) as needs:
        town.product.database.statement_by_statement(
            lambda session: answer_alone(session, line, request, repr, town.product.clock())
        )
    assert needs.value.found == {"pin_is_right": right}


@pytest.mark.parametrize(("keyed", "outcome"), [(PIN, "right"), (WRONG, "wrong")])
def test_a_pin_that_was_not_compared_before_the_transaction_is_compared_in_it(
    town: Town, keyed: str, outcome: str
) -> None:
    # So it is where the call holds a slot meanwhile.
    session = Session("demo", "CA1", NURSE, facts={"staff": "ana-ruiz", "pin": keyed})
    done = town.product.database.write(
        lambda transaction: staff.check_pin(
            Context(transaction, demo_clinic(), wording(), "", timedelta(), town.product.clock()),
            session,
        )
    )
    assert done.outcome == outcome
    assert done.facts["pin"] == ""


def test_no_pin_is_in_any_row_or_any_line_of_the_log(
    town: Town, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    missed(town)
    staff_call(town.nurse, "5", WRONG, PIN, "1")
    town.patient.let_ring()
    out, err = capfd.readouterr()
    for secret in (PIN, WRONG):
        assert secret not in out + err + caplog.text
        with town.product.database.engine.connect() as connection:
            for table in Base.metadata.sorted_tables:
                assert secret not in repr(connection.execute(select(table)).all()), table.name


def test_the_caller_who_presses_urgent_again_reopens_their_closed_ticket(town: Town) -> None:
    call = town.call("1", "2")
    town.nurse.let_ring()
    town.backup.let_ring()
    assert "Nobody has answered yet" in call.heard
    other = staff_call(town.backup, "5", PIN, "1")
    for key in ("2", "3", "4", "2"):
        other.press(key)
    assert tickets(town) == ["closed"]
    call.press("1")
    assert town.nurse.ringing
    assert tickets(town) == ["ringing"]
    kinds = [row["kind"] for row in town.product.rows("SELECT kind FROM ticket_event")]
    assert "reopened" in kinds


def test_a_caller_whose_ticket_was_closed_while_another_phone_rang_is_rung_for_again(
    town: Town,
) -> None:
    call = town.call("1", "2")
    town.nurse.answer()
    staff_call(town.backup, "5", PIN, "1", "2", "3", "4", "1")
    assert tickets(town) == ["closed"]
    town.nurse.press("2")
    assert not call.is_over
    assert tickets(town) == ["ringing"]


def test_a_nurse_who_hangs_up_first_has_called_back_all_the_same(town: Town) -> None:
    missed(town)
    call = staff_call(town.nurse, "5", PIN, "1")
    town.patient.answer()
    call.hang_up()
    assert tickets(town) == ["called_back"]


def test_a_pin_stays_out_of_the_row_of_the_turn_in_which_it_is_keyed() -> None:
    session = Session("demo", "CA1", NURSE, facts={"staff": "ana-ruiz", "pin": PIN})
    assert Session.from_json(session.to_json()).facts == {"staff": "ana-ruiz"}


def test_whoever_accepts_while_the_caller_waits_is_connected_with_them(town: Town) -> None:
    town.let_the_worker_work()
    caller = town.call("1", "2")
    town.nurse.let_ring()
    town.backup.let_ring()
    assert caller.waits_in is not None
    nurse = staff_call(town.nurse, "5", PIN, "1")
    assert "The caller is on the line. I am connecting you now." in nurse.heard
    assert caller.bridged_with == NURSE
    town.product.clock.advance(minutes=1)
    caller.hang_up()
    assert "You have it." in nurse.heard
    assert tickets(town) == ["accepted"]


def test_a_caller_who_has_hung_up_meanwhile_is_called(town: Town) -> None:
    town.let_the_worker_work()
    caller = town.call("1", "2")
    town.nurse.let_ring()
    town.backup.let_ring()
    nurse = staff_call(town.nurse, "5", PIN)
    with town.company.time_held():
        nurse.press("1")
        assert "The caller is on the line." in nurse.heard
        caller.hang_up()
    town.company.elapse(6)
    assert town.patient.ringing
    town.patient.answer()
    town.patient.hang_up()
    assert tickets(town) == ["called_back"]
    assert "You have it." in nurse.heard


def test_whoever_accepts_hears_what_is_on_file_before_they_are_connected(town: Town) -> None:
    on_file(town, "Maria Gonzalez", pump=False)
    missed(town)
    nurse = staff_call(town.nurse, "5", PIN)
    assert "Maria Gonzalez" not in nurse.heard_in_all
    nurse.press("1")
    assert "On file with this number: Maria Gonzalez, not verified. I am connecting you." in (
        nurse.heard
    )
