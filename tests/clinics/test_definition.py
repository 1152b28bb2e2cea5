"""What a clinic.toml says, and what is said about one that is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from pydantic import ValidationError

from ivr.clinics.definition import ClinicFileError, read_clinic, read_clinics
from ivr.settings import PACKAGED_CLINICS
from scheduling.definition import WeeklyHoursDefinition
from tests.clinics.files import DEMO, clinic_file


def faults_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(ClinicFileError) as caught:
        read_clinic(path)
    return caught.value.faults[path]


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

    (provider,) = definition.providers
    assert provider.hours[-1] == WeeklyHoursDefinition(
        6, time(22), time(2), date(2026, 12, 1), date(2026, 12, 31)
    )
    assert len(provider.hours) == 4 + 4 + 2
    (visit_type,) = definition.visit_types
    assert (visit_type.duration_minutes, visit_type.notice_minutes) == (45, 24 * 60)
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


def test_everything_wrong_with_a_file_is_said_at_once_with_its_place(tmp_path: Path) -> None:
    path = clinic_file(
        tmp_path / "one",
        ('timezone = "America/Chicago"', 'timezone = "Texas"'),
        ('holidays_region = "US-TX"', 'holidays_region = "Austin"'),
        ('desk = "+15125550150"', 'desk = "+15125550100"'),
        ('fallback_on_call = "+15125550119"', 'fallback_on_call = "512-555-0119"'),
        ('voice = "Polly.Joanna"', 'voice = "Google.en-US-Wavenet-A"'),
        ('days = ["mon", "tue", "wed", "thu", "fri"]', 'days = ["monday"]'),
        ('closes = "12:00" },\n    { days = ["mon"', 'closes = "25:00" },\n    { days = ["mon"'),
        ("notice_hours = 24", "notice_hour = 24"),
        ("duration_minutes = 45", "duration_minutes = 47"),
        ('number = "+15125550111"', 'number = "+15550100"'),
        ('key = "sam-lee"', 'key = "Sam Lee"'),
        more="[colour]\nname = 'blue'",
    )

    places = [fault.partition(": ")[0] for fault in faults_of(path)]

    assert places == [
        "clinic, timezone",
        "clinic, holidays_region",
        "numbers, desk",
        "numbers, fallback_on_call",
        "voices, en, voice",
        "desk, hours 1, days 1",
        "providers 1, hours 1, closes",
        "visit_types 1, duration_minutes",
        "visit_types 1, notice_hours",
        "visit_types 1, notice_hour",
        "on_call 1, number",
        "on_call 2, key",
        "colour",
    ]


def test_the_message_names_the_file_and_counts_its_faults(tmp_path: Path) -> None:
    path = clinic_file(tmp_path / "one", ('es = { voice = "Polly.Lupe", language = "es-US" }', ""))

    with pytest.raises(ClinicFileError) as caught:
        read_clinic(path)

    assert str(caught.value) == (f"{path}: 1 thing to correct\n  voices, es: is missing: add it")


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ("notice_hours", "notice_hour", "did you mean notice_hours?"),
        ("horizon_days = 60", "horizon_days = 60\ncolour = 1", "remove it, or use one of "),
        ('key = "fura"', 'key = "Fura"', "small letters, digits"),
        ('"+15125550150"', '"5125550150"', "write it as + and digits, such as +15125550100"),
        ('"+15125550150"', '"+1 512 555 0150"', "write +15125550150"),
        ('"+15125550150"', '"+1512555015"', "no telephone has the number"),
        ('name = "Doctor Fura"', 'name = " "', "is empty: write some text"),
        ('name = "Doctor Fura"', 'name = "Doctor\\nFura"', "write it on one line"),
        ('opens = "08:00", closes = "17:00"', "opens = 08:00:00, closes = 17", 'like "08:00"'),
        ('"en-US"', '"English"', 'a language such as "en-US"'),
        ('booked_by = "anyone"', 'booked_by = "friends"', "existing_patients"),
        ('key = "sam-lee"', 'key = "ana-ruiz"', "give each a key of its own"),
        ('"+15125550112"', '"+15125550100"', "the number of sam-lee is the line's own number"),
        (
            '[[rooms]]\nkey = "consultation"\nname = "Consultation room"',
            "",
            "add a table [[rooms]]",
        ),
    ],
)
def test_each_fault_is_followed_by_what_to_write_instead(
    old: str, new: str, advice: str, tmp_path: Path
) -> None:
    faults = faults_of(clinic_file(tmp_path / "one", (old, new)))

    assert any(advice in fault for fault in faults), faults


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
            "use one of fura",
        ),
    ],
)
def test_a_closure_that_means_nothing_is_refused(closure: str, advice: str, tmp_path: Path) -> None:
    more = f"[[closures]]\nreason = 'Holiday'\n{closure}"

    faults = faults_of(clinic_file(tmp_path / "one", more=more))

    assert all(advice in fault for fault in faults)


def test_a_clinic_without_anybody_on_call_is_refused(tmp_path: Path) -> None:
    path = clinic_file(tmp_path / "one")
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("[[on_call]]")], encoding="utf-8")

    assert faults_of(path) == ("on_call: is missing: add it",)

    path.write_text("on_call = []\n" + text[: text.index("[[on_call]]")], encoding="utf-8")

    assert faults_of(path) == ("on_call: is empty: give at least one",)


def test_a_file_that_is_no_toml_is_refused_with_the_line_at_fault(tmp_path: Path) -> None:
    path = tmp_path / "clinic.toml"
    path.write_text("[clinic]\nid = demo\n", encoding="utf-8")

    (fault,) = faults_of(path)

    assert "is not valid TOML" in fault
    assert "line 2" in fault


def test_a_file_that_is_missing_or_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clinic.toml"

    assert faults_of(path) == ("there is no such file: give the path of a clinic.toml",)

    path.write_bytes('name = "clínica"'.encode("latin-1"))

    assert faults_of(path) == ("is not UTF-8 text: save it as UTF-8",)


def test_a_clinic_cannot_be_changed_after_it_was_read() -> None:
    clinic = read_clinic(DEMO / "clinic.toml")

    with pytest.raises(ValidationError, match="frozen"):
        clinic.numbers.line = "+15125550199"  # type: ignore[misc]  # that it is refused is the point


def test_the_packaged_clinics_are_read_by_id() -> None:
    assert list(read_clinics(PACKAGED_CLINICS)) == ["demo"]


def test_faults_of_all_files_are_said_together(tmp_path: Path) -> None:
    first = clinic_file(tmp_path / "a", ('"America/Chicago"', '"Texas"'))
    second = clinic_file(tmp_path / "b", ("duration_minutes = 45\n", ""))
    clinic_file(tmp_path / "c")

    with pytest.raises(ClinicFileError) as caught:
        read_clinics(tmp_path)

    assert list(caught.value.faults) == [first, second]


def test_two_clinics_may_not_share_an_id_or_a_line(tmp_path: Path) -> None:
    clinic_file(tmp_path / "a")
    second = clinic_file(tmp_path / "b")

    with pytest.raises(ClinicFileError) as caught:
        read_clinics(tmp_path)

    shared_id, shared_line = caught.value.faults[second]
    assert "demo is also the id in" in shared_id
    assert "has the same line" in shared_line
