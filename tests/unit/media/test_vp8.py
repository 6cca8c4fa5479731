"""The VP8 payload descriptor."""

import pytest

from media.core.rtp import Packet, meanings, parse
from media.core.vp8 import describe, rewrite
from tests.unit.media.browser import packet, picture


def vp8(payload: bytes) -> Packet:
    read = parse(packet(1, 1, 1, payload), meanings({}))
    assert read is not None
    describe(read)
    return read


def test_a_keyframe_begins_with_its_first_partition() -> None:
    """Only the first packet of a keyframe says so."""
    assert vp8(picture(1, key=True)).keyframe
    assert not vp8(picture(1)).keyframe
    assert not vp8(b"\x80" + picture(1, key=True)[1:]).keyframe
    assert not vp8(b"\x91" + picture(1, key=True)[1:]).keyframe


def test_counters_go_on_and_wrap() -> None:
    """PictureID has 15 or 7 bits, TL0PICIDX 8; the rest of the payload stays."""
    wide = vp8(b"\x90\xf0\xff\xfe\xff\x20\x00rest")
    assert (wide.picture_id, wide.tl0_index, wide.keyframe) == (0x7FFE, 0xFF, True)
    assert rewrite(wide, 3, 2) == b"\x90\xf0\x80\x01\x01\x20\x00rest"
    narrow = vp8(b"\x90\x80\x7f\x00rest")
    assert rewrite(narrow, 2, 0) == b"\x90\x80\x01\x00rest"


def test_nothing_to_change_costs_nothing() -> None:
    """The publisher's own bytes are passed on."""
    read = vp8(picture(4))
    assert rewrite(read, 0, 0) is read.payload
    bare = vp8(b"\x10\x00rest")
    assert bare.keyframe
    assert rewrite(bare, 7, 7) is bare.payload


@pytest.mark.parametrize("payload", [b"", b"\x90", b"\x80\x80", b"\x80\xf0\x80", b"\x90\xc0\x80\x01", b"\x90\xf0\x01"])
def test_short_payloads_are_no_keyframes(payload: bytes) -> None:
    """A descriptor that is cut off describes nothing."""
    assert not vp8(payload).keyframe
    rewrite(vp8(payload), 1, 1)
