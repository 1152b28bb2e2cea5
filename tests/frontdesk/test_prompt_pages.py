"""Wording of the prompts at the desk: what is refused, who signs, what is kept, and going back."""

from __future__ import annotations

import html
import io
import json
import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from ivr.call.wording.kept import Wordings
from ivr.frontdesk import prompt_store
from ivr.frontdesk.prompt_tables import PromptChange
from tests.call.sounds import mp3, wav
from tests.frontdesk import people
from tests.frontdesk.lists import admin, audited, text_of
from tests.frontdesk.office import OTHERS, OURS, Office, csrf_token, lines

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


# Seeing and finding.


def test_every_prompt_stands_on_the_page_of_its_part_in_both_languages(office: Office) -> None:
    client = admin(office)
    page = client.get(LIST).text
    for group in re.findall(r'group=([a-z_]+)"', page):
        shown = text_of(client.get(f"{LIST}?group={group}").text)
        assert "Hear it" in shown
    urgent = text_of(client.get(f"{LIST}?group=clinic").text)
    assert "If this is an emergency, hang up and dial 9 1 1." in urgent
    assert "Emergencia: marque 9 1 1." in urgent


@pytest.mark.parametrize(
    ("searched", "key"),
    [
        ("did not hear", "silence"),
        ("NO LE ESCUCHE", "silence"),
        ("whisper_keys", "whisper_keys"),
        ("resonancia", "urgent_about.question"),
    ],
)
def test_prompts_are_found_by_their_words_in_either_language(
    sqlite_office: Office, searched: str, key: str
) -> None:
    page = admin(sqlite_office).get(LIST, query_string={"q": searched}).text
    assert f'id="prompt-{key}"' in page


def test_a_search_that_finds_nothing_says_what_to_do(sqlite_office: Office) -> None:
    page = text_of(admin(sqlite_office).get(f"{LIST}?q=zzzz").text)
    assert "Search for a word that callers hear" in page


def test_a_page_says_how_long_a_prompt_is_and_what_is_filled_in(sqlite_office: Office) -> None:
    page = admin(sqlite_office).get(f"{LIST}/booked").text
    assert "20.0 s with all that is heard with it; 20 s is the most." in text_of(page)
    assert "Wednesday, December 2, at 1:30 in the afternoon" in text_of(page)
    (values, *_) = re.findall(r'class="length"[^>]*data-values="([^"]*)"', page)
    assert json.loads(html.unescape(values))["phone_ending"] == "0 1 4 2"


# Changing.


def test_a_change_is_spoken_and_stands_in_the_history(office: Office) -> None:
    client = admin(office)
    page = text_of(change(client, PLAIN, **NEW).text)
    assert "Changed. Callers hear it within a few seconds." in page
    assert {one: spoken(office, PLAIN, one) for one in NEW} == NEW
    assert spoken(office, PLAIN, clinic_id=OTHERS) == "I did not hear you."
    assert "The admin" in page
    assert "Before: I did not hear you." in page
    (row,) = audited(office, "prompt.changed")
    assert PLAIN in str(row["detail"])
    assert "nothing" not in str(row["detail"])


@pytest.mark.parametrize(
    ("key", "texts", "said"),
    [
        (PLAIN, {"en": ""}, "Write the sentence in both languages."),
        (PLAIN, {"es": "No se preocupe."}, "Spanish: it reassures"),
        (PLAIN, {"en": "word " * 60}, "would take 24.0 seconds"),
        ("booked", {"en": "You are booked: {slot}."}, "{phone_ending} is missing"),
        (PLAIN, {"en": "Hello {name}."}, "nothing fills in {name}"),
        ("zero", {"en": "For a person, press 5."}, "it must name the same keys as before (0)"),
        ("emergency_again", {"en": "Call for help."}, "it no longer says 9 1 1"),
    ],
)  # fmt: skip
def test_a_bad_wording_is_refused_with_what_to_do_and_what_was_typed(
    sqlite_office: Office, key: str, texts: dict[str, str], said: str
) -> None:
    client = admin(sqlite_office)
    answer = change(client, key, **texts)
    assert answer.status_code == 400
    assert said in text_of(answer.text)
    ((language, typed),) = texts.items()
    kept = re.search(
        rf'<textarea id="text-{language}"[^>]*>(.*?)</textarea>', answer.text, re.DOTALL
    )
    assert kept
    assert html.unescape(kept[1]) == typed.strip()
    assert sqlite_office.rows("SELECT * FROM prompt_change") == []
    assert audited(sqlite_office, "prompt.changed") == []


