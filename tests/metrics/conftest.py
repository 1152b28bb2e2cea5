from __future__ import annotations

import pytest

from tests.calls.conftest import town
from tests.calls.town import WITH_CLINIC
from tests.provision.databases import Template

__all__ = ["town"]


@pytest.fixture(scope="session")
def database_template() -> Template:
    """The clinic is there."""
    return WITH_CLINIC
