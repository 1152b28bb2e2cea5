"""Finding a patient while somebody types: by name, by part of a number, by date of birth.

The names of a clinic are kept by each process in the form in which they are compared, and read
again only after a record has changed; a short look says whether one has.
"""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from rapidfuzz import fuzz, process
from sqlalchemy import func, select

from scheduling.birth_dates import readings
from scheduling.duplicates import plain_name
from scheduling.tables import Patient, PatientPhone, Pump

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

LIMIT: Final = 12
"""Patients shown at a time: more are found by typing on."""

LONGEST: Final = 120
"""Characters of a query that are looked at."""

_FEWEST_DIGITS = 3
"""Fewer are in every number."""

_FEWEST_LETTERS = 3
"""Of fewer, too many words are alike."""

_NARROWED = 500
"""So many names are looked at again where digits were typed beside them."""

_ALIKE = 72
"""Two words at least this alike, of 100, are one word misspelt. [J]"""

_BEGINNING = 0.93
"""What a word counts that is being typed and is alike the beginning of one. [J]"""


@dataclass(frozen=True, slots=True)
class FoundPatient:
    """One record as a list of results shows it. phones: E.164, in order.

    has_pump: an active pump is on file.
    """

    id: UUID
    name: str | None
    preferred_name: str | None
    date_of_birth: date
    phones: tuple[str, ...]
    has_pump: bool
    deceased: bool


@dataclass(frozen=True, slots=True)
class _Names:
    """A clinic's names. words: every word -> the positions of the names that it stands in."""

    ids: Sequence[UUID]
    plain: Sequence[str]
    words: Mapping[str, Sequence[int]]
    sounds: Mapping[str, Sequence[str]]
    """As a word is heard -> the words that are heard so."""


_SOUNDS: Final = tuple(
    (re.compile(written), heard)
    for written, heard in (
        ("^x|g(?=[ei])", "j"),
        ("ph", "f"),
        ("ll", "y"),
        ("sch|sh", "s"),
        ("(?<!c)h", ""),
        ("z|c(?=[eiy])", "s"),
        ("qu(?=[ei])|q|c(?!h)", "k"),
        ("v", "b"),
        ("y$", "i"),
        ("(.)\\1", "\\1"),
    )
)
"""Letters that sound alike, in the order in which they are made one. [J]"""

_Mark = tuple[int, int, datetime | None]

_known: WeakKeyDictionary[Engine, dict[str, tuple[_Mark, _Names]]] = WeakKeyDictionary()
"""By database, then by clinic: the mark that stood there, and the names."""


def search(session: Session, clinic_id: str, query: str, today: date) -> list[FoundPatient]:
    """The patients meant by `query`, the likeliest first, at most LIMIT; merged ones left out.

    Words are parts of a name, misspelt or begun; digits a part of a number, in whatever way it
    is written; a date, in the usual ways, that of birth. Words and digits together: whoever has
    both, and where nobody has, whoever has the name.
    """
    asked = query[:LONGEST]
    born = readings(asked, today)
    if born:
        by_birth = _born(session, clinic_id, born)
        if by_birth:
            return _in_full(session, clinic_id, by_birth)
    words = [word for word in plain_name(asked).split() if not word.isdecimal()]
    digits = "".join(character for character in asked if character in "0123456789")
    if not words:
        if len(digits) < _FEWEST_DIGITS:
            return []
        return _in_full(session, clinic_id, _with_number(session, clinic_id, digits))
    named = _named(_names(session, clinic_id), words)
    if len(digits) >= _FEWEST_DIGITS:
        with_number = set(_with_number(session, clinic_id, digits, among=named))
        named = [one for one in named if one in with_number] or named
    return _in_full(session, clinic_id, named[:LIMIT])


def _named(names: _Names, words: Sequence[str]) -> list[UUID]:
    """Those who have every word, the likeliest first; misspelt ones where others are too few."""
    found = _scores(names, [dict(_begun(word, names)) for word in words])
    if len(found) < LIMIT:
        found = _scores(names, [_like(word, names) for word in words])
    best = heapq.nsmallest(
        _NARROWED, found.items(), key=lambda one: (-one[1], names.plain[one[0]], one[0])
    )
    return [names.ids[position] for position, _ in best]


def _scores(names: _Names, alike: Sequence[Mapping[str, float]]) -> dict[int, float]:
    """Position -> score, of the names that have a word like every one that was typed."""
    scores: dict[int, float] | None = None
    for likeness in alike:
        of_word: dict[int, float] = {}
        for known, points in likeness.items():
            for position in names.words[known]:
                of_word[position] = max(points, of_word.get(position, 0.0))
        if scores is None:
            scores = of_word
        else:
            scores = {one: scores[one] + of_word[one] for one in scores.keys() & of_word.keys()}
    return scores or {}


def _begun(word: str, names: _Names) -> Iterator[tuple[str, float]]:
    """The words that begin as `word` does, as it is written."""
    return ((one, 100.0 + (one == word)) for one in names.words if one.startswith(word))


