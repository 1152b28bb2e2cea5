"""What a telephone line does to a voice: its narrow band, noise, and G.711 mu-law. Pure.

Sound is a list of samples from -1.0 to 1.0. Plain Python, so that its test needs no package.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import cache
from operator import mul

RATE = 8_000
LOW_HZ, HIGH_HZ = 300, 3_400

# Speech on the telephone network lies near here, in dB below full scale.
SPEECH_DB = -26.0
# The louder of speech and noise must leave room: mu-law ends at full scale.
PEAK = 0.95

_FRAME = RATE // 50
_PAUSE_DB = 30.0  # a frame this far below the loudest is a pause, and does not count as speech
_SILENCE_S = 0.3  # of line noise before and after the words
_BIAS, _CLIP = 132, 32_635


def telephone(samples: Sequence[float], rate: int, snr_db: float, seed: str) -> list[float]:
    """What the far end hears of `samples`, at RATE. rate: theirs, in Hz.

    snr_db: the speech's level above the noise's, pauses not counted. The same seed makes the same
    noise.
    """
    speech = at_level(narrow_band(samples, rate), SPEECH_DB)
    silence = [0.0] * round(_SILENCE_S * RATE)
    speech = [*silence, *speech, *silence]
    noisy = with_noise(speech, snr_db, seed)
    peak = max(map(abs, noisy), default=0.0)
    return mu_law([sample * min(1.0, PEAK / peak) for sample in noisy] if peak else noisy)


def narrow_band(samples: Sequence[float], rate: int) -> list[float]:
    """The sound at RATE, with only LOW_HZ to HIGH_HZ left. rate: in Hz, RATE or more."""
    common = math.gcd(rate, RATE)
    up, down = RATE // common, rate // common
    phases = _low_pass(up, rate)
    width = len(phases[0])
    padded = [*([0.0] * (width // 2)), *samples, *([0.0] * width)]
    low = []
    for i in range(len(samples) * up // down):
        whole, phase = divmod(i * down, up)
        low.append(sum(map(mul, phases[phase], padded[whole : whole + width])))
    return _high_pass(low)


@cache
def _low_pass(up: int, rate: int) -> tuple[tuple[float, ...], ...]:
    """Windowed sinc, cut at HIGH_HZ: the weights for each of `up` places between two samples."""
    half = math.ceil(rate * 0.003)
    cut = 2 * HIGH_HZ / rate
    phases = []
    for phase in range(up):
        weights = []
        for tap in range(-half, half + 1):
            x = tap - phase / up
            sinc = 1.0 if x == 0 else math.sin(math.pi * cut * x) / (math.pi * cut * x)
            weights.append(cut * sinc * (0.5 + 0.5 * math.cos(math.pi * x / (half + 1))))
        phases.append(tuple(weights))
    return tuple(phases)


def _high_pass(samples: Sequence[float]) -> list[float]:
    """Butterworth of the second order at LOW_HZ."""
    k = math.tan(math.pi * LOW_HZ / RATE)
    scale = 1 / (1 + math.sqrt(2) * k + k * k)
    a1, a2 = 2 * (k * k - 1) * scale, (1 - math.sqrt(2) * k + k * k) * scale
    x1 = x2 = y1 = y2 = 0.0
    out = []
    for x in samples:
        y = scale * (x - 2 * x1 + x2) - a1 * y1 - a2 * y2
        x1, x2, y1, y2 = x, x1, y, y1
        out.append(y)
    return out


def level_db(samples: Sequence[float]) -> float:
    """Level of the speech in dB below full scale, pauses not counted; -inf for silence."""
    frames = [
        sum(sample * sample for sample in samples[start : start + _FRAME]) / _FRAME
        for start in range(0, len(samples), _FRAME)
    ]
    loudest = max(frames, default=0.0)
    if not loudest:
        return -math.inf
    spoken = [power for power in frames if power >= loudest * 10 ** (-_PAUSE_DB / 10)]
    return 10 * math.log10(sum(spoken) / len(spoken))


def at_level(samples: Sequence[float], wanted_db: float) -> list[float]:
    """The same sound, its speech at this level; silence stays silence."""
    level = level_db(samples)
    if level == -math.inf:
        return list(samples)
    gain = 10 ** ((wanted_db - level) / 20)
    return [gain * sample for sample in samples]


def with_noise(speech: Sequence[float], snr_db: float, seed: str) -> list[float]:
    """Speech at RATE with noise added, snr_db below it."""
    noise = pink_noise(len(speech), seed)
    power = sum(sample * sample for sample in noise) / max(1, len(noise))
    level = level_db(speech)
    if not power or level == -math.inf:
        return list(speech)
    gain = 10 ** ((level - snr_db) / 20) / math.sqrt(power)
    return [sample + gain * other for sample, other in zip(speech, noise, strict=True)]


def pink_noise(length: int, seed: str) -> list[float]:
    """Noise that falls 3 dB an octave, as rooms and traffic do, within the telephone's band.

    Paul Kellet's filter, the economy one. Its level is whatever comes of it.
    """
    source = random.Random(seed)
    low = middle = high = 0.0
    pink = []
    for _ in range(length):
        white = source.gauss(0.0, 1.0)
        low = 0.99765 * low + 0.0990460 * white
        middle = 0.96300 * middle + 0.2965164 * white
        high = 0.57000 * high + 1.0526913 * white
        pink.append(low + middle + high + 0.1848 * white)
    return _high_pass(pink)


def mu_law(samples: Sequence[float]) -> list[float]:
    """Through G.711 mu-law and back: eight bits a sample."""
    return [decoded(encoded(round(sample * 32_767))) / 32_767 for sample in samples]


def encoded(sample: int) -> int:
    """A 16-bit sample as a mu-law byte."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), _CLIP) + _BIAS
    exponent = magnitude.bit_length() - 8
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return ~(sign | exponent << 4 | mantissa) & 0xFF


def decoded(byte: int) -> int:
    """A mu-law byte as a 16-bit sample."""
    byte = ~byte & 0xFF
    exponent, mantissa = byte >> 4 & 7, byte & 0x0F
    magnitude = (((mantissa << 3) + _BIAS) << exponent) - _BIAS
    return -magnitude if byte & 0x80 else magnitude
