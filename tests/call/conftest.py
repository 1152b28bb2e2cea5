from __future__ import annotations

from pathlib import Path

import pytest

from ivr.call.prompts import Prompts, load_prompts
from ivr.clinics.definition import read_clinic

DEMO = Path(__file__).parents[2] / "ivr" / "clinics" / "demo"


@pytest.fixture(scope="session")
def prompts() -> Prompts:
    """The demo clinic's wording, as the product loads it."""
    clinic = read_clinic(DEMO / "clinic.toml")
    return load_prompts(
        clinic.content_dir, constants=clinic.spoken_constants(), zone=clinic.timezone
    )
