"""Numbers that wrap on the wire."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.core.sequence import elapsed_send_time, signed_difference, unwrap


@pytest.mark.parametrize("wrap", [32_768, 65_536, 131_072, 1 << 40])
def test_unwraps_across_every_lap(wrap: int) -> None:
    """A number just before and just after a wrap stay neighbours, in either order."""
    assert unwrap(wrap - 1, wrap & 0xFFFF) == wrap
    assert unwrap(wrap, (wrap - 1) & 0xFFFF) == wrap - 1


@settings(max_examples=100)
@given(st.integers(1 << 16, 1 << 48), st.integers(-0x7FFF, 0x7FFF))
def test_unwrap_finds_the_nearest(reference: int, distance: int) -> None:
    """Whatever is within half a lap is found."""
    assert unwrap(reference, (reference + distance) & 0xFFFF) == reference + distance


def test_differences_go_the_short_way_round() -> None:
    """Timestamps that wrapped are a little later, not four billion earlier."""
    assert signed_difference(5, 0xFFFFFFFB) == 10
    assert signed_difference(0xFFFFFFFB, 5) == -10


def test_send_times_lap_every_64_seconds() -> None:
    """A pause of 70 s reads as 6 s within the lap; the other clock tells which lap."""
    stamp = 6 << 18
    assert elapsed_send_time(stamp, 0, 70.4) == pytest.approx(70.0)
    assert elapsed_send_time(stamp, 0, 6.1) == pytest.approx(6.0)
