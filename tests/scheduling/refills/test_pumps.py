"""Pumps on file: what may be entered, what follows from it, and who changed it."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from scheduling import directory, pumps
from scheduling.errors import (
    InvalidInput,
    KeyReused,
    SchedulingError,
    StaleVersion,
    UnknownPatient,
    UnknownPump,
    UnknownVisitType,
    UnsuitableText,
)
from scheduling.pumps import RefillOutcome
from scheduling.recalls import overdue_refill
from scheduling.tables import PatientEvent, Pump
from tests.scheduling.refills.sample import (
    ALARM,
    DUE,
    correct,
    pump_of,
    recall_of,
    recalls_of,
    retire,
    visit_to,
    winter,
)
from tests.scheduling.sample import CLINIC, DEFINITION, NOW, by_desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from scheduling.database import Database
    from scheduling.tables import Patient


def history(database: Database) -> dict[str, tuple[str, dict[str, Any]]]:
    """What happened to pumps -> through whom, and what was noted."""
    events = database.read(
        lambda session: session.scalars(
            select(PatientEvent).where(PatientEvent.kind.like("pump%"))
        ).all()
    )
    noted = {event.kind: (event.actor, event.detail) for event in events}
    assert len(noted) == len(events)
    return noted


def test_a_new_pump_takes_its_margin_and_preparation_from_the_clinic_and_is_recalled_at_once(
    database: Database, pump: Pump, ann: Patient
) -> None:
    assert (pump.margin_days, pump.preparation_days, pump.version) == (7, 3, 1)
    recall = recall_of(database, pump)
    assert (recall.status, recall.due_on, recall.patient_id) == ("open", DUE, ann.id)
    assert pumps.due_date(pump) == DUE


def test_registering_a_pump_is_noted_without_its_days(database: Database, pump: Pump) -> None:
    recall = recall_of(database, pump)
    noted = {"pump_id": str(pump.id), "recall_id": str(recall.id)}
    assert history(database) == {"pump_registered": ("ana", noted)}


def test_the_same_registration_again_gives_the_same_pump(
    database: Database, pump: Pump, ann: Patient
) -> None:
    again = database.write(lambda session: pump_of(session, ann))
    assert again.id == pump.id
    assert history(database).keys() == {"pump_registered"}
    assert recall_of(database, pump).version == 1


def test_a_clinic_without_refills_registers_no_pump(database: Database, ann: Patient) -> None:
    database.write(lambda session: directory.load_clinic(session, DEFINITION))
    with pytest.raises(UnknownVisitType):
        database.write(lambda session: pump_of(session, ann))
    assert database.read(lambda session: session.scalars(select(Pump)).all()) == []


BAD_INPUT: list[tuple[dict[str, Any], type[SchedulingError]]] = [
    # On the day of the refill, and 401 days after it: 20 October + 365 is 20 October 2027, 36
    # more are 25 November.
    ({"alarm_on": date(2026, 10, 20)}, InvalidInput),
    ({"alarm_on": date(2027, 11, 25)}, InvalidInput),
    ({"alarm_on": winter(ALARM)}, InvalidInput),
    ({"filled_on": date(2026, 12, 1)}, InvalidInput),
    ({"filled_on": winter(date(2026, 10, 20))}, InvalidInput),
    ({"stable_until": date(2026, 10, 19)}, InvalidInput),
    ({"stable_until": date.min, "filled_on": None}, InvalidInput),
    ({"label": "x" * 10_000}, UnsuitableText),
    ({"label": ""}, UnsuitableText),
    ({"patient_id": uuid4()}, UnknownPatient),
]


def test_what_cannot_be_meant_is_refused_and_nothing_stored(
    database: Database, ann: Patient
) -> None:
    for given, error in BAD_INPUT:
        with pytest.raises(error):
            database.write(partial(pump_of, who=ann, **given))
    assert database.read(lambda session: session.scalars(select(Pump)).all()) == []
    assert history(database) == {}


def test_a_pump_whose_alarm_has_sounded_can_be_registered_and_is_overdue_at_once(
    database: Database, ann: Patient
) -> None:
    # Alarm 25 November, margin 7: due on the 18th; today is the 30th.
    database.write(
        lambda session: pump_of(session, ann, alarm_on=date(2026, 11, 25), filled_on=None)
    )
    assert database.read(
        lambda session: overdue_refill(session, CLINIC, ann.id, NOW.date())
    ) == date(2026, 11, 18)


def test_correcting_the_alarm_date_moves_the_recall(database: Database, pump: Pump) -> None:
    # Alarm 4 February, margin 7: 28 January.
    corrected = correct(database, pump, alarm_on=date(2027, 2, 4))
    assert (corrected.alarm_on, corrected.version) == (date(2027, 2, 4), 2)
    assert recall_of(database, pump).due_on == date(2027, 1, 28)
    noted = {"pump_id": str(pump.id), "fields": ["alarm_on"]}
    assert history(database)["pump_corrected"] == ("ana", noted)


def test_a_stability_limit_before_the_margin_moves_the_recall_too(
    database: Database, pump: Pump
) -> None:
    # min(20 January - 7, 31 December) is 31 December.
    correct(database, pump, stable_until=date(2026, 12, 31))
    assert recall_of(database, pump).due_on == date(2026, 12, 31)


def snoozed(session: Session, pump: Pump, until: date) -> None:
    recalls_of(session, pump)[0].snoozed_until = until


@pytest.mark.parametrize(
    ("alarm_on", "kept"),
    [
        # Alarm 17 January, margin 7: due on the 10th, the day it was put off to.
        (date(2027, 1, 17), date(2027, 1, 10)),
        # Alarm 16 January: due on the 9th, before that day.
        (date(2027, 1, 16), None),
    ],
)
def test_a_snooze_that_would_pass_the_new_due_date_is_cleared(
    database: Database, pump: Pump, alarm_on: date, kept: date | None
) -> None:
    database.write(partial(snoozed, pump=pump, until=date(2027, 1, 10)))
    correct(database, pump, alarm_on=alarm_on)
    assert recall_of(database, pump).snoozed_until == kept


def test_whoever_corrects_what_somebody_else_changed_is_refused(
    database: Database, pump: Pump
) -> None:
    correct(database, pump, alarm_on=date(2027, 2, 4))
    with pytest.raises(StaleVersion):
        correct(database, pump, alarm_on=date(2027, 2, 5), request=by_desk("later"))
    assert recall_of(database, pump).due_on == date(2027, 1, 28)


def test_the_same_correction_again_changes_nothing_more(database: Database, pump: Pump) -> None:
    correct(database, pump, alarm_on=date(2027, 2, 4))
    again = correct(database, pump, alarm_on=date(2027, 2, 4))
    assert again.version == 2
    assert history(database).keys() == {"pump_registered", "pump_corrected"}


def test_a_key_that_was_for_another_pump_is_refused(
    database: Database, pump: Pump, ann: Patient
) -> None:
    other = database.write(lambda session: pump_of(session, ann, label="left"))
    correct(database, pump, alarm_on=date(2027, 2, 4))
    with pytest.raises(KeyReused):
        correct(database, other, alarm_on=date(2027, 2, 4))
    with pytest.raises(KeyReused):
        retire(database, pump, version=2, request=by_desk("a correction"))


def test_a_correction_that_cannot_be_meant_changes_nothing(database: Database, pump: Pump) -> None:
    with pytest.raises(InvalidInput):
        correct(database, pump, alarm_on=date(2026, 10, 1))
    assert recall_of(database, pump).due_on == DUE
    assert history(database).keys() == {"pump_registered"}


def test_retiring_a_pump_drops_its_recall(database: Database, pump: Pump) -> None:
    later = NOW + timedelta(days=2)
    retired = retire(database, pump, request=by_desk("a retirement", now=later))
    assert not retired.active
    recall = recall_of(database, pump)
    assert (recall.status, recall.closed_at) == ("dropped", later)
    assert history(database)["pump_retired"] == ("ana", {"pump_id": str(pump.id)})


def test_a_retired_pump_is_neither_corrected_nor_retired_again(
    database: Database, pump: Pump
) -> None:
    retire(database, pump)
    refused: list[Callable[[], Pump]] = [
        partial(correct, database, pump, version=2),
        partial(retire, database, pump, version=2, request=by_desk("again")),
    ]
    for attempt in refused:
        with pytest.raises(UnknownPump):
            attempt()
    assert not retire(database, pump).active


def test_an_unknown_pump_is_refused(database: Database, pump: Pump) -> None:
    with pytest.raises(UnknownPump):
        correct(database, pump, pump_id=uuid4())


def test_of_two_pumps_the_one_due_first_is_refilled_first(
    database: Database, pump: Pump, ann: Patient
) -> None:
    # min(1 March - 7, 5 January) is 5 January, before 13 January, though its alarm is later.
    left = database.write(
        lambda session: pump_of(
            session, ann, label="left", alarm_on=date(2027, 3, 1), stable_until=date(2027, 1, 5)
        )
    )

    def look(session: Session) -> list[Any]:
        return [
            [one.id for one in pumps.active_pumps(session, CLINIC, ann.id)],
            pumps.pump_to_refill(session, CLINIC, ann.id),
            pumps.pump_to_refill(session, CLINIC, ann.id, pump.id),
            pumps.pump_to_refill(session, CLINIC, ann.id, uuid4()),
        ]

    order, first, named, unknown = database.read(look)
    assert order == [left.id, pump.id]
    assert (first.id, named.id, unknown) == (left.id, pump.id, None)
    retire(database, left)
    order, first, named, _ = database.read(look)
    assert order == [pump.id]
    assert first.id == named.id == pump.id


def test_a_refill_due_today_is_not_overdue_and_the_day_after_is(
    database: Database, pump: Pump, ann: Patient
) -> None:
    # Due on 13 January; a visit that is booked for the 14th changes nothing.
    database.write(lambda session: visit_to(session, pump, date(2027, 1, 14)))

    def on(today: date) -> date | None:
        return database.read(lambda session: overdue_refill(session, CLINIC, ann.id, today))

    assert on(date(2027, 1, 13)) is None
    assert on(date(2027, 1, 14)) == DUE
    retire(database, pump)
    assert on(date(2027, 1, 14)) is None


def test_the_printout_of_a_refill_has_days_without_a_time() -> None:
    for given in ((winter(ALARM), None), (ALARM, winter(ALARM))):
        with pytest.raises(InvalidInput):
            RefillOutcome(*given)