def test_what_somebody_else_changed_meanwhile_is_not_lost(office: Office) -> None:
    client = admin(office)
    page = client.get(f"{LIST}/{PLAIN}").text
    form = {
        "csrf_token": hidden(page, "csrf_token", f"{LIST}/{PLAIN}"),
        "seen": hidden(page, "seen", f"{LIST}/{PLAIN}"),
        "text-en": "I did not hear that.",
        "text-es": "No oí eso.",
    }
    change(admin(office, "bea"), PLAIN, **NEW)
    answer = client.post(f"{LIST}/{PLAIN}", data=form)
    assert answer.status_code == 409
    assert "Somebody changed this a moment ago." in text_of(answer.text)
    assert "I did not hear that." in answer.text
    assert spoken(office, PLAIN) == NEW["en"]


def test_the_same_wording_again_is_no_change(sqlite_office: Office) -> None:
    answer = change(admin(sqlite_office), PLAIN)
    assert answer.status_code == 409
    assert "Nothing would change" in text_of(answer.text)


def test_one_click_goes_back_and_the_files_are_spoken_again(office: Office) -> None:
    client = admin(office)
    change(client, PLAIN, **NEW)
    change(client, PLAIN, en="I could not hear you.")
    (latest, earlier) = re.findall(r'id="change-([0-9a-f-]+)"', client.get(f"{LIST}/{PLAIN}").text)
    token = csrf_token(client, "/frontdesk")
    refused = client.post(f"{LIST}/changes/{earlier}/undo", data={"csrf_token": token})
    assert refused.status_code == 409
    assert "undo the later change first" in text_of(refused.text)
    for undone, text in ((latest, NEW["en"]), (earlier, "I did not hear you.")):
        assert press(client, f"{LIST}/{PLAIN}", f"{undone}/undo").status_code == 200
        assert spoken(office, PLAIN) == text
    assert office.rows("SELECT * FROM prompt_wording") == []
    assert len(audited(office, "prompt.changed")) == 4


# Safety prompts.


def test_a_safety_prompt_is_spoken_as_before_until_a_clinician_signs(office: Office) -> None:
    client = admin(office)
    page = text_of(change(client, SAFETY, **CALLING).text)
    assert "Callers hear it as soon as another person, a clinician, has signed it." in page
    assert spoken(office, SAFETY).startswith("I am calling everybody")
    signed = text_of(decide(clinician(office)).text)
    assert "Signed. Callers hear it within a few seconds." in signed
    assert {one: spoken(office, SAFETY, one) for one in CALLING} == CALLING
    assert "Signed by Nora" in text_of(client.get(f"{LIST}/{SAFETY}").text)
    assert [len(audited(office, f"prompt.{one}")) for one in ("asked", "signed", "changed")] == [
        1,
        1,
        0,
    ]


def test_nobody_signs_their_own_change_nor_one_who_is_no_clinician(office: Office) -> None:
    author = clinician(office, "ada", "admin")
    change(author, SAFETY, **CALLING)
    assert "You asked for this: another clinician signs it." in text_of(
        author.get("/frontdesk/sign-off").text
    )
    for client in (author, admin(office, "bea"), office.signed_in("rosa")):
        answer = decide(client)
        assert answer.status_code == 403
        assert "Another clinician signs this" in answer.text
    assert spoken(office, SAFETY).startswith("I am calling everybody")
    assert audited(office, "prompt.signed") == []


def test_the_database_stores_no_change_that_its_author_signed(office: Office) -> None:
    client = clinician(office, "ada", "admin")
    change(client, SAFETY, **CALLING)
    with pytest.raises(IntegrityError):
        office.database.write(
            lambda s: s.execute(
                update(PromptChange).values(
                    state="standing",
                    decided_at=office.clock(),
                    decided_by=PromptChange.staff_id,
                )
            )
        )


def test_a_change_that_is_declined_or_withdrawn_is_never_spoken(office: Office) -> None:
    client, nora = admin(office), clinician(office)
    change(client, SAFETY, **CALLING)
    assert "Declined. Callers hear what they heard before." in text_of(decide(nora, "decline").text)
    change(client, SAFETY, **CALLING)
    again = change(client, SAFETY, en="Please stay on the line.")
    assert again.status_code == 409
    assert "have it signed, or withdraw it" in text_of(again.text)
    assert "Withdrawn." in text_of(press(client, f"{LIST}/{SAFETY}", "/withdraw").text)
    assert "Nothing waits." in text_of(nora.get("/frontdesk/sign-off").text)
    assert spoken(office, SAFETY).startswith("I am calling everybody")


