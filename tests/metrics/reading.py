"""Reads /metrics as Prometheus does."""

from __future__ import annotations

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

NEARBY = "http://127.0.0.1:8000"
"""As a Prometheus on the same machine asks."""


def look(client: FlaskClient, base_url: str = NEARBY, **headers: str) -> TestResponse:
    """The page, or its refusal."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get("/metrics", base_url=base_url, headers=named)


class Figures:
    """The samples of one look."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    @classmethod
    def of(cls, client: FlaskClient) -> Figures:
        """Those of an application, now."""
        answer = look(client)
        assert answer.status_code == 200
        return cls(answer.text)

    def value(self, name: str, **labels: str) -> float | None:
        """Of the one sample with exactly these labels; None where there is none."""
        return self._samples.get((name, frozenset(labels.items())))

    def total(self, name: str, **labels: str) -> float:
        """Of all samples that have these labels among theirs."""
        return sum(
            value
            for (one, with_labels), value in self._samples.items()
            if one == name and labels.items() <= dict(with_labels).items()
        )


def names_in(text: str) -> set[str]:
    """Every name that a query may use, whether it has a sample yet or not."""
    names = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            names.add(name)
            if kind == "histogram":
                names |= {f"{name}_{part}" for part in ("bucket", "count", "sum")}
    return names
