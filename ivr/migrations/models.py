"""Imports every module that declares tables, so that the metadata is whole."""

import scheduling.tables  # noqa: F401  # declares its tables
