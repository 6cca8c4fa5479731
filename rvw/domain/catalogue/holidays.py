"""节假日与调休: the days on which the hours of a week do not hold. Data, published each autumn."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

DayKind = Literal["holiday", "working"]

Days = Mapping[date, DayKind]
"""What is said of single days; the others are what their weekday says."""

LONGEST_HOLIDAY = 31
"""Days. A longer one is a slip of the pen."""


class Holiday(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One holiday, and the days at weekends on which people work for it."""

    name: str
    name_en: str
    first: date
    last: date
    working: tuple[date, ...] = ()
    """调休上班: days that are worked although they are a Saturday or Sunday."""

    @property
    def id(self) -> str:
        """What tells it from others."""
        return self.first.isoformat()


def days_of(holidays: Iterable[Holiday]) -> dict[date, DayKind]:
    """Return what the holidays say of each day."""
    found: dict[date, DayKind] = {}
    for one in holidays:
        for number in range((one.last - one.first).days + 1):
            found[one.first + timedelta(number)] = "holiday"
        found.update(dict.fromkeys(one.working, "working"))
    return found


def fault(holiday: Holiday) -> str:
    """Say what is wrong with the holiday; empty for nothing."""
    if not 0 <= (holiday.last - holiday.first).days < LONGEST_HOLIDAY:
        return f"a holiday has 1 to {LONGEST_HOLIDAY} days, and its first is not after its last"
    for one in holiday.working:
        if one.weekday() < 5:
            return f"{one} is no Saturday or Sunday: it is worked anyway"
        if holiday.first <= one <= holiday.last:
            return f"{one} is both a holiday and worked"
    return ""
