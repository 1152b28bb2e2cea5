"""What the browser is told never to do with a page of the desk."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, request

from ivr.frontdesk.access import is_desk_request

# Pico draws its small form icons from data: URLs in its own style sheet.
_CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_HEADERS: Final = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": on https the CSRF check compares the referrer with the host.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def of_pages(*, secure_cookies: bool) -> dict[str, str]:
    """Those of everything that may show a patient. secure_cookies: the public address is https."""
    # A shared computer keeps no patient on its disk or behind its back button.
    return _always(secure_cookies) | {"Cache-Control": "no-store"}


def harden(app: Flask, *, secure_cookies: bool) -> None:
    """Set the headers on every response under the desk, errors and static files included."""
    of_files, pages = _always(secure_cookies), of_pages(secure_cookies=secure_cookies)

    @app.after_request
    def set_headers(response: Response) -> Response:
        if is_desk_request():
            is_file = request.endpoint == "frontdesk.static"
            response.headers.update(of_files if is_file else pages)
        return response


def _always(secure: bool) -> dict[str, str]:
    return _HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})
