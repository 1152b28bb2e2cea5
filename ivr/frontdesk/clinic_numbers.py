"""The settings' page of telephones: the desk's, the supervisor's, and whom urgent calls ring."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ivr.frontdesk import settings_forms, settings_numbers, wording
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.settings_changes import marker
from ivr.frontdesk.settings_submit import submit
from ivr.frontdesk.settings_values import KINDS
from scheduling import directory


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page and what its forms do."""

    @blueprint.get("/settings/numbers")
    def clinic_numbers() -> ResponseReturnValue:
        return _page(desk, None)

    @blueprint.post("/settings/numbers")
    def change_numbers() -> ResponseReturnValue:
        return submit(
            desk,
            "numbers",
            "clinic",
            lambda _: settings_forms.numbers(request.form),
            lambda problem: _page(desk, problem),
            "frontdesk.clinic_numbers",
        )

    @blueprint.post("/settings/on-call")
    def change_on_call() -> ResponseReturnValue:
        user = signed_in()
        taken = desk.database.read(lambda s: settings_numbers.keys_in_use(s, user.clinic_id))
        return submit(
            desk,
            "on_call",
            "clinic",
            lambda _: settings_forms.people(request.form, taken),
            lambda problem: _page(desk, problem),
            "frontdesk.clinic_numbers",
        )


def _page(desk: Desk, problem: str | None) -> str:
    user = signed_in()

    def look(session: Session) -> dict[str, Any]:
        numbers = KINDS["numbers"].read(session, user.clinic_id, "clinic")
        people = KINDS["on_call"].read(session, user.clinic_id, "clinic")
        return {
            "line": wording.phone(directory.clinic(session, user.clinic_id).phone_number),
            "numbers": {
                name: wording.phone(one) if one else ""
                for name, one in (numbers.items() if isinstance(numbers, dict) else ())
            },
            "seen_numbers": marker(numbers),
            "people": [
                {**one, "place": str(place), "number": wording.phone(one["number"])}
                for place, one in enumerate(people or (), start=1)
                if isinstance(one, dict)
            ],
            "seen_people": marker(people),
        }

    shown = desk.database.read(look)
    typed = request.form if problem else {}
    if problem and "name-0" in request.form:
        shown["people"] = settings_forms.people_rows(request.form)
    elif problem:
        shown["numbers"] = {name: typed.get(name, "") for name in shown["numbers"]}
    else:
        shown["people"] += [{}, {}]
    return render_template("frontdesk/clinic_numbers.html", user=user, problem=problem, **shown)
