"""Every route of the desk, with an address that leads to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, Rule

from ivr.frontdesk import permissions

NOBODYS_ID = UUID("01890000-0000-7000-8000-00000000dead")
"""No row of any clinic has it."""

_BY_CONVERTER: dict[str, Any] = {
    "UUIDConverter": NOBODYS_ID,
    "IntegerConverter": 1,
    "PathConverter": "desk.css",
}


@dataclass(frozen=True)
class Way:
    """One method of one route. endpoint: as the table of permissions has it."""

    endpoint: str
    method: str
    path: str
    with_ids: bool


def rules(app: Flask) -> list[Rule]:
    """The routes of the desk."""
    return [rule for rule in app.url_map.iter_rules() if "/frontdesk" in rule.rule]


def ways(app: Flask) -> list[Way]:
    """Every method of every route of the desk."""
    urls = app.url_map.bind("localhost")
    found = []
    for rule in rules(app):
        values = {name: _example(converter) for name, converter in rule._converters.items()}
        for method in sorted(rule.methods or ()):
            path = urls.build(rule.endpoint, values, method=method, append_unknown=False)
            found.append(Way(permissions.short(rule.endpoint), method, path, bool(values)))
    return found


def _example(converter: BaseConverter) -> Any:
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return _BY_CONVERTER.get(type(converter).__name__, "ana")


def guarded(app: Flask) -> list[Way]:
    """Those that need a log-in."""
    return [way for way in ways(app) if way.endpoint not in permissions.OPEN]
