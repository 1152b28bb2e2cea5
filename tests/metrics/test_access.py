"""Who may read /metrics."""

from __future__ import annotations

import pytest

from ivr.metrics.access import Asking, may_read
from tests.metrics.reading import look
from tests.product import BASE, Product

TOKEN = "a-token-that-only-prometheus-knows"


def asking(
    peer: str = "10.0.0.7", host: str = "10.0.0.5", *, forwarded: bool = False, sent: str = ""
) -> Asking:
    """A Prometheus on the service's own network, unless told otherwise."""
    return Asking(peer=peer, host=host, forwarded=forwarded, authorization=sent)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (asking(), True),
        (asking("127.0.0.1", "localhost"), True),
        (asking("fd00::7", "callnow-web"), True),
        (asking("203.0.113.200", "203.0.113.5"), True),  # kept for documents: no public address
        (asking("8.8.8.8"), False),
        (asking("10.0.0.7", forwarded=True), False),
        # A proxy on the same machine that writes nothing of its own.
        (asking("127.0.0.1", "line.example"), False),
        (asking(""), False),
    ],
)
def test_without_a_token_only_the_own_network_reads_and_never_through_a_proxy(
    one: Asking, expected: bool
) -> None:
    assert may_read(one, token=None, public_base_url=BASE) is expected


def test_a_demonstrations_address_is_its_own_network() -> None:
    here = asking("127.0.0.1", "127.0.0.1")
    assert may_read(here, token=None, public_base_url="http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [(f"Bearer {TOKEN}", True), ("Bearer another", False), (TOKEN, False), ("", False)],
)
def test_with_a_token_whoever_brings_it_reads_and_nobody_else(sent: str, expected: bool) -> None:
    near = asking("127.0.0.1", "localhost", sent=sent)
    far = asking("8.8.8.8", "line.example", forwarded=True, sent=sent)
    assert may_read(near, token=TOKEN, public_base_url=BASE) is expected
    assert may_read(far, token=TOKEN, public_base_url=BASE) is expected


def test_the_page_asks_for_it(sqlite_url: str) -> None:
    product = Product.start(sqlite_url)
    assert look(product.client).status_code == 200
    assert look(product.client, BASE).status_code == 403
    assert look(product.client, X_Forwarded_For="8.8.8.8").status_code == 403
    product.database.dispose()
