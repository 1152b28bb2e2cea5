"""Twilio's published tools, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.carrier_contract.mock_server import twilio_mock_server
from tests.carrier_contract.node_twilio import NodeTwilio, node_twilio_process


@pytest.fixture(scope="session")
def twilio_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a server built from Twilio's published description of its API."""
    with twilio_mock_server(tmp_path_factory.mktemp("twilio-api")) as url:
        yield url


@pytest.fixture(scope="session")
def node_twilio() -> Iterator[NodeTwilio]:
    """Twilio's own Node.js package."""
    with node_twilio_process() as process:
        yield process
