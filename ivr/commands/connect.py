"""`callnow connect`: points the clinics' numbers at this service."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from ivr.commands.doctor import public_address_leads_here
from ivr.commands.terminal import Failure, account_of
from ivr.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ivr.carrier.account import Change, Hook, Number, TwilioAccount
    from ivr.clinics.definition import ClinicFile


@click.command()
@click.option("--yes", is_flag=True, help="Set them without asking.")
@click.option("--no-probe", is_flag=True, help="Do not first see that PUBLIC_BASE_URL leads here.")
@click.option("--clinic", "clinic_id", help="This clinic's number alone.")
def connect(yes: bool, no_probe: bool, clinic_id: str | None) -> None:
    """Set the addresses that the clinics' numbers ask: voice, fallback, status and messaging.

    Shows first what would change, and asks. What else is set on a number stays.
    """
    from ivr.clinics.definition import read_clinics
    from ivr.doctor.carrier import refusal
    from ivr.messages.telephony import CarrierError

    settings = read_settings(os.environ)
    files = list(read_clinics(settings.clinics_dir).values())
    chosen = [one for one in files if clinic_id in (None, one.id)]
    if not chosen:
        known = ", ".join(one.id for one in files) or "none"
        raise Failure(f"There is no such clinic below {settings.clinics_dir}: it has {known}.")
    if not no_probe:
        _require_reachable(public_address_leads_here(settings))
    account = account_of(settings)
    try:
        changes = list(_compare(account, chosen, settings.public_base_url))
        if not any(change for _, change in changes):
            click.echo("Nothing to change.")
            return
        if not yes and not click.confirm("Set them so?"):
            raise Failure("Nothing was changed.")
        for number, change in changes:
            if change:
                account.set_up(number, change)
                click.echo(f"{number.number} is set up.")
    except CarrierError as error:
        raise Failure(refusal(error)) from None


def _require_reachable(faults: Iterable[str]) -> None:
    if found := list(faults):
        told = "\n".join(f"  {fault}" for fault in found)
        raise Failure(
            f"The number would lead nowhere, so nothing was changed:\n{told}\n"
            "Put it right, or give --no-probe if you know better."
        )


def _compare(
    account: TwilioAccount, files: Iterable[ClinicFile], base: str
) -> Iterator[tuple[Number, Change]]:
    """Show what each number has and would have. Raises CarrierError, or Failure where one is not
    the account's."""
    from ivr.carrier.account import change_for

    for file in files:
        line = file.numbers.line
        number = account.number(line)
        if number is None:
            raise Failure(
                f"The account has no number {line} (line of {file.id}): buy it or move it there in "
                "the Twilio console, or correct clinic.toml. Nothing was changed."
            )
        change = change_for(number, base)
        click.echo(f"{file.id}: {line}")
        for text in _lines(number, change):
            click.echo(f"  {text}")
        yield number, change


def _lines(number: Number, change: Change) -> Iterator[str]:
    from ivr.carrier.account import Hook

    width = max(len(_name(hook)) for hook in Hook)
    for hook in Hook:
        name = f"{_name(hook):<{width}}"
        if hook in change.hooks:
            before, after = change.hooks[hook]
            yield f"{name}  {before}"
            yield f"{'':<{width}}  becomes {after}"
        else:
            yield f"{name}  {number.hooks[hook]} (unchanged)"
    for other in change.stand_ins:
        yield f"{other}, which answers in their place, is taken off the number"


def _name(hook: Hook) -> str:
    from ivr.carrier.account import Hook

    return {
        Hook.VOICE: "voice",
        Hook.FALLBACK: "voice fallback",
        Hook.STATUS: "status callback",
        Hook.SMS: "messaging",
        Hook.SMS_AGAIN: "messaging again",
    }[hook]
