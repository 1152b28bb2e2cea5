"""Every value of a TOML text is found on the line where it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.clinics.lines import Location, lines_of, nearest_line


def located(value: Any, location: Location = ()) -> Iterator[tuple[Location, Any]]:
    """Everything in what tomllib read, with the way to it."""
    if location:
        yield location, value
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, one in inner:
        yield from located(one, (*location, key))


def with_line_numbers(text: str) -> str:
    """`text` with the number of its line in place of each @."""
    return "\n".join(
        line.replace("@", str(number)) for number, line in enumerate(text.split("\n"), start=1)
    )


def assert_found(text: str) -> None:
    """What tomllib reads is found, all of it, and each number on the line it names."""
    numbered = with_line_numbers(text)
    read = dict(located(tomllib.loads(numbered)))
    lines = lines_of(numbered)
    assert lines.keys() == read.keys()
    for location, value in read.items():
        if type(value) is int:
            assert lines[location] == value, location


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing but a comment",
        "a = @\nb.c = @\nb.d = @",
        "[t]\na = @ # why\n\n  [t.u]\nb = @\n[v]\nc = @",
        "[[l]]\na = @\n[[l]]\na = @\n[l.in]\nb = @\n[[l.deep]]\nc = @\n[[l.deep]]\nc = @",
        "[[l]]\n[[l.deep]]\nc = @\n[[l]]\n[[l.deep]]\nc = @",
        "[t.u.v]\na = @\n[t]\nb = @",
        "a = [\n  @, # one ]\n  @,\n  [ @, @,\n @ ],\n]\nb = @",
        "a = { b = @, c.d = @, e = [ @,\n @ ], f = {} }\ng = @",
        'a = """\n[not.a.header]\nb = 1\\""""""\nc = @',
        "a = '''\n[x]\n' = '''''\nc = @",
        "a = '''x''''\nb = @\nc = '[d]'\ne = @",
        'a = """x""""\nb = @\nc = "[d]"\ne = @',
        "a = \"# [x] = 'y' \\\" \\\\\" # comment\nb = '\\' # comment\nc = @",
        "\"a.b\" = @\n'c = d'.\"e\\u0020f\" = @\n[ g . 'h]' ]\ni = @",
        "a = 1979-05-27T07:32:00-08:00\nb = 1979-05-27 07:32:00\nc = [1.5e3, -inf, true]\nd = @",
        "a = []\nb = [{ c = @ },\n{ c = @ }]\n[d]\n[[e.f]]\n[[e.f]]\ng = @",
    ],
)
def test_every_kind_of_statement_is_found_on_its_line(text: str) -> None:
    assert_found(text)


GAP = st.sampled_from(["", " ", "\n", " # ], } or '''\n", "\n\n  "])
SCALARS = st.sampled_from(["@", '"]"', "'#'", '"""\nx = 1\n"""', "'''\n[t]\n'''", "true", "0.5"])
KEYS = st.sampled_from(["a", "b", "c-1", '"d e"', "'f.g'", '"h=#"'])


def _list(entries: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    entry = st.tuples(GAP, entries, GAP).map("".join)
    return st.lists(entry, max_size=3).flatmap(
        lambda written: GAP.map(lambda gap: f"[{','.join(written)}{gap}]")
    )


def _inline_table(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.dictionaries(KEYS, values, max_size=3).map(
        lambda pairs: "{" + ", ".join(f"{key} = {value}" for key, value in pairs.items()) + "}"
    )


VALUES = st.recursive(SCALARS, lambda inner: _list(inner) | _inline_table(inner), max_leaves=8)
PAIRS = st.dictionaries(KEYS, VALUES, max_size=3).map(
    lambda pairs: "".join(f"{key} = {value} # [{key}]\n" for key, value in pairs.items())
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Tables and lists of tables, some of them in each other, with all kinds of values."""
    text = draw(PAIRS)
    for number in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from([f"t{number}", f'"t {number}"', f"o{number}.'i.n'"]))
        in_a_list = draw(st.booleans())
        for _ in range(draw(st.integers(1, 3)) if in_a_list else 1):
            text += f"[[{name}]]\n" if in_a_list else f"[{name}]\n"
            text += draw(PAIRS)
            if draw(st.booleans()):
                text += f"[{name}.sub]\n{draw(PAIRS)}"
            for _ in range(draw(st.integers(0, 2))):
                text += f"  [[{name}.subs]] # ]]\n{draw(PAIRS)}"
    return text


@given(documents())
@settings(deadline=None)
def test_everything_that_tomllib_reads_is_found_and_on_its_line(text: str) -> None:
    assert_found(text)


def test_what_is_missing_is_looked_for_in_the_table_around_it() -> None:
    lines = lines_of("[a]\n\n[[b]]\nc = 1\n\n[[b]]\nd = { e = 1 }\n")

    assert nearest_line(lines, ("b", 0, "c")) == 4
    assert nearest_line(lines, ("b", 0, "missing")) == 3
    assert nearest_line(lines, ("b", 1, "missing")) == 6
    assert nearest_line(lines, ("b", 1, "d", "missing")) == 7
    assert nearest_line(lines, ("missing",)) is None
