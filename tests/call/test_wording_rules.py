"""What a new wording of a prompt must keep to, and which prompts a clinician signs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from ivr.call.actions import action_outcomes
from ivr.call.flow import FLOW
from ivr.call.nodes import Menu
from ivr.call.prompts import LANGUAGES, OWN, PROCEDURE, Prompts, groups
from ivr.call.speak import SPEAKERS
from ivr.call.wording import lengths, never, rules, samples
from ivr.call.wording.audio import MP3, WAV, NotTaken, recording
from ivr.call.wording.safety import safety_prompts
from ivr.call.wording_checks import prompt_keys
from ivr.frontdesk.prompt_book import GROUP
from tests.call.sounds import MP3_FRAME, mp3, wav
from tests.product import demo_clinic

LONG = "word " * 80


def found(prompts: Prompts, key: str, **texts: str) -> set[tuple[str, str | None]]:
    """Kind and language of each finding. texts: what is worded otherwise than in the files."""
    own = {one: prompts.text(key, one) for one in samples.languages_of(prompts, key)}
    findings = rules.findings(FLOW, action_outcomes(), prompts, prompts, key, {**own, **texts})
    return {(one.kind, one.language) for one in findings}


def test_every_wording_of_the_files_keeps_to_the_rules(prompts: Prompts) -> None:
    for key in prompt_keys(FLOW):
        texts = {one: prompts.text(key, one) for one in samples.languages_of(prompts, key)}
        for language, text in texts.items():
            assert list(rules._in_one_language(prompts, key, language, text)) == [], key
    assert found(prompts, "welcome") == set()
    assert found(prompts, "main.spanish") == set()


@pytest.mark.parametrize(
    ("key", "language", "text", "kind"),
    [
        ("silence", "en", "  ", "empty"),
        ("silence", "es", "", "empty"),
        ("silence", "en", "Say it again. " * 50, "characters"),
        ("silence", "en", "I did not <b>hear</b> you.", "unreadable"),
        ("silence", "en", "I did not\x07 hear you.", "unreadable"),
        ("welcome", "en", "This is {clinic", "braces"),
        ("welcome", "en", "This is {clinic!r} and {clinic}.", "braces"),
        ("welcome", "en", "This is {clinic} {0}.", "braces"),
        ("booked", "es", "Cita reservada: al número terminado en {phone_ending}.", "missing"),
        ("silence", "es", "No le escuché en {clinic}.", "unknown"),
        ("silence", "en", LONG, "too_long"),
        ("main.appointments", "es", "Para " + LONG, "too_long"),
        ("emergency", "es", "En caso de emergencia, cuelgue ahora y marque 9 1 1.", "too_long"),
        ("whisper_alarm", "en", "A pump alarm, or else a refill that was missed by far." * 4,
         "too_long"),
        ("emergency_again", "en", "If anybody is in danger, hang up and call for help.", "digits"),
        ("urgent_danger", "en", "Hang up and dial 9 1 1. I will ring our staff.", "digits"),
        ("whisper_keys", "en", "Press 3 to accept, 2 to pass.", "keys"),
        ("zero", "es", "Para hablar con una persona, oprima 7.", "keys"),
        ("silence", "en", "I did not hear you. For urgent help, press 4.", "keys"),
        ("option", "en", "Press {key}: {label}.", "label_first"),
        ("silence", "en", "That sounds like an infection.", "diagnoses"),
        ("silence", "es", "No se preocupe.", "reassures"),
        ("silence", "en", "The alarm means that your pump runs low.", "explains an alarm"),
        ("silence", "es", "Siga con su dosis de siempre.", "speaks of doses"),
        ("silence", "en", "An MRI is possible. It is safe.", "says MRI is safe"),
        ("silence", "es", "No es urgente.", "says it is not urgent"),
        ("silence", "en", "Reply CANCEL to give back your visit.", "invites CANCEL"),
        ("silence", "en", "Stop blood thinners.", "blood thinners without Dr. Fura"),
    ],
)  # fmt: skip
def test_a_wording_that_breaks_a_rule_is_found(
    prompts: Prompts, key: str, language: str, text: str, kind: str
) -> None:
    assert (kind, language) in found(prompts, key, **{language: text})


def test_the_checks_of_the_start_up_are_run_on_the_wording_with_the_change_in_it(
    prompts: Prompts,
) -> None:
    broken = replace(prompts, spoken_words={**prompts.spoken_words, "en": {}})
    own = {one: prompts.text("silence", one) for one in LANGUAGES}
    kinds = {
        one.kind for one in rules.findings(FLOW, action_outcomes(), prompts, broken, "silence", own)
    }
    assert kinds == {"unsound"}


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("silence", {"en": "Sorry, I heard nothing.", "es": "Perdone, no oí nada."}),
        ("main", {"en": "How can we help?", "es": "¿En qué podemos ayudarle?"}),
        ("welcome", {"en": "You have reached {clinic}."}),
        ("whisper_keys", {"en": "Press 1 and the call is yours, 2 to pass."}),
        ("same_day_promised", {}),
    ],
)
def test_an_honest_change_is_taken(prompts: Prompts, key: str, texts: Mapping[str, str]) -> None:
    assert found(prompts, key, **texts) == set()


def test_a_finding_about_length_says_how_many_words_are_too_many(prompts: Prompts) -> None:
    own = {"en": "one " * 60, "es": prompts.text("silence", "es")}
    (one,) = rules.findings(FLOW, action_outcomes(), prompts, prompts, "silence", own)
    assert one.values["limit"] == "20"
    assert float(one.values["seconds"]) >= 24
    assert int(one.values["words"]) >= 10


def test_every_rule_of_the_never_say_list_has_its_sentence() -> None:
    rules_of_the_list = set(never.NEVER["en"])
    assert rules_of_the_list == set(never.NEVER["es"])
    assert rules_of_the_list | {"blood thinners without Dr. Fura"} <= set(rules.SENTENCES)


def test_what_no_longer_fits_the_files_is_spoken_as_they_have_it(prompts: Prompts) -> None:
    changes = {
        "silence": {"en": "Nothing heard.", "es": "No oí nada."},
        "welcome": {"en": "Welcome.", "es": "Bienvenido."},
        "no_such": {"en": "x", "es": "x"},
        "goodbye": {"en": "Goodbye from {clinic}."},
    }
    fits = rules.fitting(FLOW, action_outcomes(), prompts, changes)
    assert fits.text("silence", "en") == "Nothing heard."
    for key in ("welcome", "goodbye"):
        assert fits.text(key, "en") == prompts.text(key, "en")


def test_two_wordings_that_are_too_long_together_do_not_both_count(prompts: Prompts) -> None:
    padding = "and everything that belongs to it and all the rest besides of it"
    labels = [f"appointments.{one}" for one in ("book", "refill", "visits")]
    changes = {
        key: {one: f"{prompts.text(key, one)} {padding}" for one in LANGUAGES} for key in labels
    }
    fits = rules.fitting(FLOW, action_outcomes(), prompts, changes)
    taken = [key for key in labels if padding in fits.text(key, "en")]
    assert 0 < len(taken) < len(labels)
    assert all(
        one.seconds <= 20 for one in lengths.heard(FLOW, fits) if one.where == "appointments"
    )


# What is a matter of safety.


def test_whatever_says_911_or_leads_to_urgent_help_is_a_matter_of_safety(prompts: Prompts) -> None:
    why = safety_prompts(FLOW, prompts)
    assert why["emergency"] == why["too_long"] == why["urgent_promised"] == "says_911"
    assert why["main.urgent"] == why["person.urgent"] == why["urgent_ring"] == "urgent_path"
    assert why["part.now"] == why["main"] == why["refill_overdue"] == "urgent_path"
    assert why["whisper_keys"] == why["staff_free"] == "staff"
    assert why["risks.common"] == why["preparing.thinners"] == "clinical"
    assert why["option"] == why["zero"] == "everywhere"
    for language in LANGUAGES:
        for key in prompt_keys(FLOW):
            if "9 1 1" in prompts.texts[language].get(key, ""):
                assert key in why, key


def test_all_that_is_told_of_the_pump_is_a_matter_of_safety(prompts: Prompts) -> None:
    told = groups(demo_clinic().content_dir)[PROCEDURE]
    assert set(told) <= set(safety_prompts(FLOW, prompts))


def test_what_only_arranges_things_is_not(prompts: Prompts) -> None:
    plain = {"silence", "welcome", "goodbye", "booked", "hours", "directions", "ask_name"}
    assert not plain & set(safety_prompts(FLOW, prompts))


def test_every_prompt_belongs_to_one_file(prompts: Prompts) -> None:
    by_file = groups(demo_clinic().content_dir)
    listed = [key for keys in by_file.values() for key in keys]
    assert len(listed) == len(set(listed))
    assert set(prompt_keys(FLOW)) == set(listed)
    assert set(by_file) == set(GROUP)
    assert "emergency" in by_file[OWN]


def test_every_prompt_has_an_example_to_hear(prompts: Prompts) -> None:
    for key in prompt_keys(FLOW):
        for language in samples.languages_of(prompts, key):
            assert "{" not in samples.example(key, language, prompts), key
    assert samples.example("confirm_number", "en", prompts) == ("I have 5 1 2, 5 5 5, 0 1 4 2.")


def test_every_fact_that_a_prompt_speaks_of_has_an_example() -> None:
    spoken_of = {fact for fact, _ in SPEAKERS.values()}
    assert spoken_of - set(samples.FACTS) == set()
    choices = [one for node in FLOW.nodes if isinstance(node, Menu) for one in node.choices]
    needed = {one.needs for one in choices} | {getattr(node, "needs", None) for node in FLOW.nodes}
    assert needed - set(samples.FACTS) - {None} == set()


def test_what_is_spoken_inside_of_others_counts_where_they_are_heard(prompts: Prompts) -> None:
    within = {one.where: one.within for one in lengths.heard(FLOW, prompts)}
    assert {"urgent_promised", "emergency_again"} <= within["urgent_promised"]
    assert {"appointments.book", "option"} <= within["appointments"]
    assert {"visit_name_first.refill", "standing.booked"} <= within["your_visit"]


# Recordings.


def test_a_wav_and_an_mp3_are_told_by_their_bytes() -> None:
    spoken = recording(wav(2.5, rate=16000))
    assert (spoken.content_type, spoken.seconds) == (WAV, 2.5)
    pressed = recording(mp3(100))
    assert pressed.content_type == MP3
    assert pressed.seconds == pytest.approx(2.61, abs=0.01)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "none"),
        (b"\0" * (2 * 1024 * 1024 + 1), "too_big"),
        (b"<html>a page that calls itself an MP3</html>", "not_audio"),
        (b"ID3\x04\x00\x00\x00\x00\x7f\x7f", "not_audio"),
        (MP3_FRAME * 2, "not_audio"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "not_audio"),
        (wav(1.0)[:2000], "broken"),
        (wav(0), "broken"),
        (wav(0.1, rate=96000), "rate"),
        (wav(0.1, rate=4000), "rate"),
        (wav(0.1, channels=5), "channels"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_played_is_not_taken(data: bytes, reason: str) -> None:
    with pytest.raises(NotTaken) as refused:
        recording(data)
    assert refused.value.reason == reason


def test_only_what_is_said_for_itself_and_always_the_same_is_recorded(prompts: Prompts) -> None:
    recorded = {key for key in prompt_keys(FLOW) if rules.may_be_recorded(FLOW, prompts, key)}
    assert {"emergency", "urgent", "silence", "risks.common", "whisper_alarm"} <= recorded
    assert not {"welcome", "main.urgent", "option", "standing.booked", "staff_number"} & recorded


def test_a_recording_counts_with_what_is_heard_beside_it(prompts: Prompts) -> None:
    def kinds(key: str, language: str, seconds: float) -> list[str]:
        return [one.kind for one in rules.recording_findings(FLOW, prompts, key, language, seconds)]

    assert kinds("still_waiting", "en", 19.9) == []
    assert kinds("risks.common", "es", 19.9) == ["too_long"]
    assert kinds("emergency", "es", 2.5) == ["too_long"]
    assert kinds("emergency", "en", 5.9) == []
