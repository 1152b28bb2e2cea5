"""`callnow staff`: the PINs by which people on call are known on the phone."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from ivr.commands.terminal import Failure, opened_for

_CLINIC = click.option(
    "--clinic", "clinic_id", help="Id of the clinic; may be left out when there is only one."
)


@click.group()
def staff() -> None:
    """People on call who use the line by phone."""


@staff.command("pin")
@click.argument("key")
@_CLINIC
def pin(key: str, clinic_id: str | None) -> None:
    """Set the PIN of KEY, as clinic.toml names the person, or "supervisor". Asks for it twice.

    Six digits. A PIN that was locked after too many wrong ones is open again.
    """
    from ivr.oncall import pins
    from ivr.oncall.rota import UnknownPerson, person_of

    with opened_for(clinic_id) as (database, chosen):
        try:
            name = database.read(lambda session: person_of(session, chosen, key).name)
            keyed = click.prompt("PIN", hide_input=True, confirmation_prompt=True)
            pin_hash = pins.hashed(keyed)
            database.write(
                lambda session: pins.set_pin(
                    session,
                    clinic_id=chosen,
                    person_key=key,
                    pin_hash=pin_hash,
                    now=datetime.now(UTC),
                )
            )
        except (UnknownPerson, pins.PinRefused) as error:
            raise Failure(str(error)) from None
    click.echo(f"{name} may now call the line from their own phone and key this PIN.")


@staff.command("list")
@_CLINIC
def list_staff(clinic_id: str | None) -> None:
    """Say who may call as staff, and whose PIN is missing or locked."""
    from ivr.oncall import pins
    from scheduling.hours import local_day, zone_of
    from scheduling.tables import Clinic

    words = {
        pins.Standing.ASK: "PIN set",
        pins.Standing.NO_PIN: "no PIN yet",
        pins.Standing.LOCKED: "locked until tomorrow after too many wrong PINs",
    }
    with opened_for(clinic_id) as (database, chosen):
        zone = zone_of(database.read(lambda session: session.get_one(Clinic, chosen).timezone))
        today = local_day(datetime.now(UTC), zone)
        known = database.read(lambda session: pins.standings(session, chosen, today))
    for key, name, standing in known:
        click.echo(f"{key} ({name}): {words[standing]}")
