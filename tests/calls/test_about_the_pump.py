"""Callers hear everything of the pump in short parts, leave it anywhere, and have it texted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.app import create_app
from ivr.call.flow import TOPICS
from ivr.call.prompts import LANGUAGES, Prompts, load_prompts
from scheduling.database import Database
from tests.calls.test_booking_by_phone import TO_THE_SLOTS
from tests.calls.town import NO_TEXTS, Town, open_town
from tests.clinics.files import clinic_file
from tests.clock import MONDAY_MORNING, MONDAY_NIGHT, ManualClock
from tests.product import LINE, PATIENT, Product, demo_clinic, incoming, settings_for

ABOUT = "3"
TO_TOPIC = {
    "overview": ("1",),
    "procedure": ("2",),
    "benefits": ("3",),
    "risks": ("4", "1"),
    "preparing": ("4", "2"),
    "recovery": ("4", "3"),
    "calling": ("4", "4"),
}
"""The keys from the menu of topics."""
SPANISH = {"en": (), "es": ("9",)}
EVERY_PART = [f"{topic}.{part}" for topic, parts in TOPICS.items() for part in parts]
LINK = "https://drfura.example/guide"
ENGLISH_TEXT = (
    f"Dr. Fura's clinic: your link: {LINK} Our phone: {LINE}. Reply 9 or STOP to opt out."
)
SPANISH_TEXT = (
    f"Dr. Fura's clinic: su enlace: {LINK} Tel. {LINE}. Responda 9 o STOP para no recibir textos."
)


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    """The demo clinic's wording."""
    clinic = demo_clinic()
    return load_prompts(
        clinic.content_dir, constants=clinic.spoken_constants(), zone=clinic.timezone
    )


def texts_at(town: Town, number: str = PATIENT) -> list[str]:
    """What arrived at a telephone after the worker has looked once."""
    town.let_the_worker_work()
    return [text.body for text in town.company.sms_inbox(number) if text.direction == "in"]


def tasks(town: Town) -> list[tuple[str, str]]:
    """The desk's list: kind and note."""
    rows = town.product.rows("SELECT kind, note FROM desk_task ORDER BY created_at")
    return [(row["kind"], row["note"]) for row in rows]


# Hearing it. What is heard stands in no database, so the walks take place on SQLite alone.


@pytest.fixture
def walk(sqlite_url: str) -> Iterator[Town]:
    """A town to walk through the menus in."""
    with open_town(sqlite_url) as town:
        yield town


@pytest.mark.parametrize("language", LANGUAGES)
def test_key_1_leads_through_every_part_of_every_topic(
    walk: Town, prompts: Prompts, language: str
) -> None:
    call = walk.call(*SPANISH[language], ABOUT, *TO_TOPIC["overview"])
    for part in EVERY_PART:
        assert call.heard.startswith(prompts.text(part, language)), part
        # The last topic is when to call the doctor: there 1 is the urgent line.
        call.press("2" if part.startswith("calling.") else "1")
    assert walk.company.refused == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_topic_begins_by_its_own_keys(walk: Town, prompts: Prompts, language: str) -> None:
    call = walk.call(*SPANISH[language], ABOUT)
    for topic, keys in TO_TOPIC.items():
        call.press(*keys)
        assert call.heard.startswith(first_part(prompts, topic, language))
        call.press("3")


SAID = {
    "en": {
        "what is a pain pump": "overview",
        "tell me about the procedure": "procedure",
        "the benefits please": "benefits",
        "what are the risks": "risks",
        "how do I prepare": "preparing",
        "recovery": "recovery",
        "when should I call": "calling",
    },
    "es": {
        "qué es la bomba": "overview",
        "el procedimiento": "procedure",
        "los beneficios por favor": "benefits",
        "cuáles son los riesgos": "risks",
        "cómo me preparo": "preparing",
        "la recuperación": "recovery",
        "cuándo debo llamar": "calling",
    },
}


