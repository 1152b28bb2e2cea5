"""Booking a visit and moving one: the next free times, and what stood in the way of the chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import errand, errors, fields, free_times, visit, visit_view, visit_wording
from ivr.frontdesk.access import Desk
from ivr.frontdesk.errand import Errand
from ivr.frontdesk.free_times import Times
from ivr.frontdesk.patient_view import PatientHead, head
from ivr.frontdesk.visit_view import VisitPage
from ivr.frontdesk.wording import say
from ivr.messages.patients.wording import Occasion
from scheduling import (
    agenda,
    booking,
    chosen_start,
    contact,
    patient_records,
    visit_log,
    visits,
)
from scheduling.errors import (
    InvalidInput,
    SchedulingError,
    SlotTaken,
    UnknownPatient,
    UnknownVisit,
)
from scheduling.slots import Slot


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add both pages and their forms."""

    @blueprint.get("/patients/<uuid:patient_id>/book")
    def book(patient_id: UUID) -> ResponseReturnValue:
        return _book_page(Errand.begin(desk), patient_id, request.args)

    @blueprint.post("/patients/<uuid:patient_id>/book")
    def book_visit(patient_id: UUID) -> ResponseReturnValue:
        mine = Errand.begin(desk)
        try:
            visit_id = mine.write(lambda s: _book(s, mine, patient_id))
        except UnknownPatient:
            return errors.problem(
                404, say("There is no such patient"), say("Search for the patient again.")
            )
        except SchedulingError as error:
            page = _book_page(mine, patient_id, request.form, refused=error)
            return errand.refused(page) if isinstance(page, str) else page
        errand.say_next("visit_booked")
        return redirect(url_for("frontdesk.visit", visit_id=visit_id), code=303)

    @blueprint.get("/visits/<uuid:visit_id>/move")
    def move(visit_id: UUID) -> ResponseReturnValue:
        return _move_page(Errand.begin(desk), visit_id, request.args)

    @blueprint.post("/visits/<uuid:visit_id>/move")
    def move_visit(visit_id: UUID) -> ResponseReturnValue:
        mine = Errand.begin(desk)
        try:
            mine.write(lambda s: _move(s, mine, visit_id))
        except UnknownVisit:
            return visit.no_such_visit()
        except SchedulingError as error:
            page = _move_page(mine, visit_id, request.form, refused=error)
            return errand.refused(page) if isinstance(page, str) else page
        errand.say_next("visit_moved")
        return redirect(url_for("frontdesk.visit", visit_id=visit_id), code=303)


def _book(session: Session, mine: Errand, patient_id: UUID) -> UUID:
    """The id of the new visit; of the same one where the form comes twice."""
    starts_at, provider_id = fields.start(request.form)
    key, asked = mine.form_key(), mine.request()
    patient = patient_records.locked(session, mine.clinic_id, patient_id)
    phones = contact.phones_of(session, mine.clinic_id, patient.id)
    pump_id = fields.an_id(request.form.get("pump", ""))
    booked = visit_log.visit_of(session, mine.clinic_id, asked, visit_log.BOOKED)
    if booked is None:
        slot = chosen_start.slot_at(
            session,
            clinic_id=mine.clinic_id,
            visit_type_key=fields.text(request.form, "type"),
            provider_id=provider_id,
            starts_at=starts_at,
            patient_id=patient.id,
            now=mine.now,
            by_staff=True,
            pump_id=pump_id,
        )
        new = booking.book_hold(
            session,
            clinic_id=mine.clinic_id,
            # Nothing was held: the form's key names the one visit that it may become.
            hold_id=key,
            patient_id=patient.id,
            callback_number=phones[0] if phones else None,
            request=asked,
            slot=slot,
            pump_id=pump_id,
        )
        mine.tell_patient(session, new, Occasion.BOOKED)
        booked = new.id
    mine.note(session, "visit.booked", visit=booked, patient=patient.id)
    return booked


