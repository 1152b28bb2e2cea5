"""On which line of a TOML text each of its tables, keys and list entries stands.

tomllib keeps no positions, and neither does tomlkit (its issue 55). Only text that tomllib has
already read comes here, so the scan follows brackets, strings and line ends and checks nothing;
the keys themselves are still read by tomllib.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any, NamedTuple, TypeAlias

Location: TypeAlias = tuple[int | str, ...]
"""The way to a value: ("providers", 0, "hours", 1, "opens")."""

_TOKEN = re.compile(
    r"""
    (?P<string>
        \"{3} (?: \\. | [^\\] )*? \"{3,5}    # at most two quotes stand right before the last three
        | '{3} .*? '{3,5}
        | \" (?: \\. | [^\"\\] )* \"
        | ' [^']* '
    )
    | (?P<comment> \#[^\n]* )
    | (?P<sign> [\[\]{},=\n] )
    | (?P<plain> [^\[\]{},=\n\#\"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)


def lines_of(text: str) -> dict[Location, int]:
    """Location -> line, counted from 1, of everything in `text`, which is valid TOML.

    A table stands where a header first names it, any other value where its key or, in a list, the
    value itself begins.
    """
    return _Scan(text).whole()


def nearest_line(lines: dict[Location, int], location: Location) -> int | None:
    """The line of `location` or, where the file has no such thing, of the table around it."""
    for end in range(len(location), 0, -1):
        if location[:end] in lines:
            return lines[location[:end]]
    return None


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


class _Scan:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens_of(text)
        self._at = 0
        self._lines: dict[Location, int] = {}
        self._lists_of_tables: dict[Location, int] = {}
        """Location of each [[list]] -> index of its table that was opened last."""

    def whole(self) -> dict[Location, int]:
        table: Location = ()
        while not self._comes(""):
            if self._comes("\n"):
                self._take()
            elif self._comes("["):
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _header(self) -> Location:
        line = self._peek().line
        header = self._text_until("\n")
        location: Location = ()
        *around, last = _keys_of(header)
        for key in around:
            location = self._opened((*location, key), line)
        location = (*location, last)
        if header.startswith("[["):
            self._lists_of_tables[location] = self._lists_of_tables.get(location, -1) + 1
        return self._opened(location, line)

    def _opened(self, location: Location, line: int) -> Location:
        """The table there: where it is a list of tables, the last of them."""
        self._lines.setdefault(location, line)
        if location in self._lists_of_tables:
            location = (*location, self._lists_of_tables[location])
            self._lines.setdefault(location, line)
        return location

    def _pair(self, table: Location) -> None:
        line = self._peek().line
        for key in _keys_of(self._text_until("=") + "= 0"):
            table = (*table, key)
            self._lines.setdefault(table, line)
        self._take()
        self._value(table)

    def _value(self, location: Location) -> None:
        self._lines.setdefault(location, self._peek().line)
        if self._comes("["):
            self._entries(location)
        elif self._comes("{"):
            self._inline_table(location)
        else:
            self._text_until(",", "]", "}", "\n")

    def _entries(self, location: Location) -> None:
        self._take()
        index = 0
        while not self._comes("]"):
            if self._comes("\n", ","):
                self._take()
            else:
                self._value((*location, index))
                index += 1
        self._take()

    def _inline_table(self, location: Location) -> None:
        self._take()
        while not self._comes("}"):
            if self._comes("\n", ","):
                self._take()
            else:
                self._pair(location)
        self._take()

    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _comes(self, *signs: str) -> bool:
        return self._peek().kind == "sign" and self._peek().text in signs

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1].text

    def _text_until(self, *signs: str) -> str:
        taken = []
        while not self._comes("", *signs):
            taken.append(self._take())
        return "".join(taken)


def _tokens_of(text: str) -> list[_Token]:
    """What `text` consists of but for comments and spaces; an empty sign marks its end."""
    tokens = []
    line = 1
    for match in _TOKEN.finditer(text):
        kind, found = str(match.lastgroup), match[0]
        if kind != "comment" and (found == "\n" or found.strip()):
            tokens.append(_Token(kind, found, line))
        line += found.count("\n")
    return [*tokens, _Token("sign", "", line)]


def _keys_of(statement: str) -> list[str]:
    """The keys of a header or of a pair, outermost first: `[a."b c"]` -> a, b c."""
    inner: Any = tomllib.loads(statement)
    keys = []
    while isinstance(inner, dict) and inner:
        ((key, inner),) = inner.items()
        keys.append(key)
        inner = inner[0] if isinstance(inner, list) else inner
    return keys
