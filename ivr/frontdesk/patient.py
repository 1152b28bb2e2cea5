"""A patient's page, and the forms on it: corrections, numbers, consent, pumps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import (
    errand,
    errors,
    fields,
    patient_view,
    permissions,
    visit,
    visit_view,
    visit_wording,
)
from ivr.frontdesk.access import Desk
from ivr.frontdesk.errand import Errand
from ivr.frontdesk.patient_view import PatientHead, PatientPage
from ivr.frontdesk.wording import say
from scheduling import (
    contact,
    duplicates,
    notes,
    patient_file,
    patient_records,
    patients,
    pumps,
)
from scheduling.errors import SchedulingError, StaleVersion, UnknownPatient

_Change = Callable[[Session, Errand, UUID], object]


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page and its forms."""
    known = ", ".join(map(repr, CHANGES))

    @blueprint.get("/patients/<uuid:patient_id>")
    def patient(patient_id: UUID) -> ResponseReturnValue:
        mine = Errand.begin(desk)
        return _page(mine, patient_id, said=visit_wording.done(errand.what_was_said()))

    @blueprint.post(f"/patients/<uuid:patient_id>/<any({known}):change>")
    def change_patient(patient_id: UUID, change: str) -> ResponseReturnValue:
        mine = Errand.begin(desk)
        what, code = CHANGES[change]

        def work(session: Session) -> None:
            what(session, mine, patient_id)
            mine.note(session, f"patient.{change}", patient=patient_id)

        try:
            mine.write(work)
        except UnknownPatient:
            return no_such_patient()
        except SchedulingError as error:
            page = _page(mine, patient_id, refused=error, form=change)
            return errand.refused(page) if isinstance(page, str) else page
        errand.say_next(code)
        return redirect(url_for("frontdesk.patient", patient_id=patient_id), code=303)


def add_note_route(blueprint: Blueprint, desk: Desk) -> None:
    """Add the form for a note, which stands on the page for everybody who may read it."""

    @blueprint.post("/patients/<uuid:patient_id>/notes")
    def add_note(patient_id: UUID) -> ResponseReturnValue:
        mine = Errand.begin(desk)

        def work(session: Session) -> None:
            notes.add_note(
                session,
                clinic_id=mine.clinic_id,
                patient_id=patient_id,
                text=request.form.get("text", ""),
                request=mine.request(),
            )
            mine.note(session, "patient.note", patient=patient_id)

        try:
            mine.write(work)
        except UnknownPatient:
            return no_such_patient()
        except SchedulingError as error:
            page = _page(mine, patient_id, refused=error, form="note")
            return errand.refused(page) if isinstance(page, str) else page
        errand.say_next("note_added")
        return redirect(url_for("frontdesk.patient", patient_id=patient_id), code=303)


def no_such_patient() -> ResponseReturnValue:
    """For another clinic's patients, too."""
    return errors.problem(
        404, say("There is no such patient"), say("The record may have been deleted. Search again.")
    )


def _page(
    mine: Errand,
    patient_id: UUID,
    *,
    said: str | None = None,
    refused: SchedulingError | None = None,
    form: str = "",
) -> ResponseReturnValue:
    def look(session: Session) -> PatientPage:
        file = patient_file.patient_file(session, mine.clinic_id, patient_id, mine.today)
        mine.note(session, "patient.viewed", patient=file.patient.id)
        return patient_view.build(
            file,
            _alike(session, mine, file.patient.id),
            visit.place_names(session, mine.clinic_id),
            mine.zone,
            mine.now,
        )

    try:
        page = mine.write(look)
    except UnknownPatient:
        return no_such_patient()
    return render_template(
        "frontdesk/patient.html",
        page=page,
        user=mine.user,
        may_change=permissions.may(mine.user.role, "frontdesk.change_patient"),
        may_book=permissions.may(mine.user.role, "frontdesk.book_visit"),
        said=said,
        problem=_in_the_way(page, refused, mine.zone),
        form=form,
        typed=request.form if refused is not None else {},
        key=errand.fresh_key,
    )


def _in_the_way(page: PatientPage, refused: SchedulingError | None, zone: ZoneInfo) -> str | None:
    if refused is None:
        return None
    if isinstance(refused, StaleVersion):
        last = page.latest
        missed = [] if last is None else [visit_view.sentence(last)]
        return visit_wording.overtaken(refused, missed, zone)
    return visit_wording.problem(refused, zone)


