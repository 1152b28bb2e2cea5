"""A clinic whose database can be lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.calls.outage.away import ONE_OF_EACH, open_town_with
from tests.calls.town import Town
from tests.carrier.outages import Outage, outages


@pytest.fixture(params=ONE_OF_EACH)
def outage(request: pytest.FixtureRequest) -> Iterator[Outage]:
    """A database that can be taken away and given back."""
    with outages(request) as outage:
        yield outage


@pytest.fixture
def town(outage: Outage) -> Iterator[Town]:
    """A clinic that has had its first, ordinary call, at night."""
    with open_town_with(outage) as town:
        yield town
