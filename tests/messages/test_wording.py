"""A page may be read on a lock screen by anybody."""

from __future__ import annotations

import re

import pytest

from ivr.messages.wording import link_text, page_text

NEVER = re.compile(
    r"pump|pain|refill|spinal|medic|dose|patient|bomba|dolor|recarga|paciente", re.IGNORECASE
)
LINK = "https://line.example/frontdesk/tickets/12"


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_holds_a_ticket_link_and_nothing_of_the_patient(language: str) -> None:
    text = page_text(language, "Dr. Fura's clinic", 12, LINK)
    assert text.endswith(LINK)
    assert " 12 " in text
    assert not NEVER.search(text.removesuffix(LINK))


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_fits_into_one_text_message(language: str) -> None:
    # 70 characters are one part where a letter is outside the GSM alphabet, else 160.
    text = page_text(language, "Dr. Fura's clinic", 1234, LINK)
    assert len(text) <= (160 if _in_gsm_alphabet(text) else 70)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_link_that_a_caller_asked_for_says_nothing_else_and_how_to_stop(language: str) -> None:
    text = link_text(language, "Dr. Fura's clinic", "https://drfura.example/guide", "+15125550100")
    assert not NEVER.search(text)
    assert "CANCEL" not in text.upper()
    assert re.search(r"\b9 (or|o) STOP\b", text)
    assert len(text) <= 160
    assert _in_gsm_alphabet(text)


def test_a_language_that_nobody_wrote_is_refused() -> None:
    with pytest.raises(KeyError):
        page_text("fr", "Dr. Fura's clinic", 12, LINK)
    with pytest.raises(KeyError):
        link_text("fr", "Dr. Fura's clinic", LINK, "+15125550100")


def _in_gsm_alphabet(text: str) -> bool:
    letters = set("@£$¥èéùìòÇØøÅåÆæßÉ!\"#¤%&'()*+,-./0123456789:;<=>?¡ÄÖÑÜ§¿äöñüà \n_")
    return all(letter in letters or (letter.isascii() and letter.isalpha()) for letter in text)
