"""A server that answers as Twilio's published API description says, and refuses what it forbids.

Prism (npm @stoplight/prism-cli) serves the OpenAPI descriptions that npm @twilio/cli-core carries.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.provision.node import PROJECT, find_node
from tests.provision.ports import free_port

MODULES = PROJECT / "node_modules"
DESCRIPTIONS = MODULES / "@twilio/cli-core/src/services/twilio-api"
DESCRIPTION = DESCRIPTIONS / "twilio_api_v2010.json"
MESSAGING = DESCRIPTIONS / "twilio_messaging_v1.json"
"""Twilio serves this part at an address of its own; no path of one stands in the other."""
PRISM = MODULES / "@stoplight/prism-cli/dist/index.js"
STARTING_SECONDS = 60


class MockServerUnavailable(RuntimeError):
    """Prism or the description is missing, or Prism did not start; says what to do next."""


@contextmanager
def twilio_mock_server(folder: Path) -> Iterator[str]:
    """The base URL of a running mock server. folder: for its files.

    Raises MockServerUnavailable.
    """
    if not (DESCRIPTION.exists() and PRISM.exists()):
        raise MockServerUnavailable(
            "The mock server of Twilio's API is not installed. Type `make setup` and try again."
        )
    description = folder / "description.json"
    description.write_text(json.dumps(_completed(_together(DESCRIPTION, MESSAGING))))
    port = free_port()
    address = ["--host", "127.0.0.1", "--port", str(port)]
    log = folder / "prism.log"
    node = find_node()
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*node.node, str(PRISM), "mock", "--errors", *address, str(description)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=node.environment(),
        ) as prism,
    ):
        try:
            url = f"http://127.0.0.1:{port}"
            _await_answer(prism, url, log)
            yield url
        finally:
            prism.terminate()


def _together(*parts: Path) -> dict[str, Any]:
    """One description with the paths and the schemas of all."""
    first, *others = (json.loads(part.read_text()) for part in parts)
    whole: dict[str, Any] = first
    for other in others:
        whole["paths"] |= other["paths"]
        whole["components"]["schemas"] |= other["components"]["schemas"]
    return whole


def _completed(description: dict[str, Any]) -> dict[str, Any]:
    """The description with what Twilio means and its file leaves out.

    An array in a form is sent as the same field several times. (A field that the operation does
    not know is not Prism's to find: it leaves such a field aside. The `twilio` package does.)
    The addresses of a list's pages are paths, as the file's own examples show; Prism has one
    example for every page, so it is made the last one. What is not set is empty in the examples,
    which the file's own schemas forbid; they allow null.
    """
    for path in description["paths"].values():
        for operation in path.values():
            if not isinstance(operation, dict):
                continue
            for body in operation.get("requestBody", {}).get("content", {}).values():
                body["encoding"] = {
                    name: {"style": "form", "explode": True}
                    for name, field in body["schema"].get("properties", {}).items()
                    if field.get("type") == "array"
                }
            for answer in operation.get("responses", {}).values():
                for body in answer.get("content", {}).values():
                    _make_pages_paths(body)
    return description


def _make_pages_paths(body: dict[str, Any]) -> None:
    for name, field in body["schema"].get("properties", {}).items():
        if name.endswith("uri") and field.get("format") == "uri":
            field["format"] = "uri-reference"
    for example in body.get("examples", {}).values():
        if isinstance(example["value"], dict) and "next_page_uri" in example["value"]:
            example["value"]["next_page_uri"] = None
        example["value"] = _unset(example["value"])


def _unset(example: Any) -> Any:
    if isinstance(example, dict):
        return {name: _unset(value) for name, value in example.items()}
    if isinstance(example, list):
        return [_unset(value) for value in example]
    return None if example == "" else example


def _await_answer(prism: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(STARTING_SECONDS * 10):
        try:
            httpx.get(url)
        except httpx.TransportError:
            try:
                prism.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            break
        return
    raise MockServerUnavailable(
        f"The mock server of Twilio's API did not start: {log.read_text(errors='replace')[-500:]} "
        "Delete node_modules, type `make setup` and try again."
    )