def _move(session: Session, mine: Errand, visit_id: UUID) -> None:
    starts_at, wanted, room_id = fields.place(request.form)
    version, asked = fields.version(request.form), mine.request()
    found = agenda.visit(session, mine.clinic_id, visit_id)
    # A room's column says nothing of the provider: who has the visit keeps it.
    provider_id = wanted or found.provider_id
    if found.version == version:
        slot = chosen_start.slot_at(
            session,
            clinic_id=mine.clinic_id,
            visit_type_key=found.visit_type_key,
            provider_id=provider_id,
            starts_at=starts_at,
            patient_id=found.patient_id,
            now=mine.now,
            by_staff=True,
            moving=visit_id,
            pump_id=found.pump_id,
            room_id=room_id,
        )
    else:
        # Overtaken, or sent twice: scheduling tells which, and looks at no time in either case.
        slot = Slot(
            clinic_id=mine.clinic_id,
            visit_type_key=found.visit_type_key,
            provider_id=provider_id,
            provider_name="",
            room_id=None,
            starts_at=starts_at,
            ends_at=starts_at + (found.ends_at - found.starts_at),
        )
    moved = visits.reschedule(
        session,
        clinic_id=mine.clinic_id,
        visit_id=visit_id,
        slot=slot,
        request=asked,
        version=version,
    )
    mine.tell_patient(session, moved, Occasion.MOVED)
    mine.note(session, "visit.moved", visit=visit_id, patient=found.patient_id)


def _book_page(
    mine: Errand,
    patient_id: UUID,
    asked: Mapping[str, str],
    *,
    refused: SchedulingError | None = None,
) -> ResponseReturnValue:
    def look(session: Session) -> tuple[PatientHead, Times, SchedulingError | None]:
        patient = patient_records.current(session, mine.clinic_id, patient_id)
        mine.note(session, "patient.viewed", patient=patient.id)
        phones = contact.phones_of(session, mine.clinic_id, patient.id)
        wrong = refused
        try:
            times = free_times.look(session, mine, patient.id, asked)
        except InvalidInput as error:
            wrong = error
            times = free_times.look(session, mine, patient.id, {"type": asked.get("type", "")})
        return head(patient, phones), _with_others(times, refused, mine), wrong

    try:
        patient, times, wrong = mine.write(look)
    except UnknownPatient:
        return errors.problem(
            404, say("There is no such patient"), say("Search for the patient again.")
        )
    return render_template(
        "frontdesk/book.html",
        patient=patient,
        times=times,
        user=mine.user,
        problem=None if wrong is None else visit_wording.problem(wrong, mine.zone),
        key=errand.fresh_key(),
    )


def _move_page(
    mine: Errand,
    visit_id: UUID,
    asked: Mapping[str, str],
    *,
    refused: SchedulingError | None = None,
) -> ResponseReturnValue:
    def look(session: Session) -> tuple[VisitPage, Times, SchedulingError | None]:
        found = agenda.visit(session, mine.clinic_id, visit_id)
        mine.note(session, "visit.viewed", visit=visit_id, patient=found.patient_id)
        page = visit.look_at(session, mine, visit_id)
        wrong = refused
        given = {**asked, "type": found.visit_type_key}
        moving = (visit_id, found.pump_id)
        try:
            times = free_times.look(session, mine, found.patient_id, given, moving)
        except InvalidInput as error:
            wrong = error
            given = {"type": found.visit_type_key}
            times = free_times.look(session, mine, found.patient_id, given, moving)
        return page, _with_others(times, refused, mine), wrong

    try:
        page, times, wrong = mine.write(look)
    except UnknownVisit:
        return visit.no_such_visit()
    return render_template(
        "frontdesk/move.html",
        page=page,
        times=times,
        user=mine.user,
        problem=visit.what_stands_in_the_way(page, wrong, mine.zone),
        key=errand.fresh_key(),
    )


def _with_others(times: Times, refused: SchedulingError | None, mine: Errand) -> Times:
    """What scheduling offers instead of a time that was taken comes first."""
    if not isinstance(refused, SlotTaken):
        return times
    others = [visit_view.free_time(slot, mine.zone) for slot in refused.alternatives]
    rest = [one for one in times.free if one.value not in {other.value for other in others}]
    return replace(times, free=(*others, *rest))
