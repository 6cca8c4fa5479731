"""When packets were made, by the reports of clocks that are wrong."""

import pytest

from signaling.recordings.timing import Lap

RATE = 90_000


def test_a_clock_that_drifts_is_followed() -> None:
    """A camera whose clock is slow by 300 millionths: after four hours it is four seconds late, and still in its place."""
    lap = Lap(first=0, timestamp=0, arrival=100.0)
    for second in range(0, 4 * 3600, 2):
        lap.report(round(second * RATE * 0.9997) & 0xFFFFFFFF, 100.0 + second, RATE)
    for second in (10, 3600, 4 * 3600 - 1):
        made = lap.at(round(second * RATE * 0.9997) & 0xFFFFFFFF, RATE)
        assert made == pytest.approx(100.0 + second, abs=0.01)


def test_a_report_that_jumps_is_not_believed() -> None:
    """One says that it was made two seconds later than those before and after it say."""
    lap = Lap(first=0, timestamp=0, arrival=100.0)
    for second, wrong in ((0, 0), (2, 0), (4, 2), (6, 0)):
        lap.report(second * RATE, 100.0 + second + wrong, RATE)
    assert lap.at(5 * RATE, RATE) == pytest.approx(105.0)
