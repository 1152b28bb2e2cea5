"""A recorded voice in a whole call: the phone company fetches it and plays it to the caller."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from ivr.call.wording.audio import Recording, recording
from ivr.call.wording.kept import Wordings
from ivr.frontdesk import prompt_store
from tests.call.sounds import wav
from tests.calls.town import Town, open_town


@pytest.fixture
def town(sqlite_url: str) -> Iterator[Town]:
    """A town whose 911 sentence and promise to ring were recorded in English."""
    with open_town(sqlite_url) as town:
        product = town.product
        kept: Wordings = product.app.extensions["callnow_wordings"]
        line = kept.spoken_by("demo")
        assert line is not None
        for key, seconds in (("emergency", 3.0), ("urgent_ring", 4.0)):
            sound = recording(wav(seconds))

            def put(session: Session, sound: Recording = sound, key: str = key) -> None:
                value = {"digest": sound.digest, "text": line.prompts.text(key, "en")}
                prompt_store.keep_bytes(session, "demo", sound, product.clock())
                prompt_store.put_recording(session, "demo", key, "en", value)

            product.database.write(put)
        kept.refresh()
        yield town


def test_an_urgent_call_is_played_what_was_recorded_and_spoken_the_rest(town: Town) -> None:
    call = town.call("1", "2")
    heard = [(one.kind, one.text) for one in town.patient.transcript]
    assert heard[0][0] == "audio"
    assert heard[0][1].startswith("https://line.example/voice/recorded/demo/")
    assert ("speech", "Emergencia: marque 9 1 1.") in [(kind, text[:25]) for kind, text in heard]
    assert [kind for kind, _ in heard].count("audio") == 2
    assert town.nurse.ringing
    call.hang_up()
