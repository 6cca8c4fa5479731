"""What is kept for repeating, and how often it is repeated."""

from media.core.cache import MOST_REPEATS, Cache, Repeats, Sent
from media.core.rtp import Packet


def numbered(sequence: int) -> Packet:
    return Packet(96, 0, sequence, 0, 1)


def test_keeps_the_last_and_tells_duplicates() -> None:
    """A late packet is new, a second copy is not, and what was pushed out is gone."""
    cache = Cache(4)
    assert [cache.put(numbered(number)) for number in (100, 102, 101, 102, 99)] == [True, True, True, False, True]
    assert cache.put(numbered(104))
    assert cache.get(100) is None
    assert not cache.put(numbered(100))
    kept = cache.get(101)
    assert kept is not None
    assert kept.sequence == 101
    cache.clear()
    assert cache.get(101) is None


def test_never_twice_within_a_round_trip_and_never_more_than_four_times() -> None:
    """The storm that froze a picture."""
    repeats = Repeats()
    assert repeats.may_repeat(5, 0.1, 1.0)
    assert not repeats.may_repeat(5, 0.1, 1.09)
    allowed = 1 + sum(repeats.may_repeat(5, 0.1, 1.0 + 0.2 * step) for step in range(1, 10))
    assert allowed == MOST_REPEATS
    assert repeats.may_repeat(5 + 512, 0.1, 1.0)


def test_sound_is_kept_as_it_was_sent() -> None:
    """By number, until another took its place."""
    sent = Sent(2)
    sent.put(1, b"one")
    sent.put(2, b"two")
    sent.put(3, b"three")
    assert (sent.get(1), sent.get(2), sent.get(3)) == (None, b"two", b"three")
