"""The line speaks a clinic's own wording, and plays its recordings, in every web process."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete, event, update
from sqlalchemy.orm import Session

from ivr.call.wording.audio import recording
from ivr.call.wording.kept import Wordings
from ivr.call.wording.tables import PromptMark, PromptRecording, PromptWording
from ivr.frontdesk import prompt_store
from scheduling.database import Database
from tests.call.sounds import mp3, wav
from tests.carrier.xml_of import parsed
from tests.product import BASE, Product, incoming, sign

CLINIC = "demo"
WELCOME = {"en": "You have reached {clinic}.", "es": "Se comunicó con {clinic}."}


def wordings(product: Product) -> Wordings:
    """What this process keeps."""
    kept: Wordings = product.app.extensions["callnow_wordings"]
    return kept


def word(product: Product, key: str, texts: Mapping[str, str] | None) -> None:
    """Put a wording into force, past all checks; None: the files'."""
    value = {"files": texts is None, "texts": texts or {"en": "", "es": ""}}
    product.database.write(lambda s: prompt_store.put_wording(s, CLINIC, key, value))


def record(product: Product, key: str, data: bytes, language: str = "en") -> str:
    """Put a recording of what is worded now into force; its address."""
    sound = recording(data)
    line = wordings(product).spoken_by(CLINIC)
    assert line is not None
    value = {"digest": sound.digest, "text": line.prompts.text(key, language)}

    def work(session: Session) -> None:
        prompt_store.keep_bytes(session, CLINIC, sound, product.clock())
        prompt_store.put_recording(session, CLINIC, key, language, value)

    product.database.write(work)
    ending = "wav" if data[:4] == b"RIFF" else "mp3"
    return f"/voice/recorded/{CLINIC}/{sound.digest}.{ending}"


def answered(product: Product, path: str = "/voice/incoming", **form: str) -> str:
    """What the line answers to a signed webhook."""
    answer = product.post(path, incoming(**form))
    assert answer.status_code == 200
    return answer.text


