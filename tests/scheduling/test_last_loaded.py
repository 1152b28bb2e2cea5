"""Whose value is stored, the file's or the desk's, after both may have changed it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scheduling.last_loaded import LastLoaded

VALUES = st.sampled_from(["a", "b", "c"])


def loaded(last: LastLoaded, stored: str, file: str) -> str:
    """What is stored afterwards."""
    return file if last.file_wins("room one", "name", stored=stored, file=file) else stored


@given(said=VALUES, stored=VALUES, file=VALUES)
def test_the_one_that_changed_wins_and_of_two_the_desk(said: str, stored: str, file: str) -> None:
    last = LastLoaded({"room one": {"name": said}})

    after = loaded(last, stored, file)

    assert after == (file if stored == said else stored)
    assert bool(last.conflicts) is (len({said, stored, file}) == 3)


@given(said=VALUES, stored=VALUES, file=VALUES)
def test_the_same_again_changes_nothing_and_tells_nothing(
    said: str, stored: str, file: str
) -> None:
    first = LastLoaded({"room one": {"name": said}})
    after = loaded(first, stored, file)
    second = LastLoaded(first.says)

    assert loaded(second, after, file) == after
    assert second.conflicts == []
    assert second.says == first.says


def test_with_nothing_remembered_the_file_has_its_way() -> None:
    last = LastLoaded()

    assert loaded(last, "a", "b") == "b"
    assert not last.is_the_desks("room one")
    assert not last.spoke_of("room one")


def test_a_field_that_the_format_has_only_now_takes_the_files_value() -> None:
    last = LastLoaded({"room one": {"active": True}})

    assert loaded(last, "a", "b") == "b"
    assert last.conflicts == []


def test_what_the_desk_added_under_a_key_that_the_file_now_uses_stays_as_it_is() -> None:
    last = LastLoaded({"room two": {"name": "a"}})

    assert last.is_the_desks("room one")
    assert loaded(last, "a", "b") == "a"
    assert last.conflicts == ["room one, name: the desk has a, the file now has b"]
