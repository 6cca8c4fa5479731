"""Publishers' clocks laid on ours."""

import pytest

from media.core.ntp import PublisherClock, from_ntp, middle, to_ntp


def test_timestamps_come_back() -> None:
    """To the microsecond, in this century."""
    assert from_ntp(to_ntp(1_800_000_000.25)) == pytest.approx(1_800_000_000.25, abs=1e-6)
    assert middle(0x1111222233334444) == 0x22223333


def test_sound_and_picture_of_a_publisher_keep_their_distance() -> None:
    """Their reports arrive with different delays, which must not show."""
    clock = PublisherClock()
    sound = clock.translate(to_ntp(1000.0), 5000.03)
    picture = clock.translate(to_ntp(1000.5), 5000.61)
    assert picture - sound == pytest.approx(0.5, abs=0.002)
    assert sound == pytest.approx(5000.03, abs=0.001)


def test_a_clock_that_was_set_is_followed() -> None:
    """An hour's step is no drift."""
    clock = PublisherClock()
    clock.translate(to_ntp(1000.0), 5000.0)
    assert clock.translate(to_ntp(4601.0), 5001.0) == pytest.approx(5001.0, abs=0.001)
