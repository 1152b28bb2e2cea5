"""What a clinic.toml says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from pydantic import ValidationError

from ivr.clinics.definition import read_clinic, read_clinics
from ivr.settings import PACKAGED_CLINICS
from scheduling.definition import ExtraSessionDefinition, WeeklyHoursDefinition
from scheduling.refill_rules import RefillPolicy
from tests.clinics.files import DEMO, clinic_file


def test_the_demo_clinic_is_sound_and_its_numbers_are_fictional() -> None:
    clinic = read_clinic(DEMO / "clinic.toml")

    numbers = [clinic.numbers.line, clinic.numbers.desk, clinic.numbers.fallback_on_call]
    numbers += [one.number for one in clinic.on_call]
    assert clinic.id == "demo"
    assert clinic.content_dir == DEMO
    assert len(set(numbers)) == 5
    assert all(
        number.startswith("+1512555") and "0100" <= number[-4:] <= "0199" for number in numbers
    )


def test_the_demo_clinic_says_that_nobody_has_signed_its_wording() -> None:
    text = (DEMO / "clinic.toml").read_text(encoding="utf-8")

    assert "NOBODY" in text
    assert "physician reads, corrects and signs" in text.replace("\n# ", " ")


def test_names_and_addresses_are_there_in_every_language() -> None:
    constants = read_clinic(DEMO / "clinic.toml").spoken_constants()

    assert constants["en"]["clinic"] == "Doctor Fura's clinic"
    assert constants["es"]["clinic"] == "la clínica del doctor Fura"
    assert constants["en"].keys() == constants["es"].keys() == {"clinic", "address"}


def test_scheduling_gets_every_part_of_the_file(tmp_path: Path) -> None:
    december_nights = (
        '{ days = ["sat", "sun"], opens = "22:00", closes = "02:00",'
        " effective_from = 2026-12-01, effective_until = 2026-12-31 }"
    )
    path = clinic_file(
        tmp_path / "one",
        (
            '{ days = ["fri"], opens = "08:00", closes = "12:00" }',
            december_nights,
        ),
        more="""
            [[closures]]
            starts = 2026-12-24T12:00:00
            ends = 2026-12-25T00:00:00
            reason = "Christmas Eve"

            [[closures]]
            starts = 2026-07-01T00:00:00
            ends = 2026-07-02T00:00:00
            reason = "Congress"
            provider = "fura"
        """,
    )

    definition = read_clinic(path).to_definition()

    provider = definition.providers[0]
    assert provider.hours[-1] == WeeklyHoursDefinition(
        6, time(22), time(2), date(2026, 12, 1), date(2026, 12, 31)
    )
    assert len(provider.hours) == 4 + 4 + 2
    consultation, refill = definition.visit_types
    assert (consultation.duration_minutes, consultation.notice_minutes) == (45, 24 * 60)
    assert (consultation.providers, consultation.rooms) == (("fura",), ("consultation",))
    assert (refill.providers, refill.rooms) == ((), ("procedure",))
    assert consultation.refill is None
    assert refill.refill == RefillPolicy(margin_days=7, preparation_days=3, opens_days=21)
    assert definition.phone_number == "+15125550100"
    assert definition.holidays_region == "US-TX"
    assert len(definition.desk_hours) == 5


def test_local_times_of_closures_become_utc_by_the_offset_of_their_own_day(tmp_path: Path) -> None:
    path = clinic_file(
        tmp_path / "one",
        more="""
            [[closures]]
            starts = 2026-12-24T12:00:00
            ends = 2026-12-25T00:00:00
            reason = "Christmas Eve"

            [[closures]]
            starts = 2026-07-01T00:00:00
            ends = 2026-07-02T00:00:00
            reason = "Congress"
        """,
    )

    winter, summer = read_clinic(path).to_definition().closures

    assert winter.starts_at == datetime(2026, 12, 24, 18, tzinfo=UTC)
    assert summer.starts_at == datetime(2026, 7, 1, 5, tzinfo=UTC)


def test_extra_sessions_and_closures_of_rooms_become_utc(tmp_path: Path) -> None:
    path = clinic_file(
        tmp_path / "one",
        more="""
            [[extra_sessions]]
            starts = 2026-12-05T08:00:00
            ends = 2026-12-05T12:00:00
            provider = "vale"

            [[extra_sessions]]
            starts = 2026-07-04T08:00:00
            ends = 2026-07-04T12:00:00
            room = "procedure"

            [[closures]]
            starts = 2026-12-24T12:00:00
            ends = 2026-12-25T00:00:00
            reason = "New floor"
            room = "procedure"
        """,
    )

    definition = read_clinic(path).to_definition()

    assert definition.extra_sessions == (
        ExtraSessionDefinition(
            datetime(2026, 12, 5, 14, tzinfo=UTC),
            datetime(2026, 12, 5, 18, tzinfo=UTC),
            provider_key="vale",
        ),
        ExtraSessionDefinition(
            datetime(2026, 7, 4, 13, tzinfo=UTC),
            datetime(2026, 7, 4, 17, tzinfo=UTC),
            room_key="procedure",
        ),
    )
    assert [one.room_key for one in definition.closures] == ["procedure"]


def test_a_clinic_cannot_be_changed_after_it_was_read() -> None:
    clinic = read_clinic(DEMO / "clinic.toml")

    with pytest.raises(ValidationError, match="frozen"):
        clinic.numbers.line = "+15125550199"  # type: ignore[misc]  # that it is refused is the point


def test_the_packaged_clinics_are_read_by_id() -> None:
    assert list(read_clinics(PACKAGED_CLINICS)) == ["demo"]
