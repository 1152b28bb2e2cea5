"""`callnow connect`: what the clinic's number asks is shown, compared, and set."""

from __future__ import annotations

import pytest

from ivr.simulator.testing import PlannedFailure
from tests.cli.conftest import Callnow
from tests.cli.connected import Connected
from tests.product import LINE
from tests.settings.environment import AUTH_TOKEN

STRANGE = "https://other.example/voice"

NOT_SET_UP = {
    "voice_url": STRANGE,
    "voice_method": "GET",
    "voice_fallback_url": None,
    "status_callback": None,
    "sms_fallback_url": None,
    "voice_application_sid": "AP" + "1" * 32,
}
"""What a number may look like when it was used for something else."""


def as_set_up(there: Connected) -> tuple[str | None, ...]:
    """What the number asks, in the order in which it is shown."""
    number = there.number
    urls = (
        *(number.voice_url, number.voice_fallback_url, number.status_callback),
        *(number.sms_url, number.sms_fallback_url),
    )
    return tuple(url.removeprefix(there.base) if url else url for url in urls)


OURS = ("/voice/incoming", "/voice/fallback", "/voice/status", "/sms/incoming", "/sms/incoming")


def test_the_difference_is_shown_and_set_when_it_is_confirmed(
    callnow: Callnow, connected: Connected
) -> None:
    connected.set_number(**NOT_SET_UP)
    base = connected.base
    said = callnow("connect", given="y\n", **connected.environment)
    assert said.exit_code == 0, said.output
    assert said.stdout == (
        f"demo: {LINE}\n"
        f"  voice            GET {STRANGE}\n"
        f"                   becomes POST {base}/voice/incoming\n"
        f"  voice fallback   nothing\n"
        f"                   becomes POST {base}/voice/fallback\n"
        f"  status callback  nothing\n"
        f"                   becomes POST {base}/voice/status\n"
        f"  messaging        POST {base}/sms/incoming (unchanged)\n"
        f"  messaging again  nothing\n"
        f"                   becomes POST {base}/sms/incoming\n"
        f"  a TwiML application for calls, which answers in their place, is taken off the number\n"
        f"Set them so? [y/N]: y\n"
        f"{LINE} is set up.\n"
    )
    assert as_set_up(connected) == OURS
    assert (connected.number.voice_method, connected.number.voice_application_sid) == ("POST", "")


def test_what_else_is_set_on_the_number_stays(callnow: Callnow, connected: Connected) -> None:
    connected.set_number(**NOT_SET_UP, friendly_name="Front door")
    assert callnow("connect", "--yes", **connected.environment).exit_code == 0
    assert as_set_up(connected) == OURS
    assert connected.number.friendly_name == "Front door"


def test_a_no_changes_nothing(callnow: Callnow, connected: Connected) -> None:
    connected.set_number(**NOT_SET_UP)
    before = connected.number
    said = callnow("connect", given="n\n", **connected.environment)
    assert said.exit_code == 1
    assert said.output.endswith("Nothing was changed.\n")
    assert connected.number == before


def test_a_number_that_is_set_up_is_left_alone(callnow: Callnow, connected: Connected) -> None:
    connected.company.fail_rest(PlannedFailure(500, 20500, "no writing", path="Incoming"))
    said = callnow("connect", "--yes", **connected.environment)
    assert said.exit_code == 0, said.output
    assert said.output.count("(unchanged)") == 5
    assert said.output.endswith("Nothing to change.\n")


@pytest.mark.parametrize("options", [(), ("--yes",)])
def test_a_number_is_not_pointed_at_an_address_that_does_not_lead_here(
    options: tuple[str, ...], callnow: Callnow, connected: Connected
) -> None:
    before = connected.number
    nowhere = {**connected.environment, "PUBLIC_BASE_URL": "http://127.0.0.1:1"}
    said = callnow("connect", *options, **nowhere)
    assert said.exit_code == 1
    assert "http://127.0.0.1:1 does not answer from here" in said.output
    assert connected.number == before
    assert callnow("connect", "--yes", "--no-probe", **nowhere).exit_code == 0
    assert connected.number.voice_url == "http://127.0.0.1:1/voice/incoming"


def test_refusals_of_the_carrier_are_told_with_what_to_do(
    callnow: Callnow, connected: Connected
) -> None:
    wrong = {**connected.environment, "TWILIO_AUTH_TOKEN": AUTH_TOKEN}
    refused = callnow("connect", "--yes", "--no-probe", **wrong)
    connected.lose_number()
    lost = callnow("connect", "--yes", **connected.environment)
    assert (refused.exit_code, lost.exit_code) == (1, 1)
    assert "The carrier refuses TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN" in refused.output
    assert f"The account has no number {LINE} (line of demo): buy it or move it there" in (
        lost.output
    )


def test_another_clinics_number_is_left_alone(callnow: Callnow, connected: Connected) -> None:
    connected.set_number(**NOT_SET_UP)
    said = callnow("connect", "--yes", "--clinic", "north", **connected.environment)
    assert said.exit_code == 1
    assert "There is no such clinic below" in said.output
    assert "it has demo." in said.output
