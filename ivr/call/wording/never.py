"""What the line never says, as patterns: docs/explanation/caller-safety.md has the list.

A pattern cannot understand a sentence, so each is wide: a sentence that it finds by mistake is
worded otherwise, or the pattern is narrowed here, where a reviewer sees it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

NEVER: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "diagnoses": (
            r"\byou (may|might|could|must|probably|seem to)? ?(have|be having|suffer) (an?|the) ",
            r"sounds like",
            r"\bdiagnos",
            r"\bit (is|may be|could be) (just |only )?an? \w+",
        ),
        "reassures": (
            r"\b(do not|don't|no need to) (worry|panic)",
            r"\b(fine|harmless|normal|nothing serious|all right|calm|probably)\b",
            r"\b(will be|are) okay\b",
        ),
        "explains an alarm": (
            r"\b(alarm|beep\w*|tones?) (means?|is|sounds|tells?|says?)\b",
            r"\b(reservoir|battery|motor stall)\b",
        ),
        "speaks of doses": (
            r"\bdos(e|es|age|ing)\b",
            r"\b(mg|mcg|milligrams?|micrograms?|bolus|tablets?|pills?)\b",
            r"\b(take|stop taking|skip) (an?|more|less|your med\w+|the med\w+)\b",
        ),
        "says MRI is safe": (r"\bsafe(ly)?\b", r"\bMRI (is|are|can|will be) "),
        "says it is not urgent": (
            r"(\bnot|n't|\bless|\bhardly) (an? |be |look |sound )*(urgent|emergency|serious)\b",
            r"\bcan wait\b",
        ),
        "invites CANCEL": (r"\b(reply|text|send|answer with)\b.*\bcancel",),
    },
    "es": {
        "diagnoses": (
            r"\busted (puede |podría |debe )?(tiene|tener|padece|sufre)\b",
            r"\bparece (un|una|que)\b",
            r"\bdiagn[oó]stic",
            r"\b(es|puede ser|se trata de) (solo )?(un|una) ",
        ),
        "reassures": (
            r"\bno se preocupe|\btranquil|\bcalma\b|\bno es nada\b",
            r"\btodo (está|estará|va) |\bestará bien\b",
            r"\bnormal\b|\bprobablemente\b|\binofensiv",
        ),
        "explains an alarm": (
            r"\b(alarma|pitidos?|tonos?) (significa|indica|quiere decir|es|son|suena)\b",
            r"\b(depósito|reservorio|batería|pila)\b",
        ),
        "speaks of doses": (
            r"\bdosis\b",
            r"\b(mg|mcg|miligramos?|microgramos?|bolo|pastillas?|tabletas?)\b",
            r"\b(tome|deje de tomar|no tome) (un|una|más|menos|su medic\w+|la medic\w+)\b",
        ),
        "says MRI is safe": (r"\bsegur[oa]s?\b", r"\bresonancia (es|puede|está|será) "),
        "says it is not urgent": (
            r"\bno (es|parece|sea|suena) (una )?(urgente|urgencia|emergencia|grave|peligros\w+)",
            r"\bpuede esperar\b",
        ),
        "invites CANCEL": (r"\b(responda|conteste|envíe|mande)\b.*\bcancel",),
    },
}
"""Language → rule → what breaks it, wherever on the line it is said."""

THINNERS = r"blood thin|anticoagul|warfarin|aspirin|clopidogrel|plavix|eliquis"
INSTRUCTED = {
    "en": r"as instructed by (dr\.|doctor) fura",
    "es": r"según (lo indicado por el|las indicaciones del) (dr\.|doctor) fura",
}

PRIVATE = (
    r"pump|refill|\bpain|spin(e|al)|implant|medic|dos(e|is|age)|patient|clinician|anesthes|neuro|"
    r"oncolog|psychiatr|orthop|surg|bomba|recarga|relleno|dolor|columna|médula|paciente|anestesi|"
    r"psiquiatr|ortop|cirug"
)
"""What a text or a voicemail never has in it: a lock screen is read by anybody."""


def breaks(text: str, language: str) -> list[str]:
    """The rules that a sentence of the line breaks."""
    found = [
        rule
        for rule, patterns in NEVER[language].items()
        if any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
    ]
    thinners = re.search(THINNERS, text, re.IGNORECASE)
    if thinners and not re.search(INSTRUCTED[language], text, re.IGNORECASE):
        found.append("blood thinners without Dr. Fura")
    return found


def gives_away(text: str) -> bool:
    """Whether a text says what it is about to whoever sees the lock screen."""
    return bool(re.search(PRIVATE, text, re.IGNORECASE))
