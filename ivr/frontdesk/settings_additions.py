"""The page on which a provider, a room or a kind of visit is added."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ivr.frontdesk import errors, settings_resources, wording
from ivr.frontdesk.access import Desk, signed_in
from ivr.frontdesk.settings_changes import marker
from ivr.frontdesk.settings_shapes import Value
from ivr.frontdesk.settings_submit import submit
from ivr.frontdesk.wording import Words, say
from scheduling.errors import InvalidInput
from scheduling.tables import Provider, Room, VisitType

WHAT: Final[Words] = {
    "provider": "Add a provider",
    "room": "Add a room",
    "visit_type": "Add a kind of visit",
}
_TABLES: Final = {"provider": Provider, "room": Room, "visit_type": VisitType}


def add_routes(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page and what its form does."""

    @blueprint.get("/settings/add")
    def add_resource() -> ResponseReturnValue:
        kind = request.args.get("kind", "")
        return _page(kind, None) if kind in WHAT else _unknown()

    @blueprint.post("/settings/add")
    def store_resource() -> ResponseReturnValue:
        kind, user = request.form.get("kind", ""), signed_in()
        if kind not in WHAT:
            return _unknown()
        name = " ".join(request.form.get("name", "").split())
        try:
            key = desk.database.read(
                lambda s: settings_resources.key_for(s, _TABLES[kind], user.clinic_id, name)
            )
        except InvalidInput as error:
            return _page(kind, f"{str(error)[:1].upper()}{str(error)[1:]}."), 409
        value: Value = {"name": name, "active": True}
        if kind == "visit_type":
            value = dict(settings_resources.NEW_VISIT_TYPE)
            place = {"endpoint": "frontdesk.visit_type", "key": key}
        else:
            place = {"endpoint": "frontdesk.hours", "owner": f"{kind}-{key}"}
        return submit(
            desk,
            kind,
            key,
            lambda _: value,
            lambda problem: _page(kind, problem),
            place.pop("endpoint"),
            **place,
        )


def _page(kind: str, problem: str | None) -> str:
    return render_template(
        "frontdesk/settings_add.html",
        user=signed_in(),
        kind=kind,
        title=wording.in_words(WHAT, kind),
        problem=problem,
        typed=request.form if problem else {},
        nothing=marker(None),
    )


def _unknown() -> ResponseReturnValue:
    return errors.problem(
        404, say("Nothing of this kind is added here"), say("Go to the settings and choose again.")
    )
