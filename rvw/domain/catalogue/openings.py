"""When a desk is open: hours of the week, lunch, holidays and make-up days. Pure, in the window's own time (UTC+8).

A desk without hours is always open. Everything here is exact to the minute, so an answer holds until the next one.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from msgspec import Struct

from rvw.clock import Instant, Seconds, begin_of, wall
from rvw.domain.catalogue.desk import Desk
from rvw.domain.catalogue.holidays import Days

Shut = Literal["closed", "lunch", "holiday"]
"""Why a desk is not open."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY = "holiday"
"""In `hours`: on public holidays."""

MAKE_UP_DAY = 0
"""A weekend day that is worked has the hours of a Monday."""

DAY_MINUTES = 24 * 60
FARTHEST_DAYS = 60
"""How far ahead an opening is looked for: longer than any holiday."""

Span = tuple[int, int]
"""Minutes of a day, from and until."""

_HOURS = re.compile(r"(?P<days>[a-z,-]+) (?P<span>\S+)")
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


class Slot(Struct, frozen=True):
    """A stretch of time in which a desk is open."""

    since: Instant
    until: Instant


def shut(desk: Desk, days: Days, now: Instant) -> Shut | None:
    """Return why the desk is closed now; `None` when it is open."""
    if not desk.hours:
        return None
    day, minute = _wall(now)
    if any(since <= minute < until for since, until in _open(desk, days, day)):
        return None
    if any(since <= minute < until for since, until in _said(desk, days, day)):
        return "lunch"
    return "holiday" if days.get(day) == "holiday" else "closed"


def next_opening(desk: Desk, days: Days, now: Instant) -> Instant | None:
    """Return when the desk is open next: `now` if it is, `None` if not within `FARTHEST_DAYS`."""
    return next((max(now, one.since) for one in spans(desk, days, now, FARTHEST_DAYS)), None)


def spans(desk: Desk, days: Days, now: Instant, most_days: int) -> Iterator[Slot]:
    """Yield when the desk is open, today and on the days that follow, without what is over."""
    day, _ = _wall(now)
    for one in (day + timedelta(number) for number in range(most_days)):
        midnight = begin_of(one)
        for since, until in _open(desk, days, one):
            if midnight + 60 * until > now:
                yield Slot(midnight + 60 * since, midnight + 60 * until)


def slots(desk: Desk, days: Days, now: Instant, most_days: int, length_s: Seconds) -> Iterator[Slot]:
    """Yield the appointments of one length that fit into the opening hours and begin after `now`."""
    for one in spans(desk, days, now, most_days):
        since = one.since
        while since + length_s <= one.until:
            if since >= now:
                yield Slot(since, since + length_s)
            since += length_s


def fault(desk: Desk) -> str:
    """Say what is wrong with the desk's hours, lunch and rota; empty for nothing."""
    try:
        _week(desk.hours)
        if desk.lunch:
            _span(desk.lunch)
        _days_named(desk.lunch_rota)
    except ValueError as error:
        return str(error)
    if desk.lunch and not desk.hours:
        return "lunch is taken out of the hours, and there are none"
    return "" if desk.lunch or not desk.lunch_rota else "there is a lunch_rota, and no lunch"


def _wall(now: Instant) -> tuple[date, int]:
    told = wall(now)
    return told.date(), told.hour * 60 + told.minute


def _said(desk: Desk, days: Days, day: date) -> tuple[Span, ...]:
    """Return the hours of a day, lunch and all."""
    if not desk.hours:
        return ((0, DAY_MINUTES),)
    kind = days.get(day)
    name = HOLIDAY if kind == "holiday" else WEEKDAYS[_weekday(days, day)]
    return _week(desk.hours).get(name, ())


def _weekday(days: Days, day: date) -> int:
    return MAKE_UP_DAY if days.get(day) == "working" else day.weekday()


def _open(desk: Desk, days: Days, day: date) -> tuple[Span, ...]:
    """Return the hours of a day without lunch, unless it is this desk's turn to stay."""
    said = _said(desk, days, day)
    if not desk.lunch or _weekday(days, day) in _days_named(desk.lunch_rota):
        return said
    since, until = _span(desk.lunch)
    parts = [part for a, b in said for part in ((a, min(b, since)), (max(a, until), b))]
    return tuple((a, b) for a, b in parts if a < b)


@lru_cache(maxsize=4096)
def _week(hours: tuple[str, ...]) -> dict[str, tuple[Span, ...]]:
    """Return the hours of each day. Raises `ValueError` that says what cannot be understood."""
    found: dict[str, list[Span]] = {}
    for text in hours:
        told = _HOURS.fullmatch(text)
        if told is None:
            raise ValueError(f'hours are written like "mon-fri 09:00-17:00", not "{text}"')
        span, named = _span(told["span"]), told["days"]
        for day in [HOLIDAY] if named == HOLIDAY else [WEEKDAYS[one] for one in _days_named(tuple(named.split(",")))]:
            found.setdefault(day, []).append(span)
    for day, said in found.items():
        said.sort()
        if any(before[1] > after[0] for before, after in pairwise(said)):
            raise ValueError(f"hours overlap on {day}")
    return {day: tuple(said) for day, said in found.items()}


@lru_cache(maxsize=4096)
def _days_named(names: Sequence[str]) -> frozenset[int]:
    """Return the numbers of `("mon-wed", "fri")`. Raises `ValueError`."""
    found: set[int] = set()
    for name in names:
        first, dash, last = name.partition("-")
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            raise ValueError(f"{name} is no day: {', '.join(WEEKDAYS)}, or two of them with a dash")
        since, until = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        if since > until:
            raise ValueError(f"{name}: a week begins on Monday here")
        found |= set(range(since, until + 1))
    return frozenset(found)


@lru_cache(maxsize=4096)
def _span(text: str) -> Span:
    """Return the minutes of `09:00-17:00`. Raises `ValueError`."""
    told = _SPAN.fullmatch(text)
    if told is None:
        raise ValueError(f'a time is written like "09:00-17:00", not "{text}"')
    hour, minute, to_hour, to_minute = map(int, told.groups())
    since, until = hour * 60 + minute, to_hour * 60 + to_minute
    if minute > 59 or to_minute > 59 or not 0 <= since < until <= DAY_MINUTES:
        raise ValueError(f"{text} is no stretch of a day")
    return since, until
