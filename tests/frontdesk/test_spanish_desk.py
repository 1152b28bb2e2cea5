"""The desk in Spanish: every sentence has its translation, and no page holds a word without one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from ivr.frontdesk import catalogue, wording
from ivr.frontdesk.tables import StaffUser
from tests.frontdesk import people
from tests.frontdesk.browser import Desk
from tests.frontdesk.extraction import TEMPLATES, everything_said, not_constant
from tests.frontdesk.office import OURS, PASSWORD, TODAY_AT_ELEVEN, Office, log_in

SAME_IN_BOTH = {"Call Now", "English", "Español", "No"}
"""Names, and words that both languages share."""


def placeholders(sentence: str) -> set[str]:
    """The names in a sentence's braces."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_sentence_has_a_translation() -> None:
    spanish = catalogue.sentences("es")
    missing = {f"{said.where}: {said.one}" for said in everything_said() if said.one not in spanish}
    assert missing == set()


def test_no_translation_is_of_a_sentence_that_is_gone() -> None:
    assert set(catalogue.sentences("es")) - {said.one for said in everything_said()} == set()


def test_translations_have_the_placeholders_of_their_sentence() -> None:
    spanish = catalogue.sentences("es")
    for said in everything_said():
        for form in spanish[said.one]:
            assert placeholders(form) == placeholders(said.one), said


def test_what_counts_has_two_forms_and_nothing_else_has() -> None:
    spanish = catalogue.sentences("es")
    for said in everything_said():
        assert len(spanish[said.one]) == (2 if said.many else 1), said


def test_a_sentence_has_one_number_of_forms_wherever_it_is_said() -> None:
    counted = {said.one for said in everything_said() if said.many}
    assert not counted & {said.one for said in everything_said() if not said.many}


def test_sentences_are_written_where_they_can_be_read() -> None:
    assert sorted(not_constant()) == [
        "navigation.py: say(title)",
        "prompt_view.py: say(audio.REFUSALS[refusal.reason], **refusal.values)",
        "prompt_view.py: say(rules.SENTENCES[finding.kind], language=language, **finding.values)",
        "recalls_view.py: say(TOLD[told.telling.value], moment=wording.moment(told.at, zone))",
        "rota_view.py: say(SENTENCES[fault.kind], **values)",
        "wording.py: say(known)",
        "work.py: say(_WORDS[kind.__name__])",
    ]


def test_two_files_that_disagree_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = 'msgid ""\nmsgstr ""\n"Language: es\\n"\n\n'
    for name, said in (("one", "Entrar"), ("two", "Iniciar")):
        (tmp_path / f"{name}.po").write_text(f'{head}msgid "Log in"\nmsgstr "{said}"\n')
    monkeypatch.setitem(catalogue.FOLDERS, "es", tmp_path)
    with pytest.raises(ValueError, match=r"two\.po says 'Log in' otherwise"):
        catalogue.sentences.__wrapped__("es")


class Words(HTMLParser):
    """All that a person sees or is read of a page."""

    SHOWN = ("aria-label", "placeholder", "title", "alt", "data-announcement", "data-away")
    NOT_SHOWN = ("script", "style", "code", "svg", "q", "textarea")
    """Scripts and pictures; and what the line says, which the desk shows in both languages."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in its attributes."""
        if tag in self.NOT_SHOWN:
            self._inside.append(tag)
        self.found += [value for name, value in attrs if name in self.SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        """Leave what is not shown."""
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        """Take in its text."""
        text = " ".join(data.split())
        if not self._inside and re.search(r"[^\W\d_]{2}", text):
            self.found.append(text)


def words_on(page: str) -> set[str]:
    """The pieces of text of a page."""
    parser = Words()
    parser.feed(page)
    pieces = {piece.strip(" ·:,()“”–…") for text in parser.found for piece in text.split(" · ")}
    return {piece for piece in pieces if piece}


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.stem)
def test_no_template_holds_words_of_its_own(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    # The class of a page's body.
    source = re.sub(r"\{% block page %\}\w*\{% endblock %\}", "", source)
    source = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source, flags=re.DOTALL)
    assert words_on(source) - SAME_IN_BOTH == set()


def pages(office: Office, client: FlaskClient) -> Iterator[tuple[str, str]]:
    """Every page that there is, by name, as this person sees it."""
    for path in (
        "",
        "/tickets/1",
        "/tickets/999",
        "/day",
        "/week",
        "/patients",
        "/patients/new",
        "/recalls",
        "/waitlist",
        "/tasks",
        "/plan-again",
        "/calls",
        "/export",
        "/numbers",
        "/settings",
        "/settings/closures",
        "/settings/hours/desk",
        "/settings/hours/provider-fura",
        "/settings/visit-types/consultation",
        "/settings/wording",
        "/settings/wording?q=refill",
        "/settings/wording/whisper_callback",
        "/settings/wording/goodbye",
        "/settings/wording/no_such",
        "/sign-off",
        "/rota",
        "/account",
        "/account/second-factor",
        "/users",
        "/audit",
        "/audit?patient=x",
        "/nothing",
        "/logout",
    ):
        yield path, client.get(f"/frontdesk{path}").text
    office.clock.advance(minutes=15)
    yield "the lock", client.get("/frontdesk/lock").text


