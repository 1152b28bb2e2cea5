"""Who and what a page can be given, beside the demo clinic."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.product import Product

GIVEN: Mapping[str, Callable[[Product], object]] = {}
"""A sentence of a page -> what it stores."""
