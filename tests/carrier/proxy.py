"""A TCP proxy in front of a database, to lose the database without touching it."""

from __future__ import annotations

import contextlib
import select
import socket
import threading


class Proxy:
    """Forwards 127.0.0.1:`port` to a target until told to refuse or to swallow.

    refusing: the port is closed and what was connected is cut.
    swallowing: nothing is forwarded any more, and new connections get no answer at all, as
    behind a firewall that drops packets (the accept queue is full, so even SYNs are ignored).
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._open: list[socket.socket] = []
        self._flowing = threading.Event()
        self._flowing.set()
        self._stopped = False
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]
        self._fillers: list[socket.socket] = []

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        self._flowing.set()
        self._cut()

    def refuse(self) -> None:
        """Be gone."""
        self._cut()

    def swallow(self) -> None:
        """Be a black hole."""
        self._flowing.clear()
        # A listener that nobody accepts from, its queue filled: the next SYN is dropped.
        old, self._listener = self._listener, None  # type: ignore[assignment]  # set just below
        _close(old)
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen(0)
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(("127.0.0.1", self.port))
            self._fillers.append(filler)

    def recover(self) -> None:
        """Forward again."""
        self._cut()
        self._flowing.set()
        self._listener = self._listen(self.port)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        while not self._stopped:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            self._open += [near, far]
            threading.Thread(target=self._forward, args=(near, far), daemon=True).start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        try:
            while True:
                readable, _, _ = select.select([near, far], [], [])
                self._flowing.wait()
                for source in readable:
                    data = source.recv(65536)
                    if not data:
                        return
                    (far if source is near else near).sendall(data)
        except (OSError, ValueError):
            return
        finally:
            _close(near)
            _close(far)

    def _cut(self) -> None:
        for connection in (*self._open, *self._fillers, self._listener):
            _close(connection)
        self._open, self._fillers = [], []


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