def _alike(session: Session, mine: Errand, patient_id: UUID) -> list[tuple[PatientHead, str]]:
    pairs = duplicates.find_duplicates(session, mine.clinic_id, patient_id)
    shown = []
    for pair in pairs:
        other = pair.first_id if pair.second_id == patient_id else pair.second_id
        record = patient_records.current(session, mine.clinic_id, other)
        phones = contact.phones_of(session, mine.clinic_id, other)
        shown.append((patient_view.head(record, phones), patient_view.why_alike(pair)))
    return shown


def _correct(session: Session, mine: Errand, patient_id: UUID) -> object:
    form = request.form
    record = patient_records.current(session, mine.clinic_id, patient_id)
    changes: patients.PatientChanges = {
        "preferred_name": fields.optional(form, "preferred_name"),
        "date_of_birth": fields.day(form, "date_of_birth", say("the date of birth")),
        "language": fields.text(form, "language"),
        "interpreter_language": fields.optional(form, "interpreter_language"),
        "deceased_on": fields.optional_day(form, "deceased_on", say("the date of death")),
        "preferred_channel": fields.optional(form, "preferred_channel"),
        "timezone": fields.optional(form, "timezone"),
    }
    name = fields.text(form, "name")
    # Left empty where the caller left it to the desk: it stays to be asked.
    if name or record.name is not None:
        changes["name"] = name
    return patients.update_patient(
        session,
        clinic_id=mine.clinic_id,
        patient_id=patient_id,
        request=mine.request(),
        version=fields.version(form),
        **changes,
    )


def _add_phone(session: Session, mine: Errand, patient_id: UUID) -> object:
    return contact.add_phone(
        session,
        clinic_id=mine.clinic_id,
        patient_id=patient_id,
        number=fields.phone(request.form, "phone"),
        request=mine.request(),
    )


def _remove_phone(session: Session, mine: Errand, patient_id: UUID) -> object:
    return contact.remove_phone(
        session,
        clinic_id=mine.clinic_id,
        patient_id=patient_id,
        number=fields.phone(request.form, "phone"),
        request=mine.request(),
        even_the_last=request.form.get("even_the_last") == "yes",
    )


def _consent(session: Session, mine: Errand, patient_id: UUID) -> None:
    contact.record_consent(
        session,
        clinic_id=mine.clinic_id,
        patient_id=patient_id,
        kind=contact.ConsentKind.CALL
        if request.form.get("kind") == "call"
        else contact.ConsentKind.SMS,
        granted=request.form.get("granted") == "yes",
        source="desk",
        request=mine.request(),
    )


def _add_pump(session: Session, mine: Errand, patient_id: UUID) -> object:
    form = request.form
    return pumps.register_pump(
        session,
        clinic_id=mine.clinic_id,
        patient_id=patient_id,
        alarm_on=fields.day(form, "alarm_on", say("the low-reservoir alarm date")),
        stable_until=fields.optional_day(form, "stable_until", say("the end of the stability")),
        filled_on=fields.optional_day(form, "filled_on", say("the day of the last refill")),
        label=fields.optional(form, "label"),
        request=mine.request(),
    )


def _correct_pump(session: Session, mine: Errand, patient_id: UUID) -> object:
    form = request.form
    return pumps.correct_pump(
        session,
        clinic_id=mine.clinic_id,
        pump_id=_pump_of(session, mine, patient_id),
        request=mine.request(),
        alarm_on=fields.day(form, "alarm_on", say("the low-reservoir alarm date")),
        stable_until=fields.optional_day(form, "stable_until", say("the end of the stability")),
        version=fields.version(form),
    )


def _retire_pump(session: Session, mine: Errand, patient_id: UUID) -> object:
    return pumps.retire_pump(
        session,
        clinic_id=mine.clinic_id,
        pump_id=_pump_of(session, mine, patient_id),
        request=mine.request(),
        version=fields.version(request.form),
    )


def _pump_of(session: Session, mine: Errand, patient_id: UUID) -> UUID:
    """The pump named in the form, which must be this patient's. Raises UnknownPatient."""
    wanted = fields.an_id(request.form.get("pump", ""))
    file = patient_file.patient_file(session, mine.clinic_id, patient_id, mine.today)
    if wanted is None or wanted not in {one.id for one in file.pumps}:
        raise UnknownPatient("the pump is another patient's: look at the record again")
    return wanted


CHANGES: Final[dict[str, tuple[_Change, str]]] = {
    "correct": (_correct, "patient_corrected"),
    "add-phone": (_add_phone, "phone_added"),
    "remove-phone": (_remove_phone, "phone_removed"),
    "consent": (_consent, "consent_recorded"),
    "add-pump": (_add_pump, "pump_registered"),
    "correct-pump": (_correct_pump, "pump_corrected"),
    "retire-pump": (_retire_pump, "pump_retired"),
}
"""The last part of a form's address -> what it does, and what is said of it."""
