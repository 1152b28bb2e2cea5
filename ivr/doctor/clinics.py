"""Whether what the clinics' files say is what the line works with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy.orm import Session

from ivr.call.actions import action_outcomes
from ivr.call.checks import check
from ivr.call.flow import FLOW
from ivr.call.prompts import load_prompts
from ivr.clinics.definition import ClinicFile
from ivr.oncall.escalation import is_dialable
from ivr.oncall.supervisor import supervisor_of
from scheduling.tables import Clinic


def is_loaded(session: Session, clinic: ClinicFile) -> Iterator[str]:
    """The database has the clinic, on the same line."""
    stored = session.get(Clinic, clinic.id)
    if stored is None:
        yield f"The database has no clinic {clinic.id}: run callnow clinic load."
    elif stored.phone_number != clinic.numbers.line:
        yield (
            f"The line is {stored.phone_number} in the database and {clinic.numbers.line} in the "
            "file: correct the file, or run callnow clinic load."
        )


def sentences_are_complete(clinic: ClinicFile) -> Iterator[str]:
    """Everything that the line may say stands in both languages."""
    try:
        prompts = load_prompts(
            clinic.content_dir, constants=clinic.spoken_constants(), zone=clinic.timezone
        )
    except ValueError as error:
        yield f"{error}."
        return
    yield from (f"{fault}." for fault in check(FLOW, prompts, action_outcomes()))


UNSIGNED = re.compile(r"^\s*#.*(?:UNSIGNED|NOBODY HAS SIGNED|SIN FIRMAR)", re.MULTILINE)
"""What the demo clinic's files say in their comments, and every copy until somebody signs."""


def wording_is_signed(clinic: ClinicFile) -> Iterator[str]:
    """A physician stands for what the line says and for the refill dates."""
    marked = [
        path.name
        for path in sorted(clinic.content_dir.glob("*.toml"))
        if UNSIGNED.search(path.read_text(encoding="utf-8"))
    ]
    if marked:
        yield (
            f"Clinical wording or figures are marked as unsigned in {', '.join(marked)}: let the "
            "clinic's physician read and correct them, and then write who signed them, and when, "
            "in place of that mark."
        )


def last_resort_rings(session: Session, clinic: ClinicFile) -> Iterator[str]:
    """Whom an urgent call reaches when nobody on call accepts, or the database is away."""
    numbers = clinic.numbers
    supervisor = supervisor_of(session, clinic.id)
    if supervisor is None:
        yield "The database knows no supervisor, so nobody is paged last: run callnow clinic load."
    # Loaded from the file they are one number, and one fault.
    told = {supervisor.number: "The supervisor's number"} if supervisor else {}
    told[numbers.fallback_on_call] = "fallback_on_call"
    for number, name in told.items():
        if not is_dialable(number):
            yield f"{name} ({number}) cannot be dialled: correct it in clinic.toml and load it."
        elif number == numbers.line:
            yield f"{name} is the line itself: give a telephone that a person answers at night."
        elif number == numbers.desk:
            yield (
                f"{name} is the desk's number, where nobody is at night: give a telephone that a "
                "person answers at any hour."
            )
