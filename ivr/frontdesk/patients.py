"""Finding patients while somebody types, and registering new ones: likely duplicates come first."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import errand, fields, patient_view, visit_wording
from ivr.frontdesk.access import Desk
from ivr.frontdesk.errand import Errand
from ivr.frontdesk.patient_view import PatientHead
from ivr.frontdesk.wording import say
from scheduling import (
    checked_input,
    contact,
    duplicates,
    newcomers,
    patient_records,
    patient_search,
    patients,
)
from scheduling.duplicates import Likeness
from scheduling.errors import InvalidInput, SchedulingError


@dataclass(frozen=True)
class _Newcomer:
    """Who is to be registered, checked."""

    likeness: Likeness
    name: str
    phone: str


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the search, which answers as somebody types."""

    @blueprint.get("/patients", endpoint="patients")
    def patients_page() -> ResponseReturnValue:
        mine = Errand.begin(desk)
        return render_template("frontdesk/patients.html", user=mine.user, query="", hits=None)

    # What is looked for is a patient's, so it travels in the body and never in an address.
    @blueprint.post("/patients/search")
    def search_patients() -> ResponseReturnValue:
        mine = Errand.begin(desk)
        query = fields.text(request.form, "q")

        def look(session: Session) -> list[PatientHead]:
            found = patient_search.search(session, mine.clinic_id, query, mine.today)
            if found:
                ids = " ".join(str(one.id) for one in found)
                mine.note(session, "patients.found", number=len(found), patients=ids)
            return [patient_view.found(one) for one in found]

        hits = mine.write(look)
        if "HX-Request" in request.headers:
            return render_template("frontdesk/_hits.html", query=query, hits=hits)
        if len(hits) == 1:
            return redirect(url_for("frontdesk.patient", patient_id=hits[0].id), code=303)
        return render_template("frontdesk/patients.html", user=mine.user, query=query, hits=hits)


def add_newcomer_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the form for newcomers."""

    @blueprint.get("/patients/new")
    def new_patient() -> ResponseReturnValue:
        return _form(Errand.begin(desk))

    @blueprint.post("/patients/new")
    def register_patient() -> ResponseReturnValue:
        mine = Errand.begin(desk)
        try:
            newcomer = _newcomer(mine)
            if request.form.get("sure") != "yes":
                alike = mine.write(lambda s: _alike(s, mine, newcomer))
                if alike:
                    return errand.refused(_form(mine, alike=alike))
            patient_id = mine.write(lambda s: _register(s, mine, newcomer))
        except SchedulingError as error:
            return errand.refused(_form(mine, problem=visit_wording.problem(error, mine.zone)), 400)
        errand.say_next("patient_registered")
        return redirect(url_for("frontdesk.patient", patient_id=patient_id), code=303)


def _newcomer(mine: Errand) -> _Newcomer:
    """Raises InvalidInput."""
    name = checked_input.text(fields.text(request.form, "name"), "the name")
    born = checked_input.date_of_birth(
        fields.day(request.form, "date_of_birth", say("the date of birth")), mine.today
    )
    number = checked_input.phone(fields.phone(request.form, "phone"), "the number")
    if request.form.get("language") not in patients.LANGUAGES:
        raise InvalidInput(say("the language is not chosen: choose one"))
    likeness = Likeness(mine.form_key(), duplicates.plain_name(name), born, frozenset({number}))
    return _Newcomer(likeness, name, number)


def _alike(session: Session, mine: Errand, newcomer: _Newcomer) -> list[tuple[PatientHead, str]]:
    """Records on file that may be the newcomer's, the likeliest first, and why."""
    found = duplicates.like(session, mine.clinic_id, newcomer.likeness)
    shown = []
    for pair in found:
        other = pair.first_id if pair.second_id == newcomer.likeness.id else pair.second_id
        shown.append((_head(session, mine, other), patient_view.why_alike(pair)))
    if shown:
        ids = " ".join(str(one.id) for one, _ in shown)
        mine.note(session, "patients.found", number=len(shown), patients=ids)
    return shown


def _head(session: Session, mine: Errand, patient_id: UUID) -> PatientHead:
    return patient_view.head(
        patient_records.current(session, mine.clinic_id, patient_id),
        contact.phones_of(session, mine.clinic_id, patient_id),
    )


def _register(session: Session, mine: Errand, newcomer: _Newcomer) -> UUID:
    asked = mine.request()
    patient = newcomers.register(
        session,
        clinic_id=mine.clinic_id,
        name=newcomer.name,
        date_of_birth=newcomer.likeness.date_of_birth,
        phone=newcomer.phone,
        language=request.form["language"],
        request=asked,
    )
    mine.note(session, "patient.registered", patient=patient.id)
    return patient.id


def _form(
    mine: Errand,
    *,
    alike: list[tuple[PatientHead, str]] | None = None,
    problem: str | None = None,
) -> str:
    return render_template(
        "frontdesk/new_patient.html",
        user=mine.user,
        typed=request.form,
        alike=alike,
        problem=problem,
        key=request.form.get("key") or errand.fresh_key(),
    )
