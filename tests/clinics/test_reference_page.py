"""The reference page of the clinic file has every table and key, and says the same as the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import pytest
from annotated_types import Ge, Le, MultipleOf
from pydantic.fields import FieldInfo

from ivr.clinics.definition import ClinicFile
from ivr.clinics.opening import ClosureSection, ExtraSessionSection, HoursSection
from ivr.clinics.sections import (
    ClinicSection,
    DeskSection,
    NumbersSection,
    OnCallSection,
    OnCallShiftSection,
    ProviderSection,
    RefillSection,
    RoomSection,
    Spoken,
    VisitTypeSection,
    VoiceSection,
    VoicesSection,
)
from ivr.clinics.values import Section

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "clinic-file.md"

HEADINGS: dict[str, type[Section]] = {
    "`[clinic]`": ClinicSection,
    "`spoken_name`, `address`": Spoken,
    "`[numbers]`": NumbersSection,
    "`[voices]`": VoicesSection,
    "`voices.en`, `voices.es`": VoiceSection,
    "`[desk]`": DeskSection,
    "`hours`": HoursSection,
    "`[[providers]]`": ProviderSection,
    "`[[rooms]]`": RoomSection,
    "`[[visit_types]]`": VisitTypeSection,
    "`[visit_types.refill]`": RefillSection,
    "`[[closures]]`": ClosureSection,
    "`[[extra_sessions]]`": ExtraSessionSection,
    "`[[on_call]]`": OnCallSection,
    "`[[on_call_shifts]]`": OnCallShiftSection,
}

ROWS = [
    pytest.param(heading, name, field, id=f"{heading} {name}")
    for heading, section in HEADINGS.items()
    for name, field in section.model_fields.items()
]


def chapters() -> dict[str, str]:
    """Heading -> what stands below it."""
    _, *parts = PAGE.read_text(encoding="utf-8").split("\n## ")
    return {heading: body for heading, _, body in (part.partition("\n") for part in parts)}


def row_of(heading: str, name: str) -> tuple[str, str]:
    """What the key holds, and what the page says to leaving it out."""
    found = re.search(rf"^\| `{name}` \| (.+) \| (.+) \|$", chapters()[heading], re.MULTILINE)
    assert found is not None, f"{heading} lacks {name}"
    return found[1], found[2]


def types_in(annotation: Any) -> Iterator[type]:
    """Every class that a field's annotation is made of."""
    if isinstance(annotation, type):
        yield annotation
    for part in get_args(annotation):
        yield from types_in(part)


def sections_below(section: type[Section]) -> set[type[Section]]:
    """The tables of a table, and theirs."""
    found: set[type[Section]] = set()
    for field in section.model_fields.values():
        for one in types_in(field.annotation):
            if issubclass(one, Section):
                found |= {one} | sections_below(one)
    return found


def test_the_page_has_a_chapter_for_every_table_of_the_file() -> None:
    assert sections_below(ClinicFile) == set(HEADINGS.values())
    tables = [heading for heading in chapters() if heading.startswith("`[")]
    named = [re.findall(r"[a-z_]+", heading)[0] for heading in tables]
    assert list(dict.fromkeys(named)) == [*ClinicFile.model_fields]


@pytest.mark.parametrize("heading", HEADINGS)
def test_each_chapter_lists_the_keys_of_its_table_and_no_others(heading: str) -> None:
    listed = re.findall(r"^\| `([^`]+)`", chapters()[heading], re.MULTILINE)

    assert listed == [*HEADINGS[heading].model_fields]


@pytest.mark.parametrize(("heading", "name", "field"), ROWS)
def test_the_page_says_what_is_required_and_what_stands_for_the_rest(
    heading: str, name: str, field: FieldInfo
) -> None:
    _, left_out = row_of(heading, name)

    assert (left_out == "required") is field.is_required()
    if isinstance(field.default, bool | int):
        assert left_out == f"`{str(field.default).lower()}`"
    elif isinstance(field.default, StrEnum):
        assert left_out == f'`"{field.default}"`'


@pytest.mark.parametrize(("heading", "name", "field"), ROWS)
def test_the_page_says_every_limit_and_every_choice(
    heading: str, name: str, field: FieldInfo
) -> None:
    holds, _ = row_of(heading, name)

    limits = {type(one): one for one in field.metadata}
    least, most, step = limits.get(Ge), limits.get(Le), limits.get(MultipleOf)
    if least and most:
        assert f"{least.ge} to {most.le}" in holds
    if step:
        assert f"a multiple of {step.multiple_of}" in holds
    for choice in types_in(field.annotation):
        if issubclass(choice, StrEnum):
            assert all(f"`{one.value}`" in holds for one in choice)
