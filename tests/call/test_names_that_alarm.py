"""Socorro is a name and a cry for help: who may have said their name is asked which it was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from faker.providers.person import en_US, es_MX

from ivr.call.engine import advance
from ivr.call.events import Act, Input, Keyed, Said, Silent, Turn
from ivr.call.flow import FLOW
from ivr.call.hearing import asks_for_urgent_help, name_that_alarms
from ivr.call.session import Session
from tests.carrier.rules import NOW
from tests.corpus.scoring import wording

ASKED = Session("demo", "CA1", "+15125550142", node="ask_name", stood_at="ask_name", turn=3)


def after(session: Session, event: Input) -> Turn:
    return advance(FLOW, wording(), session, event, NOW)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Socorro", "Socorro"),
        ("Dolores Fuertes", "Dolores Fuertes"),
        ("Olga Tirado", "Olga Tirado"),
        ("Ana Pinedo-Tirado", "Ana Pinedo-Tirado"),
    ],
)
def test_a_name_is_asked_about(words: str, name: str) -> None:
    assert name_that_alarms(words, FLOW, wording()) == name
    turn = after(ASKED, Said(words, 0.9))
    assert turn.session.node == "urgent_or_name"
    assert turn.session.facts["name_that_alarms"] == name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("me llamo Socorro Ramírez", "Socorro Ramírez"),
        ("my name is Socorro Diaz", "Socorro Diaz"),
        ("María del Socorro López", "María del Socorro López"),
        ("soy María Auxiliadora Peña", "María Auxiliadora Peña"),
    ],
)
def test_a_name_that_is_said_as_one_is_taken_for_one(words: str, name: str) -> None:
    session = after(ASKED, Said(words, 0.9)).session
    assert (session.node, session.facts["name"]) == ("confirm_name", name)


@pytest.mark.parametrize(
    "words",
    [
        "socorro socorro",
        "Socorro, por favor",
        "¡Socorro!",
        "socorro ayuda",
        "ayuda",
        "auxilio, ayúdenme",
        "help",
        "soy Socorro y mi bomba está pitando",
        "me llamo Ana, socorro, no respira",
        "socorro me duele mucho la cabeza",
        "tengo dolores muy fuertes",
        "socorro ya",
        "está tirado en el piso",
        "mi papá está tirado",
        "nurse",
    ],
)
def test_a_cry_for_help_is_not(words: str) -> None:
    assert name_that_alarms(words, FLOW, wording()) is None
    assert after(ASKED, Said(words, 0.9)).then == Act("open_ticket")


@pytest.mark.parametrize(
    "answer",
    [
        Keyed("1"),
        Silent(),
        Said("socorro", 0.9),
        Said("urgente", 0.1),
        Said("fluffernutter", 0.9),
        Keyed("7"),
        Keyed("0"),
    ],
)
def test_whoever_does_not_say_that_it_is_their_name_is_helped(answer: Input) -> None:
    asked = after(ASKED, Said("Socorro", 0.9)).session
    assert after(asked, answer).then == Act("open_ticket")


@pytest.mark.parametrize(
    ("language", "answer"),
    [
        ("en", Keyed("2")),
        ("en", Said("my name", 0.9)),
        ("en", Said("my name is Socorro", 0.9)),
        ("en", Said("me llamo Socorro", 0.9)),
        ("es", Said("es mi nombre", 0.9)),
        ("es", Said("me llamo Socorro Ruiz", 0.9)),
    ],
)
def test_whoever_says_so_goes_on_with_it(language: str, answer: Input) -> None:
    asked = after(replace(ASKED, language=language), Said("Socorro Ruiz", 0.9)).session
    session = after(asked, answer).session
    assert (session.node, session.facts["name"]) == ("confirm_name", "Socorro Ruiz")
    assert "meant" not in session.facts


def test_where_a_patient_is_looked_for_by_name_it_is_the_same() -> None:
    asked = Session("demo", "CA1", None, node="verify_contact", stood_at="verify_contact", turn=5)
    session = after(asked, Said("Socorro Ruiz", 0.9)).session
    assert session.node == "urgent_or_name"
    turn = after(session, Keyed("2"))
    assert turn.then == Act("check_identity")
    assert turn.session.facts["phone_or_name"] == "Socorro Ruiz"


@pytest.mark.parametrize("node", ["main", "confirm_name", "offer_slots", "message_about"])
def test_everywhere_else_the_word_is_a_cry_for_help(node: str) -> None:
    standing = Session("demo", "CA1", None, node=node, stood_at=node, turn=3)
    assert after(standing, Said("Socorro", 0.9)).then == Act("open_ticket")


@pytest.mark.parametrize("provider", [en_US.Provider, es_MX.Provider])
def test_no_name_of_the_phone_book_rings_a_nurse_unasked(provider: type) -> None:
    names = {
        name
        for kind, listed in vars(provider).items()
        if kind.startswith(("first_names", "last_names"))
        for name in listed
    }
    assert len(names) > 900
    assert [
        name
        for name in sorted(names)
        if asks_for_urgent_help(name, FLOW, wording())
        and name_that_alarms(name, FLOW, wording()) is None
    ] == []
