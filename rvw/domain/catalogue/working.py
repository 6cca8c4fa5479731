"""工作日: deadlines that the law counts in working days, by the holidays of the catalogue."""

from datetime import date, timedelta

from rvw.clock import DAY_S, Instant, begin_of, wall
from rvw.domain.catalogue.holidays import Days


def is_working(day: date, days: Days) -> bool:
    """Tell whether people work on the day: as is said of it, else from Monday to Friday."""
    said = days.get(day)
    return said == "working" if said else day.weekday() < 5


def end_of_working_day(days: Days, now: Instant, count: int) -> Instant:
    """Return the end of the `count`-th working day after today; 0: of today, or of the next one that is worked.

    The day of the beginning does not count (民法典 art. 201). A holiday that nobody has put in yet counts as its weekday.
    """
    day = wall(now).date()
    left = count
    while left > 0 or not is_working(day, days):
        day += timedelta(1)
        left -= is_working(day, days) and left > 0
    return begin_of(day) + DAY_S
