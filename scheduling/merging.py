"""Two records of one patient become one, and no visit is lost on the way.

The merged record's row stays and says where it went. What moved stands in the events of both
records, by id, so that it can be undone by hand; phones, which have none, are only counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from scheduling import agenda, directory, patient_log
from scheduling.database import is_duplicate_key, new_id
from scheduling.errors import MergeConflict, UnknownPatient
from scheduling.hours import zone_of
from scheduling.occupancy import patient_resource
from scheduling.tables import (
    Occupancy,
    Patient,
    PatientConsent,
    PatientPhone,
    Pump,
    Recall,
    Visit,
    WaitlistEntry,
)

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from scheduling.requests import Request

NAMED_CONFLICTS = 5
"""Times named in the refusal; the rest is counted."""

_Owned = type[Visit] | type[Pump] | type[Recall] | type[WaitlistEntry]
_OWNED: dict[str, _Owned] = {
    "visits": Visit,
    "pumps": Pump,
    "recalls": Recall,
    "waitlist_entries": WaitlistEntry,
}
"""What is a patient's, in the order in which it is locked: its name in the events -> table."""

_GAINED = (
    *("name", "preferred_name", "interpreter_language", "deceased_on"),
    *("preferred_channel", "timezone"),
)
"""What the kept record takes from the other one where it has nothing itself."""


def merge(
    session: Session, *, clinic_id: str, keep_id: UUID, merge_id: UUID, request: Request
) -> Patient:
    """Make `merge_id` part of `keep_id`, and return that one. The same request is done once.

    Visits, phones, pumps, recalls and waitlist entries move; consents are copied with their
    times. Where both have a value of their own (birth date, language, name), the kept one's
    stands. Two pumps, or two places on the waitlist, stay two: whether they are one is for the
    desk to say.

    Raises MergeConflict where both have a visit at the same time, or where a record has been
    merged, is to be deleted, or would be merged into itself; UnknownPatient, also for another
    clinic's; KeyReused. Nothing has changed then.
    """
    if keep_id == merge_id:
        raise MergeConflict("a record cannot be merged into itself: choose two different ones")
    kept, merged = _both_locked(session, clinic_id, keep_id, merge_id)
    ids = {"kept_id": keep_id, "merged_id": merge_id}
    if patient_log.event_of(session, clinic_id, request, "merged_in", **ids) is not None:
        return kept
    _refuse_unfit(kept, merged)
    _lock_visits(session, merged)
    _move_time(session, kept, merged)
    detail: dict[str, Any] = {name: str(patient_id) for name, patient_id in ids.items()}
    for name, table in _OWNED.items():
        detail[name] = _move(session, table, kept, merged)
    detail["phones"] = _move_phones(session, kept, merged)
    detail["consents"] = _copy_consents(session, kept, merged)
    detail["fields"] = _fill_gaps(kept, merged)
    merged.merged_into_id = kept.id
    for record in (kept, merged):
        record.version += 1
    patient_log.record(session, clinic_id, kept.id, "merged_in", request, **detail)
    patient_log.record_beside(session, clinic_id, merged.id, "merged_away", request, **detail)
    session.flush()
    agenda.record_change(session, clinic_id)
    return kept


