"""The grammar of days: symbols (date_words.py) are replaced, rule by rule, by the days they mean.

Upper-case symbols stand for words. D is a day, S a span of days (a week, a month), Q an open
stretch; the number behind each is its place in the list of what was found. P is a part of the day.
"""

from __future__ import annotations

import re
from datetime import date

from ivr.call.understanding import date_exclusions as exclusions
from ivr.call.understanding import date_rules as rules
from ivr.call.understanding import date_weeks as weeks
from ivr.call.understanding.date_spans import Reader, Readings, Span
from scheduling.preferences import ANY_PART, DayPart, Unwanted


def reduce(symbols: str, today: date) -> tuple[Readings, DayPart, Unwanted] | None:
    """The days and the part of the day that the symbols mean, and what they rule out.

    None where they mean none, or two.

    Raises Impossible.
    """
    reader = Reader(today)
    text = symbols
    for pattern, rule in _RULES:
        # Every rule shortens the text or spends a symbol, so this ends.
        for _ in range(len(symbols) + 1):
            match = pattern.search(text)
            if match is None:
                break
            text = " ".join(
                f"{text[: match.start()]} {rule(reader, match)} {text[match.end() :]}".split()
            )
    parts = {int(p) for p in re.findall(r"\bP([1-4])\b", text)}
    part = DayPart(parts.pop()) if len(parts) == 1 else ANY_PART
    readings = reader.resolve(text)
    if readings is None:
        names_days = re.search(r"\b[DSQ]\d+\b", text)
        said_when = re.search(r"\b(P[1-4]|ANY)\b", text) and "NOT" not in text
        if names_days or not (said_when or reader.unwanted):
            return None
        readings = (Span(None, None),)
    return readings, part, reader.unwanted


_PART = r"(?: (?:IN |OF )?(?P<part>P[124]))?"
_MINUTES = r"(?: N(?:00|[0-5]?\d)\b| HALF| QUARTER)?"
_YEAR = r"(?:(?: OF)? (?:Y|N(?=2[6-9]\b|3[0-5]\b))(?P<year>\d+))?"
_PLACE = r"(?P<place>\d+)"
_UNIT = r"(?:DAY|DIA|WEEK|FORTNIGHT|MONTH)"
_WHICH = r"(?:NEXT |THIS |COMING )?"

