"""Time is a parameter.

Cores never read a clock: `now` is their last argument, in seconds since the Unix epoch (UTC) as a float. Shells take a
`Clock` and call it once per step. Tests pass a `ManualClock` from `tests.fakes`.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TypeAlias

Seconds: TypeAlias = float
"""A length of time in seconds."""

Instant: TypeAlias = float
"""A point in time: seconds since the Unix epoch, UTC."""

Clock: TypeAlias = Callable[[], Instant]
"""What a shell calls to learn the time; `time.time` in production."""

DAY_S: Seconds = 86_400.0

WINDOW_TIME = timezone(timedelta(hours=8))
"""The clock on the wall, from Shanghai to Anhui: without summer time. The window's own days begin at midnight there."""


def wall(at: Instant) -> datetime:
    """Return what calendar and clock on the wall show."""
    return datetime.fromtimestamp(at, UTC).astimezone(WINDOW_TIME)


def begin_of(day: date) -> Instant:
    """Return when a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=WINDOW_TIME).timestamp()


def midnight(now: Instant) -> Instant:
    """Return when the window's day of `now` began."""
    return begin_of(wall(now).date())


def to_the_minute(at: Instant) -> str:
    """Return a time as residents read it."""
    return f"{wall(at):%Y-%m-%d %H:%M}"


def to_the_second(at: Instant) -> str:
    """Return a time as lists have it."""
    return f"{wall(at):%Y-%m-%d %H:%M:%S}"


def for_the_record(at: Instant) -> str:
    """Return a time with its zone (GB/T 15835 has the country's only one): a record is read long after."""
    return f"{to_the_second(at)} (UTC+8)"


def within_hours(now: Instant, first: int, end: int) -> bool:
    """Tell whether it is one of the hours of the window's day from `first` until before `end`, or over midnight."""
    hour = wall(now).hour
    return first <= hour < end if first <= end else hour >= first or hour < end