def test_undoing_a_signed_change_needs_a_signature_too(office: Office) -> None:
    client, nora = admin(office), clinician(office)
    change(client, SAFETY, **CALLING)
    decide(nora)
    press(client, f"{LIST}/{SAFETY}", "/undo")
    assert spoken(office, SAFETY) == CALLING["en"]
    decide(nora)
    assert spoken(office, SAFETY).startswith("I am calling everybody")


def test_what_is_signed_must_still_pass_the_checks(office: Office) -> None:
    client, nora = admin(office), clinician(office)
    label = "For appointments, visits and whatever else there may be that you would like to see us"
    change(client, "main.urgent", en="For an urgent symptom, or for any alarm of your pump at all")
    value = {"files": False, "texts": {"en": label, "es": "Para citas"}}
    office.database.write(lambda s: prompt_store.put_wording(s, OURS, "main.appointments", value))
    answer = decide(nora)
    assert answer.status_code == 409
    assert "would take" in text_of(answer.text)
    assert spoken(office, "main.urgent").startswith("For an urgent symptom or pump alarm")


def test_only_clinicians_have_the_page_in_their_bar(sqlite_office: Office) -> None:
    link = 'href="/frontdesk/sign-off"'
    assert link in clinician(sqlite_office).get("/frontdesk").text
    assert link not in admin(sqlite_office).get("/frontdesk").text
    assert link not in sqlite_office.signed_in().get("/frontdesk").text


def test_an_administrator_says_who_is_a_clinician_and_nobody_of_themselves(office: Office) -> None:
    client = admin(office)
    rosa, ada = people.user(office, "rosa"), people.user(office, "ada")
    form = {"role": "front_desk", "active": "yes", "clinician": "yes"}
    page = people.send(client, f"/frontdesk/users/{rosa.id}", "/frontdesk/users", **form)
    assert "As a clinician they sign safety prompts." in text_of(page.text)
    assert people.user(office, "rosa").clinician
    own = people.send(client, f"/frontdesk/users/{ada.id}", "/frontdesk/users", **form)
    assert own.status_code == 409
    assert not people.user(office, "ada").clinician
    form["clinician"] = "no"
    people.send(client, f"/frontdesk/users/{rosa.id}", "/frontdesk/users", **form)
    assert not people.user(office, "rosa").clinician
    for action in ("user.made_clinician", "user.no_longer_clinician"):
        assert len(audited(office, action)) == 1


def test_a_wording_that_no_longer_fits_the_files_is_told(sqlite_office: Office) -> None:
    value = {"files": False, "texts": {"en": "Welcome.", "es": "Bienvenido."}}
    sqlite_office.database.write(lambda s: prompt_store.put_wording(s, OURS, "welcome", value))
    client = admin(sqlite_office)
    page = text_of(client.get(f"{LIST}/welcome").text)
    assert "no longer fits the files" in page
    assert "no longer fits the files" not in text_of(client.get(f"{LIST}/{PLAIN}").text)
    change(client, "welcome", en="Welcome to {clinic}.", es="Bienvenido a {clinic}.")
    assert "no longer fits" not in text_of(client.get(f"{LIST}/welcome").text)


# Recordings.


def test_a_recording_is_played_until_it_is_removed(office: Office) -> None:
    client = admin(office)
    sound = wav(1.5)
    page = record(client, PLAIN, sound).text
    assert "Callers hear a recording." in text_of(page)
    name = played(office, PLAIN)
    assert name
    (digest,) = set(re.findall(r"/prompts/audio/([0-9a-f]{64})", page))
    assert name == f"{digest}.wav"
    assert client.get(f"/frontdesk/prompts/audio/{digest}").data == sound
    press(client, f"{LIST}/{PLAIN}", "/recording/en/remove")
    assert played(office, PLAIN) is None
    press(client, f"{LIST}/{PLAIN}", "/undo")
    assert played(office, PLAIN) == name