def heard(document: str) -> list[str]:
    """What is said and played, in order."""
    return [
        "".join(element.itertext())
        for element in parsed(document).iter()
        if element.tag in ("Say", "Play")
    ]


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement that is run meanwhile."""
    run: list[str] = []

    def note(_c: object, _u: object, statement: str, *_more: object) -> None:
        run.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield run
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_changed_wording_is_spoken_in_every_process_without_a_restart(product: Product) -> None:
    other = Product.start(product.settings.database_url, clock=product.clock, loaded=False)
    try:
        assert "This is Doctor Fura's clinic." in answered(product)
        word(product, "welcome", WELCOME)
        for process, sid in ((product, "CA2"), (other, "CA3")):
            assert wordings(process).refresh() is True
            spoken = answered(process, CallSid=sid)
            assert "You have reached Doctor Fura's clinic." in spoken
            assert "This is Doctor Fura's clinic." not in spoken
        word(product, "welcome", None)
        assert wordings(other).refresh() is True
        assert "This is Doctor Fura's clinic." in answered(other, CallSid="CA4")
    finally:
        other.database.dispose()


def test_a_thread_looks_for_changes_by_itself(product: Product) -> None:
    kept = wordings(product)
    word(product, "welcome", WELCOME)
    kept.keep_fresh(seconds=0.01)
    assert kept.looked.wait(10)
    kept.stop()
    assert "You have reached Doctor Fura's clinic." in answered(product)


def test_a_turn_asks_for_no_wording_and_a_look_is_one_statement_while_nothing_changes(
    product: Product,
) -> None:
    word(product, "welcome", WELCOME)
    wordings(product).refresh()
    with statements(product.database) as run:
        answered(product)
        answered(product, "/voice/turn/1", Digits="2")
        assert not [one for one in run if "prompt_" in one]
        run.clear()
        assert wordings(product).refresh() is False
    assert len([one for one in run if "prompt_" in one]) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.add(
            PromptWording(clinic_id=CLINIC, prompt_key="goodbye", language="en", text="x")
        ),
        lambda s: s.execute(update(PromptWording).values(text="y")),
        lambda s: s.delete(s.get_one(PromptWording, (CLINIC, "welcome", "en"))),
    ],
    ids=["insert", "update", "delete"],
)
def test_the_database_itself_marks_each_change(
    product: Product, change: Callable[[Session], object]
) -> None:
    def mark(session: Session) -> str:
        return session.get_one(PromptMark, CLINIC).mark

    word(product, "welcome", WELCOME)
    before = product.database.read(mark)
    product.database.write(change)
    assert product.database.read(mark) != before


def test_without_the_database_a_process_speaks_on_as_it_knew_and_a_new_one_as_the_files(
    product: Product, tmp_path: Path
) -> None:
    word(product, "down", {"en": "Something broke here.", "es": "Algo se rompió."})
    wordings(product).refresh()
    away = Database(f"sqlite:///{tmp_path / 'no such folder' / 'x.db'}", budget_seconds=0.2)
    knew = Wordings(dict(wordings(product)), away)
    assert knew.spoken_by(CLINIC) == wordings(product).spoken_by(CLINIC)
    begun = Product.start(str(away.url), clock=product.clock, budget_seconds=0.2, loaded=False)
    assert "We have a technical problem" in answered(begun)
    begun.database.dispose()


def test_what_no_longer_fits_is_spoken_as_the_files_have_it(product: Product) -> None:
    word(product, "welcome", {"en": "Welcome.", "es": "Bienvenido."})
    wordings(product).refresh()
    assert "This is Doctor Fura's clinic." in answered(product)


# Recordings.


def test_a_recording_is_played_from_our_own_address_and_fetched_without_a_signature(
    product: Product,
) -> None:
    sound = wav(1.5)
    path = record(product, "emergency", sound)
    wordings(product).refresh()
    said = heard(answered(product))
    assert said[0] == f"{BASE}{path}"
    assert said[1].startswith("Emergencia: marque 9 1 1.")
    fetched = product.client.get(path)
    assert (fetched.status_code, fetched.data) == (200, sound)
    assert fetched.content_type == "audio/wav"
    assert fetched.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = product.client.get(path, headers={"If-None-Match": fetched.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_mp3_is_served_as_one(product: Product) -> None:
    path = record(product, "emergency", mp3())
    assert path.endswith(".mp3")
    assert product.client.get(path).content_type == "audio/mpeg"


def test_a_process_that_has_it_plays_on_without_the_database(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = record(product, "emergency", wav())
    wordings(product).refresh()
    with statements(product.database) as run:
        assert product.client.get(path).status_code == 200
    assert run == []


@pytest.mark.parametrize(
    "name",
    ["x.wav", "0" * 64 + ".wav", "0" * 64 + ".html", "..%2f..%2fetc%2fpasswd", "0" * 64],
)
def test_what_is_no_recording_is_not_found(product: Product, name: str) -> None:
    assert product.client.get(f"/voice/recorded/{CLINIC}/{name}").status_code == 404


def test_another_clinics_address_does_not_lead_to_a_recording(product: Product) -> None:
    path = record(product, "emergency", wav())
    assert product.client.get(path.replace(CLINIC, "other")).status_code == 404
    assert product.client.get(path.replace(".wav", ".mp3")).status_code == 404


def test_once_the_wording_changes_the_voice_speaks_until_it_is_recorded_anew(
    product: Product,
) -> None:
    path = record(product, "silence", wav())
    wordings(product).refresh()
    answered(product)
    assert f"{BASE}{path}" in heard(answered(product, "/voice/turn/1"))
    word(product, "silence", {"en": "I heard nothing.", "es": "No oí nada."})
    wordings(product).refresh()
    said = heard(answered(product, "/voice/turn/2"))
    assert not [one for one in said if one.startswith("http")]
    assert said[0].startswith("I heard nothing.")
    word(product, "silence", None)
    wordings(product).refresh()
    answered(product, CallSid="CA2")
    assert f"{BASE}{path}" in heard(answered(product, "/voice/turn/1", CallSid="CA2"))


def test_a_recording_whose_bytes_are_gone_is_spoken(product: Product) -> None:
    record(product, "silence", wav())

    def lose(session: Session) -> None:
        session.execute(update(PromptWording).values(digest=None, recorded_text=None))
        session.execute(delete(PromptRecording))

    product.database.write(lose)
    wordings(product).refresh()
    answered(product)
    said = heard(answered(product, "/voice/turn/1"))
    assert said[0].startswith("I did not hear you.")


def test_a_caller_who_asked_for_slower_speech_hears_the_voice(product: Product) -> None:
    path = record(product, "silence", wav())
    wordings(product).refresh()
    answered(product)
    answered(product, "/voice/turn/1", SpeechResult="slower please", Confidence="0.9")
    said = answered(product, "/voice/turn/2")
    assert path not in said
    assert '<prosody rate="80%">I did not hear you.' in said


def test_while_something_is_broken_everything_is_spoken(product: Product) -> None:
    record(product, "emergency", wav())
    record(product, "down", wav(2))
    wordings(product).refresh()
    said = answered(product, "/voice/fallback", ErrorCode="11200")
    assert "/voice/recorded/" not in said
    assert "dial 9 1 1" in said


def test_an_address_of_a_recording_says_nothing_of_a_call(product: Product) -> None:
    path = record(product, "emergency", wav())
    wordings(product).refresh()
    (played,) = set(re.findall(r"<Play>([^<]+)</Play>", answered(product)))
    assert played == f"{BASE}{path}"
    assert re.fullmatch(rf"{BASE}/voice/recorded/demo/[0-9a-f]{{64}}\.wav", played)
    assert sign(played, {}) not in played
