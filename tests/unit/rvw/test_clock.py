"""The clock on the wall: one for the whole window, wherever the process runs."""

from datetime import UTC, date, datetime

import pytest

from rvw.clock import DAY_S, begin_of, for_the_record, midnight, to_the_minute, to_the_second, wall
from rvw.errors import InvalidInput
from signaling.days import day

LATE = datetime(2026, 11, 26, 16, 0, 5, tzinfo=UTC).timestamp()
"""Five seconds past midnight at the window."""


def test_a_day_begins_at_midnight_of_the_window() -> None:
    """Not at that of UTC, where it is still the day before."""
    assert wall(LATE).date() == date(2026, 11, 27)
    assert midnight(LATE) == begin_of(date(2026, 11, 27)) == day("2026-11-27") == LATE - 5
    assert midnight(LATE - 6) == LATE - 5 - DAY_S
    assert midnight(LATE - 5) == LATE - 5


def test_times_are_written_in_one_way() -> None:
    """For residents to the minute, in lists to the second, in records with the zone."""
    assert to_the_minute(LATE) == "2026-11-27 00:00"
    assert to_the_second(LATE) == "2026-11-27 00:00:05"
    assert for_the_record(LATE) == "2026-11-27 00:00:05 (UTC+8)"


@pytest.mark.parametrize("text", ["", "27.11.2026", "2026-02-30", "2026-11-27T10:00"])
def test_what_is_no_day_is_refused(text: str) -> None:
    """With an example of one."""
    with pytest.raises(InvalidInput, match="2027-01-31"):
        day(text)
