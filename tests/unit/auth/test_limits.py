"""Buckets fill with time, empty with use, and are not too many."""

from hypothesis import given
from hypothesis import strategies as st

from signaling.limits import Buckets


def test_a_bucket_empties_and_fills_again() -> None:
    """Three at once, the fourth a second later."""
    buckets = Buckets(burst=3, per_s=1)
    assert [buckets.take("a", 100.0) for _ in range(4)] == [True, True, True, False]
    assert buckets.take("a", 100.9) is False
    assert buckets.take("a", 101.0) is True
    assert buckets.take("b", 101.0) is True
    assert buckets.statistics() == (2, 5, 2)


def test_a_token_given_back_is_there_again() -> None:
    """What turned out to be no cost does not count; a bucket never holds more than it can."""
    buckets = Buckets(burst=1, per_s=1)
    buckets.give_back("nobody")
    for _ in range(3):
        assert buckets.take("a", 100.0)
        buckets.give_back("a")
        buckets.give_back("a")
    assert buckets.take("a", 100.0)
    assert not buckets.take("a", 100.0)


def test_the_key_used_longest_ago_is_forgotten() -> None:
    """Two keys are remembered, the third pushes the first out."""
    buckets = Buckets(burst=1, per_s=0.001, capacity=2)
    assert all(buckets.take(key, 100.0) for key in "abc")
    assert buckets.statistics().keys == 2
    assert buckets.take("a", 100.0)
    assert not buckets.take("c", 100.0)


@given(st.lists(st.floats(0, 10), max_size=60), st.integers(1, 5), st.floats(0.1, 5))
def test_never_more_than_burst_and_rate_allow(steps: list[float], burst: int, per_s: float) -> None:
    """Over any time, at most `burst` plus what has flowed in is taken; a clock that steps back gives nothing."""
    buckets = Buckets(burst, per_s)
    now, taken = 1000.0, 0
    for step in steps:
        now += step
        taken += buckets.take("a", now)
        assert not (buckets.take("a", now - 500) and taken > burst + (now - 1000.0) * per_s)
    assert buckets.statistics().taken <= burst + sum(steps) * per_s + 1e-6
