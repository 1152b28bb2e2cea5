"""The rival's own addresses, under the name that its code looks them up by."""

from __future__ import annotations

from importlib import import_module

_urls = import_module("django.urls")

urlpatterns = [_urls.path("", _urls.include("appointment.urls", namespace="appointment"))]
