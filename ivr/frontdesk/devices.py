"""Browsers in which somebody has signed in before: known by a signed cookie, counted apart."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from ivr.frontdesk.access import PREFIX, Desk
from ivr.frontdesk.throttle import Source

COOKIE: Final = "callnow_device"
_SECONDS: Final = 180 * 24 * 3600


def source_of(login: str) -> Source:
    """Where the present request's attempt for this login comes from."""
    address = request.remote_addr or "unknown"
    try:
        owner, device = _signer().loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError, TypeError):
        return Source(address)
    return Source(address, device) if owner == _digest(login) else Source(address)


def remember(answer: Response, desk: Desk, login: str) -> None:
    """Know this browser again, for this login alone."""
    answer.set_cookie(
        COOKIE,
        _signer().dumps([_digest(login), secrets.token_hex(16)]),
        max_age=_SECONDS,
        path=PREFIX,
        httponly=True,
        samesite="Lax",
        secure=desk.secure_cookies,
    )


def _signer() -> URLSafeSerializer:
    secret = current_app.secret_key
    if secret is None:
        raise RuntimeError("SECRET_KEY went missing after start-up")
    return URLSafeSerializer(secret, salt="callnow-desk-device")


def _digest(login: str) -> str:
    return hashlib.sha256(login.encode()).hexdigest()