_RULES: tuple[tuple[re.Pattern[str], rules.Rule], ...] = tuple(
    (re.compile(rf"(?<!\S)(?:{pattern})(?!\S)"), rule)
    for pattern, rule in (
        (r"(?P<kept>W\d) N(?P<day>\d\d?)(?= AT N)", rules.numbered_before_clock),
        # Times of day, those that are ruled out first.
        *exclusions.TIMES,
        ((rf"(?P<word>AFTER|BEFORE) (?:AT )?N(?P<hour>1?\d){_MINUTES}(?: OCLOCK)?{_PART}"
         r"(?! DAY| DIA| WEEK| OF M| M| SLASH)"), rules.after_clock),
        (rf"AT N(?P<hour>\d\d?)(?! {_UNIT}){_MINUTES}(?: OCLOCK)?{_PART}", rules.clock),
        # "930": recognisers write it so.
        (rf"AT N(?P<hour>1?\d)[0-5]\d(?: OCLOCK)?{_PART}", rules.clock),
        (rf"N(?P<hour>\d\d?){_MINUTES} OCLOCK{_PART}", rules.clock),
        (rf"(?<!THE )(?<!M\d )(?<!M\d\d )N(?P<hour>1?\d){_MINUTES} (?P<part>P[124])", rules.clock),
        # Weekdays that are ruled out.
        *exclusions.WEEKDAYS,
        # Days with a number.
        (r"(?<!\S )N(?P<month>\d\d?) N(?P<day>\d\d?)(?: [NY](?P<year>20[23]\d|[23]\d))?(?! \S)",
         rules.slashed),
        (r"(?:DIA|DAY)(?: OF)?(?= H\d)", rules.says("")),
        (r"(?:THE )?LAST (?:DAY|DIA) (?:OF |IN )?(?:THIS )?(?:M(?P<month>\d+)|MONTH)",
         rules.last_day),
        (rf"(?:THE )?(?:DIA )?N(?P<day>\d\d?) OF N(?P<month>1?\d)(?! {_UNIT})(?P<year>(?!))?",
         rules.slashed),
        (
            r"(?:THE )?(?:O(?P<nth>[1-4])|(?P<last>LAST)) WEEK (?:OF |IN )?M(?P<month>\d+)",
            weeks.nth_week,
        ),
        (r"N(?P<year>20[2-9]\d)", rules.year),
        (r"N20 N(?P<year>[23]\d)", rules.year),
        (r"N(?P<month>\d+) SLASH N(?P<day>\d+)(?: SLASH [NY](?P<year>\d+))?", rules.slashed),
        ((r"(?:THE )?(?:O(?P<nth>[1-5])|LAST) W(?P<weekday>\d) (?:OF |IN )?"
         r"(?:M(?P<month>\d+)|(?P<which>NEXT|THIS|COMING) MONTH|MONTH COMING)"), weeks.nth_weekday),
        (rf"M(?P<month>\d+) (?:DAY )?(?:THE )?[NO](?P<day>\d\d?){_YEAR}", rules.named_date),
        (rf"(?:THE )?(?:DAY |DIA )?[NO](?P<day>\d\d?) (?:DAY )?(?:OF |IN )?M(?P<month>\d+){_YEAR}",
         rules.named_date),
        (r"H(?P<name>\d+)(?: DAY)?(?: OF)?(?: Y(?P<year>\d+))?", rules.holiday),
        (rf"{_WHICH}W(?P<weekday>\d)(?: COMING)? D{_PLACE}(?! IN N)", weeks.weekday_and_date),
        ((rf"{_WHICH}W(?P<weekday>\d)(?: COMING)? (?:THE )?(?:DIA |DAY )?[NO](?P<day>\d\d?)"
         r"(?! DAY| DIA| WEEK)"), weeks.weekday_numbered),
        (r"(?:THE |DIA |DAY )+[NO](?P<day>\d\d?)(?! DAY| DIA| WEEK| W)", rules.day_of_month),
        (r"O(?P<day>\d\d?)(?! W)", rules.day_of_month),
        (r"(?<=OF )N(?P<day>\d\d?)(?! DAY| DIA| WEEK)", rules.day_of_month),
        (r"(?<=FROM )N(?P<day>\d\d?)(?! DAY| DIA| WEEK)", rules.day_of_month),
        (r"(?<=UNTIL )N(?P<day>\d\d?)(?! DAY| DIA| WEEK)", rules.day_of_month),
        (r"(?<=BETWEEN )N(?P<day>\d\d?)(?! DAY| DIA| WEEK)", rules.day_of_month),
        (r"(?<=AND )N(?P<day>\d\d?)(?! DAY| DIA| WEEK)", rules.day_of_month),
        (r"(?<=TO )N(?P<day>\d\d?)(?! DAY| DIA| WEEK)", rules.day_of_month),
        # Counted from a day.
        (r"(?:NOT |NO )?(?:THIS |COMING )*W(?P<weekday>\d) (?:NO |NOT |BUT |_ )*NEXTONE(?: W\d)?",
         weeks.plus_week),
        (r"LAST (?:W\d|WEEK|MONTH)|W\d (?:LAST|OVERMORROW)(?! D)", rules.impossible),
        (r"OVERMORROW", rules.today(2)),
        (r"(?P<not>NOT|NO) (?:TOMORROW|S\d+) (?:BUT )?DAY AFTER(?: THAT)?", rules.today(2)),
        (r"TOMORROW WEEK", rules.today(8)),
        (r"TOMORROW", rules.today(1)),
        (r"TODAY", rules.today(0)),
        ((r"(?:A |N(?P<many>\d+) )?WEEK (?:FROM|AFTER|OF) (?:THIS |COMING |(?P<next>NEXT ))*"
          r"W(?P<weekday>\d)"), weeks.weeks_from_weekday),
        (rf"(?:A |N(?P<many>\d+) )?(?P<unit>WEEK|FORTNIGHT|MONTH) FROM D{_PLACE}(?P<word>)",
         rules.from_day),
        ((rf"(?:A |N(?P<many>\d+) )(?P<unit>DAY|DIA|WEEK|FORTNIGHT|MONTH) "
         rf"(?P<word>FROM|AFTER|BEFORE) D{_PLACE}"), rules.from_day),
        (rf"(?:OF )?D{_PLACE} IN N(?P<many>8|15)(?: DIA)?", rules.plus_eight),
        (r"W(?P<weekday>\d) IN N15(?: DIA)?", weeks.plus_two_weeks),
        ((r"(?<!W\d )IN (?:AT )?(?:A |N(?P<many>\d+) )(?P<unit>DAY|DIA|WEEK|FORTNIGHT|MONTH)"
          r"(?: OF| FROM| AWAY)?(?! NEXT)"), rules.from_today),
        (r"(?:A |N(?P<many>\d+) )(?P<unit>DAY|DIA|WEEK|FORTNIGHT|MONTH) AWAY", rules.from_today),
        (r"W(?P<weekday>\d) (?:WEEK|IN N8(?: DIA)?)", weeks.plus_week),
        (r"W(?P<weekday>\d) AFTER NEXT", weeks.plus_week),
        (rf"(?:DAY|DIA) (?P<word>AFTER|BEFORE) (?:OF )?D{_PLACE}", rules.shifted),
        # Weeks, and days in them.
        ((r"(?:NOT |NO )(?:NEXT|COMING) WEEK (?:_ )?(?:BUT )?(?:CORR )?"
          r"(?:WEEK AFTER(?: THAT| NEXT)?|COMING|OTHERWEEK)"), weeks.week_after_next),
        (r"(?:THIS WEEK|WEEK THIS) (?:NO|NOT) (?:_ )*(?:COMING|NEXT|NEXTONE|OTHERWEEK)(?: WEEK)?",
         weeks.next_week),
        (r"(?:IN |OF )?WEEK AFTER (?:NEXT|COMING)(?: WEEK)?", weeks.week_after_next),
        (r"(?:NEXT|COMING) WEEK(?: COMING)?|WEEK (?:NEXT|COMING)(?! WEEK)|OTHERWEEK",
         weeks.next_week),
        (r"THIS (?:SAME )?WEEK|WEEK THIS", weeks.this_week),
        (rf"(?:THIS |NEXT )?WEEK (?:OF|IN) D{_PLACE}", weeks.week_of),
        (rf"D{_PLACE} WEEK", weeks.week_of),
        (rf"WEEK (?P<word>AFTER|BEFORE) (?:OF )?[DS]{_PLACE}", weeks.week_after),
        (r"(?P<which>NEXT|THIS|COMING)? ?WEEKEND(?: COMING)?", weeks.weekend),
        ((rf"(?:OF |FROM |BETWEEN )?W(?P<one>\d) (?:TO|A|AND|UNTIL) W(?P<two>\d)"
         rf"(?: (?:OF |IN )?S{_PLACE})?"), weeks.weekday_range),
        (rf"W(?P<weekday>\d) (?:OF |IN )?S{_PLACE}", weeks.weekday_in),
        (rf"S{_PLACE} (?:OF |IN |ONWARD )?W(?P<weekday>\d)", weeks.weekday_in),
        (rf"W(?P<weekday>\d) (?P<word>AFTER|BEFORE) (?:OF )?[DS]{_PLACE}", weeks.weekday_beside),
        (r"NEXT W(?P<weekday>\d)", weeks.next_weekday),
        (r"(?:THIS |COMING )*W(?P<weekday>\d)(?: COMING)?",
         weeks.weekday),
        (r"W(?P<weekday>\d)", weeks.weekday),
        (rf"(?:DAY|DIA) (?P<word>AFTER|BEFORE) (?:OF )?D{_PLACE}", rules.shifted),
        # Months.
        (r"(?:NEXT|COMING) MONTH|MONTH (?:NEXT|COMING)", rules.next_month),
        (r"THIS MONTH", rules.this_month),
        (r"M(?P<month>\d+)(?: OF)?(?: Y(?P<year>\d+))?", rules.named_month),
        (rf"(?P<third>EARLY|MID|LATE)(?: PART)? (?:OF |IN )?S{_PLACE}", rules.third_of),
        (r"(?P<third>LATE|EARLY|MID) OF MONTH(?P<place>)",
         rules.third_of_this_month),
        (rf"(?P<third>EARLY|MID|LATE) S{_PLACE}", rules.third_of),
        # Stretches with one end or two.
        (r"(?:OF |FROM |BETWEEN )?[DS](?P<one>\d+) (?:TO|A|UNTIL) [DS](?P<two>\d+)", rules.stretch),
        (r"BETWEEN [DS](?P<one>\d+) (?:AND|A|TO) [DS](?P<two>\d+)", rules.stretch),
        (r"(?:(?:NOT|NO|CANT)(?: _)* )?UNTIL AFTER(?= )", rules.says("AFTER")),
        (rf"(?:NOT|NO|CANT)(?: _)* (?:UNTIL|BEFORE) (?:OF )?[DS]{_PLACE}", rules.from_on),
        (rf"BEFORE (?:OF )?[DS]{_PLACE}(?: _)* (?:CANT|NO|NOT)", rules.from_on),
        (rf"(?:NOT|NO|CANT)(?: _)* AFTER (?:OF )?[DS]{_PLACE}", rules.until),
        (rf"(?:FROM|OF) [DS]{_PLACE} ONWARD|[DS](?P<alone>\d+) ONWARD$",
         rules.onward),
        (rf"FROM [DS]{_PLACE}", rules.from_on),
        (rf"[DS]{_PLACE} ORBEFORE", rules.until),
        (rf"AFTER (?:OF )?[DS]{_PLACE}", rules.after),
        (rf"BEFORE (?:OF )?[DS]{_PLACE}", rules.ends_before),
        (rf"UNTIL [DS]{_PLACE}", rules.until),
        # What is ruled out, and what was taken back.
        *exclusions.DAYS,
        (rf"(?:NOT|CANT) [DSQ]{_PLACE}(?= .*[DSQ]\d)", rules.says("")),
        (rf"(?<=\d )NOT [DSQ]{_PLACE}$", rules.says("")),
        (r"(?:NOT|CANT)(?: _)* P1", rules.says("P2")),
        (r"(?:NOT|CANT)(?: _)* P2", rules.says("P1")),
        (r"(?:EARLY|MID|LATE) P(?P<part>[124])", rules.part_of_day),
        # Early and late, with nothing they are the end of.
        (r"EARLY", rules.says("P1")),
        (r"LATE", rules.says("P2")),
    )
)  # fmt: skip
