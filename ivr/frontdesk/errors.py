"""The pages that say what went wrong and what to do next."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from ivr.frontdesk.wording import say
from scheduling.database import DatabaseUnavailable


def handle(app: Flask, blueprint: Blueprint) -> None:
    """Register each kind of error once."""
    app.register_error_handler(CSRFError, _stale_form)
    blueprint.register_error_handler(DatabaseUnavailable, _no_database)
    blueprint.register_error_handler(HTTPException, http_problem)


def http_problem(error: HTTPException) -> ResponseReturnValue:
    """An ordinary HTTP error as a page of the desk."""
    if error.response is not None:
        return error.response
    title, advice = {
        404: (
            say("There is no such page"),
            say("The address may be mistyped or out of date. Go to the board."),
        ),
        413: (
            say("This is too big to be taken"),
            say("A recording may have 2 MB: save it as MP3, or in mono, and choose it again."),
        ),
        405: (say("That cannot be done this way"), say("Go to the board and use its buttons.")),
    }.get(error.code or 500, (say("That did not work"), say("Go to the board and try again.")))
    return problem(error.code or 500, title, advice)


def problem(status: int, title: str, advice: str) -> ResponseReturnValue:
    """A short page: what happened (title) and what to do next (advice)."""
    return render_template("frontdesk/problem.html", title=title, advice=advice), status


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    # The usual cause is a page from before the last log-in, in another tab or after a restart.
    return problem(
        400,
        say("This page was out of date"),
        say("Nothing was changed. Reload the page and do it again.")
        if "HX-Request" in request.headers
        else say("Nothing was changed. Go back to the board, or log in, and do it again."),
    )


def _no_database(_error: DatabaseUnavailable) -> ResponseReturnValue:
    return problem(
        503,
        say("The desk cannot reach its data right now"),
        say(
            "Callers are still answered and urgent calls still reach the on-call phone."
            " Try again in a minute; if this stays, tell whoever looks after the system."
        ),
    )
