"""Wording of the prompts at the desk: what is refused, who signs, what is kept, and going back."""

from __future__ import annotations

import html
import io
import json
import re
from uuid import UUID

import pytest

from ivr.frontdesk import prompt_store
from tests.call.sounds import mp3, wav
from tests.frontdesk import people
from tests.frontdesk.lists import admin, audited, text_of
from tests.frontdesk.office import OTHERS, Office, csrf_token
from tests.frontdesk.prompt_forms import (
    CALLING,
    LIST,
    NEW,
    PLAIN,
    SAFETY,
    change,
    clinician,
    decide,
    hidden,
    played,
    press,
    record,
    spoken,
)

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
