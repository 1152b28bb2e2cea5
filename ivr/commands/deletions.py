"""`callnow patient delete` and `callnow retention`: what is deleted, only when told twice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from ivr.commands.terminal import Failure, echo_counts, opened_for

if TYPE_CHECKING:
    from ivr.forgetting import Forgotten

_clinic = click.option(
    "--clinic", "clinic_id", help="Id of the clinic; may be left out when there is only one."
)
_yes = click.option("--yes", is_flag=True, help="Delete; without it, only say what would go.")


@click.group()
def patient() -> None:
    """Patients' records."""


@patient.command("delete")
@click.argument("patient_id", type=click.UUID)
@_clinic
@_yes
def delete_patient(patient_id: UUID, clinic_id: str | None, *, yes: bool) -> None:
    """Delete the patient PATIENT_ID with all that is theirs; without --yes, say what that is.

    Refused while a visit is ahead, a pump is active or a recall is to be done.
    """
    from ivr import forgetting
    from scheduling.errors import SchedulingError

    with opened_for(clinic_id) as (database, chosen):
        delete = forgetting.forget if yes else forgetting.look
        try:
            forgotten = delete(
                database, clinic_id=chosen, patient_id=patient_id, now=datetime.now(UTC)
            )
        except SchedulingError as error:
            raise Failure(f"Nothing was deleted: {error}.") from None
    click.echo("Deleted:" if yes else "This would be deleted:")
    _tell(forgotten)
    if not yes:
        click.echo("Nothing was deleted. Add --yes to delete it for good.")


@click.command()
@click.option(
    "--years",
    type=click.IntRange(min=1),
    help="Keep records for so many years; 7 if left out, which the clinic has to confirm.",
)
@_clinic
@_yes
def retention(years: int | None, clinic_id: str | None, *, yes: bool) -> None:
    """Delete patients whose records need not be kept any more; without --yes, count them.

    Those are patients whose last visit, and last change of their record, lie more than YEARS
    back, of minors until they are 21, with nothing ahead, no active pump and no recall.
    """
    from ivr import forgetting
    from scheduling.errors import PatientInCare
    from scheduling.retention import YEARS_KEPT, past_retention

    years, now = years or YEARS_KEPT, datetime.now(UTC)
    with opened_for(clinic_id) as (database, chosen):
        patients = database.read(
            lambda session: past_retention(session, chosen, now=now, years=years)
        )
        click.echo(
            f"Clinic {chosen}: patients whose record need not be kept after {years} years: "
            f"{len(patients)}."
        )
        if not yes:
            click.echo("Nothing was deleted. Add --yes to delete them for good.")
            return
        deleted: Counter[str] = Counter()
        for patient_id in patients:
            try:
                forgotten = forgetting.forget_past_retention(
                    database, clinic_id=chosen, patient_id=patient_id, now=now, years=years
                )
            except PatientInCare:
                # Somebody came back between the list and now: their record is in use again.
                continue
            deleted += forgotten.deleted if forgotten else Counter()
    click.echo("Deleted:")
    echo_counts(deleted)


def _tell(forgotten: Forgotten) -> None:
    echo_counts(forgotten.deleted)
    if forgotten.kept:
        click.echo("Kept, with a number of theirs:")
        echo_counts(forgotten.kept)
