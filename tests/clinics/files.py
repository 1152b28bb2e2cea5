"""Clinic files for tests: the demo's, with changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ivr.clinics.definition import ClinicFileError, read_clinic
from ivr.settings import PACKAGED_CLINICS

DEMO = PACKAGED_CLINICS / "demo"


def clinic_file(folder: Path, *changes: tuple[str, str], more: str = "") -> Path:
    """A copy of the demo clinic in `folder`, sentences included; returns its clinic.toml.

    changes: (old, new) pairs; each old text must occur, and only its first occurrence changes.
    more: added at the end.
    """
    shutil.copytree(DEMO, folder)
    path = folder / "clinic.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(f"{text}\n{more}", encoding="utf-8")
    return path


def faults_of(path: Path) -> tuple[str, ...]:
    """What is said about a file that is wrong."""
    with pytest.raises(ClinicFileError) as caught:
        read_clinic(path)
    return caught.value.faults[path]


def line_of(path: Path, start: str) -> str:
    """The number of the first line that begins so, as messages have it: "line 12"."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return f"line {next(n for n, line in enumerate(lines, start=1) if line.startswith(start))}"
