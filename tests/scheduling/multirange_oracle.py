"""What should be offered, worked out by PostgreSQL's own multiranges and time zones.

It shares nothing with the rules: hours become instants by looking along generate_series() for the
first moment at which PostgreSQL's clock of the zone shows them; unions and differences are
range_agg() and `-`; and it reads what the test has drawn, never the tables of the product.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Owner:
    """A provider or a room as drawn.

    weekly: (weekday with Monday 0, opens, closes), local wall times.
    always: open without any weekly hours, as a room may be.
    """

    weekly: tuple[tuple[int, time, time], ...]
    extra: tuple[Span, ...] = ()
    closed: tuple[Span, ...] = ()
    taken: tuple[Span, ...] = ()
    always: bool = False


@dataclass(frozen=True)
class Question:
    """Everything that decides on the starts. Instants are aware UTC, lengths elapsed time."""

    zone: str
    first_day: date
    last_day: date
    earliest: datetime
    before: timedelta
    duration: timedelta
    after: timedelta
    providers: tuple[Owner, ...]
    rooms: tuple[Owner, ...] = ()
    closed: tuple[Span, ...] = ()
    holidays: tuple[date, ...] = field(default=())


def starts(server: psycopg.Connection[Any], asked: Question) -> dict[datetime, set[int]]:
    """Start -> the numbers of the providers who are free for a visit then, in some free room."""
    free = [_free(server, asked, owner) for owner in asked.providers]
    rooms = [_free(server, asked, owner) for owner in asked.rooms]
    rows = server.execute(
        _STARTS,
        {
            "zone": asked.zone,
            "first": asked.first_day,
            "last": asked.last_day,
            "earliest": asked.earliest,
            "before": asked.before,
            "whole": asked.duration + asked.after,
            "free": free,
            "rooms": rooms,
            "needs_room": bool(asked.rooms),
        },
    )
    found: dict[datetime, set[int]] = {}
    for start, provider in rows:
        found.setdefault(start, set()).add(provider - 1)
    return found


def _free(server: psycopg.Connection[Any], asked: Question, owner: Owner) -> str:
    row = server.execute(
        _FREE,
        {
            "zone": asked.zone,
            # A session that opened the evening before, and one that runs into the next day.
            "first": asked.first_day - timedelta(days=2),
            "last": asked.last_day + timedelta(days=1),
            "sessions": json.dumps(
                [
                    {"weekday": weekday + 1, "opens": f"{opens}", "closes": f"{closes}"}
                    for weekday, opens, closes in owner.weekly
                ]
            ),
            "always": owner.always,
            "holidays": list(asked.holidays),
            "extra": _ranges(owner.extra),
            "closed": _ranges((*owner.closed, *asked.closed)),
            "taken": _ranges(owner.taken),
        },
    ).fetchone()
    assert row is not None
    free: str = row[0]
    return free


def _ranges(spans: tuple[Span, ...]) -> list[str]:
    return [f"[{start.isoformat()},{end.isoformat()})" for start, end in spans]


_FREE = """
WITH clock AS MATERIALIZED (
    SELECT g AS moment, g AT TIME ZONE %(zone)s AS shown
    FROM generate_series(
        %(first)s::timestamp AT TIME ZONE 'UTC' - interval '1 day',
        %(last)s::timestamp AT TIME ZONE 'UTC' + interval '3 days',
        interval '5 minutes'
    ) AS g
),
sessions AS (
    SELECT d::date AS day, s.opens, s.closes
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d,
        jsonb_to_recordset(%(sessions)s::jsonb) AS s(weekday int, opens time, closes time)
    WHERE extract(isodow FROM d) = s.weekday AND NOT d::date = ANY(%(holidays)s::date[])
),
opened AS (
    SELECT tstzrange(
        (SELECT min(moment) FROM clock WHERE shown >= day + opens),
        (SELECT min(moment) FROM clock
         WHERE shown >= day + closes + CASE WHEN closes <= opens THEN interval '1 day'
                                            ELSE interval '0' END)
    ) AS span
    FROM sessions
    UNION ALL SELECT unnest(%(extra)s::tstzrange[])
    UNION ALL SELECT tstzrange(NULL, NULL) WHERE %(always)s
)
SELECT (
    coalesce((SELECT range_agg(span) FROM opened), '{}')
    - coalesce((SELECT range_agg(c) FROM unnest(%(closed)s::tstzrange[]) AS c), '{}')
    - coalesce((SELECT range_agg(t) FROM unnest(%(taken)s::tstzrange[]) AS t), '{}')
)::text
"""

_STARTS = """
WITH clock AS (
    SELECT g AS moment, g AT TIME ZONE %(zone)s AS shown
    FROM generate_series(
        %(first)s::timestamp AT TIME ZONE 'UTC' - interval '1 day',
        %(last)s::timestamp AT TIME ZONE 'UTC' + interval '2 days',
        interval '5 minutes'
    ) AS g
),
first_shown AS (
    SELECT shown, min(moment) AS moment FROM clock
    WHERE extract(minute FROM shown)::int %% 15 = 0
    GROUP BY shown
),
wanted AS (
    SELECT moment, tstzrange(moment - %(before)s::interval, moment + %(whole)s::interval) AS span
    FROM first_shown
    WHERE moment >= %(earliest)s AND shown::date BETWEEN %(first)s AND %(last)s
)
SELECT w.moment, p.number
FROM wanted AS w, unnest(%(free)s::tstzmultirange[]) WITH ORDINALITY AS p(free, number)
WHERE w.span <@ p.free
    AND (NOT %(needs_room)s OR EXISTS (
        SELECT 1 FROM unnest(%(rooms)s::tstzmultirange[]) AS r WHERE w.span <@ r
    ))
ORDER BY w.moment, p.number
"""
