"""Twilio's published API description accepts what `callnow connect` and `callnow doctor` ask."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from ivr.carrier.account import (
    Account,
    Hook,
    Registration,
    Target,
    TwilioAccount,
    change_for,
    wanted,
)
from ivr.cli import main
from tests.clinics.files import clinic_file
from tests.settings.environment import complete_environment
from tests.settings.logging_state import logging_state_is_restored

__all__ = ["logging_state_is_restored"]

pytestmark = pytest.mark.xdist_group("carrier_contract")

ACCOUNT = "AC" + "a" * 32
TOKEN = "0123456789abcdef0123456789abcdef"
LISTED = "+18089255327"
"""The number in the description's own example."""
LINE = "https://line.example.com"


@pytest.fixture
def account(twilio_api: str) -> TwilioAccount:
    """Our client, talking to the server built from Twilio's description."""
    return TwilioAccount(ACCOUNT, TOKEN, twilio_api)


def test_the_account_is_read_with_the_time_it_is_there(account: TwilioAccount) -> None:
    found = account.account()
    assert isinstance(found, Account)
    assert (found.status, found.is_trial) == ("active", False)


def test_a_number_is_found_by_its_digits_alone(account: TwilioAccount) -> None:
    found = account.number(LISTED)
    assert found is not None
    assert found.number == LISTED
    assert found.sid.startswith("PN")
    assert found.hooks[Hook.FALLBACK] == Target("")
    # The mock's list has that number whatever was asked for, as Twilio's has what contains it.
    assert account.number("+15125550100") is None


def test_twilio_accepts_the_four_addresses_and_the_end_of_what_stood_in_for_them(
    account: TwilioAccount,
) -> None:
    found = account.number(LISTED)
    assert found is not None
    change = change_for(found, LINE)
    assert {hook: after for hook, (_, after) in change.hooks.items()} == wanted(LINE)
    account.set_up(found, change)


def test_twilio_refuses_a_method_that_is_none(twilio_api: str) -> None:
    """Without this, accepting our request would prove nothing."""
    answer = httpx.post(
        f"{twilio_api}/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers/{'PN' + 'a' * 32}.json",
        data={"VoiceUrl": f"{LINE}/voice/incoming", "VoiceMethod": "PUT"},
        auth=(ACCOUNT, TOKEN),
    )
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert "allowed values" in answer.text


def test_what_is_known_of_a_number_as_a_sender_of_texts_is_read(account: TwilioAccount) -> None:
    """The description's example: in a service of its own address, whose campaign is pending."""
    found = account.number(LISTED)
    assert found is not None
    sender = account.text_sender(found)
    assert sender.registration is Registration.PENDING
    assert sender.diverted_to == "https://www.example.com/"


def test_callnow_connect_sets_a_number_up_as_twilio_describes_it(
    twilio_api: str, tmp_path: Path, logging_state_is_restored: None
) -> None:
    clinic_file(tmp_path / "one", ("+15125550100", LISTED))
    environment = complete_environment(
        TWILIO_API_BASE_URL=twilio_api, CLINICS_DIR=str(tmp_path), PUBLIC_BASE_URL=LINE
    )
    connect = ["connect", "--yes", "--no-probe"]
    said = CliRunner().invoke(main, connect, env=environment)
    assert said.exit_code == 0, said.output
    assert said.output.count("becomes POST https://line.example.com/") == 5
    assert said.output.endswith(f"{LISTED} is set up.\n")