def _like(word: str, names: _Names) -> dict[str, float]:
    """The words that `word` may be, by how they sound, whole or begun, and how much alike."""
    like = dict(_begun(word, names))
    if len(word) < _FEWEST_LETTERS:
        return like
    heard = sound(word)
    for known, which in ((names.sounds, 1.0), (_beginnings(names.sounds, len(heard)), _BEGINNING)):
        close = process.extract(
            heard, known.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=None
        )
        for one, likeness, _ in close:
            for written in known[one]:
                like[written] = max(likeness * which, like.get(written, 0.0))
    return like


def _beginnings(sounds: Mapping[str, Sequence[str]], length: int) -> dict[str, list[str]]:
    begun: dict[str, list[str]] = {}
    for one, written in sounds.items():
        if len(one) > length:
            begun.setdefault(one[:length], []).extend(written)
    return begun


def sound(word: str) -> str:
    """A plain word as English and Spanish ears hear it: Giménez, Ximenes and Jimenez are one."""
    for heard, written in _SOUNDS:
        word = heard.sub(written, word)
    return word


def _names(session: Session, clinic_id: str) -> _Names:
    of_database = _known.setdefault(session.get_bind().engine, {})
    counted, versions, newest = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Patient.version), 0),
            # One deleted and one registered leave the numbers as they were.
            func.max(Patient.created_at),
        ).where(Patient.clinic_id == clinic_id)
    ).one()
    mark = (counted, versions, newest)
    kept = of_database.get(clinic_id)
    if kept is not None and kept[0] == mark:
        return kept[1]
    names = _read(session, clinic_id)
    of_database[clinic_id] = mark, names
    return names


def _read(session: Session, clinic_id: str) -> _Names:
    ids: list[UUID] = []
    plain: list[str] = []
    words: dict[str, list[int]] = {}
    rows = session.execute(
        select(Patient.id, Patient.name, Patient.preferred_name).where(
            Patient.clinic_id == clinic_id, Patient.merged_into_id.is_(None)
        )
    )
    for patient_id, name, preferred in rows:
        text = plain_name(f"{name or ''} {preferred or ''}")
        if not text:
            continue
        for word in set(text.split()):
            words.setdefault(word, []).append(len(ids))
        ids.append(patient_id)
        plain.append(text)
    sounds: dict[str, list[str]] = {}
    for word in words:
        sounds.setdefault(sound(word), []).append(word)
    return _Names(ids, plain, words, sounds)


def _born(session: Session, clinic_id: str, days: Sequence[date]) -> list[UUID]:
    """In the order of `days`: the likelier reading of what was typed comes first."""
    rows = session.execute(
        select(Patient.id, Patient.date_of_birth)
        .where(
            Patient.clinic_id == clinic_id,
            Patient.date_of_birth.in_(days),
            Patient.merged_into_id.is_(None),
        )
        .order_by(Patient.name, Patient.id)
    ).all()
    ranked = sorted(rows, key=lambda row: days.index(row.date_of_birth))
    return [row.id for row in ranked[:LIMIT]]


def _with_number(
    session: Session, clinic_id: str, digits: str, among: Collection[UUID] | None = None
) -> list[UUID]:
    # "1" before the area code, or without it: a caller's own way of saying the number.
    wanted = select(PatientPhone.patient_id).where(
        PatientPhone.clinic_id == clinic_id, PatientPhone.number.contains(digits)
    )
    if among is not None:
        return list(session.scalars(wanted.where(PatientPhone.patient_id.in_(among))))
    in_order = wanted.order_by(PatientPhone.number, PatientPhone.patient_id).limit(LIMIT)
    return list(dict.fromkeys(session.scalars(in_order)))


def _in_full(session: Session, clinic_id: str, wanted: Sequence[UUID]) -> list[FoundPatient]:
    """The records of these ids, in their order."""
    if not wanted:
        return []
    phones: dict[UUID, list[str]] = {}
    for patient_id, number in session.execute(
        select(PatientPhone.patient_id, PatientPhone.number)
        .where(PatientPhone.clinic_id == clinic_id, PatientPhone.patient_id.in_(wanted))
        .order_by(PatientPhone.number)
    ):
        phones.setdefault(patient_id, []).append(number)
    with_pump = set(
        session.scalars(
            select(Pump.patient_id).where(
                Pump.clinic_id == clinic_id, Pump.patient_id.in_(wanted), Pump.active
            )
        )
    )
    records = {
        one.id: one
        for one in session.scalars(
            select(Patient).where(Patient.clinic_id == clinic_id, Patient.id.in_(wanted))
        )
    }
    return [
        FoundPatient(
            id=one.id,
            name=one.name,
            preferred_name=one.preferred_name,
            date_of_birth=one.date_of_birth,
            phones=tuple(phones.get(one.id, ())),
            has_pump=one.id in with_pump,
            deceased=one.deceased_on is not None,
        )
        for one in (records[patient_id] for patient_id in wanted if patient_id in records)
    ]
