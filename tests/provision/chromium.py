"""Chromium for browser tests: the machine's own, else the one inside an npm package.

The npm package carries Chromium's headless shell for x86-64 Linux, the libraries that a bare
machine lacks, and a font, each packed with brotli. They are unpacked once, beside the package,
and vanish with it when another version is installed.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from tests.provision.node import PROJECT, find_node

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_A_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
PACKAGE = PROJECT / "node_modules" / "@sparticuz" / "chromium" / "bin"

ARGUMENTS = (
    "--no-sandbox",  # a sandbox needs rights that root and containers do not have
    "--no-zygote",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--mute-audio",
)

FONT_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/cache</cachedir></fontconfig>
"""

UNPACK = """
const fs = require("fs"), zlib = require("zlib");
require("stream").pipeline(
  fs.createReadStream(process.argv[1]),
  zlib.createBrotliDecompress(),
  fs.createWriteStream(process.argv[2]),
  (error) => { if (error) { console.error(error.message); process.exit(1); } });
"""


class ChromiumUnavailable(RuntimeError):
    """No Chromium here and none could be unpacked; the message says what to do next."""


@dataclass(frozen=True)
class Chromium:
    """An executable and the environment it needs beyond this process's own."""

    executable: Path
    extra_environment: dict[str, str]

    def environment(self) -> dict[str, str]:
        """The whole environment to start it with."""
        return {**os.environ, **self.extra_environment}


def find_chromium() -> Chromium:
    """The Chromium to test with. Raises ChromiumUnavailable."""
    for name in NAMES:
        if found := shutil.which(name):
            return Chromium(Path(found), {})
    if ON_A_MAC.exists():
        return Chromium(ON_A_MAC, {})
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise ChromiumUnavailable(
            "No Chromium was found, and the packaged one runs on x86-64 Linux only. "
            "Install Chromium or Google Chrome so that it is on PATH, and try again."
        )
    return _unpacked()


def _unpacked() -> Chromium:
    if not (PACKAGE / "chromium.br").exists():
        raise ChromiumUnavailable(
            "No Chromium was found, and node_modules lacks the packaged one. "
            "Type `make setup` and try again."
        )
    folder = PACKAGE.parent / "unpacked"
    with (PACKAGE.parent / ".unpacking").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            # Under another name until complete: an interrupted unpacking is not taken for done.
            unfinished = PACKAGE.parent / "unpacking"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            _unpack_into(unfinished)
            (unfinished / "fonts.conf").write_text(FONT_CONFIGURATION.format(folder=folder))
            unfinished.rename(folder)
    libraries = [str(folder / "lib"), os.environ.get("LD_LIBRARY_PATH", "")]
    return Chromium(
        folder / "chromium",
        {
            "LD_LIBRARY_PATH": os.pathsep.join(filter(None, libraries)),
            "FONTCONFIG_PATH": str(folder),
        },
    )


def _unpack_into(folder: Path) -> None:
    node = find_node()
    for packed in sorted(PACKAGE.glob("*.br")):
        plain = folder / packed.stem
        done = subprocess.run(
            [*node.node, "-e", UNPACK, str(packed), str(plain)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ChromiumUnavailable(
                f"The packaged Chromium ({packed.name}) could not be unpacked: "
                f"{done.stderr.strip()}. Free some disk space (250 MB), delete node_modules, "
                "type `make setup` and try again."
            )
        if plain.suffix == ".tar":
            with tarfile.open(plain) as archive:
                archive.extractall(folder, filter="data")
            plain.unlink()
    (folder / "chromium").chmod(0o755)
