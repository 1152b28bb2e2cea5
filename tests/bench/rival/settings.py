"""The rival's Django project: what its documentation asks for, and nothing that slows it down.

DATABASE, in the environment, is Django's own description of the database, as JSON.
"""

from __future__ import annotations

import json
import os

SECRET_KEY = "a-secret-key-of-the-benchmark"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.bench.rival.urls"
TIME_ZONE = "America/Chicago"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "phonenumber_field",
    "appointment",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {"default": {**json.loads(os.environ["DATABASE"]), "CONN_MAX_AGE": None}}

# In memory: no disk is touched for what is not a booking.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

APPOINTMENT_WEBSITE_NAME = "Bench"
PHONENUMBER_DEFAULT_REGION = "US"
