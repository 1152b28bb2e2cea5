"""The reference pages name what there is, all of it and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from ivr.cli import main
from ivr.settings import Settings

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def first_column(page: str) -> list[str]:
    """The code in the first column of the page's tables."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def test_the_page_of_settings_lists_every_variable_in_order() -> None:
    assert first_column("settings.md") == [name.upper() for name in Settings.model_fields]


def test_the_page_of_settings_says_which_may_be_left_out() -> None:
    text = (REFERENCE / "settings.md").read_text(encoding="utf-8")

    for name, field in Settings.model_fields.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name.upper()}`"))
        assert ("optional" in row) is not field.is_required()


def test_the_page_of_commands_lists_every_command() -> None:
    listed = {
        re.sub(r" [A-Z[-].*", "", one)
        for one in first_column("commands.md")
        if one.startswith("callnow")
    }

    assert listed == {path for path, _ in commands(main, "callnow")}


def test_the_page_of_commands_names_every_option() -> None:
    text = (REFERENCE / "commands.md").read_text(encoding="utf-8")

    for path, command in commands(main, "callnow"):
        row = next(line for line in text.splitlines() if line.startswith(f"| `{path}"))
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[0] in row, f"{path} {parameter.opts[0]}"
