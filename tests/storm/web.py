"""The web process of a storm: the product's own, on a hurried clock. gunicorn loads `app()`."""

from __future__ import annotations

from flask import Flask

from ivr.app import create_app_from_environment
from tests.storm.hurried_clock import HurriedClock


def app() -> Flask:
    """As production wires it, but for the clock."""
    return create_app_from_environment(HurriedClock.of_this_process())
