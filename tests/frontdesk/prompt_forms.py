"""What is done on the pages of the wording, and what the line speaks after it."""

from __future__ import annotations

import html
import io
import re

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from ivr.call.wording.kept import Wordings
from tests.frontdesk import people
from tests.frontdesk.office import OURS, Office, csrf_token, lines

LIST = "/frontdesk/settings/wording"
PLAIN = "silence"
SAFETY = "still_waiting"
NEW = {"en": "Sorry, I heard nothing.", "es": "Perdone, no oí nada."}
CALLING = {
    "en": "I am calling all of them at once. Please stay on the line.",
    "es": "Estoy llamando a todos a la vez. Por favor, no cuelgue.",
}


def clinician(office: Office, login: str = "nora", role: str = "on_call") -> FlaskClient:
    """A browser in which a clinician has signed in."""
    people.add(office, login, role)
    with office.database.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE staff_user SET clinician = true WHERE login = '{login}'"  # noqa: S608
        )
    return office.signed_in(login)


def hidden(page: str, name: str, action: str) -> str:
    """The value of a hidden field of the form that leads to `action`."""
    form = next(
        one
        for one in re.findall(r"<form.*?</form>", page, re.DOTALL)
        if f'action="{action}"' in one
    )
    found = re.search(rf'name="{name}" value="([^"]*)"', form)
    assert found, form
    return html.unescape(found[1])


def change(client: FlaskClient, key: str, **texts: str) -> TestResponse:
    """Fill in the form of a prompt and send it. texts: by language; the others stay."""
    path = f"{LIST}/{key}"
    page = client.get(path).text
    stored = {
        language: html.unescape(text)
        for language, text in re.findall(
            r'<textarea id="text-(\w+)"[^>]*>(.*?)</textarea>', page, re.DOTALL
        )
    }
    form = {f"text-{language}": text for language, text in {**stored, **texts}.items()}
    form["seen"] = hidden(page, "seen", path)
    form["csrf_token"] = hidden(page, "csrf_token", path)
    return client.post(path, data=form, follow_redirects=True)


def record(
    client: FlaskClient, key: str, data: bytes, language: str = "en", *, name: str = "a.wav"
) -> TestResponse:
    """Choose a file for a prompt and send it."""
    path = f"{LIST}/{key}/recording/{language}"
    page = client.get(f"{LIST}/{key}").text
    form = {field: hidden(page, field, path) for field in ("csrf_token", "seen", "recorded_text")}
    # Encoded here: the client would leave a large file of its own open.
    boundary, body = encode_multipart({**form, "recording": FileStorage(io.BytesIO(data), name)})
    kind = f'multipart/form-data; boundary="{boundary}"'
    return client.post(path, data=body, content_type=kind, follow_redirects=True)


def decide(client: FlaskClient, answer: str = "sign") -> TestResponse:
    """Sign, or decline, the first change that waits."""
    (change_id, *_) = re.findall(
        r'id="change-([0-9a-f-]+)"', client.get("/frontdesk/sign-off").text
    )
    token = csrf_token(client, "/frontdesk")
    return client.post(
        f"/frontdesk/sign-off/{change_id}",
        data={"csrf_token": token, "answer": answer},
        follow_redirects=True,
    )


def press(client: FlaskClient, page: str, words: str) -> TestResponse:
    """Press the first button of a page whose form leads to an address that ends in `words`."""
    forms = re.findall(r"<form.*?</form>", client.get(page).text, re.DOTALL)
    form = next(one for one in forms if f'{words}"' in one)
    (action,) = re.findall(r'action="([^"]*)"', form)
    data = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return client.post(action, data=data, follow_redirects=True)


def spoken(office: Office, key: str, language: str = "en", clinic_id: str = OURS) -> str:
    """What a process speaks that has only just looked."""
    kept = Wordings(lines(), office.database)
    kept.refresh()
    line = kept.spoken_by(clinic_id)
    assert line is not None
    return line.prompts.text(key, language)


def played(office: Office, key: str, language: str = "en") -> str | None:
    """The recording that such a process plays."""
    kept = Wordings(lines(), office.database)
    kept.refresh()
    line = kept.spoken_by(OURS)
    assert line is not None
    return line.prompts.recorded.get(language, {}).get(key)
