"""Messages and tasks: all that waits, told apart by kind, ticked off and taken back."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy.orm import Session

from ivr.frontdesk import wording
from ivr.frontdesk.tasks_view import GROUPS, OTHER, heading_of
from ivr.messages import desk_tasks, spoken
from tests.frontdesk.lists import audited, press, text_of
from tests.frontdesk.office import OTHERS, OURS, Office

RECORDING = "RE" + "1" * 32


def add(office: Office, kind: str, note: str = "", *, clinic_id: str = OURS) -> UUID:
    """Put something on the list."""
    return office.database.write(
        lambda session: (
            desk_tasks.open_task(
                session,
                clinic_id=clinic_id,
                kind=kind,
                callback_number="+15125550177",
                language="es",
                note=note,
                source=None,
                now=office.clock(),
            ).id
        )
    )


def test_what_waits_stands_below_its_kind_the_most_pressing_first(office: Office) -> None:
    for kind in ("callback", "text_failed", "page_failed", "refill_to_arrange"):
        add(office, kind, f"note of {kind}")
    source = office.signed_in().get("/frontdesk/tasks").text
    headings = re.findall(r'<h2 id="group-\d">(.*?) <span', source)
    assert headings == ["Alarms", "Visits to arrange", "Call back", "Texts"]
    page = text_of(source)
    assert "Refill to arrange: none could be booked by phone (512) 555-0177 · Spanish" in page
    assert "note of callback" in page


def test_a_spoken_message_is_read_and_listened_to_here_too(office: Office) -> None:
    def speak(session: Session) -> UUID:
        task = spoken.file(
            session,
            clinic_id=OURS,
            recording_sid=RECORDING,
            seconds=65,
            callback_number=None,
            language="en",
            spoken_in="en",
            note="",
            now=office.clock(),
        )
        spoken.keep_transcript(task, "Please call me about Tuesday.")
        return task.id

    task_id = office.database.write(speak)
    page = office.signed_in().get("/frontdesk/tasks").text
    assert "“Please call me about Tuesday.”" in text_of(page)
    assert f'href="/frontdesk/tasks/{task_id}/recording"' in page
    assert "Listen (1:05)" in text_of(page)


def test_a_message_that_nobody_transcribed_comes_first_and_is_to_be_listened_to(
    office: Office,
) -> None:
    def speak(session: Session) -> None:
        for digit, language in ("1", "en"), ("2", "es"):
            spoken.file(
                session,
                clinic_id=OURS,
                recording_sid=f"RE{digit * 32}",
                seconds=20,
                callback_number=None,
                language=language,
                spoken_in=language,
                note=f"the {language} one",
                now=office.clock(),
            )

    office.database.write(speak)
    client = office.signed_in()
    for address in ("/frontdesk/tasks", "/frontdesk"):
        page = text_of(client.get(address).text)
        assert page.index("the es one") < page.index("the en one")
        assert "No transcript: recorded in Spanish. Listen now: nobody has looked for" in page
        assert page.count("Listen now") == 1
    office.clock.advance(minutes=15)
    page = text_of(office.signed_in().get("/frontdesk/tasks").text)
    assert page.count("Listen now") == 2


def test_one_kind_alone_can_be_looked_at(office: Office) -> None:
    add(office, "callback", "about billing")
    add(office, "opt_out", "said stop")
    page = text_of(office.signed_in().get("/frontdesk/tasks?kind=opt_out").text)
    assert "said stop" in page
    assert "about billing" not in page
    assert "Call back 1" in page


def test_done_it_moves_below_and_can_be_taken_back_for_a_week(office: Office) -> None:
    task = add(office, "callback", "about billing")
    client = office.signed_in()
    page = text_of(press(client, "/tasks", f"/tasks/{task}/tick").text)
    assert "Nothing is waiting for the desk." in page
    assert "Mon, Nov 23, 10:00 AM by Rosa Diaz" in page
    page = text_of(press(client, "/tasks", f"/tasks/{task}/tick").text)
    assert "Somebody else had done it already." in page
    page = text_of(press(client, "/tasks", f"/tasks/{task}/reopen").text)
    assert "It waits again." in page
    assert "about billing" in page
    press(client, "/tasks", f"/tasks/{task}/tick")
    office.clock.advance(days=8)
    assert "Done in the last" not in office.signed_in().get("/frontdesk/tasks").text
    assert len(audited(office, "desk_task.done")) == 2
    assert len(audited(office, "desk_task.reopened")) == 1


def test_ticked_off_with_one_kind_shown_it_stays_shown(office: Office) -> None:
    task = add(office, "callback")
    answer = press(office.signed_in(), "/tasks", f"/tasks/{task}/tick", kind="callback")
    assert answer.request.full_path == "/frontdesk/tasks?kind=callback"


def test_another_clinics_tasks_are_neither_seen_nor_ticked(office: Office) -> None:
    task = add(office, "callback", "of the others", clinic_id=OTHERS)
    add(office, "callback")
    client = office.signed_in()
    assert "of the others" not in client.get("/frontdesk/tasks").text
    press(client, "/tasks", f"/tasks/{task}/tick")
    (row,) = office.rows("SELECT done_at FROM desk_task WHERE note = 'of the others'")
    assert row["done_at"] is None


def test_every_kind_that_has_words_has_a_heading_of_its_own() -> None:
    headless = {kind for kind in wording.TASK if heading_of(kind) == OTHER}
    assert headless == {"recording_kept"}
    kinds = [kind for _, group in GROUPS for kind in group]
    assert len(kinds) == len(set(kinds))
