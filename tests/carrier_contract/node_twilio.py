"""Twilio's own Node.js package, asked about signatures."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.provision.node import PROJECT, find_node

SCRIPT = Path(__file__).with_suffix(".js")

Params = Sequence[tuple[str, str]]


class NodeTwilio:
    """One running Node.js process that answers a question a line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def sign(self, token: str, url: str, params: Params) -> str:
        """The signature that the package expects for a form."""
        return str(self._ask(ask="sign", token=token, url=url, params=_grouped(params)))

    def body_hash(self, body: str) -> str:
        """What the package expects as bodySHA256."""
        return str(self._ask(ask="hash", body=body))

    def validates(self, token: str, url: str, params: Params, signature: str) -> bool:
        """Whether the package takes a form for genuine."""
        return bool(
            self._ask(
                ask="validate", token=token, url=url, params=_grouped(params), signature=signature
            )
        )

    def validates_body(self, token: str, url: str, body: str, signature: str) -> bool:
        """Whether the package takes a JSON body for genuine."""
        return bool(
            self._ask(ask="validateBody", token=token, url=url, body=body, signature=signature)
        )

    def _ask(self, **question: Any) -> Any:
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answered is not None
        asked.write(json.dumps(question) + "\n")
        asked.flush()
        answer = answered.readline()
        assert answer, "Node.js ended without an answer: its error is in the captured output"
        return json.loads(answer)


@contextmanager
def node_twilio_process() -> Iterator[NodeTwilio]:
    """Start the process, and end it afterwards."""
    with subprocess.Popen(
        [*find_node().node, str(SCRIPT)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        yield NodeTwilio(process)
        process.terminate()


def _grouped(params: Params) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in params:
        grouped.setdefault(name, []).append(value)
    return grouped
