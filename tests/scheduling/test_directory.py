"""Clinics by id, number and definition."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scheduling import directory
from scheduling.definition import (
    ClosureDefinition,
    ProviderDefinition,
)
from scheduling.tables import Closure, Provider, VisitType, WeeklyHours
from tests.scheduling.sample import (
    CLINIC,
    DEFINITION,
    MORNINGS,
    at,
    book_first_free,
    offered,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from scheduling.database import Database


def test_the_number_called_picks_the_clinic(database: Database) -> None:
    def found(number: str) -> str | None:
        clinic = database.read(lambda session: directory.find_clinic_by_number(session, number))
        return clinic.id if clinic else None

    assert (found("+15125550100"), found("+15125550101")) == (CLINIC, None)


def test_loading_a_clinic_twice_changes_nothing(database: Database) -> None:
    def rows(session: Session) -> list[Any]:
        tables = (Provider, VisitType, WeeklyHours, Closure)
        return [sorted(session.scalars(select(table.id))) for table in tables]

    definition = replace(DEFINITION, closures=(ClosureDefinition(at(8), at(9), "training"),))
    database.write(lambda session: directory.load_clinic(session, definition))
    before = database.read(rows)
    database.write(lambda session: directory.load_clinic(session, definition))
    assert database.read(rows) == before


def test_whatever_a_new_definition_drops_is_no_longer_offered_but_visits_stand(
    database: Database,
) -> None:
    visit = database.write(lambda session: book_first_free(session, after=at(0)))
    successor = replace(
        DEFINITION, providers=(ProviderDefinition("gray", "Doctor Gray", MORNINGS[:1]),)
    )
    database.write(lambda session: directory.load_clinic(session, successor))
    slots = database.read(lambda session: offered(session, after=at(0)))
    assert {slot.provider_name for slot in slots} == {"Doctor Gray"}
    assert {slot.starts_at.weekday() for slot in slots} == {0}
    provider = database.read(lambda session: session.get_one(Provider, (CLINIC, visit.provider_id)))
    assert (provider.name, provider.active) == ("Doctor Fura", False)
