"""A clinic.toml: what a clinic is, read and checked in full before anything is loaded from it.

Whoever edits the file is told everything that is wrong with it at once: the place, what is wrong
and what to write instead.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PrivateAttr, ValidationError, ValidationInfo, field_validator

from ivr.clinics.faults import faults_of, unreadable
from ivr.clinics.sections import (
    ClinicSection,
    ClosureSection,
    DeskSection,
    NumbersSection,
    OnCallSection,
    ProviderSection,
    RoomSection,
    Section,
    VisitTypeSection,
    VoicesSection,
    not_the_line,
    sessions_of,
    with_keys_of_their_own,
)
from scheduling.definition import (
    ClinicDefinition,
    ClosureDefinition,
    ProviderDefinition,
    RoomDefinition,
    VisitTypeDefinition,
)
from scheduling.errors import InvalidInput
from scheduling.hours import instant, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FILE_NAME = "clinic.toml"
"""Each clinic has a folder of its own with this file and its sentences, en.toml and es.toml."""


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
    closures: tuple[ClosureSection, ...] = ()

    _path: Path = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Keep the path, which stands outside the file."""
        self._path = context["path"]

    @field_validator("providers", "rooms", "visit_types", "on_call")
    @classmethod
    def _keys(cls, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return with_keys_of_their_own(values)

    @field_validator("visit_types")
    @classmethod
    def _rooms_where_needed(
        cls, values: tuple[VisitTypeSection, ...], info: ValidationInfo
    ) -> tuple[VisitTypeSection, ...]:
        needing = [one.key for one in values if one.needs_room]
        if needing and info.data.get("rooms") == ():
            raise ValueError(
                f"{', '.join(needing)} needs a room and there is none: add a table [[rooms]]"
            )
        return values

    @field_validator("on_call")
    @classmethod
    def _phones_of_people(
        cls, values: tuple[OnCallSection, ...], info: ValidationInfo
    ) -> tuple[OnCallSection, ...]:
        numbers = info.data.get("numbers")
        for one in values:
            try:
                not_the_line(one.number, numbers and numbers.line)
            except ValueError as error:
                raise ValueError(f"the number of {one.key} {error}") from None
        return values

    @field_validator("closures")
    @classmethod
    def _of_known_providers(
        cls, values: tuple[ClosureSection, ...], info: ValidationInfo
    ) -> tuple[ClosureSection, ...]:
        known = {one.key for one in info.data.get("providers", ())}
        for one in values:
            if known and one.provider is not None and one.provider not in known:
                raise ValueError(
                    f"provider {one.provider} is not among the [[providers]]: use one of "
                    f"{', '.join(sorted(known))}, or leave it out for the whole clinic"
                )
        return values

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
        """The folder with the clinic's own sentences, en.toml and es.toml."""
        return self._path.parent

    def spoken_constants(self) -> dict[str, dict[str, str]]:
        """Language → what the sentences' {clinic} and {address} stand for in every call."""
        spoken = self.clinic
        return {
            "en": {"clinic": spoken.spoken_name.en, "address": spoken.address.en},
            "es": {"clinic": spoken.spoken_name.es, "address": spoken.address.es},
        }

    def to_definition(self) -> ClinicDefinition:
        """The part that scheduling stores; local times of closures have become UTC.

        Raises scheduling's InvalidInput where scheduling refuses what this file allows.
        """
        zone = zone_of(self.clinic.timezone)
        return ClinicDefinition(
            id=self.clinic.id,
            name=self.clinic.name,
            timezone=self.clinic.timezone,
            phone_number=self.numbers.line,
            holidays_region=self.clinic.holidays_region,
            observes_holidays=self.clinic.observes_holidays,
            desk_hours=sessions_of(self.desk.hours),
            providers=tuple(
                ProviderDefinition(one.key, one.name, sessions_of(one.hours))
                for one in self.providers
            ),
            rooms=tuple(
                RoomDefinition(one.key, one.name, sessions_of(one.hours)) for one in self.rooms
            ),
            visit_types=tuple(
                VisitTypeDefinition(
                    key=one.key,
                    duration_minutes=one.duration_minutes,
                    buffer_before_minutes=one.buffer_before_minutes,
                    buffer_after_minutes=one.buffer_after_minutes,
                    notice_minutes=one.notice_hours * 60,
                    horizon_days=one.horizon_days,
                    needs_room=one.needs_room,
                    booked_by=one.booked_by,
                )
                for one in self.visit_types
            ),
            closures=tuple(
                ClosureDefinition(
                    starts_at=instant(one.starts, zone),
                    ends_at=instant(one.ends, zone),
                    reason=one.reason,
                    provider_key=one.provider,
                )
                for one in self.closures
            ),
        )


def read_clinic(path: Path) -> ClinicFile:
    """Read one clinic.toml. Raises ClinicFileError, which names everything that is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ClinicFileError({path: [unreadable(error)]}) from None
    try:
        clinic = ClinicFile.model_validate(data, context={"path": path})
        clinic.to_definition()
    except ValidationError as error:
        raise ClinicFileError({path: faults_of(ClinicFile, error)}) from None
    except InvalidInput as error:
        raise ClinicFileError({path: [str(error)]}) from None
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
            yield f"clinic.id: {clinic.id} is also the id in {other.path}: choose another"
        if other.numbers.line == clinic.numbers.line:
            yield (
                f"numbers.line: {other.path} has the same line: the number called tells the "
                "clinics apart, so give each its own"
            )
