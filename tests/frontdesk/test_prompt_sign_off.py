"""Safety prompts: who signs a change, and that nothing is spoken before."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from ivr.frontdesk import prompt_store
from ivr.frontdesk.prompt_tables import PromptChange
from tests.frontdesk import people
from tests.frontdesk.lists import admin, audited, text_of
from tests.frontdesk.office import OURS, Office
from tests.frontdesk.prompt_forms import (
    CALLING,
    LIST,
    PLAIN,
    SAFETY,
    change,
    clinician,
    decide,
    press,
    spoken,
)


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
