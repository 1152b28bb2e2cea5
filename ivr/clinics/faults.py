"""Says what is wrong with a clinic file: the place, the fault, and what to write instead."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError

from ivr.clinics.lines import Location, lines_of, nearest_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails


class Fault(NamedTuple):
    """What is wrong at one place, and what to write instead."""

    location: Location
    text: str


def in_words(faults: Iterable[Fault], text: str) -> list[str]:
    """Each fault with its line in `text`, the file's, and the way to it; the first line first."""
    lines = lines_of(text)
    end = text.count("\n") + 1
    placed = [(nearest_line(lines, fault.location), fault) for fault in faults]
    placed.sort(key=lambda one: one[0] or end)
    return [
        f"{f'line {line}' if line else 'end of file'}, {_place(location)}: {said}"
        for line, (location, said) in placed
    ]


def unreadable(error: Exception) -> str:
    """Why a file could not even be taken for TOML."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file: give the path of a clinic.toml"
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror}): correct its permissions or the path"
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8 text: save it as UTF-8"
    return f"is not valid TOML: {error}; correct it there"


def faults_of(model: type[BaseModel], error: ValidationError) -> list[Fault]:
    """Every fault that pydantic found in a file of this model."""
    details = error.errors(include_url=False, include_input=False)
    places = [detail["loc"] for detail in details]
    return [
        Fault(detail["loc"], _said(model, detail))
        for detail in details
        # A list whose only entry is faulty also counts as empty: that is no second fault.
        if detail["type"] != "too_short"
        or not any(_is_inside(one, detail["loc"]) for one in places)
    ]


def _is_inside(location: Location, outer: Location) -> bool:
    return len(location) > len(outer) and location[: len(outer)] == outer


def _said(model: type[BaseModel], detail: ErrorDetails) -> str:
    raised = detail.get("ctx", {}).get("error")
    if detail["type"] == "missing":
        return "is missing: add it"
    if detail["type"] == "extra_forbidden":
        return f"is not known here: {_known_instead(model, detail['loc'])}"
    if detail["type"] == "too_short":
        return "is empty: give at least one"
    if isinstance(raised, ValueError):
        return str(raised)
    if detail["type"] == "string_pattern_mismatch":
        return f"write {_expected(model, detail['loc'])}"
    message = detail["msg"]
    return f"{message[:1].lower()}{message[1:]}: correct it"


def _place(location: Location) -> str:
    """("providers", 0, "hours", 1, "opens") → providers 1, hours 2, opens."""
    words: list[str] = []
    for part in location:
        if isinstance(part, int):
            words[-1] += f" {part + 1}"
        else:
            words.append(part)
    return ", ".join(words)


def _known_instead(model: type[BaseModel], location: Location) -> str:
    table = _table_at(model, location[:-1])
    known = sorted(table.model_fields) if table else []
    close = get_close_matches(str(location[-1]), known, n=1, cutoff=0.75)
    if close:
        return f"did you mean {close[0]}?"
    return f"remove it, or use one of {', '.join(known)}"


def _expected(model: type[BaseModel], location: Location) -> str:
    table = _table_at(model, location[:-1])
    field = table.model_fields.get(str(location[-1])) if table else None
    return (field.description if field else None) or "it in another form"


def _table_at(model: type[BaseModel], location: Location) -> type[BaseModel] | None:
    table: type[BaseModel] | None = model
    for part in location:
        if isinstance(part, str) and table is not None:
            field = table.model_fields.get(part)
            table = next(_tables_in(field), None) if field else None
    return table


def _tables_in(field: FieldInfo) -> Iterator[type[BaseModel]]:
    waiting: list[Any] = [field.annotation]
    while waiting:
        candidate = waiting.pop()
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            yield candidate
        waiting.extend(get_args(candidate))
