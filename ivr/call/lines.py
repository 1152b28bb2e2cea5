"""Every clinic's phone line, made of its files and checked."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.call.actions import action_outcomes
from ivr.call.checks import require_sound
from ivr.call.flow import FLOW
from ivr.call.prompts import load_prompts
from ivr.call.turn import Line
from ivr.clinics.definition import ClinicFile


def lines_of(
    clinics: Mapping[str, ClinicFile], *, link_base: str, secret: bytes = b""
) -> Mapping[str, Line]:
    """Number called → its line, every one of them checked; link_base, secret: see Line.

    Raises FlowUnsound, or ValueError where there is no clinic.
    """
    if not clinics:
        raise ValueError("there is no clinic.toml below CLINICS_DIR: set it to your folder")
    lines = {}
    for clinic in clinics.values():
        prompts = load_prompts(
            clinic.content_dir, constants=clinic.spoken_constants(), zone=clinic.timezone
        )
        require_sound(FLOW, prompts, action_outcomes())
        lines[clinic.numbers.line] = Line(clinic, FLOW, prompts, link_base, secret)
    return lines
