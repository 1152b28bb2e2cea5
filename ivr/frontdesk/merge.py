"""Two records become one: side by side first, with what the kept one would gain."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import errand, patient, patient_view, visit, visit_wording, wording
from ivr.frontdesk.access import Desk
from ivr.frontdesk.errand import Errand
from ivr.frontdesk.patient_view import PatientPage
from scheduling import merging, patient_file
from scheduling.errors import SchedulingError, UnknownPatient


@dataclass(frozen=True)
class Field:
    """One field of both records, and what the one record would say."""

    name: str
    kept: str
    other: str
    result: str


@dataclass(frozen=True)
class Preview:
    """Both records, and what would become of them."""

    kept: PatientPage
    other: PatientPage
    fields: tuple[Field, ...]


_SHOWN = ("name", "preferred_name", "date_of_birth", "language", "interpreter_language")
"""What merging.merge() keeps of the kept record, and takes from the other where that is empty."""


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the preview and the button under it."""

    @blueprint.get("/patients/<uuid:patient_id>/merge/<uuid:other_id>")
    def merge_preview(patient_id: UUID, other_id: UUID) -> ResponseReturnValue:
        return _page(Errand.begin(desk), patient_id, other_id)

    @blueprint.post("/patients/<uuid:patient_id>/merge/<uuid:other_id>")
    def merge_patients(patient_id: UUID, other_id: UUID) -> ResponseReturnValue:
        mine = Errand.begin(desk)

        def work(session: Session) -> None:
            merging.merge(
                session,
                clinic_id=mine.clinic_id,
                keep_id=patient_id,
                merge_id=other_id,
                request=mine.request(),
            )
            mine.note(session, "patient.merged", patient=patient_id, merged=other_id)

        try:
            mine.write(work)
        except UnknownPatient:
            return patient.no_such_patient()
        except SchedulingError as error:
            page = _page(
                mine, patient_id, other_id, problem=visit_wording.problem(error, mine.zone)
            )
            return errand.refused(page) if isinstance(page, str) else page
        errand.say_next("merged")
        return redirect(url_for("frontdesk.patient", patient_id=patient_id), code=303)


def _page(
    mine: Errand, kept_id: UUID, other_id: UUID, *, problem: str | None = None
) -> ResponseReturnValue:
    def look(session: Session) -> Preview:
        kept, other = (_record(session, mine, one) for one in (kept_id, other_id))
        mine.note(session, "patients.compared", patient=kept_id, other=other_id)
        return Preview(kept, other, tuple(_field(name, kept, other) for name in _SHOWN))

    try:
        preview = mine.write(look)
    except UnknownPatient:
        return patient.no_such_patient()
    if preview.kept.head.id == preview.other.head.id and problem is None:
        # Merged meanwhile, by whomever: the one record is what there is to see.
        return redirect(url_for("frontdesk.patient", patient_id=preview.kept.head.id), code=303)
    return render_template(
        "frontdesk/merge.html",
        preview=preview,
        user=mine.user,
        problem=problem,
        key=errand.fresh_key(),
    )


def _record(session: Session, mine: Errand, patient_id: UUID) -> PatientPage:
    file = patient_file.patient_file(session, mine.clinic_id, patient_id, mine.today)
    names = visit.place_names(session, mine.clinic_id)
    return patient_view.build(file, (), names, mine.zone, mine.now)


def _field(name: str, kept: PatientPage, other: PatientPage) -> Field:
    mine, theirs = kept.fields[name], other.fields[name]
    words = wording.in_words(visit_wording.FIELD, name).capitalize()
    return Field(words, mine or "—", theirs or "—", mine or theirs or "—")
