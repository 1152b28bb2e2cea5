"""Puts the front desk into a Flask app. Everything of the desk lives under /frontdesk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Flask

from ivr.call.wording.kept import Wordings
from ivr.frontdesk import (
    access,
    account,
    audit_log,
    board,
    booking,
    calendar_feed,
    calendar_pages,
    calls,
    clinic_numbers,
    day,
    digests,
    errors,
    export,
    headers,
    lock,
    login,
    merge,
    messages,
    navigation,
    numbers,
    own_second_factor,
    patient,
    patients,
    plan_again,
    prompt_pages,
    prompt_sign_off,
    quiet,
    recalls,
    reminders,
    rota,
    rota_edits,
    rota_shifts,
    settings_additions,
    settings_pages,
    tasks,
    ticket,
    users,
    visit,
    waitlist,
)
from ivr.frontdesk.access import Desk
from ivr.frontdesk.pulse import Pulse
from ivr.messages.telephony import Recordings
from scheduling.database import Database


def attach(
    app: Flask,
    *,
    recordings: Recordings,
    wordings: Wordings,
    database: Database,
    clock: Callable[[], datetime],
    secure_cookies: bool,
    link_base: str,
) -> None:
    """Add the desk's pages, log-in, CSRF guard and security headers to `app`.

    app: with SECRET_KEY set. Its session cookie becomes the desk's alone (path /frontdesk).
    wordings: what the lines of this process speak, which is read again after a change made here.
    recordings: the carrier, which keeps the messages that callers spoke.
    clock: returns the present instant, aware.
    link_base: PUBLIC_BASE_URL, where calls to staff get their words.
    secure_cookies: True where the public address is https.
    Raises ValueError when SECRET_KEY is missing.
    """
    if not app.secret_key:
        raise ValueError("SECRET_KEY is not set: the desk cannot sign its cookies without it.")
    app.config.update(
        SESSION_COOKIE_NAME=access.SESSION_COOKIE,
        SESSION_COOKIE_PATH=access.PREFIX,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure_cookies,
    )
    desk = Desk(
        database=database,
        clock=clock,
        pulse=Pulse(database, clock),
        secure_cookies=secure_cookies,
        link_base=link_base,
        secret_key=str(app.secret_key),
    )
    blueprint = Blueprint(
        "frontdesk",
        __name__,
        url_prefix=access.PREFIX,
        template_folder="templates",
        static_folder="static",
        static_url_path="/static",
    )
    login.add_routes(blueprint, desk)
    board.add_routes(blueprint, desk)
    day.add_routes(blueprint, desk)
    visit.add_routes(blueprint, desk)
    booking.add_routes(blueprint, desk)
    patients.add_routes(blueprint, desk)
    patients.add_newcomer_routes(blueprint, desk)
    patient.add_routes(blueprint, desk)
    patient.add_note_route(blueprint, desk)
    merge.add_routes(blueprint, desk)
    ticket.add_routes(blueprint, desk)
    rota.add_routes(blueprint, desk)
    rota_edits.add_routes(blueprint, desk)
    messages.add_routes(blueprint, desk, recordings)
    recalls.add_routes(blueprint, desk)
    reminders.add_routes(blueprint, desk)
    digests.add_routes(blueprint, desk)
    waitlist.add_routes(blueprint, desk)
    tasks.add_routes(blueprint, desk)
    calls.add_routes(blueprint, desk)
    numbers.add_routes(blueprint, desk)
    export.add_routes(blueprint, desk)
    settings_pages.add_routes(blueprint, desk)
    prompt_pages.add_routes(blueprint, desk, wordings)
    prompt_sign_off.add_routes(blueprint, desk, wordings)
    settings_additions.add_routes(blueprint, desk)
    clinic_numbers.add_routes(blueprint, desk)
    rota_shifts.add_routes(blueprint, desk)
    calendar_pages.add_routes(blueprint, desk)
    plan_again.add_routes(blueprint, desk)
    lock.add_routes(blueprint, desk)
    account.add_routes(blueprint, desk)
    own_second_factor.add_routes(blueprint, desk)
    users.add_routes(blueprint, desk)
    audit_log.add_routes(blueprint, desk)
    navigation.show(app)
    access.guard(app, desk, lock.keep_form)
    headers.harden(app, secure_cookies=secure_cookies)
    errors.handle(app, blueprint)
    app.register_blueprint(blueprint)
    app.register_blueprint(calendar_feed.blueprint(desk))
    quiet.answer_early(app, desk.pulse, headers.of_pages(secure_cookies=secure_cookies))
