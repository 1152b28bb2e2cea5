"""The clinic's telephones as settings: the desk's, the supervisor's, and whom urgent calls ring.

Checked as in the clinic's file. The line's own number is not among them: what no carrier leads
here would silence every call and page, so it changes in the file, when the number is connected.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.frontdesk.settings_shapes import Kind, Value
from ivr.frontdesk.wording import say
from ivr.oncall import rota
from ivr.oncall.escalation import Person, is_dialable
from ivr.oncall.supervisor import KEY as SUPERVISOR
from ivr.oncall.supervisor import load_supervisor, supervisor_of
from ivr.oncall.tables import OnCallPerson
from scheduling import checked_input, directory
from scheduling.errors import InvalidInput
from scheduling.last_loaded import keep_what_was


def _read_numbers(session: Session, clinic_id: str, _subject: str) -> Value:
    supervisor = supervisor_of(session, clinic_id)
    return {
        "desk": directory.clinic(session, clinic_id).desk_number,
        "supervisor": None if supervisor is None else supervisor.number,
    }


def _write_numbers(session: Session, clinic_id: str, _subject: str, value: Value) -> None:
    if not isinstance(value, dict):
        raise InvalidInput(say("a number is missing: give both"))
    clinic = directory.clinic(session, clinic_id)
    desk, number = value["desk"], value["supervisor"]
    _refuse_unfit([("the desk's number", desk), ("the supervisor's number", number)], clinic)
    if any(one.key == SUPERVISOR for one in rota.people_listed(session, clinic_id)):
        raise InvalidInput(say("somebody on the list is the supervisor: change their number there"))
    before = _read_numbers(session, clinic_id, _subject)
    keep_what_was(session, clinic_id, "clinic", "desk_number", clinic.desk_number)
    if isinstance(before, dict):
        keep_what_was(session, clinic_id, "on call", "fallback_on_call", before["supervisor"])
    clinic.desk_number = desk
    if number is not None:
        load_supervisor(session, clinic_id, number)


def _read_people(session: Session, clinic_id: str, _subject: str) -> Value:
    return [
        {"key": one.key, "name": one.name, "number": one.number}
        for one in rota.people_listed(session, clinic_id)
    ]


def _write_people(session: Session, clinic_id: str, _subject: str, value: Value) -> None:
    people = [
        Person(one["key"], one["name"], one["number"])
        for one in (value if isinstance(value, list) else [])
    ]
    if not people:
        raise InvalidInput(say("nobody would be left whom an urgent call rings: keep somebody"))
    clinic = directory.clinic(session, clinic_id)
    _refuse_unfit(((f"the number of {one.name}", one.number) for one in people), clinic)
    try:
        rota.load_people(session, clinic_id, people)
    except ValueError as error:
        raise InvalidInput(str(error)) from error


def _refuse_unfit(numbers: Iterable[tuple[str, str | None]], clinic: Any) -> None:
    for what, number in numbers:
        if number is None:
            continue
        checked_input.phone(number, what)
        if not is_dialable(number):
            raise InvalidInput(f"{what} cannot be dialled: correct it")
        if number == clinic.phone_number:
            raise InvalidInput(
                f"{what} is the line's own number, so the line would call itself: give the "
                "telephone that a person answers"
            )


def keys_in_use(session: Session, clinic_id: str) -> set[str]:
    """Keys of everybody who ever was on the list."""
    return set(
        session.scalars(select(OnCallPerson.key).where(OnCallPerson.clinic_id == clinic_id))
    ) | {SUPERVISOR}


NUMBERS: Final = Kind(_read_numbers, _write_numbers)
PEOPLE: Final = Kind(_read_people, _write_people)
