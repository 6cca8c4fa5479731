"""Segments of the spool: what was written is read; what a crash has cut short ends it; nothing is read without the key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvw.errors import NotWhole
from rvw.protocol.spool import Cipher, Entry, Kind, Source, beat_entry, entries, frames, read_source, source_entry

KEY, SALT = bytes(range(32)), bytes(16)

whole_entries = st.builds(
    Entry,
    arrival=st.floats(1.7e9, 1.9e9),
    sequence=st.integers(0, 2**60),
    timestamp=st.integers(0, 2**32 - 1),
    lap=st.integers(0, 1000),
    track=st.integers(1, 60_000),
    kind=st.sampled_from([int(Kind.PACKET), int(Kind.REPORT)]),
    marker=st.sampled_from([0, 128]),
    payload=st.binary(max_size=40),
)


def segment(*plains: bytes, room: str = "visit") -> bytes:
    """Return a segment with these frames."""
    cipher = Cipher(KEY, SALT, room)
    return cipher.head + b"".join(cipher.seal(plain) for plain in plains)


@given(st.lists(st.lists(whole_entries, max_size=4), max_size=4), st.integers(1, 50))
def test_what_was_written_is_read(written: list[list[Entry]], piece: int) -> None:
    """Whatever the entries, and into whatever pieces the file falls on its way."""
    data = segment(*(b"".join(entry.pack() for entry in frame) for frame in written))
    pieces = [data[at : at + piece] for at in range(0, len(data), piece)]
    assert [list(entries(plain)) for plain in frames(pieces, KEY, "visit")] == written


@given(st.data())
def test_a_crash_costs_the_last_frame_at_most(data: st.DataObject) -> None:
    """Cut anywhere, or with rubbish at the end, every whole frame before it is there."""
    plains = [beat_entry(0, 1.8e9 + number).pack() * number for number in range(1, 5)]
    ends = [len(segment(*plains[:count])) for count in range(5)]
    cut = data.draw(st.integers(ends[1], ends[4]))
    rubbish = data.draw(st.binary(max_size=30))
    read = list(frames([segment(*plains)[:cut], rubbish], KEY, "visit"))
    whole = sum(1 for end in ends[1:] if end <= cut)
    assert read[:whole] == plains[:whole]
    assert len(read) <= whole + (segment(*plains)[cut : cut + len(rubbish)] == rubbish)


def test_nothing_is_read_without_the_key() -> None:
    """Nor as another room's, and no words of it lie in the file."""
    data = segment(b"a word of the talk" * 10)
    assert b"word" not in data
    with pytest.raises(NotWhole):
        list(frames([data], bytes(32), "visit"))
    with pytest.raises(NotWhole):
        list(frames([data], KEY, "another"))
    with pytest.raises(NotWhole):
        list(frames([b"something else" * 10], KEY, "visit"))
    assert list(frames([b"rvw"], KEY, "visit")) == []


def test_a_frame_must_be_entries() -> None:
    """A frame that ends within one is refused, as is a track nobody can read."""
    whole = source_entry(3, Source("kiosk", "mic", "OPUS", 48_000), 1.8e9)
    assert read_source(next(entries(whole.pack()))) == Source("kiosk", "mic", "OPUS", 48_000)
    for length in (10, 40):
        with pytest.raises(NotWhole):
            list(entries(whole.pack()[:length]))
    with pytest.raises(NotWhole):
        read_source(whole._replace(payload=b"{}"))
