"""What the core reads of each codec, and what it answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.codecs import VIDEO
from media.core.rtp import Packet
from media.core.sdp import parse_offer
from media.core.vp8 import rewrite
from rvw.errors import InvalidOffer
from tests.unit.media.browser import Browser, bind, bound, deliver, make_worker, offer_text, packet, picture

FACE = 10


def read(codec: str, payload: bytes) -> Packet:
    it = Packet(96, 0, 1, 1, 1)
    it.payload = payload
    VIDEO[codec].describe(it)
    return it


@pytest.mark.parametrize("codec", VIDEO)
def test_the_first_packet_of_a_keyframe_is_known(codec: str) -> None:
    """And no other is taken for one."""
    assert read(codec, picture(7, True, codec=codec)).keyframe
    assert not read(codec, picture(7, codec=codec)).keyframe


@pytest.mark.parametrize(
    ("codec", "payload"),
    [
        ("VP9", b"\xa0\x81\x00\x00\x07rest"),  # no frame begins
        ("VP9", b"\xa8\x81\x00\x02\x07rest"),  # the second spatial layer
        ("VP9", b"\xa8\x81\x00\x00\x07"),  # nothing behind the descriptor
        ("H264", b"\x65\x88"),  # a slice without what it needs
        ("H264", b"\x7c\x85\x88"),  # the same, cut into units
        ("H264", b"\x78\x00\x02\x09\xf0\x00\x02\x65\x88"),  # aggregated, without parameter sets
        ("AV1", b"\x98\x00"),  # the rest of a unit
    ],
)
def test_what_only_looks_like_a_keyframe(codec: str, payload: bytes) -> None:
    """A switch there would show nothing, or worse."""
    assert not read(codec, payload).keyframe


def test_parameter_sets_are_found_anywhere_in_an_aggregate() -> None:
    """Some encoders put a delimiter first; alone they count as well."""
    assert read("H264", b"\x78\x00\x02\x09\xf0\x00\x04\x67\x42\xe0\x1f").keyframe
    assert read("H264", b"\x67\x42\xe0\x1f").keyframe


def test_vp9_counters_are_moved_on() -> None:
    """PictureID of 15 or 7 bits; TL0PICIDX only where references are not told one by one."""
    wide = read("VP9", b"\xa8\xff\xfe\x00\xffrest")
    assert (wide.picture_id, wide.tl0_index) == (0x7FFE, 0xFF)
    assert rewrite(wide, 3, 2) == b"\xa8\x80\x01\x00\x01rest"
    narrow = read("VP9", b"\x88\x7frest")
    assert rewrite(narrow, 2, 9) == b"\x88\x01rest"
    flexible = read("VP9", b"\xb8\x81\x00\x00rest")
    assert (flexible.tl0_at, flexible.keyframe) == (0, True)


@given(st.sampled_from(sorted(VIDEO)), st.binary(max_size=40), st.integers(0, 1 << 20), st.integers(0, 1 << 20))
def test_any_bytes_can_be_read_and_moved_on(codec: str, payload: bytes, picture_shift: int, tl0_shift: int) -> None:
    """Nothing raises, and no byte but the counters' changes."""
    it = read(codec, payload)
    moved = rewrite(it, picture_shift, tl0_shift)
    theirs = {it.picture_at, it.picture_at + it.picture_wide, it.tl0_at} if it.picture_at or it.tl0_at else set()
    assert len(moved) == len(payload)
    assert all(old == new for at, (old, new) in enumerate(zip(payload, moved, strict=True)) if at not in theirs)


@pytest.mark.parametrize("codec", VIDEO)
def test_the_answer_has_exactly_the_deployments_codec(codec: str) -> None:
    """With its profile and its repeats; an offer without it is refused."""
    worker = make_worker(codecs=(codec,))
    kiosk = Browser(worker, "kiosk", 10, None, codec)
    kiosk.join()
    camera, face = (kiosk.answer.split("m=")[number] for number in (2, FACE + 1))
    for section in (camera, face):
        assert [line for line in section.splitlines() if line.startswith("a=rtpmap")] == [
            f"a=rtpmap:96 {codec}/90000",
            "a=rtpmap:97 rtx/90000",
        ]
        assert VIDEO[codec].parameters in section
    other = "VP9" if codec == "VP8" else "VP8"
    with pytest.raises(InvalidOffer, match=codec):
        parse_offer(offer_text(codec=other), (codec,))


@pytest.mark.parametrize(
    ("codec", "old", "new"),
    [
        ("H264", "packetization-mode=1", "packetization-mode=0"),
        ("H264", "42e01f", "640c1f"),
        ("VP9", "profile-id=0", "profile-id=2"),
        ("AV1", "profile=0", "profile=1"),
    ],
)
def test_a_profile_that_not_everybody_can_show_is_refused(codec: str, old: str, new: str) -> None:
    """Any face may appear in any slot."""
    with pytest.raises(InvalidOffer, match="profile"):
        parse_offer(offer_text(codec=codec).replace(old, new), (codec,))


@pytest.mark.parametrize("codec", VIDEO)
def test_a_switch_waits_for_a_keyframe(codec: str) -> None:
    """The kiosk's in-slot changes from officer to expert: not in the middle of the expert's picture."""
    worker = make_worker(codecs=(codec,))
    kiosk, officer, expert = (
        Browser(worker, name, port, None, codec) for name, port in (("kiosk", 10), ("officer", 20), ("expert", 30))
    )
    for browser in (kiosk, officer, expert):
        browser.connect()
    bind(worker, 1, bound("officer", "camera", "kiosk", "face1"))
    now = 1_800_000_001.0
    officer.send(packet(officer.first_ssrc + 10, 1, 0, picture(1, True, codec=codec)), now)
    bind(worker, 2, bound("expert", "camera", "kiosk", "face1"), now=now)
    for number, key in ((500, False), (501, True), (502, False)):
        expert.send(packet(expert.first_ssrc + 10, number, 3000 * number, picture(number, key, codec=codec)), now)
    deliver(worker, kiosk)
    received = [read(codec, it[20:]) for it in kiosk.of(FACE)]
    assert [it.keyframe for it in received] == [True, True, False]
    if codec in ("VP8", "VP9"):
        assert [it.picture_id for it in received] == [1, 2, 3]


def test_a_picture_in_another_codec_is_not_sent() -> None:
    """Where a deployment allows two, a receiver that was answered the other gets nothing rather than garbage."""
    worker = make_worker(codecs=("H264", "VP8"))
    kiosk, officer = Browser(worker, "kiosk", 10), Browser(worker, "officer", 20, None, "H264")
    for browser in (kiosk, officer):
        browser.connect()
    bind(worker, 1, bound("officer", "camera", "kiosk", "face1"))
    officer.send(packet(officer.first_ssrc + 10, 1, 0, picture(1, True, codec="H264")), 1_800_000_001.0)
    deliver(worker, kiosk)
    assert not kiosk.of(FACE)
