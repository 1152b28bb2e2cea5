"""What every form of the settings does: visits in the way are shown first."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import settings_changes, settings_view, work
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.settings_changes import Done, VisitsInTheWay
from ivr.frontdesk.settings_values import Value
from ivr.frontdesk.wording import say, say_number
from scheduling.errors import SchedulingError

Page = Callable[[str | None], str]
"""A page of a form; with why it was refused, where it was: then with what was typed."""


def submit(
    desk: Desk,
    kind: str,
    subject: str,
    value_of: Callable[[ZoneInfo], Value],
    page: Page,
    back: str,
) -> ResponseReturnValue:
    """Change a setting as the present form says. Visits in the way are shown first."""
    user, now = signed_in(), desk.clock()

    def change(session: Session) -> Done:
        done = settings_changes.change(
            session,
            user,
            kind=kind,
            subject=subject,
            value=value_of(ZoneInfo(user.zone)),
            seen=request.form.get("seen", ""),
            seen_visits=request.form.get("seen_visits", ""),
            now=now,
        )
        work.note(
            session,
            user,
            "settings.changed",
            {"change": str(done.change_id), "kind": kind, "visits": len(done.visits)},
            now,
        )
        return done

    try:
        done = desk.database.write(change)
    except VisitsInTheWay as error:
        return _confirm_page(desk, user, error, back)
    except SchedulingError as error:
        said = work.in_words(error)
        return within_reason(lambda: (page(said), 409))
    flash(say("Changed. It holds for every caller from now on.") + visits_said(done))
    return redirect(url_for(back), code=303)


def within_reason(page: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """The page; where it is of nobody whom the clinic has, the page that says so."""
    try:
        return page()
    except SchedulingError as error:
        return problem_page(work.in_words(error)), 404


def visits_said(done: Done) -> str:
    """What is said of the visits that a change left in closed time."""
    if not done.visits:
        return ""
    return " " + say_number(
        len(done.visits),
        "{n} visit is to be planned again: see Messages, and the list of visits in closed time.",
        "{n} visits are to be planned again: see Messages, and the list of visits in closed time.",
    )


def _confirm_page(
    desk: Desk, user: SignedIn, error: VisitsInTheWay, back: str
) -> ResponseReturnValue:
    zone, now = ZoneInfo(user.zone), desk.clock()
    detail = {"visits": len(error.visits)}
    desk.database.write(lambda s: work.note(s, user, "settings.visits_viewed", detail, now))
    kept = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", "seen_visits")
    ]
    return render_template(
        "frontdesk/settings_confirm.html",
        user=user,
        rows=settings_view.stranded(error.visits, zone, now),
        fields=kept,
        seen_visits=settings_changes.marker_of_visits(error.visits),
        looked_before=bool(request.form.get("seen_visits")),
        back=url_for(back),
    )


def problem_page(problem: str | None) -> str:
    """The page of a refusal that belongs to no form."""
    return render_template("frontdesk/settings_problem.html", user=signed_in(), problem=problem)
