"""Departing from the weekly shifts: time off, another's duty, swaps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import rota, settings_forms, work
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.wording import say
from ivr.oncall import rota_changes
from ivr.oncall.rota import UnknownPerson, stored_rota
from ivr.oncall.rota_rules import Level, Override, TimeOff
from scheduling.errors import InvalidInput, SchedulingError

Change = Callable[[Session, SignedIn], UUID]
"""What a form does to the rota; the id of the change."""


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add what the forms of the rota's page do."""

    @blueprint.post("/rota/away")
    def rota_away() -> ResponseReturnValue:
        def away(session: Session, user: SignedIn) -> UUID:
            person = _person(session, user, desk, "person")
            starts, ends = _span(user)
            off = TimeOff(person, starts, ends)
            return rota_changes.add(session, user.clinic_id, off, actor=user.name, now=desk.clock())

        return _changed(desk, "rota.changed", away, say("Noted: they are rung last of all then."))

    @blueprint.post("/rota/override")
    def rota_override() -> ResponseReturnValue:
        def override(session: Session, user: SignedIn) -> UUID:
            duty = _duty(session, user, desk, "person", "level")
            return rota_changes.add(
                session, user.clinic_id, duty, actor=user.name, now=desk.clock()
            )

        return _changed(desk, "rota.changed", override, say("Stored: the duty is theirs then."))

    @blueprint.post("/rota/swap")
    def rota_swap() -> ResponseReturnValue:
        def swap(session: Session, user: SignedIn) -> UUID:
            first = _duty(session, user, desk, "person", "level")
            second = _duty(session, user, desk, "other", "other_level", "other_")
            return rota_changes.add_swap(
                session, user.clinic_id, first, second, actor=user.name, now=desk.clock()
            )

        return _changed(desk, "rota.changed", swap, say("Swapped."))

    @blueprint.post("/rota/changes/<uuid:change_id>/withdraw")
    def rota_withdraw(change_id: UUID) -> ResponseReturnValue:
        def withdraw(session: Session, user: SignedIn) -> UUID:
            rota_changes.withdraw(
                session, user.clinic_id, change_id, actor=user.name, now=desk.clock()
            )
            return change_id

        return _changed(
            desk, "rota.withdrawn", withdraw, say("Taken back: the weekly shifts hold again.")
        )


def _changed(desk: Desk, action: str, change: Change, said: str) -> ResponseReturnValue:
    user, now = signed_in(), desk.clock()

    def act(session: Session) -> None:
        change_id = change(session, user)
        work.note(session, user, action, {"change": str(change_id)}, now)

    try:
        desk.database.write(act)
    except UnknownPerson:
        return rota.page(
            desk, user, say("This person is not on the list any more: choose another.")
        ), 409
    except SchedulingError as error:
        return rota.page(desk, user, work.in_words(error)), 409
    flash(f"{said} {say('Look above the list whether anything is left to put right.')}")
    return redirect(url_for("frontdesk.rota"), code=303)


def _duty(
    session: Session, user: SignedIn, desk: Desk, person: str, level: str, prefix: str = ""
) -> Override:
    wanted: Level = "backup" if request.form.get(level) == "backup" else "primary"
    starts, ends = _span(user, prefix)
    return Override(wanted, _person(session, user, desk, person), starts, ends)


def _person(session: Session, user: SignedIn, desk: Desk, field: str) -> str:
    """The key of somebody who may be rung now. Raises InvalidInput."""
    now, key = desk.clock(), request.form.get(field, "")
    if key not in {one.key for one in stored_rota(session, user.clinic_id, now, now).people}:
        raise InvalidInput("nobody was chosen: choose somebody of the list")
    return key


def _span(user: SignedIn, prefix: str = "") -> tuple[datetime, datetime]:
    zone = ZoneInfo(user.zone)
    return (
        settings_forms.moment(request.form.get(f"{prefix}starts", ""), zone, "the beginning"),
        settings_forms.moment(request.form.get(f"{prefix}ends", ""), zone, "the end"),
    )
