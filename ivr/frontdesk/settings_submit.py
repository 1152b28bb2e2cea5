"""What every form of the settings does: visits in the way are shown first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import rota_view, settings_changes, settings_view, work
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.sessions import SignedIn
from ivr.frontdesk.settings_changes import Done, GapsAhead, Seen, VisitsInTheWay
from ivr.frontdesk.settings_shapes import Value
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
    **where: Any,
) -> ResponseReturnValue:
    """Change a setting as the present form says. Visits in the way, and gaps, are shown first.

    back, where: the endpoint of the page that comes next, and its values.
    """
    user, now = signed_in(), desk.clock()

    def change(session: Session) -> Done:
        done = settings_changes.change(
            session,
            user,
            kind=kind,
            subject=subject,
            value=value_of(ZoneInfo(user.zone)),
            seen=Seen(
                request.form.get("seen", ""),
                request.form.get("seen_visits", ""),
                request.form.get("seen_gaps", ""),
            ),
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
        return _confirm_page(desk, user, error, url_for(back, **where))
    except GapsAhead as error:
        return _gaps_page(user, error, url_for(back, **where))
    except SchedulingError as error:
        said = work.in_words(error)
        return within_reason(lambda: (page(said), 409))
    flash(say("Changed. It holds for every caller from now on.") + visits_said(done))
    return redirect(url_for(back, **where), code=303)


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
    return render_template(
        "frontdesk/settings_confirm.html",
        user=user,
        rows=settings_view.stranded(error.visits, zone, now),
        fields=_kept("seen_visits"),
        seen_visits=settings_changes.marker_of_visits(error.visits),
        looked_before=bool(request.form.get("seen_visits")),
        back=back,
    )


def _gaps_page(user: SignedIn, error: GapsAhead, back: str) -> ResponseReturnValue:
    return render_template(
        "frontdesk/settings_gaps.html",
        user=user,
        lines=rota_view.gaps_in_words(error.gaps, ZoneInfo(user.zone)),
        fields=_kept("seen_gaps"),
        seen_gaps=settings_changes.marker_of_gaps(error.gaps),
        looked_before=bool(request.form.get("seen_gaps")),
        back=back,
    )


def _kept(less: str) -> list[tuple[str, str]]:
    """The fields of the present form, to be sent again beside what was looked at."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", less)
    ]


def problem_page(problem: str | None) -> str:
    """The page of a refusal that belongs to no form."""
    return render_template("frontdesk/settings_problem.html", user=signed_in(), problem=problem)
