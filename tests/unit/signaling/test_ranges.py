"""Parts of files: what browsers ask for is understood, what is none is not, and an answer never has more than it may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvw.errors import OutOfRange
from signaling.ranges import Part, part_of

MOST = 1000


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-", (0, 1000)),
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("bytes=2400-", (2400, 2500)),
        ("bytes=2400-9999", (2400, 2500)),
        ("bytes=-100", (2400, 2500)),
        ("bytes=-9999", (0, 1000)),
        ("bytes= 5-9 ", (5, 10)),
    ],
)
def test_a_part_is_what_was_asked_for(wanted: str, part: tuple[int, int]) -> None:
    """Of a file of 2,500 bytes: from, from to, the last so many; at most a thousand at once."""
    assert part_of(wanted, 2500, MOST) == Part(*part, 2500)


@pytest.mark.parametrize("wanted", ["", "bytes=-", "bytes=9-5", "bytes=0-1,5-6", "lines=0-5", "bytes=a-b", "bytes=0x10-"])
def test_what_is_not_understood_asks_for_the_whole(wanted: str) -> None:
    """RFC 9110, section 14.2: a header that is invalid is as if it were not there."""
    assert part_of(wanted, 2500, MOST) is None


@pytest.mark.parametrize(
    ("wanted", "whole"), [("bytes=2500-", 2500), ("bytes=9999-10000", 2500), ("bytes=-0", 9), ("bytes=0-", 0)]
)
def test_what_begins_behind_the_end_is_refused(wanted: str, whole: int) -> None:
    """The refusal tells how long the file is."""
    with pytest.raises(OutOfRange) as refused:
        part_of(wanted, whole, MOST)
    assert refused.value.length == whole


@given(whole=st.integers(1, 10_000), data=st.data())
def test_a_file_is_had_part_by_part(whole: int, data: st.DataObject) -> None:
    """Whoever asks for the rest again and again gets every byte once."""
    most = data.draw(st.integers(1, 5000))
    at = 0
    while at < whole:
        part = part_of(f"bytes={at}-", whole, most)
        assert part is not None
        assert part.start == at < part.end <= min(whole, at + most)
        assert part.told() == f"bytes {part.start}-{part.end - 1}/{whole}"
        at = part.end
    assert at == whole