@pytest.mark.parametrize(
    ("key", "data", "said"),
    [
        (PLAIN, b"", "Choose a file first"),
        (PLAIN, b"<html>", "neither a WAV nor an MP3"),
        (PLAIN, b"\0" * (2 * 1024 * 1024 + 5), "2 MB is the most"),
        (PLAIN, b"\0" * (4 * 1024 * 1024), "A recording may have 2 MB"),
        (PLAIN, wav(25), "would take 25.0 seconds"),
    ],
    ids=["nothing", "a page", "big", "far too big", "too long"],
)
def test_a_file_that_is_no_recording_is_refused_with_what_to_do(
    sqlite_office: Office, key: str, data: bytes, said: str
) -> None:
    answer = record(admin(sqlite_office), key, data)
    assert answer.status_code in (400, 413)
    assert said in text_of(answer.text)
    assert sqlite_office.rows("SELECT digest FROM prompt_recording") == []


def test_what_speaks_of_a_call_offers_no_recording(sqlite_office: Office) -> None:
    page = admin(sqlite_office).get(f"{LIST}/booked").text
    assert "the voice says it." in text_of(page)
    assert 'type="file"' not in page


def test_a_recording_of_an_older_wording_is_refused_and_one_that_became_old_is_told(
    office: Office,
) -> None:
    client = admin(office)
    record(client, PLAIN, mp3(), name="silence.mp3")
    page = text_of(change(client, PLAIN, **NEW).text)
    assert "The wording has changed since it was recorded: the line speaks it." in page
    assert played(office, PLAIN) is None
    path = f"{LIST}/{PLAIN}/recording/en"
    shown = client.get(f"{LIST}/{PLAIN}").text
    form = {field: hidden(shown, field, path) for field in ("csrf_token", "seen")}
    form["recorded_text"] = "I did not hear you."
    answer = client.post(path, data={**form, "recording": (io.BytesIO(wav()), "a.wav")})
    assert answer.status_code == 400
    assert "Record the sentence as it is now." in text_of(answer.text)


def test_a_recording_of_a_safety_prompt_needs_the_same_signature(office: Office) -> None:
    client = admin(office)
    record(client, "emergency", wav(3))
    assert played(office, "emergency") is None
    nora = clinician(office)
    (digest,) = re.findall(r"/prompts/audio/([0-9a-f]{64})", nora.get("/frontdesk/sign-off").text)
    assert nora.get(f"/frontdesk/prompts/audio/{digest}").status_code == 200
    decide(nora)
    assert played(office, "emergency") == f"{digest}.wav"


def test_a_clinic_whose_recordings_are_too_many_is_told(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt_store, "MOST_OF_A_CLINIC", 40_000)
    client = admin(sqlite_office)
    record(client, PLAIN, wav(2))
    answer = record(client, "not_understood", wav(1))
    assert answer.status_code == 409
    assert "save this one as MP3, or remove others first" in text_of(answer.text)
    press(client, f"{LIST}/{PLAIN}", "/recording/en/remove")
    assert record(client, "not_understood", wav(1)).status_code == 200
    assert len(sqlite_office.rows("SELECT digest FROM prompt_recording")) == 1


# Whose.


def test_another_clinics_changes_and_recordings_do_not_exist_for_us(office: Office) -> None:
    people.add(office, "olga", "admin", clinic_id=OTHERS)
    theirs, ours = office.signed_in("olga"), clinician(office, "ada", "admin")
    change(theirs, SAFETY, **CALLING)
    record(theirs, PLAIN, wav())
    (row,) = office.rows("SELECT id FROM prompt_change WHERE state = 'pending'")
    change_id = UUID(str(row["id"]))
    (digest,) = (row["digest"] for row in office.rows("SELECT digest FROM prompt_recording"))
    token = csrf_token(ours, "/frontdesk")
    answers = [
        ours.get(f"/frontdesk/prompts/audio/{digest}"),
        ours.post(f"/frontdesk/sign-off/{change_id}", data={"csrf_token": token, "answer": "sign"}),
        ours.post(f"{LIST}/changes/{change_id}/withdraw", data={"csrf_token": token}),
        ours.post(f"{LIST}/changes/{change_id}/undo", data={"csrf_token": token}),
    ]
    assert [answer.status_code for answer in answers] == [404, 409, 409, 409]
    assert CALLING["en"] not in ours.get(f"{LIST}/{SAFETY}").text
    assert "Nothing waits." in text_of(ours.get("/frontdesk/sign-off").text)
    assert spoken(office, PLAIN) == "I did not hear you."


def test_a_clinic_whose_files_are_elsewhere_is_told(sqlite_office: Office) -> None:
    sqlite_office.app = Office.open(str(sqlite_office.database.url), lined=False).app
    client = admin(sqlite_office)
    for path in (LIST, f"{LIST}/{PLAIN}", "/frontdesk/sign-off"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "The wording of this clinic is not on this machine" in answer.text
