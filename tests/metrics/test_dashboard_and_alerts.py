"""The dashboard and the alert rules that come with it ask for what there is, and for all of it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.metrics.reading import look, names_in
from tests.product import Product
from tests.provision.node import PROJECT, find_node

MONITORING = PROJECT / "docs" / "how-to" / "monitoring"
REFERENCE = PROJECT / "docs" / "reference" / "metrics.md"

_NAME = re.compile(r"\bcallnow_[a-z_]+")
_PARTS = re.compile(r"_(bucket|count|sum|gcount|gsum)$")


@pytest.fixture(scope="module")
def rules() -> list[dict[str, Any]]:
    """The alert rules, as YAML reads them."""
    node = find_node()
    script = (
        "const yaml = require('js-yaml'), fs = require('fs');"
        "console.log(JSON.stringify(yaml.load(fs.readFileSync(process.argv[1], 'utf8'))))"
    )
    read = subprocess.run(
        [*node.node, "-e", script, str(MONITORING / "alerts.yml")],
        cwd=PROJECT,
        env=node.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return [rule for group in json.loads(read.stdout)["groups"] for rule in group["rules"]]


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    return read


@pytest.fixture
def names(sqlite_url: str) -> set[str]:
    """All that can be asked for."""
    product = Product.start(sqlite_url, loaded=False)
    found = names_in(look(product.client).text)
    product.database.dispose()
    return found


def queries(dashboard: dict[str, Any]) -> list[str]:
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]


def test_every_query_asks_for_figures_that_there_are(
    rules: list[dict[str, Any]], dashboard: dict[str, Any], names: set[str]
) -> None:
    expressions = [*(rule["expr"] for rule in rules), *queries(dashboard)]
    assert len(expressions) > 40
    for expression in expressions:
        asked = set(_NAME.findall(expression))
        assert asked or "up{" in expression, expression
        assert asked <= names, expression
        for opening, closing in ("()", "{}", "[]"):
            assert expression.count(opening) == expression.count(closing), expression


def test_every_alert_says_how_urgent_it_is_what_it_is_and_what_to_do(
    rules: list[dict[str, Any]],
) -> None:
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"].endswith((".", "!"))
        assert rule["annotations"]["action"].endswith(".")


def test_the_dashboard_shows_every_figure(dashboard: dict[str, Any], names: set[str]) -> None:
    shown = {_PARTS.sub("", name) for query in queries(dashboard) for name in _NAME.findall(query)}
    assert shown == {_PARTS.sub("", name) for name in names}


def test_the_panels_of_the_dashboard_do_not_lie_on_each_other(dashboard: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


def test_the_reference_page_names_every_figure(names: set[str]) -> None:
    listed = set(
        re.findall(r"^\| `(callnow_[a-z_]+)`", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert listed == {_PARTS.sub("", name) for name in names}


def test_the_files_are_named_where_they_are_explained() -> None:
    page = (MONITORING.parent / "watch-it.md").read_text(encoding="utf-8")
    for file in sorted(MONITORING.iterdir()):
        assert f"monitoring/{file.name}" in page, file.name
    assert Path(MONITORING / "prometheus.yml").exists()
