"""Visit types, closures and extra sessions of a clinic.toml name what there is."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.clinics.definition import ClinicFileError, checked
from tests.clinics.files import DEMO, clinic_file, faults_of, line_of


@pytest.mark.parametrize(
    ("closure", "advice"),
    [
        (
            "starts = 2026-12-24T12:00:00Z\nends = 2026-12-25T00:00:00",
            "write it without a zone",
        ),
        ("starts = 2026-12-24\nends = 2026-12-25", "is not a local date and time"),
        ("starts = 2026-12-25T00:00:00\nends = 2026-12-24T00:00:00", "swap or correct them"),
        (
            'starts = 2026-12-24T00:00:00\nends = 2026-12-25T00:00:00\nprovider = "house"',
            "use one of fura, vale",
        ),
        (
            'starts = 2026-12-24T00:00:00\nends = 2026-12-25T00:00:00\nroom = "fura"',
            "use one of consultation, procedure",
        ),
        (
            """starts = 2026-12-24T00:00:00
            ends = 2026-12-25T00:00:00
            provider = "fura"
            room = "procedure"
            """,
            "make it two [[closures]]",
        ),
        ("starts = 0001-01-01T00:00:00\nends = 2026-12-25T00:00:00", "correct the year"),
        ("starts = 2026-12-24T00:00:00\nends = 9999-12-31T23:59:59", "correct the year"),
        ("starts = 2027-03-14T02:10:00\nends = 2027-03-14T02:50:00", "the clock is put forward"),
    ],
)
def test_a_closure_that_means_nothing_is_refused(closure: str, advice: str, tmp_path: Path) -> None:
    more = f"[[closures]]\nreason = 'Holiday'\n{closure}"

    faults = faults_of(clinic_file(tmp_path / "one", more=more))

    assert faults
    assert all(advice in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("owner", "place"),
    [
        ("", "extra_sessions 1: names neither provider nor room"),
        ('provider = "fura"\nroom = "procedure"', "extra_sessions 1, room: stands beside"),
        ('provider = "house"', "extra_sessions 1, provider: 'house' is not among"),
        ('room = "house"', "extra_sessions 1, room: 'house' is not among"),
    ],
)
def test_an_extra_session_is_of_one_provider_or_one_room(
    owner: str, place: str, tmp_path: Path
) -> None:
    more = "[[extra_sessions]]\nstarts = 2026-12-05T08:00:00\nends = 2026-12-05T12:00:00\n" + owner

    (fault,) = faults_of(clinic_file(tmp_path / "one", more=more))

    assert place in fault


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        (
            'providers = ["fura"]',
            'providers = ["fura", "house"]',
            ["providers 2: 'house' is not among the [[providers]]: use one of fura, vale"],
        ),
        (
            'providers = ["fura"]',
            'providers = ["fura", "fura"]',
            ["providers 2: 'fura' is there twice"],
        ),
        ('providers = ["fura"]', "providers = []", ["providers: is empty: give at least one"]),
        ('providers = ["fura"]', 'providers = "fura"', ["providers: input should be"]),
        (
            'rooms = ["consultation"]',
            'rooms = ["procedure", "attic"]',
            ["rooms 2: 'attic' is not among the [[rooms]]: use one of consultation, procedure"],
        ),
        ("needs_room = true\n", "", ["rooms: stands beside no needs_room"]),
        (
            'rooms = ["consultation"]',
            "refill = { margin_days = 1, preparation_days = 1, opens_days = 1 }",
            [],
        ),
        (
            'rooms = ["consultation"]',
            "refill = { margin_days = -1, preparation_days = 1, opens_days = 1000 }",
            [
                "refill, margin_days: input should be greater",
                "refill, opens_days: input should be less",
            ],
        ),
        (
            'rooms = ["consultation"]',
            "refill = { margin_days = 1, preparation_days = 1 }",
            ["refill, opens_days: is missing"],
        ),
    ],
)
def test_a_visit_type_names_what_there_is(
    old: str, new: str, faults: list[str], tmp_path: Path
) -> None:
    found = faults_of(clinic_file(tmp_path / "one", (old, new)))

    of_this_type = [fault for fault in found if ", visit_types 1, " in fault]
    assert len(of_this_type) == len(faults)
    for fault, expected in zip(of_this_type, faults, strict=True):
        assert f", visit_types 1, {expected}" in fault


def test_a_clinic_has_one_visit_type_that_fills_pumps(tmp_path: Path) -> None:
    path = clinic_file(
        tmp_path / "one",
        (
            'rooms = ["consultation"]',
            "refill = { margin_days = 1, preparation_days = 1, opens_days = 1 }",
        ),
    )

    (fault,) = faults_of(path)

    assert "visit_types 2, refill: is the second of this clinic: keep one, since" in fault
    assert fault.startswith(line_of(path, "[visit_types.refill]"))


WALL = datetime.fromisoformat("2027-03-14T02:10:00")
NAMES = st.text(max_size=220) | st.sampled_from(["مركز الألم", "e\u0301" * 50, "x" * 201, "\u200b"])


@given(
    name=NAMES,
    starts=st.datetimes(WALL.replace(year=1999), WALL.replace(year=2101)),
    minutes=st.integers(-100, 100),
    zone=st.sampled_from(
        ["America/Chicago", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"]
    ),
)
@settings(deadline=None)
def test_whatever_the_file_allows_scheduling_takes(
    name: str, starts: datetime, minutes: int, zone: str
) -> None:
    data = tomllib.loads((DEMO / "clinic.toml").read_text(encoding="utf-8"))
    data["clinic"]["name"] = data["rooms"][0]["name"] = name
    data["clinic"]["timezone"] = zone
    ends = starts + timedelta(minutes=minutes)
    data["closures"] = [{"starts": starts, "ends": ends, "reason": name}]

    try:
        clinic = checked(data, DEMO / "clinic.toml", "")
    except ClinicFileError:
        return
    assert clinic.to_definition().closures