@pytest.mark.parametrize("keys", [(), ("4",), ("2",)], ids=["topics", "more topics", "a part"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_topic_begins_by_its_name_wherever_topics_are_told(
    walk: Town, prompts: Prompts, language: str, keys: tuple[str, ...]
) -> None:
    call = walk.call(*SPANISH[language], ABOUT, *keys)
    for words, topic in SAID[language].items():
        call.say(words)
        assert call.heard.startswith(first_part(prompts, topic, language)), words
        call.press("3", *keys)


def first_part(prompts: Prompts, topic: str, language: str) -> str:
    """What a topic begins with."""
    return prompts.text(f"{topic}.{TOPICS[topic][0]}", language)


def test_a_part_is_repeated_left_and_gone_back_from_by_voice(walk: Town, prompts: Prompts) -> None:
    call = walk.call(ABOUT, *TO_TOPIC["procedure"])
    for words, part in (
        ("next", "procedure.catheter"),
        ("say that again", "procedure.catheter"),
        ("repeat", "procedure.catheter"),
        ("go on please", "procedure.pocket"),
        ("go back", "procedure.catheter"),
        ("previous", "procedure.trial"),
    ):
        call.say(words)
        assert call.heard.startswith(prompts.text(part, "en")), words
    call.say("other topics")
    assert call.heard.startswith("About the pain pump.")


def test_star_repeats_a_part_and_twice_goes_back(walk: Town, prompts: Prompts) -> None:
    call = walk.call(ABOUT, *TO_TOPIC["risks"], "1", "*")
    assert call.heard.startswith(prompts.text("risks.common", "en"))
    call.press("*")
    assert call.heard.startswith(prompts.text("risks.any", "en"))


@pytest.mark.parametrize("topic", TOPICS)
def test_a_consultation_may_be_asked_for_at_any_part_and_left_again(
    walk: Town, prompts: Prompts, topic: str
) -> None:
    call = walk.call(ABOUT, *TO_TOPIC[topic])
    for part in TOPICS[topic]:
        if (topic, part) == ("calling", "infection"):
            # Its four keys hold the urgent line; booking is one part further, or a word.
            call.say("book a consultation")
        else:
            call.press("2")
        assert call.heard.startswith("Please say your first and last name."), part
        call.press("*", "*")
        assert call.heard.startswith(prompts.text(f"{topic}.{part}", "en"))
        call.press("2" if topic == "calling" else "1")


def test_a_consultation_is_booked_from_a_part(town: Town) -> None:
    call = town.call(ABOUT, *TO_TOPIC["benefits"], "1", "2", *TO_THE_SLOTS[2:], "1", "1")
    call.press(NO_TEXTS)
    assert call.heard.startswith("You are booked: ")
    assert town.product.count("visit") == 1


@pytest.mark.parametrize("onward", [(), ("2",)], ids=TOPICS["calling"])
def test_reasons_to_call_the_doctor_lead_to_the_urgent_line_on_one_key(
    town: Town, onward: tuple[str, ...]
) -> None:
    town.call(ABOUT, *TO_TOPIC["calling"], *onward, "1")
    (ticket,) = town.product.rows("SELECT category FROM ticket")
    assert ticket["category"] == "symptom"
    assert town.nurse.ringing


# "Text me this."


def text_me(town: Town, *keys: str, withhold_number: bool = False) -> str:
    """Ask for the text at the first part, press these keys, hang up; what was heard last."""
    call = town.call(ABOUT, "1", "4", *keys, withhold_number=withhold_number)
    heard = call.heard
    call.hang_up()
    return heard


@pytest.mark.parametrize(("language", "text"), [("en", ENGLISH_TEXT), ("es", SPANISH_TEXT)])
def test_who_agrees_gets_the_link_in_neutral_words(town: Town, language: str, text: str) -> None:
    call = town.call(*SPANISH[language], ABOUT, "1", "4")
    assert "5 1 2, 5 5 5, 0 1 4 2" in call.heard
    call.press("1")
    assert "0 1 4 2" in call.heard
    assert texts_at(town) == [text]
    (consent,) = town.product.rows("SELECT number, granted, source FROM text_consent")
    assert (consent["number"], bool(consent["granted"])) == (PATIENT, True)
    assert consent["source"] == call.sid


def test_by_voice_and_back_to_where_the_caller_was(town: Town, prompts: Prompts) -> None:
    call = town.call(ABOUT, *TO_TOPIC["recovery"], "1")
    call.say("text me this please")
    call.say("yes please do")
    assert call.heard.startswith("Thank you. The text goes out now")
    call.say("go on where I was")
    assert call.heard.startswith(prompts.text("recovery.hospital", "en"))
    assert texts_at(town) == [ENGLISH_TEXT]


def test_who_goes_on_and_comes_back_is_not_told_of_the_text_again(
    town: Town, prompts: Prompts
) -> None:
    other = town.company.phone("+15125550177")
    call = town.call(ABOUT, "1", "4", "3", "5125550177", "1", "2", "*", "*")
    assert call.heard.startswith(prompts.text("overview.what", "en"))
    assert texts_at(town, other.number) == [ENGLISH_TEXT]


def test_giving_up_on_another_number_leads_back_to_the_first(town: Town) -> None:
    call = town.call(ABOUT, "1", "4", "3", "*#", "2")
    assert "5 1 2, 5 5 5, 0 1 4 2" in call.heard
    call.press("1")
    assert texts_at(town) == [ENGLISH_TEXT]


@pytest.mark.parametrize("answer", [("2",), (), ("*",)])
def test_without_a_yes_nothing_is_sent_or_noted(town: Town, answer: tuple[str, ...]) -> None:
    text_me(town, *answer)
    assert texts_at(town) == []
    assert town.product.count("text_consent") == town.product.count("outbox_message") == 0


def test_silence_is_no_yes(town: Town) -> None:
    call = town.call(ABOUT, "1", "4")
    for _ in range(3):
        call.stay_silent()
    assert texts_at(town) == []
    assert town.product.count("text_consent") == 0


def test_a_no_leads_back_to_the_part(town: Town, prompts: Prompts) -> None:
    call = town.call(ABOUT, *TO_TOPIC["risks"], "4")
    call.say("no thank you")
    assert call.heard.startswith(prompts.text("risks.any", "en"))


def test_another_number_is_keyed_read_back_and_texted(town: Town) -> None:
    other = town.company.phone("+15125550177")
    call = town.call(ABOUT, "1", "4", "3", "5125550177")
    assert "5 1 2, 5 5 5, 0 1 7 7" in call.heard
    call.press("1")
    assert texts_at(town, other.number) == [ENGLISH_TEXT]
    assert texts_at(town) == []


def test_a_withheld_number_is_asked_for_and_a_no_leads_back_to_the_part(
    town: Town, prompts: Prompts
) -> None:
    call = town.call(ABOUT, "1", "4", withhold_number=True)
    assert call.heard.startswith("Which cell phone should we text?")
    call.press("5125550142")
    call.press("2")
    assert call.heard.startswith(prompts.text("overview.what", "en"))
    call.press("4", "5125550142", "1")
    assert texts_at(town) == [ENGLISH_TEXT]


def test_the_texted_number_does_not_become_where_an_urgent_caller_is_called_back(
    town: Town,
) -> None:
    call = town.call(ABOUT, "1", "4", "3", "5125550177", "1")
    call.say("emergency")
    (ticket,) = town.product.rows("SELECT callback_number FROM ticket")
    assert ticket["callback_number"] == PATIENT


def test_at_night_it_waits_until_eight(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT
    assert "at 8 in the morning" in text_me(town, "1")
    assert texts_at(town) == []
    town.product.clock.now = MONDAY_NIGHT.replace(hour=13, minute=59)
    assert texts_at(town) == []
    town.product.clock.now = MONDAY_NIGHT.replace(hour=14, minute=0)
    assert texts_at(town) == [ENGLISH_TEXT]


def test_one_that_nobody_sent_by_day_is_not_sent_at_night(town: Town) -> None:
    text_me(town, "1")
    town.product.clock.advance(hours=12)
    assert texts_at(town) == []
    town.product.clock.now = MONDAY_MORNING
    town.product.clock.advance(hours=22)
    assert texts_at(town) == [ENGLISH_TEXT]


@pytest.mark.parametrize("word", ["STOP", "9", "Cancel"])
def test_who_opted_out_gets_no_text_until_they_text_start(town: Town, word: str) -> None:
    text_me(town, "1")
    assert len(texts_at(town)) == 1
    town.patient.send_sms(LINE, word)
    before = len(texts_at(town))
    assert text_me(town, "1").startswith("That phone asked us not to send it texts")
    assert len(texts_at(town)) == before
    town.product.clock.advance(minutes=1)
    town.patient.send_sms(LINE, "START")
    assert text_me(town, "1").startswith("Thank you.")
    assert texts_at(town).count(ENGLISH_TEXT) == 2


def test_only_9_is_answered_since_the_carrier_answers_stop(town: Town) -> None:
    town.patient.send_sms(LINE, "STOP")
    assert texts_at(town) == []
    town.patient.send_sms(LINE, "9")
    (reply,) = texts_at(town)
    assert "you will get no more texts from us" in reply


def test_a_text_that_waits_for_the_morning_is_dropped_by_a_stop(town: Town) -> None:
    town.product.clock.now = MONDAY_NIGHT
    text_me(town, "1")
    town.patient.send_sms(LINE, "STOP")
    town.product.clock.advance(hours=6)
    assert texts_at(town) == []


def test_a_number_gets_few_texts_a_day(town: Town) -> None:
    for _ in range(3):
        assert text_me(town, "1").startswith("Thank you.")
        texts_at(town)
    assert text_me(town, "1").startswith("We have sent that many texts today")
    assert texts_at(town) == [ENGLISH_TEXT] * 3
    town.product.clock.advance(hours=25)
    assert text_me(town, "1").startswith("Thank you.")


def test_one_call_causes_few_texts_whatever_numbers_are_keyed(town: Town) -> None:
    call = town.call(ABOUT, "1")
    for last in "123":
        call.press("4", "3", f"512555016{last}", "1")
        assert call.heard.startswith("Thank you.")
        call.press("1")
    call.press("4", "3", "5125550164", "1")
    assert call.heard.startswith("We have sent that many texts today")
    assert town.product.count("outbox_message") == 3


def test_a_text_that_a_landline_cannot_get_goes_to_the_desk_with_the_reason(town: Town) -> None:
    town.company.next_message_fails(30006)
    text_me(town, "1")
    assert texts_at(town) == []
    ((kind, note),) = tasks(town)
    assert kind == "text_failed"
    assert note == (
        "The link that a caller asked for did not arrive. A landline, or a phone whose company "
        "takes no texts (the telephone company's code 30006). Call it, since it may ring all the "
        "same, and ask whether we may call it."
    )


def test_a_clinic_without_a_page_offers_no_text(sqlite_url: str, tmp_path: Path) -> None:
    clinic_file(tmp_path / "demo", (f'page_url = "{LINK}"', ""))
    settings = settings_for(sqlite_url).model_copy(update={"clinics_dir": tmp_path})
    database, clock = Database(sqlite_url), ManualClock()
    app = create_app(settings, clock=clock, database=database)
    product = Product(settings, database, clock, app)
    product.post("/voice/incoming", incoming())
    product.post("/voice/turn/1", incoming(Digits=ABOUT))
    part = product.post("/voice/turn/2", incoming(Digits="1")).get_data(as_text=True)
    assert "For other topics, press 3." in part
    assert "press 4" not in part
    refused = product.post("/voice/turn/3", incoming(Digits="4")).get_data(as_text=True)
    assert "Sorry, I did not understand." in refused
    database.dispose()


def test_what_is_due_to_staff_goes_out_before_a_text_that_waited_longer(town: Town) -> None:
    text_me(town, "1")
    town.call("1", "2").hang_up()
    town.product.clock.advance(minutes=2)
    town.let_the_worker_work()
    sent = town.product.rows("SELECT lane FROM outbox_message WHERE state = 'sent'")
    assert {row["lane"] for row in sent} == {"urgent"}
