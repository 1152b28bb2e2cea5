"""`callnow import`: takes over a clinic's old book from CSV files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ivr.commands.terminal import Failure, echo_counts, opened_for

if TYPE_CHECKING:
    from ivr.csv_import.importing import ImportFile
    from scheduling.importing.rows import Report

_file = click.argument(
    "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE"
)
_clinic = click.option(
    "--clinic", "clinic_id", help="Id of the clinic; may be left out when there is only one."
)
_dry_run = click.option(
    "--dry-run", is_flag=True, help="Do all of it, take it back, and say what would have changed."
)


@click.group("import")
def import_() -> None:
    """A clinic's old book, from CSV files: its patients first, then their visits."""


@import_.command("patients")
@_file
@_clinic
@_dry_run
def import_patients(path: Path, clinic_id: str | None, *, dry_run: bool) -> None:
    """Store the patients of FILE, all or none. The same file again changes nothing."""
    from ivr.csv_import.importing import import_patients_file

    _run(import_patients_file, path, clinic_id, dry_run=dry_run)


@import_.command("visits")
@_file
@_clinic
@_dry_run
def import_visits(path: Path, clinic_id: str | None, *, dry_run: bool) -> None:
    """Store the visits of FILE, all or none. The same file again changes nothing."""
    from ivr.csv_import.importing import import_visits_file

    _run(import_visits_file, path, clinic_id, dry_run=dry_run)


def _run(import_file: ImportFile, path: Path, clinic_id: str | None, *, dry_run: bool) -> None:
    from ivr.csv_import.faults import CsvFileError

    with opened_for(clinic_id) as (database, chosen):
        try:
            report = import_file(
                database, path, clinic_id=chosen, now=datetime.now(UTC), dry_run=dry_run
            )
        except CsvFileError as error:
            raise Failure(str(error)) from None
    click.echo(f"{path.name}, clinic {chosen}:")
    _tell(report)
    if dry_run:
        click.echo("This was a dry run: nothing was stored.")


def _tell(report: Report) -> None:
    echo_counts({**report.done, "rows that change nothing": report.unchanged})
    if report.warnings:
        click.echo(f"{len(report.warnings)} to look at:")
    for remark in report.warnings:
        click.echo(f"  {remark}")
