"""The telephone line of `make voice` does to a sound what it says it does."""

from __future__ import annotations

import math

import pytest

from tests.voice import line_noise
from tests.voice.line_noise import RATE, decoded, encoded


def _tone(hertz: float, rate: int, seconds: float = 1.0, loud: float = 0.5) -> list[float]:
    return [loud * math.sin(2 * math.pi * hertz * i / rate) for i in range(round(rate * seconds))]


def test_mu_law_keeps_every_sample_within_the_error_of_its_step() -> None:
    for sample in range(-32_635, 32_636, 7):
        # 16 steps in each doubling: half a step is 1/32 of what it measures, bias included.
        assert abs(decoded(encoded(sample)) - sample) <= (abs(sample) + 132) / 32 + 1


@pytest.mark.parametrize(
    ("sample", "byte"), [(0, 0xFF), (32_767, 0x80), (-32_768, 0x00), (132, 0xEF), (-132, 0x6F)]
)
def test_mu_law_bytes_are_those_of_g711(sample: int, byte: int) -> None:
    assert encoded(sample) == byte


def test_every_mu_law_byte_survives_being_decoded_and_encoded() -> None:
    lasting = [byte for byte in range(256) if encoded(decoded(byte)) == byte]
    assert lasting == [byte for byte in range(256) if byte != 0x7F]  # the other zero


@pytest.mark.parametrize("snr_db", [20.0, 10.0, 0.0])
def test_noise_lies_as_far_below_the_speech_as_asked(snr_db: float) -> None:
    speech = _tone(1_000, RATE)
    noisy = line_noise.with_noise(speech, snr_db, "seed")
    noise = [a - b for a, b in zip(noisy, speech, strict=True)]
    power = sum(sample * sample for sample in noise) / len(noise)
    assert line_noise.level_db(speech) - 10 * math.log10(power) == pytest.approx(snr_db, abs=0.01)


def test_pauses_do_not_make_the_speech_count_as_quieter() -> None:
    speech = _tone(1_000, RATE)
    with_pause = [*speech, *([0.0] * RATE * 3)]
    assert line_noise.level_db(with_pause) == pytest.approx(line_noise.level_db(speech), abs=0.1)


def test_the_same_seed_makes_the_same_noise_and_another_another() -> None:
    speech = _tone(500, 16_000, 0.2)
    first, again, other = (
        line_noise.telephone(speech, 16_000, 10, seed) for seed in ("one", "one", "two")
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050])
def test_only_the_telephones_band_gets_through(rate: int) -> None:
    def passed(hertz: float) -> float:
        sound = _tone(hertz, rate)
        heard = line_noise.narrow_band(sound, rate)
        return line_noise.level_db(heard[400:-400]) - line_noise.level_db(sound)

    assert passed(1_000) == pytest.approx(0, abs=0.2)
    assert passed(2_500) == pytest.approx(0, abs=0.2)
    assert passed(80) < -20
    if rate > RATE:
        assert passed(5_000) < -35


def test_nothing_clips_however_loud_the_voice_and_the_noise() -> None:
    heard = line_noise.telephone(_tone(700, RATE, loud=1.0), RATE, -25, "seed")
    assert max(map(abs, heard)) <= 1.02 * line_noise.PEAK


def test_silence_stays_silence() -> None:
    assert set(line_noise.telephone([0.0] * 800, RATE, 10, "seed")) == {0.0}
