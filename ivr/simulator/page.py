"""The browser page: telephones side by side, and what the phone company saw.

For tests that drive it by role and name:

- each telephone is a region named by its label, "Patient phone" (the word "phone" is added where
  the label lacks it), with ``data-number``, ``data-kind`` (patient, staff) and ``data-state``
  (idle, ringing, in-call);
- inside it: buttons "Call Now" (staff: "Call the clinic"), "Answer", "Reject", "Hang up", keypad
  buttons "0" to "9", "*" and "#" in a group "Keypad"; a text box "Say something" with a button
  "Say"; a switch "Sound"; a log "Transcript", whose items carry ``data-kind`` (see
  transcript.Kind); a status line "Status"; a list "Messages", a text box "Write a message" and a
  button "Send";
- a form "Add a phone" with a text box "Label", a choice "Held by" and a button "Add phone";
- a region "What the phone company saw", whose items carry ``data-type`` (webhook, refused, note)
  and ``data-title``.

Buttons that make no sense now are hidden, or disabled where their place matters (keypad). Keys
typed on the computer's keyboard work while anything in a telephone but a text box has the focus.
"""

from pathlib import Path

from flask import Blueprint, Response

_STATIC = Path(__file__).parent / "static"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def page_blueprint() -> Blueprint:
    """The page and its files, to be registered on a Flask application."""
    page = Blueprint("page", __name__, static_folder=str(_STATIC), static_url_path="/static")
    page.add_url_rule("/", view_func=_index)
    page.after_request(_guarded)
    return page


def _index() -> Response:
    return Response((_STATIC / "phones.html").read_bytes(), mimetype="text/html")


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-cache"
    return response
