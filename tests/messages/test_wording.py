"""A page may be read on a lock screen by anybody."""

from __future__ import annotations

import re

import pytest

from ivr.messages.wording import page_text

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


def test_a_language_that_nobody_wrote_is_refused() -> None:
    with pytest.raises(KeyError):
        page_text("fr", "Dr. Fura's clinic", 12, LINK)


def _in_gsm_alphabet(text: str) -> bool:
    letters = set("@£$¥èéùìòÇØøÅåÆæßÉ!\"#¤%&'()*+,-./0123456789:;<=>?¡ÄÖÑÜ§¿äöñüà \n_")
    return all(letter in letters or (letter.isascii() and letter.isalpha()) for letter in text)
