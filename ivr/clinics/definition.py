"""A clinic.toml: what a clinic is, read and checked in full before anything is loaded from it.

Whoever edits the file is told everything that is wrong with it at once: the place, what is wrong
and what to write instead.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PrivateAttr, ValidationError

from ivr.clinics.across import faults_across
from ivr.clinics.faults import Fault, faults_of, in_words, unreadable
from ivr.clinics.opening import ClosureSection, ExtraSessionSection, sessions_of
from ivr.clinics.sections import (
    ClinicSection,
    DeskSection,
    NumbersSection,
    OnCallSection,
    OnCallShiftSection,
    ProviderSection,
    RoomSection,
    VisitTypeSection,
    VoicesSection,
)
from ivr.clinics.values import Section
from scheduling.definition import ClinicDefinition
from scheduling.hours import zone_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FILE_NAME = "clinic.toml"
"""Each clinic has a folder of its own with this file and its sentences (see call.prompts)."""


class ClinicFileError(Exception):
    """One or more clinic files cannot be used. The text is ready to be shown to a person."""

    def __init__(self, faults: Mapping[Path, Sequence[str]]) -> None:
        self.faults = {path: tuple(lines) for path, lines in faults.items()}
        parts = []
        for path, lines in self.faults.items():
            things = "1 thing" if len(lines) == 1 else f"{len(lines)} things"
            parts.append(f"{path}: {things} to correct\n" + "\n".join(f"  {x}" for x in lines))
        super().__init__("\n".join(parts))


class ClinicFile(Section):
    """One clinic as its file describes it."""

    clinic: ClinicSection
    numbers: NumbersSection
    voices: VoicesSection
    desk: DeskSection
    providers: Annotated[tuple[ProviderSection, ...], Field(min_length=1)]
    rooms: tuple[RoomSection, ...] = ()
    visit_types: Annotated[tuple[VisitTypeSection, ...], Field(min_length=1)]
    on_call: Annotated[tuple[OnCallSection, ...], Field(min_length=1)]
    on_call_shifts: tuple[OnCallShiftSection, ...] = ()
    closures: tuple[ClosureSection, ...] = ()
    extra_sessions: tuple[ExtraSessionSection, ...] = ()

    _path: Path = PrivateAttr()
    _text: str = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Keep the path, which stands outside the file, and the text, which knows the lines."""
        self._path = context["path"]
        self._text = context["text"]

    @property
    def id(self) -> str:
        """The slug that every row of this clinic carries."""
        return self.clinic.id

    @property
    def name(self) -> str:
        """As staff and text messages see it."""
        return self.clinic.name

    @property
    def timezone(self) -> str:
        """IANA name of the clinic's zone."""
        return self.clinic.timezone

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return self._path

    @property
    def content_dir(self) -> Path:
        """The folder with the clinic's own sentences."""
        return self._path.parent

    def spoken_constants(self) -> dict[str, dict[str, str]]:
        """Language → what the sentences' {clinic} and {address} stand for in every call."""
        spoken = self.clinic
        return {
            "en": {"clinic": spoken.spoken_name.en, "address": spoken.address.en},
            "es": {"clinic": spoken.spoken_name.es, "address": spoken.address.es},
        }

    def to_definition(self) -> ClinicDefinition:
        """The part that scheduling stores; local times of closures have become UTC."""
        zone = zone_of(self.clinic.timezone)
        return ClinicDefinition(
            id=self.clinic.id,
            name=self.clinic.name,
            timezone=self.clinic.timezone,
            phone_number=self.numbers.line,
            holidays_region=self.clinic.holidays_region,
            observes_holidays=self.clinic.observes_holidays,
            desk_hours=sessions_of(self.desk.hours),
            providers=tuple(one.to_definition() for one in self.providers),
            rooms=tuple(one.to_definition() for one in self.rooms),
            visit_types=tuple(one.to_definition() for one in self.visit_types),
            closures=tuple(one.to_definition(zone) for one in self.closures),
            extra_sessions=tuple(one.to_definition(zone) for one in self.extra_sessions),
            desk_number=self.numbers.desk,
        )

    def fault(self, *location: int | str, text: str) -> str:
        """A fault of this file that shows only beside something else, with its line."""
        return in_words([Fault(location, text)], self._text)[0]


def read_clinic(path: Path) -> ClinicFile:
    """Read one clinic.toml. Raises ClinicFileError, which names everything that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ClinicFileError({path: [unreadable(error)]}) from None
    return checked(data, path, text)


def checked(data: Mapping[str, Any], path: Path, text: str) -> ClinicFile:
    """The clinic in `data`, which is what TOML reads in `text`. Raises ClinicFileError."""
    faults = list(faults_across(data))
    clinic = None
    try:
        clinic = ClinicFile.model_validate(data, context={"path": path, "text": text})
    except ValidationError as error:
        faults = [*faults_of(ClinicFile, error), *faults]
    if clinic is None or faults:
        raise ClinicFileError({path: in_words(faults, text)})
    return clinic


def read_clinics(folder: Path) -> dict[str, ClinicFile]:
    """Read FOLDER/*/clinic.toml, in the order of their paths: clinic id → clinic.

    Raises ClinicFileError with the faults of all files, also where two clinics share an id or a
    line. A folder without any clinic gives an empty mapping.
    """
    clinics: dict[str, ClinicFile] = {}
    faults: dict[Path, Sequence[str]] = {}
    for path in sorted(folder.glob(f"*/{FILE_NAME}")):
        try:
            clinic = read_clinic(path)
        except ClinicFileError as error:
            faults.update(error.faults)
            continue
        if shared := list(_shared_with(clinic, clinics.values())):
            faults[path] = shared
        else:
            clinics[clinic.id] = clinic
    if faults:
        raise ClinicFileError(faults)
    return clinics


def _shared_with(clinic: ClinicFile, others: Iterable[ClinicFile]) -> Iterable[str]:
    for other in others:
        if other.id == clinic.id:
            yield clinic.fault(
                "clinic", "id", text=f"{clinic.id} is also the id in {other.path}: choose another"
            )
        if other.numbers.line == clinic.numbers.line:
            yield clinic.fault(
                "numbers",
                "line",
                text=f"{other.path} has the same line: the number called tells the clinics "
                "apart, so give each its own",
            )
