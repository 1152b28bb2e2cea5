"""The book of a day or a week as a file: what is in it, who may take it, what no cell can do."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from ivr.frontdesk import export_cells
from tests.frontdesk.lists import TODAY, admin, audited, on, press
from tests.frontdesk.office import OTHERS, Office


def export(office: Office, day: date = TODAY, days: str = "1") -> TestResponse:
    """Press the button."""
    return press(office.signed_in(), "/export", "/export", day=day.isoformat(), days=days)


def lines(answer: TestResponse) -> list[list[str]]:
    """The file's cells, without its heading."""
    text = answer.data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


def test_a_day_has_its_visits_by_the_clinics_clock(office: Office) -> None:
    office.book("Ann Lee", on(TODAY, 11))
    office.book("Bob", on(TODAY + timedelta(days=1), 11), born=date(1955, 5, 5))
    answer = export(office)
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "visits-2026-11-23.csv" in answer.headers["Content-Disposition"]
    (line,) = lines(answer)
    assert line == [
        "2026-11-23",
        "11:00",
        "11:30",
        "Ann Lee",
        "1961-03-04",
        "(512) 555-0142",
        "Consultation",
        "Doctor Fura",
        "Room 1",
        "Booked",
    ]


def test_a_week_has_seven_days_and_not_the_eighth(office: Office) -> None:
    for after in (0, 6, 7):
        office.book(
            f"Patient {after}", on(TODAY + timedelta(days=after)), born=date(1950, 1, 1 + after)
        )
    assert [line[3] for line in lines(export(office, days="7"))] == ["Patient 0", "Patient 6"]


def test_it_is_recorded_without_any_name(office: Office) -> None:
    office.book("Ann Lee", on(TODAY))
    export(office)
    (row,) = audited(office, "agenda.exported")
    assert "Ann" not in str(row)
    assert "2026-11-23" in str(row)


def test_another_clinics_visits_are_not_in_it(office: Office) -> None:
    office.book("Olga", on(TODAY), clinic_id=OTHERS)
    assert lines(export(office)) == []


def test_whoever_is_only_on_call_may_not_take_it(office: Office) -> None:
    client = admin(office, "nurse", "on_call")
    assert client.get("/frontdesk/export").status_code == 403
    assert press(client, "", "/export", day="2026-11-23", days="1").status_code == 403


@pytest.mark.parametrize(("day", "days"), [("soon", "1"), ("2026-11-23", "400")])
def test_days_that_will_not_do_are_refused(office: Office, day: str, days: str) -> None:
    answer = press(office.signed_in(), "/export", "/export", day=day, days=days)
    assert answer.status_code == 400
    assert "Nothing was exported" in answer.text


def test_a_name_that_is_a_formula_arrives_as_text(office: Office) -> None:
    office.book('=HYPERLINK("http://evil.example","Ann")', on(TODAY))
    (line,) = lines(export(office))
    assert line[3] == """'=HYPERLINK("http://evil.example","Ann")"""


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_no_cell_begins_like_a_formula_and_none_loses_a_character(cell: str) -> None:
    written = export_cells.as_csv(["head"], [[cell]])
    (_, (read,)) = csv.reader(io.StringIO(written.removeprefix("\ufeff"), newline=""))
    assert not read.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert read.removeprefix("'") == cell.removeprefix("'")
