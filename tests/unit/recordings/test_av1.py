"""AV1 as packets have it becomes AV1 as files have it; what is no AV1 is refused, and never read beyond its end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.recordings.av1 import begins, is_key, temporal_unit

SEQUENCE, FRAME = b"\x08" + bytes(10), b"\x30" + bytes(range(200))
"""Units without sizes: a sequence header, and a frame of 200 bytes."""

WHOLE = b"\x12\x00" + b"\x0a\x0a" + bytes(10) + b"\x32\xc8\x01" + bytes(range(200))


@pytest.mark.parametrize(
    "payloads",
    [
        [b"\x28" + b"\x0b" + SEQUENCE + FRAME],
        [b"\x08" + b"\x0b" + SEQUENCE + b"\xc9\x01" + FRAME],
        [b"\x18" + SEQUENCE, b"\x10" + FRAME],
        [b"\x68" + b"\x0b" + SEQUENCE + FRAME[:50], b"\xd0" + FRAME[50:120], b"\x90" + FRAME[120:]],
    ],
    ids=["two in a packet", "each with its length", "a packet each", "cut in three"],
)
def test_a_picture_is_the_same_however_it_was_cut(payloads: list[bytes]) -> None:
    """Its units, each with its size, behind a delimiter."""
    assert temporal_unit(payloads) == WHOLE
    assert is_key(payloads[0])
    assert [begins(one) for one in payloads] == [not one[0] & 0x80 for one in payloads]


@given(st.lists(st.binary(min_size=2, max_size=40), min_size=1, max_size=4))
def test_noise_is_refused_or_bounded(payloads: list[bytes]) -> None:
    """Whatever comes: an `IndexError`, or not much more bytes than there were."""
    try:
        made = temporal_unit(payloads)
    except IndexError:
        return
    assert len(made) <= 2 + 3 * sum(map(len, payloads))
