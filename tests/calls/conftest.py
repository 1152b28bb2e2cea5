from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from ivr.simulator.testing import PhoneCompany
from tests.calls.town import Town
from tests.product import Product


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    """The product and a phone company of its own, on SQLite and on PostgreSQL."""
    product = Product.start(database_url)
    with httpx.Client(
        transport=httpx.WSGITransport(app=product.app), base_url=product.settings.public_base_url
    ) as http:
        yield Town(product, PhoneCompany(Town.company_config(product), http=http))
    product.database.dispose()
