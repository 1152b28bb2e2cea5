"""A definition that contradicts itself is refused when it is built."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scheduling.definition import (
    ClosureDefinition,
    ExtraSessionDefinition,
    VisitTypeDefinition,
)
from scheduling.errors import EndBeforeStart, InvalidDefinition
from tests.scheduling.sample import (
    CONSULTATION,
    DEFINITION,
    REFILL,
    TWO_PROVIDERS_ONE_ROOM,
    WITH_REFILLS,
    at,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def with_type(visit_type: VisitTypeDefinition) -> object:
    """A clinic with two providers, one room, and this type of visit."""
    return replace(TWO_PROVIDERS_ONE_ROOM, visit_types=(visit_type,))


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (
            lambda: with_type(replace(CONSULTATION, providers=("adams", "gray"))),
            "provider gray, which the clinic does not have: use one of adams, baker",
        ),
        (
            lambda: with_type(replace(CONSULTATION, needs_room=True, rooms=("two",))),
            "room two, which the clinic does not have: use one of one",
        ),
        (
            lambda: replace(CONSULTATION, rooms=("one",)),
            "names rooms and needs none: set needs_room, or name none",
        ),
        (
            lambda: replace(WITH_REFILLS, visit_types=(REFILL, replace(REFILL, key="other"))),
            "refill, other are all refills: keep one",
        ),
        (
            lambda: replace(
                DEFINITION, closures=(ClosureDefinition(at(8), at(9), "x", room_key="one"),)
            ),
            "room one, which the clinic does not have: use one of none",
        ),
        (
            lambda: replace(
                DEFINITION,
                extra_sessions=(ExtraSessionDefinition(at(8), at(9), provider_key="gray"),),
            ),
            "provider gray, which the clinic does not have: use one of fura",
        ),
        (
            lambda: ClosureDefinition(at(8), at(9), "x", provider_key="fura", room_key="one"),
            "make it two closures",
        ),
        (
            lambda: ExtraSessionDefinition(at(8), at(9), provider_key="fura", room_key="one"),
            "name one of them",
        ),
        (lambda: ExtraSessionDefinition(at(8), at(9)), "name one of them"),
    ],
)
def test_what_contradicts_itself_is_refused(build: Callable[[], object], said: str) -> None:
    with pytest.raises(InvalidDefinition, match=said):
        build()


def test_an_extra_session_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(EndBeforeStart, match="an extra session"):
        ExtraSessionDefinition(at(9), at(8), provider_key="fura")
