"""Who may read /metrics. Pure."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Asking:
    """A request as it came.

    peer: the address at the other end of the connection. host: the Host header's name. forwarded:
    whether a proxy has written for whom it asks. authorization: that header, whole.
    """

    peer: str
    host: str
    forwarded: bool
    authorization: str


def may_read(asking: Asking, *, token: str | None, public_base_url: str) -> bool:
    """With a token: whoever brings it. Without: who asks straight from this machine or its network,
    by an address that is not the public one.
    """
    if token is not None:
        return hmac.compare_digest(asking.authorization.encode(), f"Bearer {token}".encode())
    public = urlsplit(public_base_url).hostname or ""
    came_by_public_name = asking.host == public and not _is_near(public)
    return _is_near(asking.peer) and not asking.forwarded and not came_by_public_name


def _is_near(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ip_address(address).is_private
    except ValueError:
        return False
