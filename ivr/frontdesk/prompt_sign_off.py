"""Sign-off: what a clinician has read and heard before callers hear it."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.call.wording.kept import Wordings
from ivr.frontdesk import errors, prompt_changes, prompt_history, prompt_store, prompt_view
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.prompt_book import Books
from ivr.frontdesk.prompt_changes import NotTheirsToSign
from ivr.frontdesk.prompt_history import Past
from ivr.frontdesk.prompt_pages import after, no_files, refused_page
from ivr.frontdesk.prompt_store import InForce
from ivr.frontdesk.wording import say
from scheduling.errors import SchedulingError


def add_routes(blueprint: Blueprint, desk: Desk, wordings: Wordings) -> None:
    """Add the page and what its forms do."""
    books = Books(wordings)

    @blueprint.get("/sign-off")
    def sign_off() -> ResponseReturnValue:
        user = signed_in()
        book = books.of(user.clinic_id)
        if book is None:
            return no_files()

        def look(session: Session) -> tuple[InForce, list[Past]]:
            waiting = prompt_history.listed(session, user.clinic_id, waiting=True)
            return prompt_store.in_force(session, user.clinic_id), waiting

        stored, waiting = desk.database.read(look)
        return render_template(
            "frontdesk/sign_off.html",
            user=user,
            waiting=prompt_view.changes(book, waiting, stored, ZoneInfo(user.zone)),
        )

    @blueprint.post("/sign-off/<uuid:change_id>")
    def sign_prompt(change_id: UUID) -> ResponseReturnValue:
        user, answer = signed_in(), request.form.get("answer", "")
        book = books.of(user.clinic_id)
        if book is None:
            return no_files()
        if answer not in ("sign", "decline"):
            return errors.problem(
                400, say("Nothing was decided"), say("Go back, and sign the change or decline it.")
            )
        sign = answer == "sign"
        try:
            prompt_changes.decide(desk.database, book, user, change_id, sign=sign, now=desk.clock())
        except NotTheirsToSign:
            return errors.problem(
                403,
                say("Another clinician signs this"),
                say(
                    "Whoever wrote a change does not sign it, and only a clinician does."
                    " Administrators say on the page of people who is one."
                ),
            )
        except SchedulingError as error:
            return refused_page(error), 409
        after(wordings)
        flash(
            say("Signed. Callers hear it within a few seconds.")
            if sign
            else say("Declined. Callers hear what they heard before.")
        )
        return redirect(url_for("frontdesk.sign_off"), code=303)
