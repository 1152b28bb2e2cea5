"""Callers without keep-alive, as the carrier is: each request a connection of its own.

Several threads each walk calls of their own, one turn after the other; requests are signed and
written before the clock starts, so that what is timed is the server.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

THREADS = 8


@dataclass(frozen=True)
class Caller:
    """Writes signed requests of calls to one number."""

    base: str
    token: str
    account: str
    line: str

    def request(self, path: str, call_sid: str, **changes: str) -> bytes:
        """One request, ready for the wire."""
        form = {
            "CallSid": call_sid,
            "AccountSid": self.account,
            "From": "+15125550142",
            "To": self.line,
            "CallStatus": "in-progress",
            "Direction": "inbound",
            **changes,
        }
        signature = RequestValidator(self.token).compute_signature(self.base + path, form)
        body = urlencode(form).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n"
            f"X-Twilio-Signature: {signature}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def send(port: int, request: bytes) -> bytes:
    """Post it and read the whole answer. Raises AssertionError unless it is a 200 or 204."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        parts = []
        while data := connection.recv(65536):
            parts.append(data)
    answer = b"".join(parts)
    assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204")), answer[:300]
    return answer


def turns_a_second(port: int, walks: list[Iterator[bytes]], seconds: float) -> float:
    """How many requests the server answered, each walk in a thread of its own."""
    answered = [0] * len(walks)
    failures: list[BaseException] = []
    start = threading.Barrier(len(walks) + 1)
    ends = time.monotonic() + 3600.0

    def walk(index: int) -> None:
        start.wait()
        try:
            for request in walks[index]:
                if time.monotonic() >= ends:
                    return
                send(port, request)
                answered[index] += 1
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=walk, args=(index,)) for index in range(len(walks))]
    for thread in threads:
        thread.start()
    begun = time.monotonic()
    ends = begun + seconds
    start.wait()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError("a request of the benchmark failed") from failures[0]
    return sum(answered) / (time.monotonic() - begun)
