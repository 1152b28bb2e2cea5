"""What the waitlist's page shows, as values: who waits in, words out. No session, no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from ivr.frontdesk import wording
from ivr.frontdesk.wording import Words, say
from ivr.frontdesk.written import Phone
from ivr.messages.patients.telling import Telling
from scheduling.hours import local_day
from scheduling.preferences import ALL_DAYS, ANY_PART, DayPart, Wishes
from scheduling.waitlist.ordering import Precedence
from scheduling.waitlist.waiting import Waiting

PRECEDENCE: Final[Words] = {
    Precedence.OVERDUE_REFILL.name: "Overdue refill",
    Precedence.REFILL_IN_WINDOW.name: "Refill due soon",
}
"""Why somebody stands before those who joined earlier."""

TOLD: Final[Words] = {
    Telling.NOT_YET.value: "The text or call about it is on its way.",
    Telling.TEXTED.value: "They were texted; an answer by text counts.",
    Telling.CALLED.value: "They were called, or a message was left; they may still take it.",
    Telling.NOT_ARRIVED.value: "The text did not arrive: call them.",
    Telling.NOT_ANSWERED.value: "They did not pick up: call them.",
    Telling.NOBODY.value: "We may not text or call them: call them yourself.",
}
"""Whether they know of the time that is held for them."""

_PARTS: Final[Words] = {
    "MORNING": "mornings",
    "AFTERNOON": "afternoons",
    "EVENING": "evenings",
}


@dataclass(frozen=True)
class OfferRow:
    """A time held for one person. `until`: when the time to answer ends; is_over: it has.

    told: whether they know of it.
    """

    id: UUID
    starts: str
    provider: str
    until: str
    is_over: bool
    told: str


@dataclass(frozen=True)
class WaitingRow:
    """One person in line. `place`: 1 is first. before: why they stand before others, if they do.

    moves: the visit that they would have earlier.
    """

    id: UUID
    place: int
    patient_id: UUID
    name: str | None
    what: str
    before: str | None
    since: str
    wishes: str
    moves: str | None
    phones: tuple[Phone, ...]
    offer: OfferRow | None


def build(
    line: Sequence[Waiting],
    phones: Mapping[UUID, Sequence[str]],
    providers: Mapping[UUID, str],
    told: Mapping[UUID, Telling],
    zone: ZoneInfo,
    now: datetime,
) -> tuple[WaitingRow, ...]:
    """The line at `now` (aware), the first first. providers: id -> name. told: of each offer."""
    return tuple(
        WaitingRow(
            id=one.entry_id,
            place=place,
            patient_id=one.patient_id,
            name=one.patient_name,
            what=wording.in_words(wording.VISIT_TYPE, one.visit_type_key),
            before=wording.in_words(PRECEDENCE, one.precedence.name)
            if one.precedence.name in PRECEDENCE
            else None,
            since=wording.moment(one.place.joined_at, zone),
            wishes=wishes_in_words(one.wishes, providers),
            moves=None if one.visit_at is None else wording.moment(one.visit_at, zone),
            phones=tuple(
                Phone(f"tel:{number}", wording.phone(number))
                for number in phones.get(one.patient_id, ())
            ),
            offer=_offer(one, providers, told, zone, now),
        )
        for place, one in enumerate(line, start=1)
    )


def wishes_in_words(wishes: Wishes, providers: Mapping[UUID, str]) -> str:
    """Such as "Mon, Tue · mornings · with Doctor Fura · until Dec 1, 2026"."""
    days = ", ".join(wording.weekday(day) for day in sorted(wishes.weekdays))
    parts = say(" and ").join(
        wording.in_words(_PARTS, str(part.name)) for part in DayPart if part & wishes.day_parts
    )
    said = [
        say("any day") if wishes.weekdays == ALL_DAYS else days,
        say("any time") if wishes.day_parts & ANY_PART == ANY_PART else parts,
    ]
    if wishes.provider_id is not None:
        name = providers.get(wishes.provider_id) or say("somebody who has left")
        said.append(say("with {provider}", provider=name))
    if wishes.from_on is not None:
        said.append(say("from {day}", day=wording.birth_date(wishes.from_on)))
    if wishes.until_on is not None:
        said.append(say("until {day}", day=wording.birth_date(wishes.until_on)))
    return " · ".join(said)


def _offer(
    one: Waiting,
    providers: Mapping[UUID, str],
    told: Mapping[UUID, Telling],
    zone: ZoneInfo,
    now: datetime,
) -> OfferRow | None:
    if one.offer is None:
        return None
    ends = one.offer.expires_at
    same_day = local_day(ends, zone) == local_day(now, zone)
    return OfferRow(
        id=one.offer.id,
        starts=wording.moment(one.offer.starts_at, zone),
        provider=providers.get(one.offer.provider_id, ""),
        until=wording.time_of_day(ends, zone) if same_day else wording.moment(ends, zone),
        is_over=ends <= now,
        told=wording.in_words(TOLD, told[one.offer.id].value),
    )
