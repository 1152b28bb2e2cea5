"""Tests of the worker and of its way to the carrier."""
