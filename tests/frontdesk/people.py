"""People who sign in: an administrator, a second factor, and the forms they fill in."""

from __future__ import annotations

import base64
import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ivr.frontdesk import accounts, second_factor, totp
from ivr.frontdesk.tables import StaffUser
from tests.frontdesk.office import OURS, PASSWORD, Office, csrf_token, log_in

SECRET_KEY = "a key that signs cookies in tests"


def add(office: Office, login: str, role: str, *, clinic_id: str = OURS) -> None:
    """An account with PASSWORD."""
    office.database.write(
        lambda s: (
            accounts.add_user(
                s,
                clinic_id=clinic_id,
                login=login,
                name=login.capitalize(),
                password=PASSWORD,
                role=role,
                now=office.clock(),
            ).id
        )
    )


def administrator(office: Office) -> FlaskClient:
    """A browser in which "ada", an administrator, has signed in."""
    add(office, "ada", "admin")
    return office.signed_in("ada")


def user(office: Office, login: str) -> StaffUser:
    """The account as it is stored."""
    found = office.database.read(lambda s: accounts.find_user(s, login))
    assert found is not None
    return found


def send(
    client: FlaskClient, path: str, page: str = "/frontdesk/account", **form: str
) -> TestResponse:
    """Fill in a form of a page and send it."""
    return client.post(path, data={"csrf_token": csrf_token(client, page), **form})


def enrol(office: Office, client: FlaskClient) -> list[str]:
    """Set an app up; returns the recovery codes."""
    page = client.get("/frontdesk/account/second-factor").text
    code = totp.code_at(key_on(page), totp.step_of(office.clock()))
    answer = send(
        client,
        "/frontdesk/account/second-factor",
        "/frontdesk/account/second-factor",
        code=code,
        password=PASSWORD,
    )
    assert answer.status_code == 200, answer.text
    return re.findall(r"<code>([a-z0-9-]{19})</code>", answer.text)


def code_of(office: Office, login: str, *, steps: int = 0) -> str:
    """What this person's app shows now, or some steps of 30 s later."""
    salt = user(office, login).factor_salt
    assert salt is not None
    shown = second_factor.enrolment(SECRET_KEY, login=login, salt=salt)
    return totp.code_at(_secret(shown.key), totp.step_of(office.clock()) + steps)


def with_code(client: FlaskClient, login: str, code: str, **options: str) -> TestResponse:
    """Sign in with password and code."""
    first = log_in(client, login, **options)
    assert (first.status_code, first.location) == (303, "/frontdesk/login/code"), first.text
    return send_code(client, code)


def send_code(client: FlaskClient, code: str) -> TestResponse:
    """The second step alone."""
    return send(client, "/frontdesk/login/code", "/frontdesk/login/code", code=code)


def key_on(page: str) -> bytes:
    """The key that the page shows for an authenticator app."""
    found = re.search(r'id="factor-key">([A-Z2-7 ]+)<', page)
    assert found, page
    return _secret(found[1])


def _secret(key: str) -> bytes:
    plain = key.replace(" ", "")
    return base64.b32decode(plain + "=" * (-len(plain) % 8))
