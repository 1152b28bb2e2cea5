"""What the desk says to people: each sentence in its templates and its Python, found by reading."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, nodes

FRONTDESK = Path("ivr/frontdesk")
TEMPLATES = FRONTDESK / "templates" / "frontdesk"
ELSEWHERE = {
    Path("ivr/call/wording/audio.py"): {"REFUSALS"},
    Path("ivr/call/wording/rules.py"): {"SENTENCES"},
    Path("ivr/messages/outcome_words.py"): {
        *("OUTCOME", "NEXT", "ABOUT", "THEN", "WHY"),
        *("STAFF_NEXT", "TRIAL_NEXT", "NOT_FOR_A_PERSON_NEXT"),
    },
    Path("ivr/oncall/rota_gaps.py"): {"SENTENCES"},
}
"""Dictionaries of lower layers, which know nothing of languages, whose values the desk says."""


@dataclass(frozen=True)
class Said:
    """One sentence. `many`: what is said of other numbers than 1, where it counts something."""

    one: str
    many: str | None
    where: str


def everything_said() -> list[Said]:
    """All sentences that need a translation."""
    found: list[Said] = []
    for path in sorted(TEMPLATES.glob("*.html")):
        found += _in_template(path)
    for path in sorted(FRONTDESK.glob("*.py")):
        found += _in_python(path)
    for path, names in ELSEWHERE.items():
        found += _in_dictionary(ast.parse(path.read_text()), path.name, names)
    return found


def not_constant() -> list[str]:
    """Calls of say() whose sentence cannot be read off the source."""
    found = []
    for path in sorted(FRONTDESK.glob("*.py")):
        for call in _calls(ast.parse(path.read_text())):
            sentence = call.args[0 if _name(call) == "say" else 1]
            if not isinstance(sentence, ast.Constant):
                found.append(f"{path.name}: {ast.unparse(call)}")
    return found


def _in_template(path: Path) -> Iterator[Said]:
    tree = Environment(autoescape=True).parse(path.read_text())
    for call in tree.find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name):
            continue
        texts = [arg.value for arg in call.args if isinstance(arg, nodes.Const)]
        if call.node.name == "say":
            yield Said(texts[0], None, path.name)
        elif call.node.name == "say_number":
            yield Said(texts[0], texts[1], path.name)


def _in_python(path: Path) -> Iterator[Said]:
    tree = ast.parse(path.read_text())
    for call in _calls(tree):
        texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
        if _name(call) == "say" and texts:
            yield Said(str(texts[0]), None, path.name)
        elif _name(call) == "say_number":
            yield Said(str(texts[-2]), str(texts[-1]), path.name)
    yield from _in_dictionary(tree, path.name, None)


def _in_dictionary(tree: ast.Module, where: str, names: set[str] | None) -> Iterator[Said]:
    """The values of dictionaries of these names or, without names, of those annotated Words."""
    for statement in tree.body:
        if isinstance(statement, ast.AnnAssign):
            chosen = names is None and "Words" in ast.unparse(statement.annotation)
        elif isinstance(statement, ast.Assign):
            chosen = names is not None and ast.unparse(statement.targets[0]) in names
        else:
            continue
        if chosen and isinstance(statement.value, ast.Dict):
            for value in statement.value.values:
                yield Said(str(ast.literal_eval(value)), None, where)


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) in ("say", "say_number"):
            yield node


def _name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""
