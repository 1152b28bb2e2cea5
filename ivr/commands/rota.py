"""`callnow rota show`: who is on call in the days ahead, and what is to be put right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from ivr.commands.terminal import opened_for


@click.group()
def rota() -> None:
    """Who is on call."""


@rota.command("show")
@click.option("--days", type=click.IntRange(1, 366), default=14, show_default=True)
@click.option(
    "--clinic", "clinic_id", help="Id of the clinic; may be left out when there is only one."
)
def show(days: int, clinic_id: str | None) -> None:
    """Say whom an urgent call rings, first to last, and what is wrong ahead."""
    from ivr.oncall.rota import stored_rota
    from ivr.oncall.rota_gaps import sentences
    from ivr.oncall.rota_rules import boundaries, who_is_on_call
    from scheduling.tables import Clinic

    start = datetime.now(UTC)
    end = start + timedelta(days=days)
    with opened_for(clinic_id) as (database, chosen):
        stored, line = database.read(
            lambda session: (
                stored_rota(session, chosen, start, end),
                session.get_one(Clinic, chosen).phone_number,
            )
        )
    before = None
    for at in boundaries(stored, start, end):
        rung = ", ".join(person.name for person in who_is_on_call(stored, at).ring_order())
        if rung != before:
            click.echo(f"from {at.astimezone(stored.zone):%a %Y-%m-%d %H:%M %Z}: {rung}")
        before = rung
    for sentence in sentences(stored, start, end, line=line):
        click.echo(sentence)
