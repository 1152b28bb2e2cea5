"""Everybody's accounts, for administrators: add, close, another role, a new password."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import accounts, audit, errors, second_factor, sessions, wording
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.accounts import AccountRefused
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.tables import ROLES, StaffUser
from ivr.frontdesk.wording import Words, say

ROLE: Words = {
    "front_desk": "Front desk",
    "on_call": "On call",
    "admin": "Administrator",
}


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page and what its forms do."""
    _add_page(blueprint, desk)
    _add_changes(blueprint, desk)
    _add_reset(blueprint, desk)


def _add_page(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.get("/users")
    def users() -> ResponseReturnValue:
        return _page(desk, signed_in())

    @blueprint.post("/users")
    def add_user() -> ResponseReturnValue:
        user, now, password = signed_in(), desk.clock(), accounts.temporary_password()

        def work(db: Session) -> str:
            added = accounts.add_user(
                db,
                clinic_id=user.clinic_id,
                login=request.form.get("login", ""),
                name=request.form.get("name", ""),
                password=password,
                role=request.form.get("role", ""),
                must_change_password=True,
                now=now,
            )
            chosen = request.form.get("language")
            added.language = chosen if chosen in wording.LANGUAGES else None
            _note(db, user, "user.added", added, now, role=added.role)
            return added.login

        try:
            login = desk.database.write(work)
        except AccountRefused as error:
            return _page(desk, user, problem=str(error)), 400
        return _page(desk, user, fresh=(login, password))


def _add_changes(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.post("/users/<uuid:staff_id>")
    def change_user(staff_id: UUID) -> ResponseReturnValue:
        user, now = signed_in(), desk.clock()
        role, active = request.form.get("role", ""), request.form.get("active", "")
        clinician = request.form.get("clinician")
        if staff_id == user.staff_id:
            problem = say(
                "Nobody changes their own role or closes their own account: ask another"
                " administrator."
            )
            return _page(desk, user, problem=problem), 409
        if role not in ROLES or active not in ("yes", "no"):
            return _page(desk, user, problem=say("Choose a role and whether it is open.")), 400

        def work(db: Session) -> StaffUser | None:
            found = db.get(StaffUser, (user.clinic_id, staff_id))
            if found is None:
                return None
            if found.role != role:
                found.role = role
                _note(db, user, "user.role_changed", found, now, role=role)
            for field, said in (("active", active), ("clinician", clinician)):
                _turn(db, user, found, field, said, now)
            if not found.active:
                sessions.close_all(db, clinic_id=user.clinic_id, staff_id=staff_id)
            return found

        found = desk.database.write(work)
        if found is None:
            return _no_such_user()
        return _page(desk, user, notice=_state_of(found))


_TURNED = {
    ("active", True): "user.opened",
    ("active", False): "user.closed",
    ("clinician", True): "user.made_clinician",
    ("clinician", False): "user.no_longer_clinician",
}


def _turn(
    db: Session, user: SignedIn, found: StaffUser, field: str, said: str | None, now: datetime
) -> None:
    """Turn a mark of an account on or off, as a form says it; leave it where the form does not."""
    wanted = said == "yes"
    if said is not None and getattr(found, field) != wanted:
        setattr(found, field, wanted)
        _note(db, user, _TURNED[field, wanted], found, now)


def _add_reset(blueprint: Blueprint, desk: Desk) -> None:
    @blueprint.post("/users/<uuid:staff_id>/reset")
    def reset_user(staff_id: UUID) -> ResponseReturnValue:
        user, now, password = signed_in(), desk.clock(), accounts.temporary_password()
        if staff_id == user.staff_id:
            problem = say("Change your own password on the page of your account.")
            return _page(desk, user, problem=problem), 409
        hashed = accounts.hash_of(password)
        lost_phone = request.form.get("lost_phone") == "yes"

        def work(db: Session) -> str | None:
            found = db.get(StaffUser, (user.clinic_id, staff_id))
            if found is None:
                return None
            found.password_hash = hashed
            found.must_change_password = True
            sessions.close_all(db, clinic_id=user.clinic_id, staff_id=staff_id)
            _note(db, user, "user.password_reset", found, now)
            if lost_phone and second_factor.turn_off(
                db, clinic_id=user.clinic_id, staff_id=staff_id
            ):
                _note(db, user, "user.second_factor_removed", found, now)
            return found.login

        login = desk.database.write(work)
        if login is None:
            return _no_such_user()
        return _page(desk, user, fresh=(login, password))


def _page(
    desk: Desk,
    user: SignedIn,
    *,
    problem: str | None = None,
    notice: str | None = None,
    fresh: tuple[str, str] | None = None,
) -> str:
    """fresh: a login and its temporary password, shown this once."""
    people = desk.database.read(lambda s: accounts.users_of(s, user.clinic_id))
    return render_template(
        "frontdesk/users.html",
        user=user,
        people=people,
        roles=[(role, wording.in_words(ROLE, role)) for role in ROLES],
        languages=wording.LANGUAGES,
        typed=request.form if problem else {},
        problem=problem,
        notice=notice,
        fresh=fresh,
    )


def _state_of(found: StaffUser) -> str:
    if not found.active:
        return say("{name} may not sign in.", name=found.name)
    role = wording.in_words(ROLE, found.role)
    told = say("{name} may sign in as: {role}.", name=found.name, role=role)
    if not found.clinician:
        return told
    return f"{told} {say('As a clinician they sign safety prompts.')}"


def _no_such_user() -> ResponseReturnValue:
    return errors.problem(
        404, say("There is no such account"), say("The page of people shows whose there are.")
    )


def _note(
    db: Session, user: SignedIn, action: str, about: StaffUser, now: datetime, **more: str
) -> None:
    audit.record(
        db,
        clinic_id=user.clinic_id,
        staff_id=user.staff_id,
        action=action,
        detail={"user": str(about.id), **more},
        now=now,
    )
