"""Transport-wide feedback, read back by a reader that follows the draft."""

from hypothesis import given, settings
from hypothesis import strategies as st

from media.core import rtcp
from media.core.rows import MOST_PENDING
from media.core.twcc import Arrivals


def read(message: bytes) -> dict[int, int | None]:
    """Return the arrival of each 16-bit number in units of 250 µs; `None` for what has not arrived."""
    (block,) = rtcp.split(message)
    assert (block.kind, block.format) == (rtcp.TRANSPORT_FEEDBACK, rtcp.TRANSPORT_CC)
    body = block.body
    base, count = int.from_bytes(body[8:10]), int.from_bytes(body[10:12])
    time = int.from_bytes(body[12:15]) << 8
    position = 16
    symbols: list[int] = []
    while len(symbols) < count:
        chunk = int.from_bytes(body[position : position + 2])
        position += 2
        if not chunk & 0x8000:
            symbols += [chunk >> 13] * (chunk & 0x1FFF)
        elif chunk & 0x4000:
            symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:
            symbols += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    arrivals: dict[int, int | None] = {}
    for number, symbol in enumerate(symbols[:count]):
        size = symbol
        assert size in (0, 1, 2)
        if size:
            time += int.from_bytes(body[position : position + size], signed=size == 2)
            position += size
        arrivals[base + number & 0xFFFF] = time if size else None
    assert position == len(body)
    return arrivals


def feedback(arrivals: list[tuple[int, float]]) -> dict[int, int | None]:
    recorder = Arrivals()
    for number, at in arrivals:
        recorder.record(number & 0xFFFF, at)
    result: dict[int, int | None] = {}
    for message in recorder.messages(1, 2):
        result |= {number: at for number, at in read(message).items() if at is not None or number not in result}
    return result


@settings(max_examples=100)
@given(
    st.sampled_from([5, 32_760, 65_530]),
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 900)), min_size=1, max_size=80),
)
def test_every_arrival_comes_back(start: int, steps: list[tuple[int, int]]) -> None:
    """Holes are told as holes; times are exact; the numbers wrap."""
    number, tick, arrivals = start, 4000 * 1000, {}
    for step, wait in steps:
        number, tick = number + step, tick + wait
        arrivals[number & 0xFFFF] = tick
    told = feedback([(wire, at / 4000 + 1e-6) for wire, at in arrivals.items()])
    assert {wire: at for wire, at in told.items() if at is not None} == {
        wire: at & 0xFFFFFFFF for wire, at in arrivals.items()
    }
    assert len(told) == (number - start) - steps[0][0] + 1


def test_packets_that_overtook_each_other_have_negative_times_between() -> None:
    """They are told in the order of their numbers."""
    told = feedback([(10, 1.0), (12, 1.00125), (11, 1.1), (13, 1.0025)])
    assert told == {10: 4000, 11: 4400, 12: 4005, 13: 4010}


def test_a_pause_begins_another_message() -> None:
    """A step of more than 8 s does not fit into one."""
    recorder = Arrivals()
    assert recorder.record(1, 100.0)
    assert not recorder.record(2, 109.0)
    first, second = recorder.messages(1, 2)
    assert (read(first), read(second)) == ({1: 400_000}, {2: 436_000})
    assert [message[19] for message in (first, second)] == [0, 1]
    assert recorder.messages(1, 2) == []


def test_a_duplicate_is_told_once_with_its_first_arrival() -> None:
    """Publishers repeat packets to probe the path."""
    assert feedback([(1, 1.0), (1, 2.0), (2, 1.1)]) == {1: 4000, 2: 4400}


def test_memory_is_bounded() -> None:
    """A flood between two messages is not remembered."""
    recorder = Arrivals()
    for number in range(MOST_PENDING + 50):
        recorder.record(number & 0xFFFF, 1.0)
    assert sum(len(read(message)) for message in recorder.messages(1, 2)) == MOST_PENDING
