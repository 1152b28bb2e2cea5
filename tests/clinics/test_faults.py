"""What is said about a clinic.toml that is wrong: everything, with its place and what to write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.clinics.definition import ClinicFileError, read_clinic, read_clinics
from tests.clinics.files import clinic_file, faults_of, line_of


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

    faults = [re.split(", |: ", fault, maxsplit=1) for fault in faults_of(path)]

    assert [rest.partition(": ")[0] for _, rest in faults] == [
        "clinic, timezone",
        "clinic, holidays_region",
        "numbers, desk",
        "numbers, fallback_on_call",
        "voices, en, voice",
        "desk, hours 1, days 1",
        "providers 1, hours 1, closes",
        "visit_types 1, notice_hours",
        "visit_types 1, duration_minutes",
        "visit_types 1, notice_hour",
        "on_call 1, number",
        "on_call 2, key",
        "on_call_shifts 2, person",
        "colour",
    ]
    text = path.read_text(encoding="utf-8").splitlines()
    assert [text[int(line.removeprefix("line ")) - 1].split()[0] for line, _ in faults] == [
        "timezone",
        "holidays_region",
        "desk",
        "fallback_on_call",
        "en",
        "hours",
        "{",
        "[[visit_types]]",
        "duration_minutes",
        "notice_hour",
        "number",
        "key",
        "person",
        "[colour]",
    ]


def test_the_message_names_the_file_and_counts_its_faults(tmp_path: Path) -> None:
    path = clinic_file(tmp_path / "one", ('es = { voice = "Polly.Lupe", language = "es-US" }', ""))

    with pytest.raises(ClinicFileError) as caught:
        read_clinic(path)

    assert str(caught.value) == (
        f"{path}: 1 thing to correct\n  {line_of(path, '[voices]')}, voices, es: is missing: add it"
    )


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
        ('"+15125550112"', '"+15125550100"', "on_call 2, number: is the line's own number"),
        ("needs_room = true", "needs_rooms = true", "did you mean needs_room?"),
    ],
)
def test_each_fault_is_followed_by_what_to_write_instead(
    old: str, new: str, advice: str, tmp_path: Path
) -> None:
    faults = faults_of(clinic_file(tmp_path / "one", (old, new)))

    assert any(advice in fault for fault in faults), faults


def test_a_doubled_key_is_told_at_each_of_its_places_along_with_every_other_fault(
    tmp_path: Path,
) -> None:
    path = clinic_file(
        tmp_path / "one",
        ('key = "vale"', 'key = "fura"'),
        ("duration_minutes = 45", "duration_minutes = 47"),
    )

    first, second, third = faults_of(path)

    assert "providers 1, key: 'fura' is the key of 2 providers" in first
    assert "providers 2, key: 'fura' is the key of 2 providers" in second
    assert "visit_types 1, duration_minutes" in third


def test_a_clinic_without_the_room_that_a_visit_needs_is_refused(tmp_path: Path) -> None:
    path = clinic_file(tmp_path / "one")
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition("[[rooms]]")
    path.write_text(before + rest[rest.index("[[visit_types]]") :], encoding="utf-8")

    needs, named, *_ = faults_of(path)

    assert "visit_types 1, needs_room: needs a room and there is none: add a table [[room" in needs
    assert "visit_types 1, rooms 1: 'consultation' is not among the [[rooms]]: add a" in named


def test_a_clinic_without_anybody_on_call_is_refused(tmp_path: Path) -> None:
    path = clinic_file(tmp_path / "one")
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("[[on_call]]")], encoding="utf-8")

    assert faults_of(path) == ("end of file, on_call: is missing: add it",)

    path.write_text("on_call = []\n" + text[: text.index("[[on_call]]")], encoding="utf-8")

    assert faults_of(path) == ("line 1, on_call: is empty: give at least one",)


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
    assert f"{line_of(second, 'id =')}, clinic, id: demo is also the id in" in shared_id
    assert f"{line_of(second, 'line =')}, numbers, line: " in shared_line
    assert "has the same line" in shared_line


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("http://drfura.example/guide", "is not a plain web address"),
        ("https://drfura.example/guide?from=text", "is not a plain web address"),
        ("https://drfura.example/guide#a", "is not a plain web address"),
        ("https://drfura/guide", "is not a plain web address"),
        ("https://drfura.example/two words", "is not a plain web address"),
        ("https://drfura.example/pain-pump", "says 'pain', and a lock screen is read by anybody"),
        ("https://bomba.example/", "says 'bomba', and a lock screen is read by anybody"),
        ("https://drfura.example/" + "a" * 60, "should have at most 80 characters"),
    ],
)
def test_an_address_that_may_not_be_texted_is_a_fault(
    tmp_path: Path, address: str, fault: str
) -> None:
    path = clinic_file(tmp_path / "x", ("https://drfura.example/guide", address))
    (told,) = faults_of(path)
    assert told.startswith(f"{line_of(path, 'page_url')}, clinic, page_url: ")
    assert fault in told


def test_a_clinic_needs_no_page(tmp_path: Path) -> None:
    path = clinic_file(tmp_path / "x", ('page_url = "https://drfura.example/guide"', ""))
    assert read_clinic(path).clinic.page_url is None
