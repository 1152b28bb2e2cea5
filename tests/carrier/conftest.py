from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.product import Product


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    """The product on a database of its own, on SQLite and on PostgreSQL."""
    product = Product.start(database_url)
    yield product
    product.database.dispose()