def test_no_page_says_the_same_words_in_both_languages(sqlite_office: Office) -> None:
    people.add(sqlite_office, "ada", "admin")
    sqlite_office.book("Ana Fernandez", TODAY_AT_ELEVEN)
    sqlite_office.open_ticket()
    said: dict[str, dict[str, set[str]]] = {}
    for language in ("en", "es"):
        set_language(sqlite_office, "ada", language)
        client = sqlite_office.signed_in("ada")
        for name, page in pages(sqlite_office, client):
            assert f'<html lang="{language}">' in page, name
            said.setdefault(name, {})[language] = words_on(page)
    data = {"Ana Fernandez", "Ada", "ada", "Rosa Diaz", "rosa", "Ana Ruiz"}
    data |= {"Doctor Fura", "Doctor Lane", "Room 1", "Room 2", "whisper_callback", "goodbye"}
    for name, both in said.items():
        same = {text for text in both["en"] & both["es"] if not is_data(text, data)}
        assert same - SAME_IN_BOTH == set(), name


def is_data(text: str, data: set[str]) -> bool:
    """Whether it is stored rather than written by us."""
    return (
        text in data or "The demo clinic" in text or bool(re.search(r"[0-9a-f]{8}-|^\d{4}-", text))
    )


def set_language(office: Office, login: str, language: str) -> None:
    """As the person's own page does."""
    user = people.user(office, login)

    def work(session: Session) -> None:
        session.get_one(StaffUser, (OURS, user.id)).language = language

    office.database.write(work)


def test_a_browser_that_asks_for_spanish_gets_it_at_the_door(sqlite_office: Office) -> None:
    page = sqlite_office.client().get(
        "/frontdesk/login", headers={"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}
    )
    assert "Contraseña" in page.text
    other = sqlite_office.client().get("/frontdesk/login", headers={"Accept-Language": "fr"})
    assert "Password" in other.text


def test_the_switch_at_the_door_is_remembered_by_browser_and_account(office: Office) -> None:
    client = office.client()
    page = client.get("/frontdesk/login?language=es").text
    assert 'name="language" value="es"' in page
    assert "Contraseña" in client.get("/frontdesk/login").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    form = {"login": "rosa", "password": PASSWORD, "language": "es", "csrf_token": token[1]}
    client.post("/frontdesk/login", data=form)
    assert people.user(office, "rosa").language == "es"
    elsewhere = office.signed_in()
    assert "No hay llamadas urgentes abiertas" in elsewhere.get("/frontdesk").text


def test_who_never_chose_is_spoken_to_as_their_browser_asks(office: Office) -> None:
    client = office.signed_in()
    spanish = client.get("/frontdesk", headers={"Accept-Language": "es"}).text
    assert "No hay llamadas urgentes abiertas" in spanish
    assert people.user(office, "rosa").language is None


def test_ones_language_is_changed_on_ones_own_page(office: Office) -> None:
    client = office.signed_in()
    answer = people.send(client, "/frontdesk/account/language", language="es")
    assert "Su idioma se cambió." in client.get(answer.location).text
    unknown = people.send(client, "/frontdesk/account/language", language="fr")
    assert unknown.status_code == 400


def test_a_language_nobody_speaks_is_not_taken_from_an_address(sqlite_office: Office) -> None:
    page = sqlite_office.client().get("/frontdesk/login?language=fr")
    assert "Password" in page.text
    assert "callnow_language" not in str(page.headers)


def test_one_persons_language_does_not_spill_into_anothers_page(sqlite_office: Office) -> None:
    set_language(sqlite_office, "rosa", "es")
    rosa, otto = sqlite_office.signed_in(), sqlite_office.signed_in("otto")
    for _ in range(2):
        assert '<html lang="es">' in rosa.get("/frontdesk").text
        assert '<html lang="en">' in otto.get("/frontdesk").text
    assert '<html lang="en">' in sqlite_office.client().get("/frontdesk/login").text


def test_refusals_are_in_the_readers_language(sqlite_office: Office) -> None:
    client = sqlite_office.client()
    client.get("/frontdesk/login?language=es")
    answer = log_in(client, "rosa", "not the right one")
    assert "no coinciden" in answer.text


def test_times_and_days_are_written_as_they_are_in_mexico_and_texas(sqlite_office: Office) -> None:
    sqlite_office.book("Ana", TODAY_AT_ELEVEN)
    set_language(sqlite_office, "rosa", "es")
    page = sqlite_office.signed_in().get("/frontdesk").text
    assert "lunes, 23 de noviembre" in page
    assert "11:00 a.m." in page
    assert "4 mar 1961" in page


def test_what_has_no_translation_is_said_in_english() -> None:
    with wording.speaking("es"):
        assert wording.say("Nobody wrote {this} down", this="that") == "Nobody wrote that down"
        assert wording.say_number(2, "{n} odd thing", "{n} odd things") == "2 odd things"


def test_the_open_board_speaks_spanish_as_it_changes(desk: Desk) -> None:
    set_language(desk.office, "rosa", "es")
    desk.office.open_ticket()
    page = desk.page
    page.clock.install(time=desk.office.clock())
    page.goto(f"{desk.address}/frontdesk/login?language=es")
    page.get_by_label("Usuario").fill("rosa")
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    expect(page.locator("#live")).to_have_text("En vivo")
    expect(page).to_have_title("(urgentes: 1) Recepción · The demo clinic")
    expect(page.locator(".ticket time")).to_have_text("ahora mismo")
    expect(page.locator("#clock")).to_contain_text("nov")


def test_a_day_is_written_in_the_language_of_whoever_asks_not_of_whoever_asked_first() -> None:
    monday = date(2026, 11, 23)
    with wording.speaking("en"):
        assert wording.day(monday) == "Monday, November 23"
    with wording.speaking("es"):
        assert wording.day(monday) == "lunes, 23 de noviembre"
