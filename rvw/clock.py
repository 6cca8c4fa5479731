"""Time is a parameter.

Cores never read a clock: `now` is their last argument, in seconds since the Unix epoch (UTC) as a float. Shells take a
`Clock` and call it once per step. Tests pass a `ManualClock` from `tests.fakes`.
"""

from collections.abc import Callable
from typing import TypeAlias

Seconds: TypeAlias = float
"""A length of time in seconds."""

Instant: TypeAlias = float
"""A point in time: seconds since the Unix epoch, UTC."""

Clock: TypeAlias = Callable[[], Instant]
"""What a shell calls to learn the time; `time.time` in production."""

DAY_S: Seconds = 86_400.0

SHANGHAI_S: Seconds = 28_800.0
"""UTC+8, without summer time: the window's own days begin at midnight there."""


def midnight(now: Instant) -> Instant:
    """Return when the window's day of `now` began."""
    return now - (now + SHANGHAI_S) % DAY_S