def _both_locked(
    session: Session, clinic_id: str, keep_id: UUID, merge_id: UUID
) -> tuple[Patient, Patient]:
    """Kept and merged. Against FOR UPDATE nobody books for them or changes them."""
    found = {
        patient.id: patient
        for patient in session.scalars(
            select(Patient)
            .where(Patient.clinic_id == clinic_id, Patient.id.in_([keep_id, merge_id]))
            .order_by(Patient.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    for patient_id in (keep_id, merge_id):
        if patient_id not in found:
            raise UnknownPatient(
                f"clinic {clinic_id[:80]!r} has no patient {patient_id}: search for them again"
            )
    return found[keep_id], found[merge_id]


def _refuse_unfit(kept: Patient, merged: Patient) -> None:
    for record, which in ((kept, "kept"), (merged, "other")):
        if record.merged_into_id is not None:
            raise MergeConflict(
                f"the {which} record has itself been merged, into {record.merged_into_id}: merge "
                "with that one"
            )
        if record.deletion_requested_at is not None:
            raise MergeConflict(
                f"the {which} record is to be deleted: withdraw that, or leave the two apart"
            )


def _lock_visits(session: Session, merged: Patient) -> None:
    """Every one: a missed visit too can take its time back while this runs.

    Whoever changes a visit locks its patient first; this holds even if somebody does not.
    """
    session.execute(
        select(Visit.id)
        .where(Visit.clinic_id == merged.clinic_id, Visit.patient_id == merged.id)
        .order_by(Visit.id)
        .with_for_update()
    )


def _move_time(session: Session, kept: Patient, merged: Patient) -> None:
    """The guarantee's own key refuses two visits of the one patient at the same time."""
    try:
        with session.begin_nested():
            session.execute(
                update(Occupancy)
                .where(
                    Occupancy.clinic_id == merged.clinic_id,
                    Occupancy.resource == patient_resource(merged.id),
                )
                .values(resource=patient_resource(kept.id))
            )
    except IntegrityError as error:
        if not is_duplicate_key(error):
            raise
        raise MergeConflict(
            f"both records have a visit at {_times_of_both(session, kept, merged)}: cancel or "
            "move one of each two, then merge again; a visit that took place there twice means "
            "two different patients"
        ) from error


def _times_of_both(session: Session, kept: Patient, merged: Patient) -> str:
    """The starts, by the clinic's clock, of the merged record's visits that stand in the way."""
    zone = zone_of(directory.clinic(session, kept.clinic_id).timezone)
    theirs, other = aliased(Occupancy), aliased(Occupancy)
    starts = session.scalars(
        select(Visit.starts_at)
        .join(theirs, (theirs.clinic_id == Visit.clinic_id) & (theirs.visit_id == Visit.id))
        .join(
            other,
            (other.clinic_id == theirs.clinic_id) & (other.granule_start == theirs.granule_start),
        )
        .where(
            Visit.clinic_id == kept.clinic_id,
            theirs.resource == patient_resource(merged.id),
            other.resource == patient_resource(kept.id),
        )
        .distinct()
        .order_by(Visit.starts_at)
    ).all()
    named = [f"{start.astimezone(zone):%Y-%m-%d %H:%M}" for start in starts[:NAMED_CONFLICTS]]
    more = len(starts) - len(named)
    return ", ".join(named) + (f" and {more} more times" if more else "")


def _move(session: Session, table: _Owned, kept: Patient, merged: Patient) -> list[str]:
    """The ids of the rows that were the merged record's and are now the kept one's, sorted."""
    moved = session.scalars(
        update(table)
        .where(table.clinic_id == merged.clinic_id, table.patient_id == merged.id)
        .values(patient_id=kept.id)
        .returning(table.id)
    )
    return sorted(str(row_id) for row_id in moved)


def _move_phones(session: Session, kept: Patient, merged: Patient) -> int:
    """How many the kept record has gained."""
    numbers = session.scalars(
        delete(PatientPhone)
        .where(PatientPhone.clinic_id == merged.clinic_id, PatientPhone.patient_id == merged.id)
        .returning(PatientPhone.number)
    ).all()
    known = session.scalars(
        select(PatientPhone.number).where(
            PatientPhone.clinic_id == kept.clinic_id, PatientPhone.patient_id == kept.id
        )
    ).all()
    gained = set(numbers) - set(known)
    session.add_all(
        PatientPhone(clinic_id=kept.clinic_id, patient_id=kept.id, number=number)
        for number in gained
    )
    return len(gained)


def _copy_consents(session: Session, kept: Patient, merged: Patient) -> list[str]:
    """The ids of the copies: a word once given is never changed, so the rows themselves stay."""
    given = session.scalars(
        select(PatientConsent).where(
            PatientConsent.clinic_id == merged.clinic_id, PatientConsent.patient_id == merged.id
        )
    ).all()
    copies = [
        PatientConsent(
            clinic_id=kept.clinic_id,
            id=new_id(),
            patient_id=kept.id,
            kind=one.kind,
            granted=one.granted,
            at=one.at,
            source=one.source,
            actor=one.actor,
            number=one.number,
            wording=one.wording,
        )
        for one in given
    ]
    session.add_all(copies)
    return sorted(str(copy.id) for copy in copies)


def _fill_gaps(kept: Patient, merged: Patient) -> list[str]:
    """The names of what the kept record has taken over."""
    gained = [
        field
        for field in _GAINED
        if getattr(kept, field) is None and getattr(merged, field) is not None
    ]
    for field in gained:
        setattr(kept, field, getattr(merged, field))
    return gained
